"""Real histories: of instances that ran on the SDK's in-memory backend, in each form in which they can be had."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.environments import sdk_python

FLOWS = """\
from datetime import timedelta

from durabletask import entities, task


def order(ctx: task.OrchestrationContext, order):
    total = yield ctx.call_activity(price, input=order)
    paid = yield ctx.call_activity(charge, input=total)
    yield ctx.create_timer(timedelta(milliseconds=10))
    approval = yield ctx.wait_for_external_event("approval")
    yield task.when_all([ctx.call_activity(charge, input=number) for number in range(3)])
    return [paid, approval]


def stubborn(ctx: task.OrchestrationContext, _):
    policy = task.RetryPolicy(first_retry_interval=timedelta(milliseconds=10), max_number_of_attempts=3)
    first = yield ctx.call_activity(flaky, input=ctx.instance_id, retry_policy=policy)
    return first


def bank(ctx: task.OrchestrationContext, _):
    account = entities.EntityInstanceId("account", "alice")
    ctx.signal_entity(account, "add", input=5)
    balance = yield ctx.call_entity(account, "get")
    with (yield ctx.lock_entities([account])):
        yield ctx.call_entity(account, "add", input=1)
    return balance


def parent(ctx: task.OrchestrationContext, n):
    yield ctx.call_sub_orchestrator(child, input=n)
    if n < 2:
        ctx.continue_as_new(n + 1)
        return
    ctx.send_event("nobody", "done", data=n)
    return str(ctx.new_uuid())


def child(ctx: task.OrchestrationContext, n):
    return n
    yield


def doomed(ctx: task.OrchestrationContext, _):
    timer = ctx.create_timer(timedelta(days=1))
    event = ctx.wait_for_external_event("go")
    winner = yield task.when_any([timer, event])
    if winner == event:
        timer.cancel()
    yield ctx.call_activity(broken)


def price(ctx: task.ActivityContext, order):
    return order["total"]


def charge(ctx: task.ActivityContext, amount):
    return amount


def broken(ctx: task.ActivityContext, _):
    raise ValueError("no")


attempts = []


def flaky(ctx: task.ActivityContext, _):
    attempts.append(1)
    if len(attempts) < 3:
        raise ValueError("not yet")
    return len(attempts)


class account(entities.DurableEntity):
    def add(self, amount):
        self.set_state(self.get_state(int, 0) + amount)

    def get(self):
        return self.get_state(int, 0)
"""
"""A worker's program, with instances `o-1` that has ended and `o-2` that waits, and one of each other orchestrator."""

HUB = """\
import sys
import time

from durabletask import client, worker
from durabletask.testing import create_test_backend

import flows

port = int(sys.argv[1])
backend = create_test_backend(port=port)
hub = worker.TaskHubGrpcWorker(host_address=f"localhost:{port}")
for function in (flows.order, flows.stubborn, flows.bank, flows.parent, flows.child, flows.doomed):
    hub.add_orchestrator(function)
for function in (flows.price, flows.charge, flows.flaky, flows.broken):
    hub.add_activity(function)
hub.add_entity(flows.account)
hub.start()
ask = client.TaskHubGrpcClient(host_address=f"localhost:{port}")
ended = [
    ask.schedule_new_orchestration(flow, input=value, instance_id=name)
    for flow, value, name in [
        (flows.order, {"total": 3, "who": "Ann"}, "o-1"), (flows.stubborn, None, "stubborn"),
        (flows.bank, None, "bank"), (flows.parent, 0, "parent"), (flows.doomed, None, "doomed"),
    ]
]
ask.schedule_new_orchestration(flows.order, input={"total": 4, "who": "Bob"}, instance_id="o-2")
ask.raise_orchestration_event("o-1", "approval", data={"by": "eve@example.org"})
ask.raise_orchestration_event("doomed", "go")
for name in ended:
    ask.wait_for_orchestration_completion(name, timeout=30)
while "waits for it":
    chunks = list(ask._stub.StreamInstanceHistory(client.pb.StreamInstanceHistoryRequest(instanceId="o-2")))
    if any(event.HasField("timerFired") for chunk in chunks for event in chunk.events):
        break
    time.sleep(0.05)
"""

DUMP = (
    HUB
    + """
import json
import os
from pathlib import Path

from google.protobuf.json_format import MessageToDict, MessageToJson
from durabletask.extensions.history_export import ExportFormat, ExportFormatKind, serialization

for name in list(backend._instances):
    if name.startswith("@"):
        continue
    chunks = list(ask._stub.StreamInstanceHistory(client.pb.StreamInstanceHistoryRequest(instanceId=name)))
    events = [event for chunk in chunks for event in chunk.events]
    written = {
        "list": json.dumps([MessageToDict(event) for event in events]),
        "chunks": "[" + ",".join(MessageToJson(chunk) for chunk in chunks) + "]",
        "chunk": MessageToJson(client.pb.HistoryChunk(events=events)),
    }
    for kind, form in ((ExportFormatKind.JSON, "export"), (ExportFormatKind.JSONL_GZIP, "lines")):
        written[form] = serialization.serialize_history(
            ask.get_orchestration_history(name), instance_id=name, fmt=ExportFormat(kind=kind),
            metadata=serialization.orchestration_state_to_dict(ask.get_orchestration_state(name)),
        )
    for form, content in written.items():
        file = Path(form, name.replace(":", "-") + (".jsonl.gz" if form == "lines" else ".json"))
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
os._exit(0)  # the hub's threads would go on
"""
)

SERVE = (
    HUB
    + """
import os

print("ready", flush=True)
sys.stdin.readline()
os._exit(0)
"""
)


def write_histories(folder: Path) -> None:
    """Writes the program `flows.py` and, into a folder for each form, the histories of its instances."""
    (folder / "flows.py").write_text(FLOWS, encoding="utf-8")
    (folder / "dump.py").write_text(DUMP, encoding="utf-8")
    command = [str(sdk_python("durable-task-python")), "dump.py", str(free_port())]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


@contextmanager
def task_hub(folder: Path) -> Iterator[str]:
    """The address of a task hub with the same instances."""
    (folder / "flows.py").write_text(FLOWS, encoding="utf-8")
    (folder / "hub.py").write_text(SERVE, encoding="utf-8")
    port = free_port()
    command = [str(sdk_python("durable-task-python")), "hub.py", str(port)]
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as hub:
        assert hub.stdin is not None and hub.stdout is not None
        assert hub.stdout.readline() == "ready\n"
        yield f"localhost:{port}"
        hub.stdin.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

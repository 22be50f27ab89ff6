"""`assert_replay_safe` in a test suite of its own, in the environments that have the SDKs."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.environments import sdk_python

ROOT = Path(__file__).resolve().parents[2]

WORKER = """\
import random
from durabletask import task


def safe(ctx: task.OrchestrationContext, order):
    paid = yield ctx.call_activity(charge, input=order)
    approval = yield ctx.wait_for_external_event("approval")
    return [order, paid, approval]


def chancy(ctx: task.OrchestrationContext, order):
    yield ctx.call_activity(charge, input=random.random())


def failing(ctx: task.OrchestrationContext, order):
    yield ctx.call_activity(charge)
    raise ValueError("by itself")


def printing(ctx: task.OrchestrationContext, order):
    yield ctx.call_activity(charge)
    open(__file__).close()


def charge(ctx: task.ActivityContext, order) -> str:
    raise SystemError("it was run")
"""

APP = """\
import random
import azure.durable_functions as df

app = df.DFApp()


@app.activity_trigger(input_name="order")
def charge(order) -> str:
    raise SystemError("it was run")


@app.orchestration_trigger(context_name="context")
def safe(context):
    paid = yield context.call_activity("charge", context.get_input())
    approval = yield context.wait_for_external_event("approval")
    return [context.get_input(), paid, approval]


@app.orchestration_trigger(context_name="context")
def chancy(context):
    yield context.call_activity("charge", random.random())


@app.orchestration_trigger(context_name="context")
def failing(context):
    yield context.call_activity("charge", 1)
    raise ValueError("by itself")


@app.orchestration_trigger(context_name="context")
def printing(context):
    yield context.call_activity("charge", 1)
    open(__file__).close()
"""

SUITE = """\
import sys
sys.path.append(sys.argv[1])
import orders
from determinism_lint.replay.testing import Event, assert_replay_safe

done = assert_replay_safe(
    orders.safe, input="o-1", activities={"charge": "paid"}, events=[Event("approval", {"by": "eve"})]
)
assert done.output == ["o-1", "paid", {"by": "eve"}], done
assert assert_replay_safe(orders.safe, input=1, events=[Event("approval", 2)]).output == [1, "charge", 2]
for name in ("chancy", "failing", "printing"):
    try:
        assert_replay_safe(getattr(orders, name), input=1)
    except AssertionError as error:
        print(error)
    else:
        raise SystemExit(f"{name} passes")
try:
    assert_replay_safe(3)
except TypeError as error:
    print(error)
"""


HISTORIES = """\
import json
import sys

sys.path.append(sys.argv[1])
import orders
from determinism_lint.replay.testing import replay_history

(verdict,) = replay_history("histories/waiting.json", orchestrator=orders.safe)
assert verdict.note == "the instance waits for event 'approval'", verdict
assert [each.instance for each in replay_history("histories", orchestrator=orders.safe)] == ["o-1"]
replay_history("histories/waiting.json", orchestrator=orders.renamed)
for path, orchestrator in [
    ("histories/waiting.json", orders.changed), ("histories/broken.json", orders.safe), ("histories", orders.renamed)
]:
    try:
        replay_history(path, orchestrator=orchestrator)
    except AssertionError as error:
        print(error)
    else:
        raise SystemExit(f"{path} passes")
"""


def test_suite_replays_histories(tmp_path: Path) -> None:
    function = WORKER[WORKER.index("def safe(") : WORKER.index("def chancy(")]
    renamed, changed = function.replace("safe", "renamed"), function.replace("safe", "changed").replace("charge", "pay")
    (tmp_path / "orders.py").write_text(f"{WORKER}\n\n{renamed}{changed}def pay(ctx, order): ...", encoding="utf-8")
    (tmp_path / "suite.py").write_text(HISTORIES, encoding="utf-8")
    events = [
        {"eventId": -1, "timestamp": "2026-01-02T03:04:05Z", "orchestratorStarted": {}},
        {"eventId": -1, "executionStarted": {"name": "safe", "input": '"o-1"',
                                             "orchestrationInstance": {"instanceId": "o-1"}}},
        {"eventId": 1, "taskScheduled": {"name": "charge", "input": '"o-1"'}},
        {"eventId": -1, "timestamp": "2026-01-02T03:04:06Z", "orchestratorStarted": {}},
        {"eventId": -1, "taskCompleted": {"taskScheduledId": 1, "result": '"paid"'}},
    ]  # fmt: skip
    (tmp_path / "histories").mkdir()
    (tmp_path / "histories" / "waiting.json").write_text(json.dumps(events), encoding="utf-8")
    command = [str(sdk_python("durable-task-python")), "suite.py", str(ROOT)]
    (tmp_path / "histories" / "broken.json").write_text("{", encoding="utf-8")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "AssertionError: histories/broken.json: it cannot be read" in done.stderr, done
    (tmp_path / "histories" / "broken.json").unlink()
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    program = (tmp_path / "orders.py").read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(program, 1) if "ctx.call_activity(pay" in text)
    assert done.stdout.splitlines() == [
        "histories/waiting.json: changed diverges loudly",
        "  event 3 of instance 'o-1' schedules activity 'charge', the code asks for activity 'pay'",
        f"  at orders.py:{line}",
        "histories/broken.json: it cannot be read",
        "  histories/broken.json cannot be read: [Errno 2] No such file or directory: 'histories/broken.json'",
        done.stdout.splitlines()[5],
        "histories holds no history of renamed",
    ]


@pytest.mark.parametrize(
    ("sdk", "text"),
    [("durable-task-python", WORKER), ("durable-functions-python", APP), ("durable-functions-python@2", APP)],
)
def test_suite_is_told_what_is_not_safe_and_where(sdk: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "orders.py").write_text(text, encoding="utf-8")
    (tmp_path / "suite.py").write_text(SUITE, encoding="utf-8")
    command = [str(sdk_python(sdk)), "suite.py", str(ROOT)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    def line(needle: str) -> int:
        return next(number for number, it in enumerate(text.splitlines(), 1) if needle in it)

    expected = [
        r"orders\.py:\d+: chancy is not safe to replay: diverges silently",
        r"  first it asked for .*charge.*",
        r"  replayed, it asked for .*charge.*",
        r"  in the same process, for its next event; as given, execution 2",
        rf"  orders\.py:{line('random.random()')}: replay runs random\.Random\.random again \(asks for randomness\)",
        r"orders\.py:\d+: failing is not safe to replay: cannot be run",
        r"  it fails by itself: .*by itself.*",
        r"orders\.py:\d+: printing is not safe to replay: impure",
        rf"  orders\.py:{line('open(')}: replay runs open again \(touches the file system\)",
        r"3 is no orchestrator function",
    ]
    found = done.stdout.splitlines()
    assert len(found) == len(expected), done.stdout
    assert all(re.fullmatch(*pair) for pair in zip(expected, found, strict=True)), done.stdout

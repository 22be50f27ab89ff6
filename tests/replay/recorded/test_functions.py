"""`replay --history` for Functions apps: histories with ids, and what the status query makes of them.

The histories are those of runs in the replay host. What the status query shows of one is what the SDK's own projection
(`project_history` of azure-functions-durable 2.x, made after the extension's) makes of it.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from determinism_lint.commands.cli import run as command
from determinism_lint.replay import Event, RunResult, run
from determinism_lint.replay.recorded import typed
from determinism_lint.replay.recorded.protobuf import kind_of
from determinism_lint.replay.recorded.reader import read
from tests.environments import sdk_python

APP = """\
from datetime import timedelta

import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def order(context):
    total = yield context.call_activity("price", context.get_input())
    paid = yield context.call_activity_with_retry("charge", df.RetryOptions(1000, 3), total)
    context.signal_entity(df.EntityId("account", "alice"), "add", 1)
    balance = yield context.call_entity(df.EntityId("account", "alice"), "get")
    yield context.call_sub_orchestrator("child", paid)
    timer = context.create_timer(context.current_utc_datetime + timedelta(seconds=5))
    approval = context.wait_for_external_event("approval")
    winner = yield context.task_any([timer, approval])
    if winner == approval:
        timer.cancel()
    yield context.task_all([context.call_activity("charge", number) for number in range(3)])
    yield context.wait_for_external_event("shipped")
    return [paid, balance]


@app.orchestration_trigger(context_name="context")
def child(context):
    return context.get_input()


@app.entity_trigger(context_name="context")
def account(context):
    context.set_state((context.get_state(lambda: 0)) + 1)
    context.set_result(context.get_state(lambda: 0))


@app.activity_trigger(input_name="order")
def price(order):
    return order["total"]


@app.activity_trigger(input_name="amount")
def charge(amount):
    return amount
"""
APP_V2 = """\
import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def order(context):
    total = yield context.call_activity("price", context.get_input())
    yield context.wait_for_external_event("approval")
    return total


@app.activity_trigger(input_name="order")
def price(order):
    return order["total"]
"""
SHIPPED = (Event("approval", {"by": "eve"}, 2), Event("shipped", None, 4))
PROJECT = """\
import json, sys
from google.protobuf.json_format import ParseDict
from durabletask import history
from durabletask.client import pb
from azure.durable_functions.internal.compat.history_projection import project_history

told = json.load(sys.stdin)
events = [history._from_protobuf(ParseDict(event, pb.HistoryEvent(), ignore_unknown_fields=True))
          for event in told["events"]]
print(json.dumps(project_history(events, show_input=told["input"], show_history_output=told["output"])))
"""
TO_JSON = """\
import base64, json, sys
from google.protobuf.json_format import MessageToDict
from durabletask.client import pb

print(json.dumps([MessageToDict(pb.HistoryEvent.FromString(base64.b64decode(e))) for e in json.load(sys.stdin)]))
"""


def in_v2(script: str, given: Any) -> Any:
    """What a script makes of some JSON where azure-functions-durable 2.x is installed."""
    python = str(sdk_python("durable-functions-python@2"))
    done = subprocess.run([python, "-c", script], input=json.dumps(given), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def core(result: RunResult) -> list[dict[str, Any]]:
    """The events as the extension keeps them: with those that it adds behind the last execution."""
    events = [dict(event) for event in result.histories[0].events]
    last = {"EventId": -1, "Timestamp": events[-1]["Timestamp"]}
    if result.status.value == "COMPLETED":
        events.append({"EventType": 1, "OrchestrationStatus": 1, "Result": json.dumps(result.output), **last})
    return events


def status_of(events: list[dict[str, Any]], *, input: bool = True, output: bool = True) -> dict[str, Any]:
    told = in_v2(PROJECT, {"events": [typed.event(event) for event in events], "input": input, "output": output})
    return {
        "name": "order", "instanceId": "instance-1", "runtimeStatus": "Running", "customStatus": None, "output": None,
        "input": {"total": 3} if input else None, "historyEvents": told,
    }  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an app and, in each form, the histories of an instance that has ended and of one that waits."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "app.py").write_text(APP, encoding="utf-8")
    for name, events in (("ended", SHIPPED), ("waiting", SHIPPED[:1])):
        result = run(
            folder / "app.py", "order", input={"total": 3}, failures={"charge": 1}, events=events,
            python=sdk_python("durable-functions-python"),
        )  # fmt: skip
        assert result.status.value == ("COMPLETED" if name == "ended" else "WAITING"), result
        (folder / f"{name}-core.json").write_text(json.dumps(core(result)), encoding="utf-8")
        (folder / f"{name}-status.json").write_text(json.dumps(status_of(core(result))), encoding="utf-8")
    return folder


Replay = Callable[..., tuple[int, str]]


@pytest.fixture
def replay(app: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Replay:
    def replay(*histories: str, change: tuple[str, str] = ("", "")) -> tuple[int, str]:
        monkeypatch.chdir(app)
        program = tmp_path / "app.py"
        assert change[0] in APP
        program.write_text(APP.replace(*change, 1) if change[0] else APP, encoding="utf-8")
        given = [argument for history in histories for argument in ("--history", history)]
        python = str(sdk_python("durable-functions-python"))
        status = command(["replay", f"{program}:order", "--python", python, *given, "--output-format", "concise"])
        return status, capsys.readouterr().out.replace(os.path.relpath(program), "app.py")

    return replay


FORMS = ("core", "status")


@pytest.mark.parametrize("form", FORMS)
def test_the_code_that_made_them_replays_them(replay: Replay, form: str) -> None:
    status, said = replay(f"ended-{form}.json", f"waiting-{form}.json")
    assert status == 0, said
    assert "the instance is COMPLETED" in said
    assert "event 'shipped'" in said


LOUD = "the runtime fails the instance"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("history", "change", "said", "at"),
    [
        ("waiting", ('"price", context.get_input()', '"cost", context.get_input()'),
         f"schedules activity 'price', the code asks for activity 'cost': {LOUD}", "total = yield"),
        ("waiting", ('    context.signal_entity(df.EntityId("account", "alice"), "add", 1)\n', ""),
         "schedules entity message, the code", "context.signal_entity"),
        ("waiting", ('    yield context.call_sub_orchestrator("child", paid)\n', ""),
         f"schedules sub-orchestration 'child', the code asks for timer: {LOUD}", "winner = yield"),
        ("ended", ("range(3)", "range(2)"), f"schedules activity 'charge', the code ends as COMPLETED: {LOUD}",
         "def order"),
        ("ended", ("return [paid, balance]", "return [paid]"),
         "ends the instance with the output [3, 2], the code gives the output [3]: the runtime does not notice",
         "def order"),
        ("ended", ("return [paid, balance]", "raise ValueError('no')"),
         f"ends the instance as COMPLETED, the code fails (no): {LOUD}", "return [paid, balance]"),
    ],
)  # fmt: skip
def test_divergences_and_the_lines_that_did_it(
    replay: Replay, form: str, history: str, change: tuple[str, str], said: str, at: str
) -> None:
    status, printed = replay(f"{history}-{form}.json", change=change)
    assert status == 1
    finding = printed.splitlines()[0]
    assert said in finding
    changed = APP.replace(*change, 1) if at not in change[0] else APP
    line, code = next((number, text) for number, text in enumerate(changed.splitlines(), 1) if at in text)
    column = len(code) - len(code.lstrip()) + 1
    assert finding.startswith(f"app.py:{line}:{column}: error[replay-diverges]: event "), finding


def test_activity_names_differ_in_more_than_case(replay: Replay) -> None:
    """So compares DurableTask.Core, which holds the code against the history for this SDK."""
    status, printed = replay("ended-core.json", change=('"price", context', '"PRICE", context'))
    assert status == 0, printed


@pytest.mark.parametrize("history", ["ended", "waiting"])
def test_the_status_query_is_unfolded(app: Path, history: str) -> None:
    """All that the query folds is there again: the steps, their ids, and the answers to each of them."""
    told = read(str(app / f"{history}-core.json")).events
    again = read(str(app / f"{history}-status.json"))
    assert again.lacks == () and not again.numbered

    def shape(found: Any) -> list[Any]:
        asked = [(kind_of(e), e["eventId"], e[kind_of(e)].get("name")) for e in found if e["eventId"] >= 0]
        answers = [(kind_of(e), e[kind_of(e)].get("taskScheduledId", e[kind_of(e)].get("timerId")),
                    e[kind_of(e)].get("result")) for e in found
                   if e["eventId"] < 0 and "orchestrator" not in str(kind_of(e))]  # fmt: skip
        return [asked, answers]

    assert shape(again.events) == shape(told)


@pytest.mark.parametrize(
    ("hidden", "lacks"),
    [
        ({"input": False}, "the orchestrator's input (ask with showInput=true) and the data of events"),
        ({"output": False}, "results (ask with showHistoryOutput=true)"),
    ],
)
def test_what_the_status_query_leaves_out_is_told(
    app: Path, replay: Replay, tmp_path: Path, hidden: dict[str, bool], lacks: str
) -> None:
    events = json.loads((app / "ended-core.json").read_text(encoding="utf-8"))
    history = tmp_path / "order.json"
    history.write_text(json.dumps(status_of(events, **hidden)), encoding="utf-8")
    status, printed = replay(str(history), change=('["total"]', '["total"]'))
    assert status == 1
    assert "which may come from what the file lacks; help: the file lacks" in printed and lacks in printed
    assert "warning[replay-diverges]" in printed and "order cannot be judged" in printed


def test_histories_of_another_sdk(app: Path, recorded: Path, replay: Replay) -> None:
    status, printed = replay(str(recorded / "list" / "bank.json"))
    assert status == 1
    assert "the history holds entityOperation" in printed and "1.x do not" in printed


def test_the_second_generation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its histories are those of durabletask; the status query leaves out ids that cannot be counted."""
    program, python = tmp_path / "app.py", str(sdk_python("durable-functions-python@2"))
    program.write_text(APP_V2, encoding="utf-8")
    result = run(program, "order", input={"total": 3}, python=python)
    history = tmp_path / "order.json"
    events = in_v2(TO_JSON, result.histories[0].events)
    history.write_text(json.dumps(events), encoding="utf-8")
    arguments = ["replay", str(program), "--python", python, "--history", str(history), "--output-format", "concise"]
    assert command(arguments) == 0
    assert "the instance waits for event 'approval'" in capsys.readouterr().out
    program.write_text(APP_V2.replace('"price", c', '"cost", c'), encoding="utf-8")
    assert command(arguments) == 1
    assert "schedules activity 'price', the code asks for activity 'cost'" in capsys.readouterr().out
    status = {"name": "order", "instanceId": "1", "runtimeStatus": "Running", "input": {"total": 3}}
    projected = in_v2(PROJECT, {"events": events, "input": True, "output": True})
    history.write_text(json.dumps({**status, "historyEvents": projected}), encoding="utf-8")
    assert command(arguments) == 1
    assert "the status query leaves out the ids of events" in capsys.readouterr().out

"""`replay --history`: histories of instances that ran on the SDK's own backend, against changed code."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from determinism_lint.commands.cli import run
from tests.environments import sdk_python
from tests.replay.recorded.histories import FLOWS

FORMS = ("list", "chunks", "chunk", "export", "lines")
INSTANCES = ("bank", "doomed", "o-1", "o-2", "parent", "parent-0001", "stubborn")


def line_of(text: str, program: str = FLOWS) -> int:
    return next(number for number, line in enumerate(program.splitlines(), 1) if text in line)


Replay = Callable[..., tuple[int, str]]


@pytest.fixture
def replay(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Replay:
    """Replays histories with a program in which something was changed; the exit status and what was printed."""

    def replay(*histories: str, change: tuple[str, str] = ("", ""), output: str = "concise") -> tuple[int, str]:
        monkeypatch.chdir(recorded)
        before, after = change
        assert before in FLOWS
        program = tmp_path / "flows.py"
        program.write_text(FLOWS.replace(before, after, 1) if before else FLOWS, encoding="utf-8")
        given = [argument for history in histories for argument in ("--history", history)]
        python = str(sdk_python("durable-task-python"))
        status = run(["replay", str(program), "--python", python, *given, "--output-format", output, "--timeout", "3"])
        return status, capsys.readouterr().out.replace(os.path.relpath(program), "flows.py")

    return replay


@pytest.mark.parametrize("form", FORMS)
def test_the_code_that_made_them_replays_them_all(replay: Replay, form: str) -> None:
    status, said = replay(form)
    assert status == 0, said
    told = said.splitlines()[-len(INSTANCES) :]
    assert {line.split(": ")[0].partition(".")[0] for line in told} == {f"{form}/{name}" for name in INSTANCES}
    assert "order replays instance 'o-1'; the instance is COMPLETED" in said
    assert "order replays instance 'o-2'; the instance waits for event 'approval'" in said
    assert "doomed replays instance 'doomed'; the instance is FAILED" in said


LOUD, SILENT = "the runtime fails the instance", "the runtime does not notice"


@pytest.mark.parametrize(
    ("history", "change", "said", "at"),
    [
        ("o-2", ("ctx.call_activity(price, input=order)", "ctx.call_activity(charge, input=order)"),
         f"schedules activity 'price', the code asks for activity 'charge': {LOUD}", "total = yield"),
        ("o-2", ("    yield ctx.create_timer(timedelta(milliseconds=10))\n", ""),
         f"schedules timer, the code waits for event 'approval': {LOUD}", "yield ctx.create_timer"),
        ("o-2", ("input=total)", 'input=total["sum"])'),
         f"schedules activity 'charge', the code fails (TypeError: 'int' object is not subscriptable): {LOUD}",
         "paid = yield"),
        ("o-2", ("    approval = yield", '    return "early"\n    approval = yield'),
         f"is the last, and the instance has not ended, the code ends as COMPLETED: {SILENT}", "def order"),
        ("o-1", ("    approval = yield", '    return "early"\n    approval = yield'),
         f"schedules activity 'charge', the code ends as COMPLETED: {SILENT}", "def order"),
        ("o-1", ("charge, input=total", "charge, input=total + 1"),
         f"schedules activity 'charge' with input 3, the code asks for activity 'charge' with input 4: {SILENT}",
         "paid = yield"),
        ("o-1", ('event("approval")', 'event("consent")'),
         f"schedules activity 'charge', the code waits for event 'consent': {LOUD}", "approval = yield"),
        ("o-1", ("return [paid, approval]", "return [paid]"),
         f'ends the instance with the output [3, {{"by": "eve@example.org"}}], the code gives the output [3]: {SILENT}',
         "def order"),
        ("o-1", ("return [paid, approval]", "raise ValueError('no')"),
         f"ends the instance as COMPLETED, the code fails (ValueError: no): {LOUD}", "return [paid, approval]"),
        ("bank", ("ctx.call_entity(account, \"get\")", "ctx.call_activity(price)"),
         f"schedules call entity, the code asks for activity 'price': {LOUD}", 'call_entity(account, "get")'),
        ("bank", ('ctx.signal_entity(account, "add", input=5)', 'ctx.signal_entity(account, "add", input=6)'),
         f"schedules signal entity with input 5, the code asks for signal entity with input 6: {SILENT}",
         "ctx.signal_entity"),
        ("parent", ("ctx.call_sub_orchestrator(child", "ctx.call_sub_orchestrator(doomed"),
         f"schedules sub-orchestration 'child', the code asks for sub-orchestration 'doomed': {LOUD}",
         "yield ctx.call_sub"),
        ("parent", ('ctx.send_event("nobody"', 'ctx.send_event("somebody"'),
         "schedules send event 'done to nobody', the code asks for send event 'done to somebody'", "ctx.send_event"),
        ("parent", ("str(ctx.new_uuid())", "ctx.current_utc_datetime.isoformat()"), SILENT, "def parent"),
        ("doomed", ("ctx.call_activity(broken)", "ctx.call_activity(flaky)"),
         f"schedules activity 'broken', the code asks for activity 'flaky': {LOUD}", "yield ctx.call_activity(broken)"),
        ("stubborn", ("max_number_of_attempts=3", "max_number_of_attempts=2"),
         "the code fails (TaskFailedError: stubborn: Activity task #1 failed: not yet)", "first = yield"),
    ],
)  # fmt: skip
def test_divergences_and_the_lines_that_did_it(
    replay: Replay, history: str, change: tuple[str, str], said: str, at: str
) -> None:
    status, printed = replay(f"export/{history}.json", change=change)
    assert status == 1
    finding = printed.splitlines()[0]
    assert said in finding
    line = line_of(at)
    code = FLOWS.splitlines()[line - 1]
    column = len(code) - len(code.lstrip()) + 1
    assert finding.startswith(f"flows.py:{line}:{column}: error[replay-diverges]: event "), finding


@pytest.mark.parametrize(
    ("history", "change", "standing"),
    [
        ("o-2", ("return [paid, approval]", "return [paid]"), "the instance waits for event 'approval'"),
        ("o-2", ("timedelta(milliseconds=10)", "timedelta(hours=10)"), "the instance waits for event 'approval'"),
        ("o-1", ("    return [paid, approval]", "    yield ctx.call_activity(price)"),
         "it goes on with activity 'price' where the instance had ended"),
        ("o-1", ("    return amount", "    raise ValueError(amount)"), "the instance is COMPLETED"),
    ],
)  # fmt: skip
def test_changes_that_no_instance_minds(replay: Replay, history: str, change: tuple[str, str], standing: str) -> None:
    status, printed = replay(f"list/{history}.json", change=change)
    assert status == 0 and standing in printed, printed


def test_an_orchestrator_that_is_gone(replay: Replay) -> None:
    change = ("def order(", "def orders(")
    status, printed = replay("export/o-2.json", change=change)
    assert status == 1
    assert "export/o-2.json is of `order`, and no orchestrator of that name is here" in printed
    status, printed = replay("export", change=change)
    assert status == 0 and "o-2" not in printed  # a folder may hold histories of other programs


def test_one_orchestrator_of_a_folder_or_under_a_new_name(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(recorded)
    python = ["--python", str(sdk_python("durable-task-python"))]
    assert run(["replay", "flows.py:order", "--history", "export", *python, "--output-format", "json"]) == 0
    verdicts = json.loads(capsys.readouterr().out)["verdicts"]
    assert [(each["instance"], each["outcome"]) for each in verdicts] == [("o-1", "replays"), ("o-2", "replays")]
    renamed = tmp_path / "renamed.py"
    renamed.write_text(FLOWS.replace("def order(", "def orders("), encoding="utf-8")
    assert run(["replay", f"{renamed}:orders", "--history", "export/o-2.json", *python]) == 0
    assert run(["replay", f"{renamed}:orders", "--history", "export", *python]) == 2
    assert "no history there is of an orchestrator in" in capsys.readouterr().err


def test_every_output_tells_it(replay: Replay) -> None:
    change = ("ctx.call_activity(price, input=order)", "ctx.call_activity(charge, input=order)")
    _, printed = replay("list/o-2.json", change=change, output="full")
    assert "event 3 of instance 'o-2' schedules activity 'price'" in printed
    assert "= help: keep the old way for old instances behind a check of the version" in printed
    assert len(printed.splitlines()) <= 12
    _, printed = replay("list/o-2.json", change=change, output="sarif")
    (result,) = json.loads(printed)["runs"][0]["results"]
    assert result["ruleId"] == "replay-diverges"
    _, printed = replay("list/o-2.json", change=change, output="json")
    assert json.loads(printed)["verdicts"] == [
        {
            "history": "list/o-2.json", "instance": "o-2", "orchestrator": "order", "outcome": "diverges-loudly",
            "event": 3, "recorded": "schedules activity 'price'", "today": "asks for activity 'charge'", "note": "",
        }
    ]  # fmt: skip


def test_code_that_does_not_load_or_come_back(
    replay: Replay, recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, printed = replay("list/o-2.json", change=("    total = yield", "    while True: pass\n    total = yield"))
    assert status == 1 and "cannot be replayed: still running after 3 seconds" in printed, printed


def test_a_history_is_all_that_is_given(replay: Replay, recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    python = ["--python", str(sdk_python("durable-task-python"))]
    flows = str(recorded / "flows.py")
    assert run(["replay", flows, "--history", str(recorded / "list"), "--input", "1", *python]) == 2
    assert "give none with --history" in capsys.readouterr().err

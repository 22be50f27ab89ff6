"""The command `replay`, with the SDK in an environment of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from determinism_lint.commands.cli import run
from tests.environments import sdk_python

PROGRAM = """\
import random
from durabletask import task


def clean(ctx: task.OrchestrationContext, x):
    answer = yield ctx.wait_for_external_event("go")
    return [x, answer]


def chancy(ctx: task.OrchestrationContext, x):
    yield ctx.call_activity(draw, input=random.random())
    return x


def draw(ctx: task.ActivityContext, x):
    return x
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "flow.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return path


def replay(*arguments: str) -> int:
    return run(["replay", "--python", str(sdk_python("durable-task-python")), *arguments])


def test_all_orchestrators_of_a_file(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(str(program)) == 1
    output = capsys.readouterr().out
    assert [line.split(" (")[0].rpartition("/")[2] for line in output.splitlines()[-2:]] == [
        "flow.py:clean: deterministic",
        "flow.py:chancy: diverges silently",
    ]
    assert "100 % of its lines were executed" in output
    assert (
        "error[replay-diverges]: replay of the same history asks for something else, and the runtime does not" in output
    )
    assert "warning[random-value]: replay runs `random.Random.random` again" in output
    assert len(output.splitlines()) < 30


def test_the_outputs_of_a_check(
    program: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(program.parent)
    assert replay("flow.py:chancy", "--output-format", "github") == 1
    assert capsys.readouterr().out.startswith("::error title=determinism-lint (replay-diverges),file=flow.py,line=10,")
    assert replay("flow.py:chancy", "--output-format", "sarif") == 1
    (sarif,) = json.loads(capsys.readouterr().out)["runs"]
    assert [result["ruleId"] for result in sarif["results"]] == ["replay-diverges", "random-value"]


def test_one_orchestrator_with_input_and_event(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(f"{program}:clean", "--input", "[1]", "--event", 'go="now"', "--output-format", "json") == 0
    data = json.loads(capsys.readouterr().out)
    (verdict,) = data["verdicts"]
    assert (verdict["orchestrator"], verdict["outcome"], data["findings"]) == ("clean", "deterministic", [])


def test_json_carries_the_counter_example(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(f"{program}:chancy", "--output-format", "json") == 1
    data = json.loads(capsys.readouterr().out)
    (verdict,) = data["verdicts"]
    assert (verdict["outcome"], verdict["differences"][0]["severity"]) == ("diverges-silently", "soft")
    assert [(finding["rule"], finding["line"]) for finding in data["findings"]] == [
        ("replay-diverges", 10), ("random-value", 11)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent.py"], "absent.py is not a file"),
        (["FOLDER/ship.js"], "ship.js is not in Python"),
        (["FILE:clean", "--input", "{"], "--input: '{' is not JSON"),
        (["FILE:clean", "--event", "go={"], "--event: '{' is not JSON"),
    ],
)
def test_wrong_usage(program: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    (program.parent / "ship.js").touch()
    paths = {"FILE": str(program), "FOLDER": str(program.parent)}
    for word, path in paths.items():
        arguments = [argument.replace(word, path) for argument in arguments]
    assert replay(*arguments) == 2
    assert message in capsys.readouterr().err


def test_files_that_cannot_be_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken, empty = tmp_path / "broken.py", tmp_path / "empty.py"
    broken.write_text("import durabletask\nraise ValueError('no')\n")
    empty.write_text("import durabletask\n")
    assert replay(str(broken)) == 2
    assert "cannot be run" in capsys.readouterr().err
    assert replay(f"{broken}:flow") == 2
    assert "cannot be run" in capsys.readouterr().err
    assert replay(str(empty)) == 2
    assert capsys.readouterr().err


PAYING = """\
from durabletask import task


def pay(ctx: task.OrchestrationContext, x):
    amount = yield ctx.call_activity(price, input=x)
    return 1 / (amount - 1)


def price(ctx: task.ActivityContext, x) -> int:
    raise RuntimeError("no such shop")
"""


def test_activities_are_run_only_if_asked_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "shop.py"
    path.write_text(PAYING, encoding="utf-8")
    assert replay(str(path), "--input", "1", "--activity", "price=3") == 0
    assert replay(str(path), "--input", "1") == 1
    assert "ZeroDivisionError" in capsys.readouterr().out
    assert replay(str(path), "--input", "1", "--activities", "real") == 1
    assert "no such shop" in capsys.readouterr().out
    assert replay(str(path), "--activity", "price={") == 2
    assert "--activity: '{' is not JSON" in capsys.readouterr().err

"""What takes the place of activities: results that were given, and stand-ins from annotations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest

from determinism_lint.replay import Outcome, judge, run
from determinism_lint.replay.hosts.activities import REAL, replacement, stand_in
from determinism_lint.replay.model import RunRequest
from determinism_lint.replay.stand_in import StandIn
from tests.environments import sdk_python

APP = """\
import azure.durable_functions as df

app = df.DFApp()


@app.activity_trigger(input_name="value")
def amount(value) -> int:
    raise SystemError("it was run")


@app.activity_trigger(input_name="value")
def lines(value) -> "list[str]":
    raise SystemError("it was run")


@app.activity_trigger(input_name="value")
def order(value):
    raise SystemError("it was run")


@app.orchestration_trigger(context_name="context")
def flow(context):
    number = yield context.call_activity("amount", 5)
    names = yield context.call_activity("lines", 5)
    found = yield context.call_activity("order", 5)
    elsewhere = yield context.call_activity("elsewhere", 5)
    return [number + 1, names, str(found.id), str(elsewhere["x"])]
"""

WORKER = """\
from durabletask import task


def flow(ctx: task.OrchestrationContext, _):
    number = yield ctx.call_activity(amount, input=5)
    names = yield ctx.call_activity(lines, input=5)
    found = yield ctx.call_activity(order, input=5)
    elsewhere = yield ctx.call_activity("elsewhere", input=5)
    return [number + 1, names, str(found.id), str(elsewhere["x"])]


def amount(ctx: task.ActivityContext, value) -> int:
    raise SystemError("it was run")


def lines(ctx: task.ActivityContext, value) -> "list[str]":
    raise SystemError("it was run")


def order(ctx: task.ActivityContext, value):
    raise SystemError("it was run")
"""

PROGRAMS = [
    ("durable-task-python", WORKER),
    ("durable-functions-python", APP),
    ("durable-functions-python@2", APP),
]


@dataclass
class Order:
    id: int


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (int, 1),
        (bool, True),
        (float, 1.0),
        (str, "charge"),
        (None, None),
        (type(None), None),
        (None | int, 1),
        (int | None, 1),
        (Annotated[int, {"unhashable": 1}], 1),
        (list[str], ["charge[0]", "charge[1]"]),
    ],
)
def test_annotation_says_what_stands_in(annotation: Any, value: Any) -> None:
    assert stand_in("charge", annotation) == value


@pytest.mark.parametrize("annotation", [dict, list, Order, Any, "unresolved"])
def test_what_has_parts_answers_to_everything(annotation: Any) -> None:
    assert isinstance(stand_in("charge", annotation), StandIn)


def test_given_result_goes_before_all_else() -> None:
    request = RunRequest("flow", results={"charge": None})
    assert replacement(request, "charge", len) is None
    assert replacement(request, "release", len) is REAL


@pytest.mark.parametrize(("sdk", "text"), PROGRAMS)
def test_activities_are_not_run(sdk: str, text: str, tmp_path: Path) -> None:
    path, python = tmp_path / "program.py", sdk_python(sdk)
    path.write_text(text, encoding="utf-8")
    result = run(path, "flow", input=None, stand_ins=True, python=python)
    assert result.output == [2, ["lines[0]", "lines[1]"], "order.id", "elsewhere[x]"], result.error
    result = run(path, "flow", input=None, stand_ins=True, results={"amount": 7, "lines": []}, python=python)
    assert result.output[:2] == [8, []]
    assert "it was run" in (run(path, "flow", input=None, python=python).error or "")
    assert judge(path, "flow", input=None, stand_ins=True, python=python).outcome is Outcome.DETERMINISTIC

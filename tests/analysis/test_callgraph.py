"""Which orchestrators a finding belongs to: those whose own call comes to it, not all that call the helper."""

from __future__ import annotations

from tests.projects import analyzed

HELPERS = """\
import requests


def load_holidays():
    return requests.get("https://api.example/holidays").json()


def next_workday(day, holidays=None):
    if holidays is None:
        holidays = load_holidays()
    return day if day not in holidays else day + 1
"""
FLOWS = """\
from durabletask import task

from helpers import next_workday


def given(ctx: task.OrchestrationContext, order):
    return next_workday(order["day"], [])


def fetched(ctx: task.OrchestrationContext, order):
    holidays = yield ctx.call_activity("holidays")
    return next_workday(order["day"], holidays)


def not_given(ctx: task.OrchestrationContext, order):
    return next_workday(order["day"])


def handed_on(ctx: task.OrchestrationContext, order):
    return (yield from around(ctx, order))


def around(ctx, order, holidays=None):
    yield ctx.create_timer(order["at"])
    return next_workday(order["day"], holidays)
"""


def test_an_orchestrator_that_passes_what_is_needed_is_not_named() -> None:
    (finding,) = analyzed({"helpers.py": HELPERS, "app.py": FLOWS}).findings
    assert {orchestrator.name for orchestrator in finding.orchestrators} == {"not_given", "handed_on"}
    assert [hop.function for hop in finding.trace] == ["not_given", "next_workday", "load_holidays"]


def test_a_generator_that_an_orchestrator_returns_is_part_of_it() -> None:
    flow = """\
import time

from durabletask import task


def body(ctx, order):
    yield ctx.create_timer(order["at"])
    return time.time()


def flow(ctx: task.OrchestrationContext, order):
    return body(ctx, order)
"""
    (finding,) = analyzed({"app.py": flow}).findings
    assert [hop.function for hop in finding.trace] == ["flow", "body"]
    assert [orchestrator.name for orchestrator in finding.orchestrators] == ["flow"]

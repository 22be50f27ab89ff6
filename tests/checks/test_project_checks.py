"""Rules that compare what a project declares: they need more than one kind of file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.projects import analyzed

FLOW = """\
import azure.durable_functions as df


def orchestrator_function(context):
    yield context.call_activity("Resize")


main = df.Orchestrator.create(orchestrator_function)
"""
ACTIVITY = "def main(name: str):\n    return name\n"


def binding(kind: str) -> dict[str, object]:
    return {"scriptFile": "__init__.py", "bindings": [{"name": "x", "type": kind, "direction": "in"}]}


def found(files: Mapping[str, Any]) -> set[tuple[str, str, int]]:
    return {
        (finding.rule, finding.path.removeprefix("/project/"), finding.span.line)
        for finding in analyzed(files).findings
    }


def test_a_binding_type_that_does_not_exist() -> None:
    files = {
        "Flow/__init__.py": FLOW,
        "Flow/function.json": binding("durableOrchestrationTrigger"),
        "Resize/__init__.py": ACTIVITY,
        "Resize/function.json": binding("activityTrigger"),
        "Other/function.json": binding("durableEntityTrigger"),
    }
    assert found(files) == {("wrong-binding", "Flow/__init__.py", 8)}
    [finding] = analyzed(files).findings
    assert finding.message == "Flow/function.json binds `durableOrchestrationTrigger`, a type that does not exist"
    assert finding.help == "write `orchestrationTrigger`"


def test_an_activity_that_no_function_json_declares() -> None:
    files = {
        "Flow/__init__.py": FLOW,
        "Flow/function.json": binding("orchestrationTrigger"),
        "Resise/__init__.py": ACTIVITY,
        "Resise/function.json": binding("activityTrigger"),
    }
    assert found(files) == {("unknown-activity", "Flow/__init__.py", 5)}


def test_what_is_advised_for_an_unknown_name() -> None:
    flow = """\
from durabletask import task, worker


def {0}(ctx: task.ActivityContext, _):
    return 1


def cities(ctx: task.OrchestrationContext, _):
    yield ctx.{1}


with worker.TaskHubGrpcWorker() as w:
    w.add_orchestrator(cities)
    w.add_activity({0})
"""
    for activity, call, advice in (
        ("send_mail", 'call_activity("SendMial")', "did you mean `send_mail`?"),
        ("notify", 'call_activity("notify_customer")', "did you mean `notify`?"),
        ("capitalize", 'call_activity("citizens")', "register it, or call one of: `capitalize`"),
        ("capitalize", 'call_activity("cities")', "`cities` is an orchestrator"),
        ("capitalize", 'call_sub_orchestrator("capitalize")', "`capitalize` is an activity"),
        ("tell", 'call_sub_orchestrator("capitals")', "register it, or call one of: `cities`"),
    ):
        [finding] = analyzed({"app.py": flow.format(activity, call)}).findings
        assert finding.help == advice, call


def test_an_app_elsewhere_says_nothing_about_this_one() -> None:
    files = {
        "one/app/Flow/__init__.py": FLOW,
        "one/app/Flow/function.json": binding("orchestrationTrigger"),
        "two/far/away/Other/__init__.py": ACTIVITY,
        "two/far/away/Other/function.json": binding("activityTrigger"),
    }
    assert found(files) == set()


def test_function_json_that_is_no_declaration_is_passed_over() -> None:
    files: dict[str, Any] = {
        "Flow/__init__.py": FLOW,
        "Flow/function.json": binding("orchestrationTrigger"),
        "a/function.json": b"{not json",
        "b/function.json": b"[]",
        "c/function.json": {"bindings": "none"},
        "d/function.json": {"bindings": [1, {"type": 5}]},
        "e/function.json": b"[" * 100_000,
    }
    assert found(files) == set()


WORKER = """\
from durabletask import task, worker


def flow(ctx: task.OrchestrationContext, _):
    yield ctx.call_activity("stamp")


def forgotten(ctx: task.OrchestrationContext, _):
    yield ctx.call_activity("stamp")


def stamp(ctx: task.ActivityContext, _):
    return 1


with worker.TaskHubGrpcWorker() as w:
    w.add_orchestrator(flow)
    w.add_activity(stamp)
    w.add_activity(stamp)
"""


def test_tests_register_as_they_like() -> None:
    assert found({"app.py": WORKER}) == {
        ("unregistered-orchestrator", "app.py", 8),
        ("duplicate-registration", "app.py", 19),
    }
    assert found({"tests/app.py": WORKER}) == set()


def test_a_registration_that_is_not_understood_leaves_room_for_names() -> None:
    source = WORKER.replace("w.add_activity(stamp)\n    w.add_activity(stamp)", "w.add_activity(load())")
    source = source.replace('"stamp"', '"stomp"').replace("w.add_activity", "w.add_activity(stamp)\n    w.add_activity")
    findings = [finding for finding in analyzed({"app.py": source}).findings if finding.rule == "unknown-activity"]
    assert {finding.severity for finding in findings} == {"info"}

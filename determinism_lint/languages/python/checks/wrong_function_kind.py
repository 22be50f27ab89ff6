"""Kinds of functions that a runtime cannot run."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Problem
from determinism_lint.analysis.facts import Located, ProjectFacts
from determinism_lint.analysis.sdk import Kind, Runtime
from determinism_lint.analysis.values import FunctionValue
from determinism_lint.languages.python.sdks import DURABLE_TASK_PYTHON


def project(facts: ProjectFacts) -> Iterator[Located]:
    for declared in facts.orchestrators:
        assert declared.function is not None
        node = declared.function.node
        module = declared.function.scope.module
        if node.is_async:
            message = f"`{node.name}` is `async`, which no runtime can drive as an orchestrator"
            advice = "write `def`, and `yield` instead of `await`"
            yield Located(module, Runtime(declared.sdk), Problem(node, message, advice), node)
    for activity in _activities(facts):
        node = activity.node
        if node.is_async:
            message = f"`{node.name}` is `async`, and durabletask runs activities as plain functions"
            yield Located(activity.scope.module, Runtime(DURABLE_TASK_PYTHON), Problem(node, message, "write `def`"))
    for declared in facts.survey.declared:
        function = declared.function
        if declared.sdk is DURABLE_TASK_PYTHON and function is not None and function.node.name == "<lambda>":
            problem = Problem(function.node, "a lambda has no name to register it by", "define it with `def`")
            yield Located(declared.module, Runtime(declared.sdk), problem)
    for module, sdk, partial in facts.survey.nameless:
        problem = Problem(partial, "a `functools.partial` has no name to register it by", "define it with `def`")
        yield Located(module, Runtime(sdk), problem)


def _activities(facts: ProjectFacts) -> Iterator[FunctionValue]:
    """Activities of durabletask: registered, or passed to call_activity."""
    for declared in facts.survey.declared:
        if declared.kind is Kind.ACTIVITY and declared.sdk is DURABLE_TASK_PYTHON and declared.function is not None:
            yield declared.function
    for called in facts.operations:
        if (
            called.member is not None
            and called.member.kind is Kind.ACTIVITY
            and called.member.runtime.sdk is DURABLE_TASK_PYTHON
        ):
            for value in called.arguments[0][1] if called.arguments else ():
                if isinstance(value, FunctionValue):
                    yield value

"""A timer that lost a race and goes on running."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Finished, Problem
from determinism_lint.analysis.sdk import Kind
from determinism_lint.analysis.values import FunctionValue, Task
from determinism_lint.checks._shared import tasks_in


def finished(event: Finished) -> Iterator[Problem]:
    if not event.site.runtime.sdk.cancels_timers:
        return
    cancelled = {
        name
        for node in s.walk(event.function.body, into_functions=True)
        if isinstance(node, s.Attribute) and node.attr == "cancel" and (name := s.dotted(node.value)) is not None
    }
    own = {name for call in _timers(event) for name in _names_of(event.function, call)}
    if cancelled - own:
        return  # through another name, which may be any of them
    for node, called in event.calls.items():
        if event.kind(node) is not Kind.ANY:
            continue
        for _, values in called.arguments:
            for task in tasks_in(values):
                if task.kind is not Kind.TIMER or _is_handed_over(event, task):
                    continue
                if not _names_of(event.function, task.call) & cancelled:
                    yield Problem(task.call, "this timer races other tasks and is never cancelled")


def _timers(event: Finished) -> Iterator[s.Call]:
    return (node for node in event.calls if event.kind(node) is Kind.TIMER)


def _is_handed_over(event: Finished, timer: Task) -> bool:
    """Whether a function of the project gets the timer, which may cancel it."""
    return any(
        task == timer
        for called in event.calls.values()
        if any(isinstance(value, FunctionValue) for value in called.callee)
        for _, values in called.arguments
        for task in tasks_in(values)
    )


def _names_of(function: s.Function, call: s.Call) -> set[str]:
    """The names that a task is assigned to."""
    names: set[str] = set()
    for node in s.walk(function.body):
        if not isinstance(node, s.Assign):
            continue
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, s.Collection) and isinstance(node.value, s.Collection):
                pairs = list(zip(target.items, node.value.items, strict=False))
            names.update(name for each, value in pairs if value is call and (name := s.dotted(each)) is not None)
    return names

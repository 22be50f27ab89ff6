"""A timer that lost a race and goes on running: its token is that of nothing that is ever canceled."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Finished, Problem
from determinism_lint.analysis.sdk import Kind
from determinism_lint.checks._shared import tasks_in


def finished(event: Finished) -> Iterator[Problem]:
    for node, called in event.calls.items():
        if event.kind(node) is not Kind.ANY:
            continue
        for _, values in called.arguments:
            for task in tasks_in(values):
                if task.kind is Kind.TIMER and not _can_be_canceled(event.function, task.call):
                    yield Problem(task.call, "this timer races other tasks and is never canceled")


def _can_be_canceled(function: s.Function, timer: s.Call) -> bool:
    """Whether something may cancel a timer: a source in the function that is, or one from elsewhere."""
    token = timer.arguments[-1].value if len(timer.arguments) > 1 else None
    written = s.dotted(token)
    if token is None or isinstance(token, s.Constant) or (written or "").endswith("CancellationToken.None"):
        return False
    if written is None or not written.endswith(".Token"):
        return True
    source = written.removesuffix(".Token")
    uses = [each for each in s.walk(function.body, into_functions=True) if isinstance(each, s.Attribute)]
    if any(s.dotted(each.value) == source and each.attr in ("Cancel", "CancelAsync", "CancelAfter") for each in uses):
        return True
    passed = (each for each in s.walk(function.body, into_functions=True) if isinstance(each, s.Argument))
    return any(s.dotted(each.value) == source for each in passed) or not _is_made_here(function, source)


def _is_made_here(function: s.Function, name: str) -> bool:
    """Whether a local variable is given a new object."""
    for node in s.walk(function.body, into_functions=True):
        pairs: list[tuple[s.Expression | None, s.Expression | None]] = []
        if isinstance(node, s.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, s.With):
            pairs = [(target, value) for value, target in node.items]
        if any(s.dotted(target) == name and value is not None for target, value in pairs):
            return True
    return False

"""An orchestrator that is not a generator cannot wait, not even for what it returns."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Finished, Problem
from determinism_lint.analysis.values import Task


def finished(event: Finished) -> Iterator[Problem]:
    function = event.function
    if not event.is_orchestrator or function.is_generator or function.is_async or not event.returned:
        return
    if not all(isinstance(value, Task) for value in event.returned):
        return
    for node in s.walk(function.body):
        if isinstance(node, s.Return) and node.value is not None:
            yield Problem(
                node.value,
                f"`{function.name}` is not a generator, so that nothing waits for the task that it returns",
                "write `return (yield …)`",
            )

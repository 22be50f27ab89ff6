"""An orchestrator awaits a promise, which no replay waits for."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Finished, Problem
from determinism_lint.analysis.values import Coroutine


def finished(event: Finished) -> Iterator[Problem]:
    if not event.site.driven or not event.is_orchestrator:
        return
    for node, suspended in event.suspensions.items():
        values = suspended.values
        if node.keyword == "await" and values and all(isinstance(value, Coroutine) for value in values):
            name = next(value.function.node.name for value in values if isinstance(value, Coroutine))
            yield Problem(node, f"awaits `{name}(…)`, a promise, which is not a durable task")

"""`await()` of what is no durable task."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Problem, Suspended
from determinism_lint.analysis.values import Instance

_CONCURRENT = frozenset(
    {
        "java.util.concurrent.CountDownLatch",
        "java.util.concurrent.CyclicBarrier",
        "java.util.concurrent.locks.Condition",
    }
)


def suspended(event: Suspended) -> Iterator[Problem]:
    for value in event.values:
        if isinstance(value, Instance) and value.name in _CONCURRENT:
            name = value.name.rsplit(".", 1)[-1]
            yield Problem(event.node, f"`{name}.await` blocks until something outside the history happens")

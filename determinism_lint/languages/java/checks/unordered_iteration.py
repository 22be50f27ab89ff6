"""Collections are consumed in an order that differs between processes."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Iterated, Problem
from determinism_lint.analysis.values import Container, ObjectValue
from determinism_lint.languages.java.library import HASHED, UNORDERED


def iterated(event: Iterated) -> Iterator[Problem]:
    for value in event.values:
        if not isinstance(value, Container):
            continue
        by_identity = value.kind == HASHED and any(isinstance(item, ObjectValue) for item in value.items)
        if value.kind == UNORDERED or by_identity:
            yield Problem(event.node, "the order in which this yields its items differs between processes")
            return

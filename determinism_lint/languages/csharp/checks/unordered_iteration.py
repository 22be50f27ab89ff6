"""Collections are consumed in an order that differs between processes."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Iterated, Problem
from determinism_lint.analysis.values import Container
from determinism_lint.languages.csharp.names import HASHED


def iterated(event: Iterated) -> Iterator[Problem]:
    if any(isinstance(value, Container) and value.kind == HASHED for value in event.values):
        yield Problem(event.node, "the order in which this yields its items differs between processes")

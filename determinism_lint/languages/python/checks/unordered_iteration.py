"""Sets are consumed in an order that differs between processes."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Iterated, Problem
from determinism_lint.analysis.values import Container, Literal
from determinism_lint.languages.python.checks._order import is_forgotten


def iterated(event: Iterated) -> Iterator[Problem]:
    for value in event.values:
        if isinstance(value, Container) and value.kind == "set" and not _is_stable(value) and not is_forgotten(event):
            message = "the order in which a set yields its items differs between processes"
            yield Problem(event.node, message)
            return


def _is_stable(value: Container) -> bool:
    """Small integers hash to themselves, so a set of them has one order."""
    return bool(value.items) and all(isinstance(item, Literal) and isinstance(item.value, int) for item in value.items)

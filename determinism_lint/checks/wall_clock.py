"""Functions that read the clock unless they are told which time to use."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.events import Called, Problem
from determinism_lint.values import External


def called(event: Called) -> Iterator[Problem]:
    """`time.strftime(format)` formats the current time."""
    if External("time.strftime") in event.callee and len(event.arguments) == 1 and not event.arguments[0][0].unpack:
        yield Problem(event.node, "`time.strftime` without a time formats the current one")

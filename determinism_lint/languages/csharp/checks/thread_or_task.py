"""A source of tokens that cancels itself after some time, which no replay repeats at the same point."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Called, Problem
from determinism_lint.analysis.values import External
from determinism_lint.languages.csharp.names import NEW

_SOURCE = "System.Threading.CancellationTokenSource"


def called(event: Called) -> Iterator[Problem]:
    starts = External(f"{_SOURCE}{NEW}") in event.callee and event.arguments
    if starts or External(f"{_SOURCE}.CancelAfter") in event.callee:
        advice = "race a durable timer with `Task.WhenAny`"
        yield Problem(event.node, "this cancels after a time that the history does not know", advice)

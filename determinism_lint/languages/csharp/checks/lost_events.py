"""`ContinueAsNew(state, preserveUnprocessedEvents: false)` drops events that have arrived but were not read yet."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Finished, Problem
from determinism_lint.analysis.sdk import Kind
from determinism_lint.analysis.values import Literal
from determinism_lint.checks._shared import performs


def finished(event: Finished) -> Iterator[Problem]:
    if event.site.runtime.keeps_events is not None or not performs(event, event.function.body, Kind.EVENT):
        return  # where they are dropped unless they are kept, see the check for all languages
    for node, called in event.calls.items():
        kept = called.argument(1, "preserveUnprocessedEvents") if event.kind(node) is Kind.RESTART else None
        if kept is not None and kept[1] == (Literal(False),):
            yield Problem(node, "events that arrived but were not read yet are lost")

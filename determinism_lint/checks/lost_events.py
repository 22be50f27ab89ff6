"""continue_as_new drops events that have arrived but were not read yet."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Finished, Problem
from determinism_lint.analysis.sdk import Kind
from determinism_lint.checks._shared import performs


def finished(event: Finished) -> Iterator[Problem]:
    keyword = event.site.runtime.keeps_events
    if keyword is None:
        return  # a finding that nothing at its line resolves helps nobody
    restarts = [node for node in event.calls if event.kind(node) is Kind.RESTART]
    if not restarts or not performs(event, event.function.body, Kind.EVENT):
        return
    for node in restarts:
        kept = event.calls[node].argument(99, keyword)
        written = kept[0] if kept is not None else None
        if written is None or (isinstance(written, s.Constant) and not written.value):
            yield Problem(
                node,
                "events that arrived but were not read yet are lost",
                f"pass `{keyword}=True`",
            )

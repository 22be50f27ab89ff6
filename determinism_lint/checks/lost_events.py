"""continue_as_new drops events that have arrived but were not read yet."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Finished, Problem
from determinism_lint.analysis.sdk import Kind
from determinism_lint.checks._shared import performs


def finished(event: Finished) -> Iterator[Problem]:
    flag, drops = event.site.runtime.keeps_events, event.site.runtime.sdk.drops_events
    if flag is None and not drops:
        return
    restarts = [node for node in event.calls if event.kind(node) is Kind.RESTART]
    if not restarts or not performs(event, event.function.body, Kind.EVENT):
        return
    for node in restarts:
        if flag is None:
            yield Problem(node, "events that arrived but were not read yet are lost")
            continue
        position, keyword = flag
        kept = event.calls[node].argument(position, keyword)
        written = kept[0] if kept is not None else None
        if written is None or (isinstance(written, s.Constant) and not written.value):
            yield Problem(
                node,
                "events that arrived but were not read yet are lost",
                f"pass `{keyword}=True`" if position > 9 else f"pass `true` for `{keyword}`",
            )

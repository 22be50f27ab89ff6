"""continue_as_new drops events that have arrived but were not read yet."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Finished, Problem
from determinism_lint.analysis.sdk import Kind
from determinism_lint.checks._shared import performs
from determinism_lint.fixes.rewrites import keep_events

_NEVER_KEEPS = "durable-functions-python"
"""Its one-parameter `context` has no way to keep them: a finding that nothing at its line resolves helps nobody."""


def finished(event: Finished) -> Iterator[Problem]:
    runtime = event.site.runtime
    if runtime.startswith(_NEVER_KEEPS) and not runtime.endswith("native"):
        return
    restarts = [node for node in event.calls if event.kind(node) is Kind.RESTART]
    if not restarts or not performs(event, event.function.body, Kind.EVENT):
        return
    for node in restarts:
        kept = event.calls[node].argument(99, "save_events")
        written = kept[0] if kept is not None else None
        if written is None or (isinstance(written, s.Constant) and not written.value):
            yield Problem(
                node,
                "events that arrived but were not read yet are lost",
                "pass `save_events=True`",
                keep_events(event.calls[node]),
            )

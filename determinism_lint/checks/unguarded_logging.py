"""Log calls that every replay repeats."""

from __future__ import annotations

from determinism_lint.analysis.events import Called


def harmless(event: Called) -> bool:
    """Whether the runtime is known not to be replaying."""
    return event.site.guarded

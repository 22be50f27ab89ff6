"""`Thread.currentThread().interrupt()` says nothing of the thread: it keeps an interruption that was caught."""

from __future__ import annotations

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Called


def harmless(event: Called) -> bool:
    """Whether the thread is only interrupted."""
    around = event.site.ancestors[-1] if event.site.ancestors else None
    function = around.function if isinstance(around, s.Call) else None
    return isinstance(function, s.Attribute) and function.attr in ("interrupt", "isInterrupted")

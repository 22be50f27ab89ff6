"""`ConfigureAwait(true)` changes nothing."""

from __future__ import annotations

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Called


def harmless(event: Called) -> bool:
    """Whether what follows still runs on the orchestrator's thread."""
    function = event.node.function
    if not isinstance(function, s.Attribute) or function.attr != "ConfigureAwait":
        return False
    given = event.node.arguments[0].value if event.node.arguments else None
    return isinstance(given, s.Constant) and given.value is True

"""`Interlocked` on a variable of the method changes nothing that outlives it."""

from __future__ import annotations

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Called
from determinism_lint.analysis.scopes import bound_names


def harmless(event: Called) -> bool:
    """Whether only a local variable is changed."""
    function = event.node.function
    if not isinstance(function, s.Attribute) or s.dotted(function.value) != "Interlocked" or not event.node.arguments:
        return False
    changed = event.node.arguments[0].value
    return isinstance(changed, s.Name) and changed.id in bound_names(event.site.function)

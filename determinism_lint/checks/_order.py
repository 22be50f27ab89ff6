"""Whether the order in which items came out of a set still shows in what is made of them."""

from __future__ import annotations

from determinism_lint import syntax as s
from determinism_lint.events import Iterated
from determinism_lint.interpreter.library import ORDERLESS

_ADDS = frozenset({"append", "add", "discard", "remove", "update"})


def is_forgotten(event: Iterated) -> bool:
    """Whether the items go into a collection that is sorted, or only asked what order does not matter for."""
    function = event.site.function
    statement = next((node for node in reversed(event.site.ancestors) if isinstance(node, (s.Assign, s.Loop))), None)
    parents = _parents(function)
    match statement:
        case s.Assign(targets=(s.Name(id=name),), value=s.Expression() as value) if _collects(value, parents):
            return _is_order_free(function, name, statement.end, parents)
        case s.Loop(subject=subject, body=body) if subject is event.node:
            filled = [_filled(part) for part in body]
            return all(
                name is not None and (not name or _is_order_free(function, name, statement.end, parents))
                for name in filled
            )
    return False

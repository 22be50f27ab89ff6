"""Where in an orchestrator a durable call may stand instead of something else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.moves import Place


def may_yield(place: Place) -> bool:
    """Whether the orchestrator is a generator, or can become one: it returns no task and passes on no context."""
    function, text = place.orchestrator, place.module.text
    if function.is_async or not function.parameters:
        return False
    other = rf"\b{place.context}\b(?!\.)|\breturn\b[\s(]*{place.context}\.\w+\("
    return function.is_generator or not re.search(other, text[function.body[0].start : function.body[-1].end])


def path_to(nodes: Sequence[s.Node], wanted: s.Node) -> list[s.Node] | None:
    """The nodes around one below `nodes`, outermost first; None where it is in a nested function or class."""
    for node in nodes:
        if node is wanted:
            return []
        below = None if isinstance(node, (s.Function, s.Class)) else path_to(s.children(node), wanted)
        if below is not None:
            return [node, *below]
    return None


def allows_yield(around: list[s.Node], node: s.Node) -> bool:
    """Whether `node`, with these nodes around it, may become a `yield` that changes nothing else."""
    if around and isinstance(around[-1], (s.Suspend, s.Delegate)):
        return False
    return not any(_forbids(outer, inner) for outer, inner in zip(around, [*around, node][1:], strict=True))


def _forbids(node: s.Node, inner: s.Node) -> bool:
    """Handlers would see another exception; a yield in a comprehension or f-string is no Python or hard to read."""
    match node:
        case s.With():
            return not isinstance(inner, s.Statement)
        case s.If(test=part) | s.Conditional(test=part) | s.Loop(subject=part) | (s.Operation() as part):
            # A condition may send replays another way, where a durable call must not be.
            return any(isinstance(each, s.Attribute) and each.attr == "is_replaying" for each in s.walk(part))
    return isinstance(node, (s.Try, s.Comprehension, s.Template, s.Lambda))

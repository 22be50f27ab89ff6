"""What the runtime gets to wait for is not a durable task."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Finished, Problem, Suspended
from determinism_lint.analysis.sdk import Kind
from determinism_lint.analysis.values import (
    Container,
    Coroutine,
    External,
    FunctionValue,
    Generator,
    Instance,
    Literal,
    Member,
    ObjectValue,
    Values,
)
from determinism_lint.checks._shared import tasks_in

_FIRE_AND_FORGET = (Kind.SIGNAL, Kind.STATUS)


def finished(event: Finished) -> Iterator[Problem]:
    if not event.site.driven:
        return
    for node, suspended in event.suspensions.items():
        if node.keyword != "yield":
            continue
        kind = event.kind(node.value) if node.value is not None else None
        if kind in _FIRE_AND_FORGET and isinstance(node.value, s.Call):
            name = s.dotted(node.value.function) or "this call"
            yield Problem(node, f"`{name}` returns nothing to wait for", "call it without `yield`")
        elif kind is not Kind.RESTART:  # nothing after it counts any more
            what = _foreign(suspended)
            if what is not None:
                yield Problem(node, f"yields {what}, which is not a durable task")


def _foreign(suspended: Suspended) -> str | None:
    values = suspended.values
    if not values:
        return None
    kinds = {_describe((value,)) for value in values}
    return kinds.pop() if len(kinds) == 1 else None


def _describe(values: Values) -> str | None:
    match values[0]:
        case Literal(value=None):
            return "None"
        case Literal():
            return "a plain value"
        case Container(kind=kind):
            return f"a {kind} of tasks" if any(tasks_in(values)) else f"a {kind}"
        case Generator(function=function):
            return f"the generator `{function.node.name}(…)`"
        case Coroutine(function=function):
            return f"the coroutine `{function.node.name}(…)`"
        case FunctionValue() | Member():
            return "a function that is not called"
        case Instance() | ObjectValue() | External():
            return None
    return None

"""Objects of which the converter can read nothing."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Called, Finished, Problem
from determinism_lint.analysis.values import FunctionValue, ObjectValue, Values
from determinism_lint.languages.java.parse import OPAQUE

_PLACES = {"complete": 0, "continueAsNew": 0, "setCustomStatus": 0, "callActivity": 1, "callSubOrchestrator": 1}
"""Where members of the context take what becomes part of the history."""


def called(event: Called) -> Iterator[Problem]:
    member = event.member
    place = None if member is None else _PLACES.get(member.name)
    given = None if place is None else event.argument(place)
    if given is not None and (what := _unreadable(given[1])) is not None:
        yield Problem(given[0], f"{what} cannot be written to the history as JSON")


def finished(event: Finished) -> Iterator[Problem]:
    what = _unreadable(event.returned) if event.is_orchestrator else None
    for node in s.walk(event.function.body) if what is not None else ():
        if isinstance(node, s.Return) and node.value is not None:
            yield Problem(node.value, f"{what} cannot be written to the history as JSON")


def _unreadable(values: Values) -> str | None:
    if len(values) != 1:
        return None
    match values[0]:
        case ObjectValue(of=kind) if any(s.dotted(each) == OPAQUE for each in kind.node.decorators):
            return f"a `{kind.node.name}`, which has no public field and no getter,"
        case FunctionValue():
            return "a function"
    return None

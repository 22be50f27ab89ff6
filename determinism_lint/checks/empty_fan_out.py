"""Waiting for all or any of no tasks."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Called, Finished, Problem
from determinism_lint.analysis.sdk import Kind
from determinism_lint.analysis.values import Container
from determinism_lint.checks._shared import mentions

_NONE = "for which the result is None"


_OUTCOMES = {"hangs": "for which the orchestration waits for ever", "throws": "which throws", "none": _NONE}
"""What waiting for no tasks does, where it does not simply complete."""


def finished(event: Finished) -> Iterator[Problem]:
    runtime = event.site.runtime
    outcomes = {Kind.ALL: runtime.empty, Kind.ANY: runtime.sdk.empty_any or runtime.empty}
    for node, called in event.calls.items():
        kind = event.kind(node)
        outcome = _OUTCOMES.get(outcomes.get(kind, "")) if kind is not None else None
        if outcome is None or not called.arguments:
            continue
        if called.arguments[0][0].unpack or not _may_be_empty(called):
            continue
        if isinstance(called.arguments[0][0].value, s.Attribute):
            continue  # what an object's methods add to its list is not followed
        if outcome is _NONE and _is_dropped(event.function, node):
            continue
        if all(isinstance(value, Container) and value.empty for value in called.arguments[0][1]):
            yield Problem(node, f"the list of tasks is empty, {outcome}")
            continue
        argument = called.arguments[0][0].value
        names = _sources(event.function, argument)
        sources = names - {event.site.context or ""}  # a condition on the context says nothing of the list
        if names and not _is_guarded(event.function, called, sources) and not _is_window(event.function, sources):
            yield Problem(node, f"nothing rules out an empty list of tasks, {outcome}")


def _is_dropped(function: s.Function, call: s.Call) -> bool:
    """Whether nothing looks at the results."""
    return any(
        isinstance(node, s.Evaluate) and isinstance(node.value, s.Suspend) and node.value.value is call
        for node in s.walk(function.body)
    )


def _may_be_empty(called: Called) -> bool:
    """Whether the argument is a list, known to the analysis, that has not been shown to have items."""
    values = called.arguments[0][1]
    containers = [value for value in values if isinstance(value, Container)]
    return bool(containers) and len(containers) == len(values) and any(value.empty is not False for value in containers)


def _sources(function: s.Function, argument: s.Expression) -> set[str]:
    """Names whose emptiness decides: the list itself, and what it is built from."""
    names = {part.id for part in s.walk(_iterables(argument)) if isinstance(part, s.Name)}
    if isinstance(argument, s.Name):
        names.add(argument.id)
    for _ in range(3):
        for node in s.walk(function.body):
            if isinstance(node, s.Assign) and node.value is not None:
                if any(isinstance(target, s.Name) and target.id in names for target in node.targets):
                    names |= {part.id for part in s.walk(_iterables(node.value)) if isinstance(part, s.Name)}
            elif isinstance(node, s.Loop) and node.target is not None and _appends_to(node.body, names):
                names |= {part.id for part in s.walk(node.subject) if isinstance(part, s.Name)}
    return names


def _iterables(node: s.Expression) -> tuple[s.Node, ...]:
    """The parts of an expression that decide whether it has items."""
    match node:
        case s.Comprehension():
            return tuple(clause.iterable for clause in node.clauses)
        case s.Call(function=s.Attribute(value=s.Name() as owner)):
            return (owner, *(argument.value for argument in node.arguments))
        case s.Call():
            return tuple(argument.value for argument in node.arguments)
        case s.Name() | s.Subscript() | s.Attribute() | s.Operation():
            return (node,)
    return ()


def _appends_to(body: s.Block, names: set[str]) -> bool:
    return any(
        isinstance(node, s.Call)
        and isinstance(node.function, s.Attribute)
        and node.function.attr in ("append", "extend", "add")
        and isinstance(node.function.value, s.Name)
        and node.function.value.id in names
        for node in s.walk(body)
    )


def _is_guarded(function: s.Function, called: Called, names: set[str]) -> bool:
    """Whether a condition before or around the call looks at one of the names."""
    for node in s.walk(function.body):
        match node:
            case s.If() | s.Conditional() if node.start <= called.node.start and mentions(node.test, names):
                return True
            case s.Loop(target=None) if node.start < called.node.start < node.end and mentions(node.subject, names):
                return True
            case s.Operation(operator="assert") if node.start < called.node.start and mentions(node, names):
                return True
    return False


def _slices(part: s.Node, loop: s.Loop, names: set[str]) -> bool:
    """`window = items.slice(start, …)` in a loop whose condition asks for the length of `items`."""
    match part:
        case s.Assign(
            targets=(s.Name(id=name),), value=s.Call(function=s.Attribute(attr="slice", value=s.Name(id=of)))
        ):
            return name in names and mentions(loop.subject, {of})
    return False


def _is_window(function: s.Function, names: set[str]) -> bool:
    """Whether the items are a slice taken in a loop over the positions of a list: never empty."""
    for node in s.walk(function.body):
        if isinstance(node, s.Loop) and node.target is None and any(_slices(part, node, names) for part in node.body):
            return True
        if isinstance(node, s.Loop) and node.target is not None:
            counted = isinstance(node.subject, s.Call) and s.dotted(node.subject.function) == "range"
            for part in s.walk(node.body):
                if not (isinstance(part, s.Assign) and isinstance(part.value, s.Subscript) and counted):
                    continue
                if any(isinstance(target, s.Name) and target.id in names for target in part.targets):
                    return True
            if mentions(node.target, names) and not counted:
                return True
    return False

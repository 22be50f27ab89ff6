"""What moved code reads, assigns and changes. It works on copies of what it is passed, so it must change none of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.moves import Place
from determinism_lint.analysis.scopes import bound_names
from determinism_lint.languages.python.extraction.json import COPIES

_RETURNED = "return"
"""Stands for a variable that gets what the activity returns."""


def last_of(nodes: Sequence[s.Node]) -> s.Node:
    """The last thing that moved code does."""
    node = nodes[-1]
    return last_of(node.body) if isinstance(node, s.With) else node


def assigned_in(nodes: Sequence[s.Node]) -> list[str]:
    """The variables that moved code assigns."""
    return list(dict.fromkeys(name for _, name in _steps(nodes) if name is not None))


def _steps(nodes: Sequence[s.Node]) -> Iterator[tuple[s.Expression, str | None]]:
    """The expressions that are evaluated, in order, and the variables that get their values."""
    for node in nodes:
        match node:
            case s.Assign(targets=(s.Name(id=name),), value=value) if value is not None:
                yield value, name
            case s.With(items=items, body=body):
                for value, entered in items:
                    yield value, entered.id if isinstance(entered, s.Name) else None
                yield from _steps(body)
            case s.Evaluate(value=value):
                yield value, None
            case s.Return(value=value) if value is not None:
                yield value, _RETURNED
            case _ if isinstance(node, s.Expression):
                yield node, _RETURNED


def inputs_of(
    nodes: tuple[s.Node, ...], result: str | None, place: Place, calls: Collection[s.Node]
) -> tuple[str, ...] | None:
    """What code must be passed to run elsewhere; None where that would not be the same.

    Args:
        result: the variable whose value comes back, where there is one.
        calls: the calls that run functions of the project.
    """
    local = bound_names(place.orchestrator)
    inputs: dict[str, None] = {}
    assigned: set[str] = set()
    shared: set[str] = set()
    """Variables that hold what the orchestrator holds as well, or a part of it."""
    for expression, target in _steps(nodes):
        inputs.update(dict.fromkeys(name for name in _names_in(expression) if name in local and name not in assigned))
        given = shared.union(inputs)
        if any(node in calls and not given.isdisjoint(_names_in(node)) for node in s.walk(expression)):
            return None  # The function may change what it is passed.
        if target is not None:
            assigned.add(target)
            shared = shared | {target} if _shares(expression, given) else shared - {target}
    if result in shared or _RETURNED in shared:
        return None
    return tuple(inputs) if all(_may_move(part, local, place.module) for part in s.walk(nodes)) else None


def _shares(node: s.Node, names: Collection[str]) -> bool:
    """Whether a value may be, or hold, an object that variables hold or a part of it."""
    match node:
        case s.Name(id=name):
            return name in names
        case s.Subscript(value=value):
            return _shares(value, names)
        case s.Call(function=function) if s.dotted(function) not in COPIES:
            return _shares(function, names)
        case s.Comprehension(elements=elements, clauses=clauses):
            for clause in clauses:
                if _shares(clause.iterable, names):
                    names = {*names, *_names_in(clause.target)}
            return any(_shares(element, names) for element in elements)
    return not isinstance(node, s.Template) and any(_shares(child, names) for child in s.children(node))


def _names_in(node: s.Node) -> list[str]:
    return [part.id for part in s.walk(node) if isinstance(part, s.Name)]


_CHANGING = re.compile("add|append|clear|discard|extend|insert|pop|popitem|remove|reverse|setdefault|sort|update")
"""Methods that change a list, a dictionary or a set, which may be the orchestrator's or the module's."""
_OF_THE_PROCESS = re.compile(
    r"(os\._|sys\.)?exit|quit|input|eval|exec|dir|globals|locals|vars|super|setattr|delattr|signal\..*"
    r"|os\.(abort|chdir|exec|fork|kill|putenv|umask).*|(contextlib\.)?suppress"
)
"""Functions that concern the process or the function in which they are called, or make it skip something."""


def _may_move(node: s.Node, local: frozenset[str], module: s.Module) -> bool:
    match node:
        case s.Suspend() | s.Delegate() | s.Lambda() | s.Bind():
            return False
        case s.Comprehension(clauses=clauses):
            return all(local.isdisjoint(_names_in(clause.target)) for clause in clauses)
        case s.Call(function=function):
            if _OF_THE_PROCESS.fullmatch(s.dotted(function) or ""):
                return False
            if isinstance(function, s.Attribute) and _CHANGING.fullmatch(function.attr):
                root = (s.dotted(function) or "").partition(".")[0]
                return any(isinstance(each, s.Import) and each.local == root for each in module.body)
    return True

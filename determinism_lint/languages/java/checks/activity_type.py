"""The result type at a call, compared with what the activity returns."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.declarations import Declared
from determinism_lint.analysis.events import Called, Problem
from determinism_lint.analysis.facts import Located, ProjectFacts
from determinism_lint.analysis.sdk import Kind
from determinism_lint.analysis.values import text

_NUMBERS = frozenset({"Byte", "Double", "Float", "Integer", "Long", "Short", "byte", "double", "float", "int", "long"})
_PLAIN = _NUMBERS | {"Boolean", "String", "boolean"}
_ARRAYS = frozenset({"array", "List", "ArrayList", "Collection", "Set"})


def project(facts: ProjectFacts) -> Iterator[Located]:
    activities: dict[str, list[Declared]] = {}
    for declared in facts.survey.declared:
        if declared.kind is Kind.ACTIVITY and declared.name is not None:
            activities.setdefault(declared.name, []).append(declared)
    for called in facts.operations:
        wanted = _wanted(called)
        named = called.argument(0)
        name = None if named is None else text(named[1])
        found = activities.get(name or "", [])
        functions = {id(each.function.node): each.function.node for each in found if each.function is not None}
        if wanted is None or len(functions) != 1 or called.member is None:
            continue
        returned = _returned(next(iter(functions.values())))
        if returned is not None and not _fits(returned, wanted):
            message = f"`{name}` returns `{_shown(returned)}`, which is asked for as `{_shown(wanted)}`"
            yield Located(
                called.site.module, called.member.runtime, Problem(called.node, message), called.site.function
            )


def _wanted(called: Called) -> str | None:
    """The class that a call of an activity names for its result."""
    if called.member is None or called.member.kind is not Kind.ACTIVITY or len(called.arguments) < 2:
        return None
    last = called.arguments[-1][0].value
    return _name(last.value) if isinstance(last, s.Attribute) and last.attr == "class" else None


def _name(node: s.Expression | None) -> str | None:
    match node:
        case s.Subscript(value=s.Name(id="%array")):
            return "array"
        case s.Subscript(value=value):
            return _name(value)
    written = s.dotted(node)
    return None if written is None else written.lstrip("%").rsplit(".", 1)[-1]


def _returned(node: s.Function) -> str | None:
    declared = _name(node.returns)
    if declared is not None and declared != "Object":
        return declared
    found = {_of(each.value) for each in s.walk(node.body) if isinstance(each, s.Return)}
    return found.pop() if len(found) == 1 else None


def _of(node: s.Expression | None) -> str | None:
    match node:
        case s.Constant(value=str()):
            return "String"
        case s.Operation(operator="+", operands=operands):
            return "String" if any(_of(each) == "String" for each in operands) else None
    return None


def _fits(returned: str, wanted: str) -> bool:
    """Whether the converter can make one of the other, as far as the names tell."""
    if wanted in _ARRAYS:
        return returned not in _PLAIN
    if wanted in _PLAIN and returned in _ARRAYS:
        return False
    return not (returned == "String" and wanted in _NUMBERS)


def _shown(name: str) -> str:
    return "an array" if name == "array" else name

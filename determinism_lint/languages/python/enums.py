"""Members of the project's enumerations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.values import ClassValue, FunctionValue, Literal, ObjectValue, Values, join

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.machine import Machine

_PLAIN = frozenset({"enum.Enum", "enum.Flag"})
"""Those that mix in `str` or `int` have members that are what they stand for."""


def is_enum(machine: Machine, value: ClassValue) -> bool:
    bases = machine.external_bases(value)
    return bool(bases) and _PLAIN.issuperset(bases)


def member(machine: Machine, value: ClassValue, name: str) -> Values:
    """The member of that name, if the class is an enumeration that has one."""
    return _member(value, name) if is_enum(machine, value) else ()


def _member(value: ClassValue, name: str) -> Values:
    assigned = {
        target.id
        for node in value.node.body
        if isinstance(node, s.Assign) and node.value is not None
        for target in node.targets
        if isinstance(target, s.Name)
    }
    stands_for = value.scope.names.get(name, ())
    if name not in assigned or name.startswith("_") or any(isinstance(item, FunctionValue) for item in stands_for):
        return ()
    return (ObjectValue(value, given=(("name", (Literal(name),)), ("value", stands_for))),)


def members(machine: Machine, value: ClassValue) -> Values:
    """All members of an enumeration; none of another class."""
    if not is_enum(machine, value):
        return ()
    return join(*(_member(value, name) for name in value.scope.names))

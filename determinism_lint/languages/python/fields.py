"""Fields of classes whose constructor is generated, such as those of dataclasses, named tuples and models."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.interpreter import calls, expressions
from determinism_lint.analysis.interpreter.fields import holding
from determinism_lint.analysis.values import UNKNOWN, Arguments, ClassValue, External, ObjectValue, Values

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.machine import Machine
    from determinism_lint.analysis.interpreter.statements import Activation

DESCRIPTIONS = frozenset({"field", "Field", "PrivateAttr", "Factory", "ib", "attrib"})
"""Functions that describe a field: of dataclasses, pydantic and attrs."""


def filled(machine: Machine, made: ObjectValue, arguments: Arguments, caller: Activation) -> ObjectValue:
    """A new object with what its constructor puts into its fields: arguments, and the defaults of those left out."""
    declared = _fields(machine, made.of)
    given = dict(zip(declared, arguments.positional, strict=False))
    given.update((name, values) for name, values in arguments.keywords if name in declared)
    if not arguments.unpacked:
        for owner in {id(owner): owner for owner in declared.values()}.values():
            names = {name for name, definer in declared.items() if definer is owner}
            given.update(caller.field_defaults(owner, names - given.keys()))
    if any(machine.class_attribute(made.of, name) for name in ("__init__", "__new__")):
        return made
    places: dict[str, int | str] = {name: position for position, name in enumerate(declared)}
    places.update((name, name) for name, _ in arguments.keywords)
    passed = set(list(declared)[: len(arguments.positional)]) | {name for name, _ in arguments.keywords}
    present = {name for name in passed & given.keys() if arguments.is_given(places[name], given[name])}
    return replace(holding(made, given), present=frozenset(present))


def _fields(machine: Machine, value: ClassValue) -> dict[str, ClassValue]:
    """The annotated names of a class and its bases, in the order of the constructor, with what defines them."""
    found: dict[str, ClassValue] = {}
    for owner in reversed(machine.order(value)):
        if not isinstance(owner, ClassValue):
            continue
        for statement in owner.node.body:
            if isinstance(statement, s.Assign) and isinstance(statement.targets[0], s.Name):
                name = statement.targets[0].id
                if statement.annotation is not None or name in found or is_described(statement.value):
                    found[name] = owner
    return found


def is_described(value: s.Expression | None) -> bool:
    """Whether a class body's value describes a field, so that each object has its own: `field(…)`, `attr.ib(…)`."""
    return isinstance(value, s.Call) and (s.dotted(value.function) or "").rsplit(".", 1)[-1] in DESCRIPTIONS


def field_default(run: Activation, node: s.Call) -> Values:
    """`field(default_factory=f)`: constructing an object calls `f`; returns what that makes."""
    callee, _ = calls.callee_of(run, node.function)
    names = {value.name.rsplit(".", 1)[-1] for value in callee if isinstance(value, External)}
    if not names & DESCRIPTIONS:
        return expressions.evaluate(run, node)
    made = UNKNOWN
    for position, argument in enumerate(node.arguments):
        if argument.keyword in ("default_factory", "factory") or ("Factory" in names and position == 0):
            made = expressions.evaluate(run, s.Call(argument.start, argument.end, argument.value, ()))
        elif argument.keyword == "default" and isinstance(argument.value, s.Call):
            made = field_default(run, argument.value)
    return made

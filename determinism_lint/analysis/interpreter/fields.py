"""Fields of classes whose constructor is generated, such as those of dataclasses, named tuples and models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.values import (
    Ambient,
    Arguments,
    ClassValue,
    Container,
    Literal,
    ObjectValue,
    Value,
    Values,
    is_present,
)
from determinism_lint.languages.python import library

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


def constructed(value: ObjectValue, attributes: Mapping[str, Values | None]) -> ObjectValue:
    """The object with what its constructor gave to its attributes; None stands for what is taken as given."""
    given = {name: values for name, values in value.given if name not in attributes}
    present = value.present - frozenset(attributes)
    for name, values in attributes.items():
        if values is None or (values and all(map(is_present, values))):
            present |= {name}
        if not values:
            given[name] = ()
        elif all(_is_followed(item, value) for item in values):
            given[name] = tuple(map(_bare, values))
    return replace(value, given=tuple(given.items()), present=present)


def holding(value: ObjectValue, given: Mapping[str, Values], *, literals: bool = False) -> ObjectValue:
    """The object with some attributes of its own, as far as they can be called or hold what can.

    Plain data may change on its way through a constructor, so that nothing is concluded from it.
    """
    known = {
        name: library.shared(kept) if value.shared else kept
        for name, values in given.items()
        if (kept := tuple(_bare(item) for item in values if literals or _is_followed(item, value)))
    }
    return replace(value, given=tuple({**dict(value.given), **known}.items()))


def _is_followed(item: Value, owner: ObjectValue) -> bool:
    match item:
        case Literal():
            return False
        case Ambient():
            return owner.shared
        case Container():
            return any(_is_followed(part, owner) for part in item.items)
    return True


def _bare(item: Value, depth: int = 2) -> Value:
    """A value without what objects hold deep in it, so that chains of objects come to an end."""
    match item:
        case ObjectValue() if not depth:
            return item.bare()
        case ObjectValue():
            below = ((name, tuple(_bare(part, depth - 1) for part in values)) for name, values in item.given)
            return replace(item, given=tuple(below))
        case Container():
            return replace(
                item,
                items=tuple(_bare(part, depth) for part in item.items),
                elements=tuple(tuple(_bare(part, depth) for part in element) for element in item.elements),
            )
    return item


def _fields(machine: Machine, value: ClassValue) -> dict[str, ClassValue]:
    """The annotated names of a class body, in the order of the constructor, with the class that defines them."""
    found: dict[str, ClassValue] = {}
    for base in reversed(machine.bases(value)):
        if isinstance(base, ClassValue):
            found.update(_fields(machine, base))
    for statement in value.node.body:
        if isinstance(statement, s.Assign) and isinstance(statement.targets[0], s.Name):
            name = statement.targets[0].id
            if statement.annotation is not None or name in found or is_described(statement.value):
                found[name] = value
    return found


def is_described(value: s.Expression | None) -> bool:
    """Whether a class body's value describes a field, so that each object has its own: `field(…)`, `attr.ib(…)`."""
    return isinstance(value, s.Call) and (s.dotted(value.function) or "").rsplit(".", 1)[-1] in DESCRIPTIONS

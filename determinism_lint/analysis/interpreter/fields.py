"""What single objects hold, beside what all objects of their class do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from determinism_lint.analysis.derived import shared
from determinism_lint.analysis.values import Ambient, Container, Literal, ObjectValue, Value, Values, cut, is_present


def constructed(value: ObjectValue, attributes: Mapping[str, Values | None], plain: frozenset[str]) -> ObjectValue:
    """The object with what its constructor gave to its attributes; None stands for what is taken as given."""
    given = {name: values for name, values in value.given if name not in attributes}
    present = value.present - frozenset(attributes)
    for name, values in attributes.items():
        if values is None or (values and all(is_present(each, plain) for each in values)):
            present |= {name}
        if not values:
            given[name] = ()
        elif all(_is_followed(item, value) for item in values):
            given[name] = tuple(map(_bare, values))
    return cut(replace(value, given=tuple(given.items()), present=present))


def holding(value: ObjectValue, given: Mapping[str, Values], *, literals: bool = False) -> ObjectValue:
    """The object with some attributes of its own, as far as they can be called or hold what can.

    Plain data may change on its way through a constructor, so that nothing is concluded from it.
    """
    known = {
        name: shared(kept) if value.shared else kept
        for name, values in given.items()
        if (kept := tuple(_bare(item) for item in values if literals or _is_followed(item, value)))
    }
    return cut(replace(value, given=tuple({**dict(value.given), **known}.items())))


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

"""Values that are made from other values, in every language alike."""

from __future__ import annotations

from dataclasses import replace

from determinism_lint.analysis.values import UNKNOWN, Ambient, Container, FunctionValue, Values, join


def items_of(values: Values) -> Values:
    """What iterating over a value yields; the keys of a dict are not followed."""
    return join(*[value.items for value in values if isinstance(value, Container) and value.kind != "dict"])


def pair(*elements: Values) -> Container:
    """A tuple of known length."""
    return Container("tuple", join(*elements), False, elements)


def ambient(*arguments: Values) -> Values:
    """The ambient part of some values, which derived values inherit."""
    return tuple(dict.fromkeys(value for values in arguments for value in values if isinstance(value, Ambient)))


def shared(values: Values) -> Values:
    """These values, with collections that outlive every call."""
    return tuple(
        replace(
            value,
            items=shared(value.items),
            elements=tuple(shared(element) for element in value.elements),
            shared=True,
        )
        if isinstance(value, Container)
        else value
        for value in values
    )


def copied(values: Values, *, deeply: bool) -> Values:
    """Copies, which no longer belong to what they were taken from."""
    return tuple(
        replace(
            value,
            items=copied(value.items, deeply=True) if deeply else value.items,
            elements=tuple(copied(element, deeply=True) if deeply else element for element in value.elements),
            shared=False,
        )
        if isinstance(value, Container)
        else value
        for value in values
    )


def with_role(name: str, values: Values) -> Values:
    """Functions as `property(function)` and the like make them."""
    role = name.rsplit(".", 1)[-1]
    return tuple(replace(value, role=role) if isinstance(value, FunctionValue) else value for value in values)


def set_operation(operator: str, left: Values, right: Values) -> Values:
    """`a | b` and the like: a set when either side is one, or the keys of a dict."""
    sets = [value for value in (*left, *right) if isinstance(value, Container) and value.kind in ("keys", "set")]
    if not sets:
        return UNKNOWN
    sides = (left,) if operator == "-" else (left, right)
    known = all(items_of(side) for side in sides)
    return (Container("set", join(*map(items_of, sides)) if known else UNKNOWN),)

"""Changes in place: what a collection holds after a method or an assignment changed it, wherever it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import is_
from typing import TYPE_CHECKING, TypeAlias

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.derived import items_of, shared
from determinism_lint.analysis.interpreter import expressions
from determinism_lint.analysis.values import (
    ClassValue,
    Container,
    ModuleValue,
    ObjectValue,
    Value,
    Values,
    join,
    literal,
    mixed,
)

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.statements import Activation

Key: TypeAlias = str | int | float | bool | None
"""A key or index; None when it is not known."""


def grow(run: Activation, target: s.Expression, method: str, arguments: list[tuple[str | None, Values]]) -> None:
    """`target.method(…)` changes a collection; each argument with its keyword, if it has one."""
    given = [values for keyword, values in arguments if keyword is None]
    keywords = {keyword: values for keyword, values in arguments if keyword is not None}
    named = of_keywords(keywords) if keywords else None
    change(run, target, lambda value: run.machine.language.grown(value, method, given, named))


def assign(run: Activation, target: s.Subscript, values: Values) -> None:
    """`target[key] = values`."""
    sliced = is_slice(target)
    key = _key(run, target)
    own = isinstance(target.value, s.Name) and run.scope.owner(target.value.id) is run.scope

    def changed(value: Value) -> Value:
        if sliced:
            return extended(value, values) if isinstance(value, Container) else value
        return put(value, key, values, over=own) if isinstance(value, Container) else value

    change(run, target.value, changed)


def is_slice(node: s.Subscript) -> bool:
    return any(isinstance(part, s.Collection) and part.kind == "slice" for part in node.index)


def attach(run: Activation, owner: ClassValue | ModuleValue, name: str, values: Values) -> None:
    """`owner.name = values` from outside: it may be this or what it was."""
    for names in _namespaces(run, owner, name):
        names[name] = mixed(names.get(name, ()), shared(values) if isinstance(owner, ModuleValue) else values)


def change(run: Activation, target: s.Expression, how: Callable[[Value], Value]) -> None:
    """Whatever `target` refers to changes in place."""
    match target:
        case s.Name():
            owner = run.scope.owner(target.id)
            if owner is not None and target.id in owner.names:
                run.registers(owner)
                owner.names[target.id] = tuple(dict.fromkeys(map(how, owner.names[target.id])))
        case s.Attribute():
            for value in expressions.reference(run, target.value):
                if not isinstance(value, (ObjectValue, ClassValue, ModuleValue)):
                    continue
                for names in _namespaces(run, value, target.attr):
                    before = names.get(target.attr, ())
                    if not before and isinstance(value, ObjectValue):
                        before = run.machine.instance_attribute(value, target.attr)
                    names[target.attr] = tuple(dict.fromkeys(map(how, before)))
        case s.Subscript():
            key = _key(run, target)

            def inside(outer: Value) -> Value:
                if not isinstance(outer, Container):
                    return outer
                return put(outer, key, tuple(map(how, outer.element(key))), over=True)

            change(run, target.value, inside)


def _namespaces(run: Activation, owner: Value, name: str) -> Iterator[dict[str, Values]]:
    """The tables of names in which `owner.name` is looked up."""
    match owner:
        case ModuleValue():
            loaded = run.machine.module(owner.path) if owner.path in run.machine.files else None
            if loaded is not None:
                yield loaded.scope.names
        case ClassValue():
            yield (run.machine.definer(owner, name) or owner).scope.names
        case ObjectValue():
            definer = run.machine.definer(owner.of, name)
            if definer is not None and not run.machine.assigned_attribute(owner.of, name):
                yield definer.scope.names
                return
            yield owner.of.scope.attributes
            if owner.fresh:
                yield owner.of.scope.fresh


def _key(run: Activation, target: s.Subscript) -> Key:
    if len(target.index) != 1 or not isinstance(target.index[0], (s.Constant, s.Name, s.Attribute)):
        return None
    node = target.index[0]
    if isinstance(node, s.Constant):
        return node.value if isinstance(node.value, (str, int, float)) else None
    return literal(expressions.reference(run, node))


def added(value: Container, item: Values) -> Container:
    """A collection after one more item came to it."""
    return replace(value, items=_kept(value, item), elements=(), keys=(), empty=False)


def extended(value: Container, others: Values) -> Container:
    """A collection after the items of others came to it."""
    filled = any(isinstance(other, Container) and other.empty is False for other in others)
    empty = False if filled or value.empty is False else None
    return replace(value, items=_kept(value, items_of(others)), elements=(), keys=(), empty=empty)


def updated(value: Container, others: Values, named: Container | None = None) -> Container:
    """A dict after what others map, and what is named, came to it."""
    dicts = [other for other in (*others, named) if isinstance(other, Container) and other.kind == "dict"]
    known = len(dicts) == len(others) + (named is not None)
    for other in dicts:
        value = merged(value, other)
    return value if known and dicts else replace(value, elements=(), keys=(), empty=value.empty and None)


def reordered(value: Container) -> Container:
    """A collection whose items are in another order."""
    return replace(value, elements=(), keys=())


def shrunk(value: Container) -> Container:
    """A collection from which something was taken."""
    return replace(value, elements=(), keys=(), empty=None)


def put(value: Container, key: Key, given: Values, *, over: bool) -> Container:
    """`value[key] = given`; unless `over`, it may still be what it was."""
    items = _kept(value, given)
    given = shallow(shared(given) if value.shared else given)
    elements = list(value.elements)
    keys = value.keys
    if value.kind == "dict" and key is not None and _has_known_keys(value):
        if key in keys:
            position = keys.index(key)
            elements[position] = given if over else mixed(elements[position], given)
            items = shallow(mixed(*elements)) if value.empty is False else items
        elif len(keys) < EXACT:
            keys, elements = (*keys, key), [*elements, given]
        else:
            keys, elements = (), []
        empty = None if value.empty is None else False
        return replace(value, items=items, elements=tuple(elements), keys=keys, empty=empty)
    return replace(value, items=items, elements=(), keys=(), empty=False)


def _kept(value: Container, given: Values) -> Values:
    """What a collection may hold once something is added to it."""
    held = (value.items,) if value.items or not value.empty else ()
    return shallow(mixed(*held, shared(given) if value.shared else given))


EXACT = 32
"""Collections longer than this are known by what they may hold, not position by position."""


def _has_known_keys(value: Container) -> bool:
    """Whether each key of a dict is known, but for those that there may be beyond."""
    return None not in value.keys if value.keys else value.empty is True


def _is_exact(value: Container) -> bool:
    """Whether all keys of a dict are known."""
    return value.empty is not None and _has_known_keys(value)


def merged(left: Container, right: Container) -> Container:
    """`{**left, **right}`."""
    if _is_exact(left) and _is_exact(right):
        for key, element in zip(right.keys, right.elements, strict=True):
            left = put(left, key, element, over=True)
        return left
    if right.empty:
        return left
    empty = False if left.empty is False or right.empty is False else None
    return replace(left, items=_kept(left, right.items), elements=(), keys=(), empty=empty)


def of_keywords(keywords: dict[str, Values]) -> Container:
    """`{"a": …, "b": …}`."""
    return Container("dict", join(*keywords.values()), not keywords, tuple(keywords.values()), tuple(keywords))


def shallow(values: Values, depth: int = 2) -> Values:
    """Cut nested collections off, so that growth in a loop comes to an end."""
    if not any(isinstance(value, Container) for value in values):
        return values
    if depth == 0:
        return tuple(value for value in values if not isinstance(value, Container))
    made = tuple([_shallow(value, depth - 1) if isinstance(value, Container) else value for value in values])
    return values if all(map(is_, made, values)) else made


def _shallow(value: Container, depth: int) -> Container:
    items, elements = shallow(value.items, depth), [shallow(element, depth) for element in value.elements]
    if items is value.items and all(map(is_, elements, value.elements)):
        return value
    return replace(value, items=items, elements=tuple(elements))

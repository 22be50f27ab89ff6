"""Collections, streams and objects: their attributes and methods."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Iterated
from determinism_lint.analysis.frontend import Passed
from determinism_lint.analysis.interpreter import calls, changes
from determinism_lint.analysis.sdk import Kind
from determinism_lint.analysis.values import (
    UNKNOWN,
    ClassValue,
    Container,
    Context,
    External,
    FunctionValue,
    Member,
    ObjectValue,
    Value,
    Values,
    join,
)
from determinism_lint.languages.java.library import HASHED, STREAM_METHODS, UNORDERED
from determinism_lint.languages.java.parse import ABSTRACT

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.statements import Activation

_SAME = frozenset({"boxed", "distinct", "filter", "limit", "peek", "skip", "stream", "subList", "takeWhile", "toList"})
_SORTED = frozenset({"reversed", "sorted"})
_ONE = frozenset({"element", "findFirst", "get", "getFirst", "getLast", "next", "peekFirst", "poll", "pop", "remove"})
_MAPPED = frozenset({"flatMap", "map", "mapToDouble", "mapToInt", "mapToLong", "mapToObj"})
_ORDERED = frozenset({"forEach", "forEachOrdered", "iterator", "stream", "toArray"})
_CALLABLE = frozenset({"accept", "apply", "applyAsInt", "applyAsLong", "call", "get", "run", "test"})
"""The methods of interfaces that a lambda stands for."""


def attribute(run: Activation, node: s.Attribute, value: Value) -> Values:
    """Attributes of built-in values and overloaded methods."""
    match value:
        case Container() if node.attr == "parallelStream":
            return (External("java.util.Collection.parallelStream"),)
        case Container() if node.attr == "parallel":
            return (External("java.util.stream.Stream.parallel"),)
        case Context(runtime=runtime):
            kind_of = runtime.members.get(node.attr)
            if kind_of in (Kind.REPLAYING, Kind.NAMESPACE):
                return (Member(node.attr, kind_of, runtime),)
        case FunctionValue() if node.attr in _CALLABLE and _is_called(run, node):
            return (value,)
        case ClassValue() | ObjectValue():
            return _method(run, node, value)
    return UNKNOWN


def _is_called(run: Activation, node: s.Attribute) -> bool:
    call = run.ancestors[-1] if run.ancestors else None
    return isinstance(call, s.Call) and call.function is node


def _method(run: Activation, node: s.Attribute, value: ClassValue | ObjectValue) -> Values:
    """The overload that takes as many arguments; the method of the only class that implements an interface."""
    call = run.ancestors[-1] if run.ancestors else None
    if not isinstance(call, s.Call) or call.function is not node:
        return UNKNOWN
    kind = value.of if isinstance(value, ObjectValue) else value
    found = run.machine.class_attribute(kind, f"{node.attr}/{len(call.arguments)}")
    is_open = isinstance(value, ObjectValue) and is_interface(kind)
    if not found and is_open and not run.machine.class_attribute(kind, node.attr):
        kinds = implementations(run, kind)
        if len(kinds) != 1:
            return UNKNOWN
        value = ObjectValue(kinds[0])
        found = run.machine.class_attribute(kinds[0], f"{node.attr}/{len(call.arguments)}")
        found = found or run.machine.class_attribute(kinds[0], node.attr)
    made: list[Value] = []
    for item in found:
        if not isinstance(item, FunctionValue) or item.receiver is not None:
            continue
        static = item.node.role == "staticmethod" or isinstance(value, ClassValue)
        made.append(item if static else item.bound_to(value))
    return tuple(made)


def is_interface(kind: ClassValue) -> bool:
    """Whether a class is declared as an interface."""
    return any(s.dotted(each) == ABSTRACT for each in kind.node.decorators)


def implementations(run: Activation, interface: ClassValue) -> list[ClassValue]:
    """The classes of the files that were read so far that implement an interface."""
    return [kind for kind in run.machine.defined if interface in run.machine.order(kind)[1:] and not is_interface(kind)]


def classes_in(names: dict[str, Values]) -> list[ClassValue]:
    """The classes among the names of a file or class, and in them."""
    found: list[ClassValue] = []
    for name, values in list(names.items()):
        for value in values:
            if isinstance(value, ClassValue) and value.node.name == name and value.scope.names is not names:
                found.append(value)
                found.extend(inner for inner in classes_in(value.scope.names) if inner.scope.parent is value.scope)
    return found


def method_result(run: Activation, node: s.Call, value: Container, name: str, arguments: Passed) -> Values:
    """What a method of a collection or stream, or of what may be one, returns, after running what it is passed."""
    first = arguments[0][1] if arguments else UNKNOWN
    if name in _ORDERED and value.kind in (UNORDERED, HASHED):
        run.emit(lambda site: Iterated(node, (value,), site))
    callbacks = tuple(v for _, values in arguments for v in values if not isinstance(v, Container))
    made = UNKNOWN
    if callbacks and name in STREAM_METHODS:
        passed = [value.items] if name not in ("reduce", "computeIfAbsent", "computeIfPresent") else None
        made = calls.run_callbacks(run, node, callbacks, passed if value.items else None)
    if name in _MAPPED:
        flat = join(*(v.items if isinstance(v, Container) else (v,) for v in made)) if name == "flatMap" else made
        return (
            Container("list", changes.shallow(flat), False if name != "flatMap" and value.empty is False else None),
        )
    if name == "sorted":
        return (replace(value, kind="list", elements=(), shared=False),)
    if name in _SAME or name in _SORTED:
        kind = "list" if name == "stream" else value.kind
        return (replace(value, kind=kind, elements=(), empty=None if name == "filter" else value.empty, shared=False),)
    if name == "collect":
        return (replace(value, elements=(), shared=False),) if not first else (replace(value, shared=False),)
    if name in _ONE:
        return value.items
    if name in ("reduce", "orElseGet"):
        return made
    return UNKNOWN


def grown(value: Value, method: str, given: list[Values], named: Container | None) -> Value:
    """What a collection is after one of its methods changed it."""
    if not isinstance(value, Container):
        return value
    match method:
        case "add" | "addFirst" | "addLast" | "offer" | "push":
            return changes.added(value, given[-1] if given else UNKNOWN)
        case "addAll":
            return changes.extended(value, given[-1]) if given else value
        case "sort":
            return changes.reordered(value)
    return changes.shrunk(value)

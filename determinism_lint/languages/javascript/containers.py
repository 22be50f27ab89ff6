"""Objects and arrays: their attributes and methods."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.frontend import Passed
from determinism_lint.analysis.interpreter import calls, changes
from determinism_lint.analysis.values import UNKNOWN, Ambient, Container, External, FunctionValue, Value, Values, join
from determinism_lint.languages.javascript.library import PROMISE_METHODS, qualified

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.statements import Activation

_SAME = frozenset({"filter", "slice", "reverse", "toReversed", "toSorted", "sort", "flat", "toSpliced", "with"})
_ONE = frozenset({"find", "findLast", "pop", "shift", "at"})
_MAPPED = frozenset({"map", "flatMap"})


def attribute(run: Activation, node: s.Attribute, value: Value) -> Values:
    """Attributes of built-in values that have a meaning of their own."""
    match value:
        case Container(kind="dict"):
            if node.attr in value.keys:
                return value.elements[value.keys.index(node.attr)]
            return UNKNOWN if value.keys and None not in value.keys else value.items
        case External(name="process.env" | "Bun.env") if not run.flags.judged:
            # read once, when the module is imported
            return (Ambient(qualified(value.name, node.attr), (run.scope.module.path, node.start)),)
        case FunctionValue() if node.attr in ("call", "bind"):
            return (value,)
    return UNKNOWN


def method_result(run: Activation, node: s.Call, value: Container, name: str, arguments: Passed) -> Values:
    """What a method of an array, or of what may be one, returns, after running what it is passed."""
    if value.kind == "dict":
        return UNKNOWN
    first = arguments[0][1] if arguments else UNKNOWN
    callbacks = tuple(v for v in first if not isinstance(v, Container))
    made = UNKNOWN
    if callbacks and (name in run.library.assumed_methods):
        passed = [value.items] if name not in ("reduce", "reduceRight", "sort", "toSorted") else None
        made = calls.run_callbacks(run, node, callbacks, passed if value.items else None)
    if name in PROMISE_METHODS:
        return UNKNOWN
    if name in _MAPPED:
        flat = join(*(v.items if isinstance(v, Container) else (v,) for v in made)) if name == "flatMap" else made
        return (Container("list", changes.shallow(flat), False if name == "map" and value.empty is False else None),)
    if name in _SAME:
        empty = None if name in ("filter", "slice") else value.empty
        return (replace(value, elements=(), empty=empty, shared=False),)
    if name in _ONE:
        return value.items
    if name == "concat":
        others = join(*(v.items if isinstance(v, Container) else (v,) for _, values in arguments for v in values))
        empty = False if value.empty is False else None
        return (Container("list", join(value.items, others), empty),)
    if name in ("reduce", "reduceRight"):
        return made
    if name in ("keys", "values", "entries"):
        return (Container("list", value.items if name == "values" else UNKNOWN),)
    return UNKNOWN


def grown(value: Value, method: str, given: list[Values], named: Container | None) -> Value:
    """What an array is after one of its methods changed it."""
    if not isinstance(value, Container) or value.kind == "dict":
        return value
    match method:
        case "push" | "unshift":
            for item in given:
                value = changes.added(value, item)
            return value
        case "splice":
            for item in given[2:]:
                value = changes.added(value, item)
            return changes.shrunk(value)
        case "sort" | "reverse":
            return changes.reordered(value)
    return changes.shrunk(value)

"""Methods of Python's collections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.derived import copied, items_of, pair
from determinism_lint.analysis.events import Iterated
from determinism_lint.analysis.frontend import Passed
from determinism_lint.analysis.interpreter import calls, changes, expressions
from determinism_lint.analysis.values import UNKNOWN, Container, Value, Values, join, literal, mixed

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.statements import Activation


def method_result(run: Activation, node: s.Call, value: Container, name: str, arguments: Passed) -> Values:
    """What a method of a built-in collection returns."""
    first = arguments[0][1] if arguments else UNKNOWN
    if name == "copy":
        return copied((value,), deeply=False)
    if name == "sort":
        for argument in node.arguments:
            calls.run_callbacks(run, node, expressions.reference(run, argument.value))
    if name == "values":
        return (Container("list", value.items, value.empty),)
    if name == "items":
        return (Container("list", (pair(UNKNOWN, value.items),), value.empty),)
    if name == "keys":
        return (Container("keys", UNKNOWN, value.empty),)
    if name in ("union", "intersection", "difference", "symmetric_difference"):
        return (Container("set", join(value.items, items_of(first))),)
    if name == "extend" and value.kind == "list":
        run.emit(lambda site: Iterated(node.arguments[0], first, site))
    if name == "pop" and value.kind == "set":
        run.emit(lambda site: Iterated(node, (value,), site))
    if name in ("pop", "get", "setdefault") and value.kind == "dict":
        held = value.element(literal(first))
        return held if literal(first) in value.keys else mixed(held, *(values for _, values in arguments[1:2]))
    if name in ("pop", "popleft"):
        return value.items
    return UNKNOWN


def grown(value: Value, method: str, given: list[Values], named: Container | None) -> Value:
    """What a collection is after one of its methods changed it."""
    if not isinstance(value, Container):
        return value
    first = given[0] if given else UNKNOWN
    match method:
        case "append" | "add" | "appendleft":
            return changes.added(value, first)
        case "insert":
            return changes.added(value, given[1] if len(given) > 1 else UNKNOWN)
        case "setdefault":
            key = literal(first)
            held = value.element(key) if key in value.keys else UNKNOWN
            return changes.put(value, key, join(held, *given[1:2]), over=True)
        case "update" if value.kind == "dict":
            return changes.updated(value, first, named)
        case "extend" | "update" | "extendleft":
            return changes.extended(value, first)
        case "sort" | "reverse":
            return changes.reordered(value)
    return changes.shrunk(value)

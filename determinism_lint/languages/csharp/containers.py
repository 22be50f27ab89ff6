"""Collections, LINQ and objects: their attributes and methods, and what the lowering writes as calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.frontend import Maker, Passed
from determinism_lint.analysis.interpreter import calls, changes
from determinism_lint.analysis.values import UNKNOWN, Arguments, Container, Value, Values

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.statements import Activation

LINQ_METHODS: frozenset[str] = frozenset({"ForEach", "Select", "Where"})
"""Methods that call what they are passed, there and then, or when somebody asks for what they return."""
MUTATORS: frozenset[str] = frozenset({"Add", "AddRange", "Clear", "Remove"})


def attribute(run: Activation, node: s.Attribute, value: Value) -> Values:
    """Attributes of built-in values, overloads, static properties, and methods of interfaces."""
    return UNKNOWN


def method_result(run: Activation, node: s.Call, value: Container, name: str, arguments: Passed) -> Values:
    """What a method of a collection, or of what may be one, returns, after running what it is passed."""
    return UNKNOWN


def grown(value: Value, method: str, given: list[Values], named: Container | None) -> Value:
    """What a collection is after one of its methods changed it."""
    return changes.shrunk(value) if isinstance(value, Container) else value


def _base(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    return calls.superclass(run)


MAKERS: Mapping[str, Maker] = {"base": _base}
"""What the lowering writes as calls of names that no program can have."""

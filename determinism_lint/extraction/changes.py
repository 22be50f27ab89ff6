"""What moved code would change outside itself: an activity works on a copy of what it is passed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from determinism_lint import syntax as s
from determinism_lint.extraction.flow import assigned_in
from determinism_lint.scopes import bound_names

_CHANGING = frozenset(
    {
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "popitem",
        "remove",
        "reverse",
        "setdefault",
        "sort",
        "update",
    }
)
_READING = frozenset(
    {
        "copy",
        "count",
        "encode",
        "endswith",
        "find",
        "format",
        "get",
        "get_input",
        "index",
        "isoformat",
        "items",
        "join",
        "keys",
        "lower",
        "lstrip",
        "replace",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "title",
        "upper",
        "values",
    }
)


@dataclass(frozen=True, slots=True)
class Changes:
    """Finds what moved code changes outside itself: an activity would change a copy."""

    nodes: tuple[s.Node, ...]
    local: frozenset[str]
    inputs: frozenset[str]
    """The local names that the code reads before it assigns them."""
    module: s.Module
    calls: Mapping[s.Node, s.Function]

    def any(self) -> bool:
        return any(self._changes(node) for node in s.walk(self.nodes))

    def _changes(self, node: s.Node) -> bool:
        match node:
            case s.Assign(targets=(s.Name() as target,), value=s.Collection() | s.Comprehension(), augmented=True):
                return self._is_of_caller(target)  # a list that grows
            case s.Assign(targets=targets):
                parts = [part for target in targets for part in s.walk(target)]
                stored = [part for part in parts if part in targets and isinstance(part, (s.Subscript, s.Attribute))]
                nested = any(isinstance(part, s.Collection) for part in targets) and any(
                    isinstance(part, (s.Subscript, s.Attribute)) for part in parts
                )
                return nested or not all(self._is_own(part) for part in stored)
            case s.With(items=items):
                return any(isinstance(entered, (s.Subscript, s.Attribute)) for _, entered in items)
            case s.Call(function=s.Attribute(value=value, attr=attr)) if _root(value) not in self._imported():
                if attr not in _READING and (self._is_of_caller(value) or attr in _CHANGING):
                    return not self._is_own(value)
        callee = self.calls.get(node)
        return callee is not None and isinstance(node, s.Call) and self._changes_through(node, callee)

    def _changes_through(self, call: s.Call, callee: s.Function) -> bool:
        """Whether a function of the project may change what it is passed."""
        passed = [part for argument in call.arguments for part in s.walk(argument)]
        if not any(isinstance(part, s.Name) and self._is_of_caller(part) for part in passed):
            return False
        inner = any(isinstance(node, (s.Function, s.Lambda, s.Outer)) for node in s.walk(callee.body))
        parameters = frozenset(parameter.name for parameter in callee.parameters)
        calls = {node: function for node, function in self.calls.items() if function is not callee}
        return inner or Changes(callee.body, bound_names(callee), parameters, self.module, calls).any()

    def _is_own(self, node: s.Node) -> bool:
        """Whether it belongs to an object that the moved code made."""
        root = _root(node)
        return root is None or (root in self._assigned() and not self._is_of_caller(node))

    def _is_of_caller(self, node: s.Node, seen: frozenset[str] = frozenset()) -> bool:
        """Whether it may be, or be a part of, an object of the orchestrator."""
        if isinstance(node, (s.Conditional, s.Operation, s.Collection, s.Starred)):
            return any(self._is_of_caller(part, seen) for part in s.children(node))
        root = _root(node)
        if root is None or root not in self.local or root in seen or root in self._imported():
            return False
        made = list(self._values(root))
        return root in self.inputs or not made or any(self._is_of_caller(value, seen | {root}) for value in made)

    def _values(self, name: str) -> Iterator[s.Expression]:
        """What the moved code binds a name to, or takes it out of."""
        for node in s.walk(self.nodes):
            match node:
                case s.Assign(targets=targets, value=value) if value is not None:
                    if any(name in assigned_in([s.Assign(0, 0, (target,), None)]) for target in targets):
                        yield value
                case s.Loop(target=target, subject=subject) if target is not None:
                    if name in assigned_in([s.Assign(0, 0, (target,), None)]):
                        yield subject
                case s.With(items=items):
                    yield from (v for v, entered in items if isinstance(entered, s.Name) and entered.id == name)

    def _assigned(self) -> frozenset[str]:
        return assigned_in(node for node in self.nodes if isinstance(node, s.Statement))

    def _imported(self) -> set[str | None]:
        return {node.local for node in s.walk(self.module.body, into_functions=True) if isinstance(node, s.Import)}


def _root(node: s.Node) -> str | None:
    """The name at the start of a chain of attributes, subscripts and calls; None where it starts with a new value."""
    while isinstance(node, (s.Attribute, s.Subscript, s.Call)):
        node = node.function if isinstance(node, s.Call) else node.value
    return node.id if isinstance(node, s.Name) else None

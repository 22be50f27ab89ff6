"""Lexical scopes: names and what they are known to be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.values import Values


class Scope:
    """The names of one module, class body or function activation; identity matters, so it is a plain class."""

    __slots__ = (
        "assigned",
        "attributes",
        "bases",
        "changed",
        "context",
        "fresh",
        "globals",
        "late",
        "module",
        "names",
        "node",
        "parent",
        "stars",
    )

    def __init__(self, module: s.Module, node: s.Function | s.Class | None, parent: Scope | None) -> None:
        self.module = module
        self.node = node
        self.parent = parent
        self.names: dict[str, Values] = {}
        self.assigned: frozenset[str] = frozenset()
        """Names that belong to this scope wherever in it they are assigned."""
        self.globals: dict[str, Scope] = {}
        """Names declared `global` or `nonlocal`, with the scope they belong to."""
        self.late: dict[str, s.Import] = {}
        """For a module: imports that are looked up where their names are used."""
        self.context: frozenset[object] = frozenset()
        """For a function: the code that it, and what is around it, was called with, which tells apart what it makes."""
        self.attributes: dict[str, Values] = {}
        """For a class: what its methods assign to attributes of `self`."""
        self.fresh: dict[str, Values] = {}
        """For a class: what of that holds for objects that replay itself makes."""
        self.changed: set[str] = set()
        """For a class: the attributes that something other than its constructor assigns to."""
        self.bases: Values = ()
        """For a class: the classes that it extends, as they were when it was defined."""
        self.stars: tuple[str, ...] = ()
        """For a module: the modules outside the project from which it imports every name."""

    @property
    def root(self) -> Scope:
        """The module's scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def in_function(self) -> bool:
        """Whether a function makes this scope, and so anew in each call."""
        scope: Scope | None = self
        while scope is not None and not isinstance(scope.node, s.Function):
            scope = scope.parent
        return scope is not None

    def owner(self, name: str) -> Scope | None:
        """The scope that a name refers to from here; class bodies are invisible to the functions in them."""
        scope: Scope | None = self
        first = True
        while scope is not None:
            if name in scope.globals:
                return scope.globals[name]
            if (first or not isinstance(scope.node, s.Class)) and (
                name in scope.names or name in scope.assigned or name in scope.late
            ):
                return scope
            first = False
            scope = scope.parent
        return None


_BINDING = frozenset({s.Outer, s.Function, s.Class, s.Import, s.Assign, s.Loop, s.With, s.Bind, s.Handler, s.Case})


@lru_cache(maxsize=8192)
def bound_names(function: s.Function) -> frozenset[str]:
    """The names that a function's own scope binds."""
    names = {parameter.name for parameter in function.parameters}
    outer: set[str] = set()
    for node in s.walk(function.body):
        if type(node) not in _BINDING:
            continue
        match node:
            case s.Outer():
                outer.update(node.names)
            case s.Function() | s.Class():
                names.add(node.name)
            case s.Import(local=str(local)):
                names.add(local)
            case s.Assign():
                for target in node.targets:
                    names.update(_targets(target))
            case s.Loop(target=target) if target is not None:
                names.update(_targets(target))
            case s.With():
                for _, entered in node.items:
                    if entered is not None:
                        names.update(_targets(entered))
            case s.Bind():
                names.update(_targets(node.target))
            case s.Handler(name=str(name)):
                names.add(name)
            case s.Case():
                names.update(capture.id for capture in node.captures)
    return frozenset(names - outer)


def _targets(target: s.Expression) -> Iterator[str]:
    match target:
        case s.Name():
            yield target.id
        case s.Collection():
            for item in target.items:
                yield from _targets(item)
        case s.Starred():
            yield from _targets(target.value)

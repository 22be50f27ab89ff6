"""What a project declares: its orchestrators, activities and entities, as the languages' discovery finds them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Called, Site
from determinism_lint.analysis.scopes import Scope
from determinism_lint.analysis.sdk import Kind, Sdk
from determinism_lint.analysis.values import ClassValue, FunctionValue, ObjectValue

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.machine import Machine


@dataclass(frozen=True, slots=True, eq=False)
class Declared:
    """Something that the project registers with a runtime, at `node` in `module`."""

    kind: Kind
    """`ORCHESTRATION`, `ACTIVITY` or `ENTITY`."""
    name: str | None
    """The registered name; None when it is computed."""
    function: FunctionValue | None
    sdk: Sdk
    module: s.Module
    node: s.Node
    site: Site | None = None
    """Where it is registered."""
    registered: bool = True
    """False for an orchestrator that is only recognized by its shape or annotation."""
    partial: bool = False
    """Whether others of its kind may be registered where nothing is read, in a library for instance, so that an unknown
    name is wrong only where it resembles a known one."""
    per_run: bool = False
    """Whether the runtime makes its object anew for each run, so that it does not outlive the call."""
    versioned: bool = False
    """Whether it is one version among others, which may share its name."""


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """Code that looks like a declaration but can never work."""

    module: s.Module
    node: s.Node
    message: str
    help: str
    sdk: Sdk


@dataclass(slots=True)
class Survey:
    """Collects declarations while the modules of a project are run without being judged."""

    declared: list[Declared] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    scheduled: list[tuple[FunctionValue, Sdk]] = field(default_factory=list)
    """Functions that are passed to what starts an orchestration, or a child of one."""
    unresolved: set[Kind] = field(default_factory=set)
    """Kinds of which something unknown is registered: names may be missing."""
    nameless: list[tuple[s.Module, Sdk, s.Node]] = field(default_factory=list)
    """What is registered though it has no name to register it by."""
    retry_policies: list[Called] = field(default_factory=list)
    renamed: dict[int, str | None] = field(default_factory=dict)
    """Names that the program gives to functions itself, by identity of their node."""
    machine: Machine | None = None
    """What runs the project's code, where a declaration is what some function returns."""
    _seen: set[tuple[int, int]] = field(default_factory=set)

    def name_of(self, function: FunctionValue) -> str | None:
        """The name under which a function is registered when none is given."""
        return self.renamed.get(id(function.node), function.name)

    def is_open(self, kind: Kind) -> bool:
        """Whether declarations of a kind may exist that were not understood."""
        return kind in self.unresolved

    def attempt(self, module: s.Module, node: s.Node, sdk: Sdk, message: str, advice: str) -> None:
        if all(attempt.node.start != node.start or attempt.module is not module for attempt in self.attempts):
            self.attempts.append(Attempt(module, node, message, advice, sdk))

    def add(self, declared: Declared) -> None:
        if declared.function is not None and not declared.per_run:
            declared = replace(declared, function=_bound(declared.function))
        key = (id(declared.node), id(declared.function.node) if declared.function is not None else 0)
        if key not in self._seen:
            self._seen.add(key)
            self.declared.append(declared)
        if declared.function is not None and declared.function.wraps is not None:
            self.add(replace(declared, function=declared.function.wraps))


def _bound(function: FunctionValue) -> FunctionValue:
    """A method with its object: the one that is declared in the body of its class has one, too.

    The object outlives the call: it belongs to the worker, not to the instance that is replayed.
    """
    kind, parameters = function.scope.node, function.node.parameters
    if isinstance(function.receiver, ObjectValue):
        return function.bound_to(replace(function.receiver, shared=True))
    if function.receiver is not None or not isinstance(kind, s.Class) or not parameters:
        return function
    if parameters[0].name not in ("self", "cls"):
        return function
    return function.bound_to(ObjectValue(ClassValue(kind, function.scope), shared=True))


def functions_of(scope: Scope) -> Iterator[FunctionValue]:
    """The functions that a module and its classes define, however their names were rebound."""
    classes = [value for values in scope.names.values() for value in values if isinstance(value, ClassValue)]
    owner = ObjectValue(ClassValue(scope.node, scope)) if isinstance(scope.node, s.Class) else None
    defined = [
        node
        for node in _definitions(scope.module.body if scope.node is None else scope.node.body)
        if isinstance(node, s.Function)
    ]
    for node in defined:
        yield FunctionValue(node, scope, None if "staticmethod" in s.roles(node) else owner)
    if scope.node is None:
        known = {id(node) for node in defined}
        for value in [value for values in scope.names.values() for value in values]:
            if isinstance(value, FunctionValue) and value.scope is scope and id(value.node) not in known:
                known.add(id(value.node))
                yield value
    for value in classes:
        if value.scope.module is scope.module and value.scope.parent is scope:
            yield from functions_of(value.scope)


def _definitions(block: s.Block) -> Iterator[s.Statement]:
    for statement in block:
        match statement:
            case s.Function() | s.Class():
                yield statement
            case s.If():
                yield from _definitions(statement.body)
                yield from _definitions(statement.orelse)
            case s.Try():
                for inner in (statement.body, statement.orelse, *(handler.body for handler in statement.handlers)):
                    yield from _definitions(inner)
            case s.With():
                yield from _definitions(statement.body)


# --- function.json ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Binding:
    """What one function.json of Azure Functions declares."""

    path: str
    name: str
    """The function's name: that of its folder."""
    types: frozenset[str]
    script: str | None
    """The source file that it names."""
    entry: str | None = None
    """The function in that file that it names."""

    def script_of(self, default: str) -> str:
        """The source file that it names, or that the runtime takes when it names none."""
        return self.script or join(dirname(self.path), default)


def bindings(files: Iterable[str], read: Callable[[str], bytes]) -> list[Binding]:
    """The function.json files among `files` that concern durable functions."""
    found = []
    for path in files:
        if basename(path) != "function.json":
            continue
        try:
            data = json.loads(read(path))
        except (OSError, ValueError, RecursionError):
            continue
        if not isinstance(data, dict) or not isinstance(data.get("bindings"), list):
            continue
        types = frozenset(str(binding.get("type", "")) for binding in data["bindings"] if isinstance(binding, dict))
        script, entry, folder = data.get("scriptFile"), data.get("entryPoint"), dirname(path)
        found.append(
            Binding(
                path,
                basename(folder),
                types,
                normpath(join(folder, script.replace("\\", "/"))) if isinstance(script, str) else None,
                entry if isinstance(entry, str) else None,
            )
        )
    return found

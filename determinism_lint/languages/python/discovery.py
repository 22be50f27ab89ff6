"""Finds what a project declares: orchestrators, activities and entities, in every form the SDKs know.

The forms come from facts about public code: decorators, registration calls (also through helpers and in other files),
`Orchestrator.create`, function.json, annotated parameters, and generators of durable calls that nothing registers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from posixpath import basename, dirname, join, normpath

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Called, Site
from determinism_lint.analysis.interpreter.annotations import described
from determinism_lint.analysis.interpreter.machine import Machine
from determinism_lint.analysis.interpreter.statements import Activation, Flags
from determinism_lint.analysis.scopes import Scope
from determinism_lint.analysis.sdk import Kind, Sdk
from determinism_lint.analysis.values import (
    Arguments,
    ClassValue,
    Context,
    External,
    FunctionValue,
    Instance,
    ObjectValue,
    Partial,
    Values,
    text,
)
from determinism_lint.languages.python.sdks import (
    DAPR_WORKFLOW_PYTHON,
    DURABLE_FUNCTIONS_PYTHON,
    DURABLE_TASK_PYTHON,
    SDKS,
    sdk_owning,
)


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


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """Code that looks like a declaration but can never work."""

    module: s.Module
    node: s.Node
    message: str
    help: str


@dataclass(slots=True)
class Survey:
    """Collects declarations while the modules of a project are run without being judged."""

    declared: list[Declared] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    scheduled: list[tuple[FunctionValue, Sdk]] = field(default_factory=list)
    """Functions passed to call_sub_orchestrator or schedule_new_orchestration."""
    unresolved: set[Kind] = field(default_factory=set)
    """Kinds of which something unknown is registered: names may be missing."""
    partials: list[tuple[s.Module, str, s.Node]] = field(default_factory=list)
    """`functools.partial` objects that are registered, with the SDK's id."""
    retry_policies: list[Called] = field(default_factory=list)
    renamed: dict[int, str | None] = field(default_factory=dict)
    """Names that the program gives to functions itself, by identity of their node."""
    _seen: set[tuple[int, int]] = field(default_factory=set)

    def name_of(self, function: FunctionValue) -> str | None:
        """The name under which a function is registered when none is given."""
        return self.renamed.get(id(function.node), function.name)

    def is_open(self, kind: Kind) -> bool:
        """Whether declarations of a kind may exist that were not understood."""
        return kind in self.unresolved

    def called(self, called: Called) -> None:
        """A call or decorator, judged or not."""
        if any(isinstance(value, External) and value.name in _RETRY_POLICIES for value in called.callee):
            self.retry_policies.append(called)
        if not isinstance(called.node.function, (s.Attribute, s.Name)):
            return
        function = called.node.function
        name = function.attr if isinstance(function, s.Attribute) else function.id
        module = called.site.module
        if name in _REGISTRATIONS:
            self._registration(called, module, *_REGISTRATIONS[name])
        elif name == "create" and isinstance(function, s.Attribute):
            self._created(called, module, called.base, (s.dotted(function.value) or "").rsplit(".", 1)[-1])
        elif name == "Orchestrator":
            self._created(called, module, called.callee, name)
        elif name in ("workflow", "versioned_workflow", "activity", "orchestrator"):
            self._decorator_of_instance(called, module, name)
        elif name in ("call_sub_orchestrator", "schedule_new_orchestration", "schedule_new_workflow"):
            sdk = _owner(called, module) or DURABLE_TASK_PYTHON
            for _, values in called.arguments[:1]:
                self.scheduled.extend((value, sdk) for value in values if isinstance(value, FunctionValue))
        elif name in _MISSPELLED_TRIGGERS:
            wrong = s.dotted(function) or name
            self._attempt(
                module, called.node, f"`@{wrong}` does not exist", f"use `@app.{_MISSPELLED_TRIGGERS[name]}(…)`"
            )

    def _registration(
        self, called: Called, module: s.Module, kind: Kind, position: int, name_keyword: str | None
    ) -> None:
        sdk = _owner(called, module) or DURABLE_TASK_PYTHON
        decorator = called.decorates
        if name_keyword is not None and position < 0:  # a trigger decorator of Azure Functions
            self._trigger(called, module, kind, name_keyword)
            return
        argument = called.argument(position, "fn")
        values = argument[1] if argument is not None else ()
        if decorator is not None and not called.node.arguments:
            values = decorator
        named = called.argument(0) if position == 1 else called.argument(99, name_keyword)
        functions = [value for value in values if isinstance(value, FunctionValue)]
        if kind is Kind.ENTITY:
            for value in values:
                if isinstance(value, (FunctionValue, ClassValue)):
                    self._add(Declared(kind, value.node.name, None, sdk, module, called.node, called.site))
            return
        for function in functions:
            name = text(named[1]) if named is not None else self.name_of(function)
            self._add(Declared(kind, name, function, sdk, module, called.node, called.site))
        if not functions and argument is not None:
            self.unresolved.add(kind)
            if any(isinstance(value, Partial) for value in values):
                self.partials.append((module, sdk.id, argument[0]))

    def _trigger(self, called: Called, module: s.Module, kind: Kind, name_keyword: str) -> None:
        functions = [value for value in called.decorates or () if isinstance(value, FunctionValue)]
        for base in called.base:
            if isinstance(base, External) and base.name == "azure.durable_functions":
                wrong = s.dotted(called.node.function)
                self._attempt(
                    module,
                    called.node,
                    f"`@{wrong}` is not a decorator: it belongs to an app or blueprint",
                    "create `app = df.DFApp()` and decorate with `@app.orchestration_trigger(context_name=…)`",
                )
        for function in functions:
            explicit = called.argument(1 if kind is Kind.ORCHESTRATION else 99, name_keyword)
            if explicit is not None and not (len(explicit[1]) == 1 and text(explicit[1]) is None):
                name = text(explicit[1])
            else:
                name = _function_name(function.node) or function.name
            self._add(Declared(kind, name, function, DURABLE_FUNCTIONS_PYTHON, module, called.node, called.site))

    def _created(self, called: Called, module: s.Module, classes: Values, written: str) -> None:
        """`df.Orchestrator.create(fn)`, `df.Entity.create(fn)`, `Orchestrator(fn)`."""
        names = {value.name for value in classes if isinstance(value, External)}
        if names & _ORCHESTRATOR_CLASSES or (not names and written == "Orchestrator"):
            kind = Kind.ORCHESTRATION
        elif "azure.durable_functions.Entity" in names:
            kind = Kind.ENTITY
        else:
            return
        argument = called.argument(0, "fn")
        for value in argument[1] if argument is not None else ():
            if isinstance(value, FunctionValue):
                folder = basename(dirname(module.path)) if basename(module.path) == "__init__.py" else None
                name = folder or value.name
                self._add(Declared(kind, name, value, DURABLE_FUNCTIONS_PYTHON, module, called.node))

    def _decorator_of_instance(self, called: Called, module: s.Module, name: str) -> None:
        """`@wfr.workflow`, `@wfr.activity(name=…)`; `@worker.orchestrator` does not exist."""
        if called.decorates is None:
            return
        names = {value.name for value in called.base if isinstance(value, (Instance, External))}
        if name == "orchestrator" or (name == "activity" and not any("dapr" in owner for owner in names)):
            if any(owner.startswith("durabletask") for owner in names):
                wrong = s.dotted(called.node.function)
                right = "orchestrator" if name == "orchestrator" else "activity"
                self._attempt(
                    module,
                    called.node,
                    f"`@{wrong}` does not exist",
                    f"register the function: `worker.add_{right}(fn)`",
                )
                if name == "orchestrator":
                    for value in called.decorates:
                        if isinstance(value, FunctionValue):
                            self._add(
                                Declared(
                                    Kind.ORCHESTRATION, value.node.name, value, DURABLE_TASK_PYTHON, module, called.node
                                )
                            )
            return
        if not any("dapr" in owner for owner in names) and not (not names and "dapr" in module.text):
            return
        kind = Kind.ACTIVITY if name == "activity" else Kind.ORCHESTRATION
        explicit = called.argument(99, "name")
        for value in called.decorates:
            if isinstance(value, FunctionValue):
                registered = text(explicit[1]) if explicit is not None else _alternate_name(value)
                self._add(Declared(kind, registered, value, DAPR_WORKFLOW_PYTHON, module, called.node))

    def _attempt(self, module: s.Module, node: s.Node, message: str, advice: str) -> None:
        if all(attempt.node.start != node.start or attempt.module is not module for attempt in self.attempts):
            self.attempts.append(Attempt(module, node, message, advice))

    def _add(self, declared: Declared) -> None:
        key = (id(declared.node), id(declared.function.node) if declared.function is not None else 0)
        if key not in self._seen:
            self._seen.add(key)
            self.declared.append(declared)
        if declared.function is not None and declared.function.wraps is not None:
            self._add(replace(declared, function=declared.function.wraps))


_REGISTRATIONS: dict[str, tuple[Kind, int, str | None]] = {
    # name: kind, position of the function (-1: it is decorated), keyword of the name
    "add_orchestrator": (Kind.ORCHESTRATION, 0, None),
    "add_named_orchestrator": (Kind.ORCHESTRATION, 1, None),
    "add_activity": (Kind.ACTIVITY, 0, None),
    "add_named_activity": (Kind.ACTIVITY, 1, None),
    "add_entity": (Kind.ENTITY, 0, "name"),
    "register_workflow": (Kind.ORCHESTRATION, 0, "name"),
    "register_versioned_workflow": (Kind.ORCHESTRATION, 0, "name"),
    "register_activity": (Kind.ACTIVITY, 0, "name"),
    "orchestration_trigger": (Kind.ORCHESTRATION, -1, "orchestration"),
    "durable_openai_agent_orchestrator": (Kind.ORCHESTRATION, -1, "orchestration"),
    "activity_trigger": (Kind.ACTIVITY, -1, "activity"),
    "entity_trigger": (Kind.ENTITY, -1, "entity_name"),
}

_ORCHESTRATOR_CLASSES = {"azure.durable_functions.Orchestrator", "azure.durable_functions.orchestrator.Orchestrator"}

_RETRY_POLICIES = frozenset({"durabletask.task.RetryPolicy", "durabletask.RetryPolicy"})

_MISSPELLED_TRIGGERS = {
    "durable_orchestration_trigger": "orchestration_trigger",
    "durable_orchestrator_trigger": "orchestration_trigger",
    "orchestrator_trigger": "orchestration_trigger",
    "durable_activity_trigger": "activity_trigger",
    "durable_entity_trigger": "entity_trigger",
}


def survey(machine: Machine, candidates: Iterable[str]) -> Survey:
    """Run every candidate module and, once each, the functions in it, and collect what they declare."""
    found = Survey(renamed=machine.renamed)
    machine.surveyed = found.called
    for path in candidates:
        loaded = machine.module(path)
        if loaded is None:
            continue
        for function in functions_of(loaded.scope):
            machine.run(function, Arguments(unpacked=True), Flags(judged=False), None, function.node)
    return found


def functions_of(scope: Scope) -> Iterator[FunctionValue]:
    """The functions that a module and its classes define, however their names were rebound."""
    classes = [value for values in scope.names.values() for value in values if isinstance(value, ClassValue)]
    owner = ObjectValue(ClassValue(scope.node, scope)) if isinstance(scope.node, s.Class) else None
    for node in _definitions(scope.module.body if scope.node is None else scope.node.body):
        if isinstance(node, s.Function):
            yield FunctionValue(node, scope, None if _is_static(node) else owner)
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


# --- orchestrators that nothing registers -----------------------------------------------------------------------


def unregistered(machine: Machine, path: str) -> Iterator[Declared]:
    """Functions that are orchestrators by the annotation of their context or by the durable calls they yield."""
    loaded = machine.module(path)
    if loaded is None:
        return
    default = _sdk_of_module(loaded.tree)
    for function in functions_of(loaded.scope):
        sdk = _by_annotation(machine, function) or _by_shape(function.node, default)
        if sdk is not None:
            yield Declared(
                Kind.ORCHESTRATION, function.node.name, function, sdk, loaded.tree, function.node, registered=False
            )


def _own_parameters(function: FunctionValue) -> tuple[s.Parameter, ...]:
    parameters = tuple(parameter for parameter in function.node.parameters if parameter.kind == "positional")
    if isinstance(function.scope.node, s.Class) and not _is_static(function.node):
        return parameters[1:]
    return parameters


def _is_static(node: s.Function) -> bool:
    return any((s.dotted(decorator) or "") == "staticmethod" for decorator in node.decorators)


def _by_annotation(machine: Machine, function: FunctionValue) -> Sdk | None:
    """A first parameter annotated as a context, in a function with an orchestrator's signature."""
    parameters = _own_parameters(function)
    if not parameters:
        return None
    values = described(
        parameters[0].annotation,
        lambda node: Activation.outside(machine, function.scope.parent or function.scope, node),
    )
    sdk = next((value.sdk for value in values if isinstance(value, Context)), None)
    if sdk is None or function.node.name.startswith("__"):
        return None
    required = [parameter for parameter in parameters if parameter.default is None]
    if function.node.is_generator or function.node.is_async:
        return sdk if len(required) <= 2 else None
    fits = len(required) == (1 if sdk is DURABLE_FUNCTIONS_PYTHON else 2)
    return sdk if fits and parameters[0].name != "self" else None


def _by_shape(node: s.Function, sdk: Sdk) -> Sdk | None:
    """A generator, or an `async def`, that yields a durable call on its only or first parameter."""
    positional = [parameter for parameter in node.parameters if parameter.kind == "positional"]
    names = [parameter.name for parameter in positional]
    if names and names[0] in ("self", "cls"):
        names = names[1:]
    if not names or len([p for p in positional if p.default is None and p.name in names]) > 2:
        return None
    context = names[0]
    for suspension in s.walk(node.body):
        value = suspension.value if isinstance(suspension, s.Suspend) else None
        if not isinstance(value, s.Call) or not isinstance(value.function, s.Attribute):
            continue
        base, member = value.function.value, value.function.attr
        if isinstance(base, s.Name) and base.id == context:
            kind = sdk.members.get(member)
            if kind is not None and kind.is_awaitable and member not in ("when_all", "when_any"):
                return sdk
    return None


def _sdk_of_module(module: s.Module) -> Sdk:
    """The SDK that a module imports; Azure Functions where it imports none but is written like one."""
    for node in s.walk(module.body, into_functions=True):
        if isinstance(node, s.Import):
            sdk = sdk_owning(node.module if node.attribute is None else f"{node.module}.{node.attribute}")
            if sdk is not None:
                return sdk
    return DURABLE_FUNCTIONS_PYTHON if "context" in module.text else DURABLE_TASK_PYTHON


def _owner(called: Called, module: s.Module) -> Sdk | None:
    """The SDK of the object a method is called on, else the one the module imports."""
    for value in called.base:
        if isinstance(value, (Instance, External)):
            sdk = sdk_owning(value.name)
            if sdk is not None:
                return sdk
        if isinstance(value, Context):
            return SDKS[value.sdk.id]
    for node in module.body:
        if isinstance(node, s.Import):
            sdk = sdk_owning(node.module if node.attribute is None else f"{node.module}.{node.attribute}")
            if sdk is not None and sdk is not DURABLE_FUNCTIONS_PYTHON:
                return sdk
    return None


def _function_name(node: s.Function) -> str | None:
    """`@app.function_name("x")` or `@app.function_name(name="x")`."""
    for decorator in node.decorators:
        match decorator:
            case s.Call(
                function=s.Attribute(attr="function_name"),
                arguments=(s.Argument(value=s.Constant(value=str(name))), *_),
            ):
                return name
    return None


def _alternate_name(function: FunctionValue) -> str:
    """`@alternate_name("x")` of Dapr, else the function's own name."""
    for decorator in function.node.decorators:
        match decorator:
            case s.Call(function=called, arguments=(s.Argument(value=s.Constant(value=str(name))), *_)):
                if (s.dotted(called) or "").rsplit(".", 1)[-1] == "alternate_name":
                    return name
    return function.name


# --- function.json ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Binding:
    """What one function.json declares."""

    path: str
    name: str
    """The function's name: that of its folder."""
    types: frozenset[str]
    script: str


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
        script = data.get("scriptFile")
        script = script if isinstance(script, str) else "__init__.py"
        folder = dirname(path)
        found.append(
            Binding(
                path,
                basename(folder),
                types,
                normpath(join(folder, script.replace("\\", "/"))),
            )
        )
    return found

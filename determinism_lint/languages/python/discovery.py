"""Finds what a project declares: orchestrators, activities and entities, in every form the SDKs know.

The forms come from facts about public code: decorators, registration calls (also through helpers and in other files),
`Orchestrator.create`, function.json, annotated parameters, and generators of durable calls that nothing registers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from posixpath import basename, dirname

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.declarations import Declared, Survey, functions_of
from determinism_lint.analysis.events import Called
from determinism_lint.analysis.interpreter.machine import Machine
from determinism_lint.analysis.interpreter.statements import Activation
from determinism_lint.analysis.sdk import Kind, Sdk
from determinism_lint.analysis.values import (
    ClassValue,
    Context,
    External,
    FunctionValue,
    Instance,
    Partial,
    Values,
    text,
)
from determinism_lint.languages.python.annotations import described
from determinism_lint.languages.python.sdks import (
    DAPR_WORKFLOW_PYTHON,
    DURABLE_FUNCTIONS_PYTHON,
    DURABLE_TASK_PYTHON,
    sdk_imported,
    sdk_owning,
)


def declare(survey: Survey, called: Called) -> None:
    """A call or decorator, judged or not."""
    for value in called.callee:
        if isinstance(value, External) and value.name in _RETRY_POLICIES:
            survey.retry_policies.append(called)
            break
    if not isinstance(called.node.function, (s.Attribute, s.Name)):
        return
    function = called.node.function
    name = function.attr if isinstance(function, s.Attribute) else function.id
    module = called.site.module
    if name in _REGISTRATIONS:
        _registration(survey, called, module, *_REGISTRATIONS[name])
    elif name == "create" and isinstance(function, s.Attribute):
        _created(survey, called, module, called.base, (s.dotted(function.value) or "").rsplit(".", 1)[-1])
    elif name == "Orchestrator":
        _created(survey, called, module, called.callee, name)
    elif name in ("register_functions", "register_blueprint"):
        _registered_elsewhere(survey, called)
    elif name == "function_name" and called.decorates is not None:
        _name(survey, called)
    elif name in ("workflow", "versioned_workflow", "activity", "orchestrator"):
        _decorator_of_instance(survey, called, module, name)
    elif name in ("call_sub_orchestrator", "schedule_new_orchestration", "schedule_new_workflow"):
        sdk = _owner(called, module) or DURABLE_TASK_PYTHON
        for _, values in called.arguments[:1]:
            survey.scheduled.extend((value, sdk) for value in values if isinstance(value, FunctionValue))
    elif name in _MISSPELLED_TRIGGERS:
        wrong = s.dotted(function) or name
        survey.attempt(
            module,
            called.node,
            DURABLE_FUNCTIONS_PYTHON,
            f"`@{wrong}` does not exist",
            f"use `@app.{_MISSPELLED_TRIGGERS[name]}(…)`",
        )


def _registration(
    survey: Survey, called: Called, module: s.Module, kind: Kind, position: int, name_keyword: str | None
) -> None:
    sdk = _owner(called, module) or DURABLE_TASK_PYTHON
    decorator = called.decorates
    if name_keyword is not None and position < 0:  # a trigger decorator of Azure Functions
        _trigger(survey, called, module, kind, name_keyword)
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
                survey.add(Declared(kind, value.node.name, None, sdk, module, called.node, called.site))
        return
    for function in functions:
        name = text(named[1]) if named is not None else survey.name_of(function)
        survey.add(Declared(kind, name, function, sdk, module, called.node, called.site))
    if not functions and argument is not None:
        survey.unresolved.add(kind)
        if any(isinstance(value, Partial) for value in values):
            survey.nameless.append((module, sdk, argument[0]))


def _trigger(survey: Survey, called: Called, module: s.Module, kind: Kind, name_keyword: str) -> None:
    functions = [value for value in called.decorates or () if isinstance(value, FunctionValue)]
    for base in called.base:
        if isinstance(base, External) and base.name == "azure.durable_functions":
            wrong = s.dotted(called.node.function)
            survey.attempt(
                module,
                called.node,
                DURABLE_FUNCTIONS_PYTHON,
                f"`@{wrong}` is not a decorator: it belongs to an app or blueprint",
                "create `app = df.DFApp()` and decorate with `@app.orchestration_trigger(context_name=…)`",
            )
    for function in functions:
        explicit = called.argument(1 if kind is Kind.ORCHESTRATION else 99, name_keyword)
        if explicit is not None and not (len(explicit[1]) == 1 and text(explicit[1]) is None):
            name = text(explicit[1])
        else:
            name = function.name
        survey.add(Declared(kind, name, function, DURABLE_FUNCTIONS_PYTHON, module, called.node, called.site))


def _registered_elsewhere(survey: Survey, called: Called) -> None:
    """`app.register_functions(bp)`: what a blueprint declares that is not made in the project is not known."""
    argument = called.argument(0, "function_container")
    values = argument[1] if argument is not None else ()
    if not values or any(sdk_owning(value.name) is None for value in values if isinstance(value, (External, Instance))):
        survey.unresolved |= {Kind.ACTIVITY, Kind.ORCHESTRATION, Kind.ENTITY}


def _name(survey: Survey, called: Called) -> None:
    """`@app.function_name(…)` around a trigger names what the trigger did not name itself."""
    named = called.argument(0, "name")
    functions = {id(value.node) for value in called.decorates or () if isinstance(value, FunctionValue)}
    for position, declared in enumerate(survey.declared):
        function = declared.function
        if function is not None and id(function.node) in functions and declared.name == function.name:
            survey.declared[position] = replace(declared, name=text(named[1]) if named is not None else None)


def _created(survey: Survey, called: Called, module: s.Module, classes: Values, written: str) -> None:
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
            survey.add(Declared(kind, name, value, DURABLE_FUNCTIONS_PYTHON, module, called.node))


def _decorator_of_instance(survey: Survey, called: Called, module: s.Module, name: str) -> None:
    """`@wfr.workflow`, `@wfr.activity(name=…)`; `@worker.orchestrator` does not exist."""
    if called.decorates is None:
        return
    names = {value.name for value in called.base if isinstance(value, (Instance, External))}
    if name == "orchestrator" or (name == "activity" and not any("dapr" in owner for owner in names)):
        if any(owner.startswith("durabletask") for owner in names):
            wrong = s.dotted(called.node.function)
            right = "orchestrator" if name == "orchestrator" else "activity"
            survey.attempt(
                module,
                called.node,
                DURABLE_TASK_PYTHON,
                f"`@{wrong}` does not exist",
                f"register the function: `worker.add_{right}(fn)`",
            )
            if name == "orchestrator":
                for value in called.decorates:
                    if isinstance(value, FunctionValue):
                        survey.add(
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
            survey.add(Declared(kind, registered, value, DAPR_WORKFLOW_PYTHON, module, called.node, called.site))


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
    if isinstance(function.scope.node, s.Class) and "staticmethod" not in s.roles(function.node):
        return parameters[1:]
    return parameters


def _by_annotation(machine: Machine, function: FunctionValue) -> Sdk | None:
    """A first parameter annotated as a context, in a function with an orchestrator's signature."""
    parameters = _own_parameters(function)
    if not parameters:
        return None
    values = described(
        parameters[0].annotation,
        lambda node: Activation.outside(machine, function.scope.parent or function.scope, node),
    )
    sdk = next((value.runtime.sdk for value in values if isinstance(value, Context)), None)
    if sdk is None or function.node.name.startswith("__"):
        return None
    required = [parameter for parameter in parameters if parameter.default is None]
    if function.node.is_generator or function.node.is_async:
        return sdk if len(required) <= 2 else None
    fits = len(required) == (1 if sdk is DURABLE_FUNCTIONS_PYTHON else 2)
    return sdk if fits and parameters[0].name != "self" else None


def _by_shape(node: s.Function, sdk: Sdk) -> Sdk | None:
    """A generator, or an `async def`, that yields a durable call on its only or first parameter."""
    if not (node.is_generator or node.is_async):
        return None
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
    for node in s.imports(module):
        sdk = sdk_imported(node)
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
            return value.runtime.sdk
    for node in module.body:
        if isinstance(node, s.Import):
            sdk = sdk_imported(node)
            if sdk is not None and sdk is not DURABLE_FUNCTIONS_PYTHON:
                return sdk
    return None


def _alternate_name(function: FunctionValue) -> str:
    """`@alternate_name("x")` of Dapr, else the function's own name."""
    for decorator in function.node.decorators:
        match decorator:
            case s.Call(function=called, arguments=(s.Argument(value=s.Constant(value=str(name))), *_)):
                if (s.dotted(called) or "").rsplit(".", 1)[-1] == "alternate_name":
                    return name
    return function.name

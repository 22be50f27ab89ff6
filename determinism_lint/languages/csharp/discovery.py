"""Finds what a project declares: orchestrators, activities and entities, in every form the SDKs know.

Methods with a trigger, classes by what they extend, and functions that are registered under a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.declarations import Binding, Declared, Survey
from determinism_lint.analysis.events import Called
from determinism_lint.analysis.interpreter.machine import LoadedModule, Machine
from determinism_lint.analysis.interpreter.statements import Activation, Flags
from determinism_lint.analysis.scopes import Scope
from determinism_lint.analysis.sdk import Kind, Sdk
from determinism_lint.analysis.values import Arguments, ClassValue, Context, FunctionValue, ObjectValue, text
from determinism_lint.languages.csharp.bindings import misfits
from determinism_lint.languages.csharp.lowered import ABSTRACT, ANONYMOUS, EXTENSION
from determinism_lint.languages.csharp.sdks import (
    DAPR_WORKFLOW_DOTNET,
    DTFX_DOTNET,
    DURABLE_FUNCTIONS_DOTNET,
    DURABLE_TASK_DOTNET,
    IN_PROCESS,
)
from determinism_lint.languages.csharp.types import described

_TASK = "Microsoft.DurableTask"
_RUN = {
    # the class: what it is, the SDK, the method that the runtime calls
    f"{_TASK}.ITaskOrchestrator": (Kind.ORCHESTRATION, DURABLE_TASK_DOTNET, "RunAsync"),
    f"{_TASK}.TaskOrchestrator": (Kind.ORCHESTRATION, DURABLE_TASK_DOTNET, "RunAsync"),
    f"{_TASK}.ITaskActivity": (Kind.ACTIVITY, DURABLE_TASK_DOTNET, "RunAsync"),
    f"{_TASK}.TaskActivity": (Kind.ACTIVITY, DURABLE_TASK_DOTNET, "RunAsync"),
    f"{_TASK}.Entities.ITaskEntity": (Kind.ENTITY, DURABLE_TASK_DOTNET, "RunAsync"),
    f"{_TASK}.Entities.TaskEntity": (Kind.ENTITY, DURABLE_TASK_DOTNET, "RunAsync"),
    "Dapr.Workflow.IWorkflow": (Kind.ORCHESTRATION, DAPR_WORKFLOW_DOTNET, "RunAsync"),
    "Dapr.Workflow.Workflow": (Kind.ORCHESTRATION, DAPR_WORKFLOW_DOTNET, "RunAsync"),
    "Dapr.Workflow.IWorkflowActivity": (Kind.ACTIVITY, DAPR_WORKFLOW_DOTNET, "RunAsync"),
    "Dapr.Workflow.WorkflowActivity": (Kind.ACTIVITY, DAPR_WORKFLOW_DOTNET, "RunAsync"),
    "DurableTask.Core.TaskOrchestration": (Kind.ORCHESTRATION, DTFX_DOTNET, "RunTask"),
    "DurableTask.TaskOrchestration": (Kind.ORCHESTRATION, DTFX_DOTNET, "RunTask"),
    "DurableTask.Core.TaskActivity": (Kind.ACTIVITY, DTFX_DOTNET, "Execute"),
    "DurableTask.TaskActivity": (Kind.ACTIVITY, DTFX_DOTNET, "Execute"),
    "DurableTask.Core.AsyncTaskActivity": (Kind.ACTIVITY, DTFX_DOTNET, "ExecuteAsync"),
    "DurableTask.AsyncTaskActivity": (Kind.ACTIVITY, DTFX_DOTNET, "ExecuteAsync"),
    "DurableTask.Core.Entities.TaskEntity": (Kind.ENTITY, DTFX_DOTNET, "ExecuteOperationBatchAsync"),
}
_REGISTERS = {
    "AddOrchestrator": (Kind.ORCHESTRATION, DURABLE_TASK_DOTNET),
    "AddOrchestratorFunc": (Kind.ORCHESTRATION, DURABLE_TASK_DOTNET),
    "AddActivity": (Kind.ACTIVITY, DURABLE_TASK_DOTNET),
    "AddActivityFunc": (Kind.ACTIVITY, DURABLE_TASK_DOTNET),
    "AddEntity": (Kind.ENTITY, DURABLE_TASK_DOTNET),
    "RegisterWorkflow": (Kind.ORCHESTRATION, DAPR_WORKFLOW_DOTNET),
    "RegisterActivity": (Kind.ACTIVITY, DAPR_WORKFLOW_DOTNET),
    "AddTaskOrchestrations": (Kind.ORCHESTRATION, DTFX_DOTNET),
    "AddTaskActivities": (Kind.ACTIVITY, DTFX_DOTNET),
    "AddTaskActivitiesFromInterface": (Kind.ACTIVITY, DTFX_DOTNET),
    "AddTaskActivitiesFromInterfaceV2": (Kind.ACTIVITY, DTFX_DOTNET),
}
"""Methods that register a class, a function or an object."""
_ISOLATED = "Microsoft.Azure.Functions.Worker"
"""What functions use that run in a process of their own."""
_TRIGGERS = {
    "@OrchestrationTrigger": Kind.ORCHESTRATION,
    "@ActivityTrigger": Kind.ACTIVITY,
    "@EntityTrigger": Kind.ENTITY,
}


_REGISTERING = re.compile(rf"\b(?:{'|'.join(_REGISTERS)})\b")
_CONTEXT = re.compile(r"(?:Orchestration|Workflow)Context(?:Base)?\b")


def surveys(function: FunctionValue) -> bool:
    """Whether a method registers something, or is passed a context and calls others with it."""
    node, text = function.node, function.scope.module.text
    annotations = [each.annotation for each in node.parameters if each.annotation is not None]
    if any(_CONTEXT.search(text, each.start, each.end) for each in annotations):
        return True
    if not _registers_somewhere(function.scope.module):
        return False
    parts = s.walk(node.body, into_functions=True)
    return any(isinstance(each, s.Attribute) and each.attr in _REGISTERS for each in parts)


@lru_cache(maxsize=4096)
def _registers_somewhere(module: s.Module) -> bool:
    return _REGISTERING.search(module.text) is not None


def declare(survey: Survey, called: Called) -> None:
    """A call, judged or not."""
    function = called.node.function
    registers = _REGISTERS.get(function.attr) if isinstance(function, s.Attribute) else None
    if registers is not None and called.arguments:
        _registered(survey, called, *registers)
    elif not any(isinstance(value, (FunctionValue, ClassValue, ObjectValue)) for value in called.callee):
        _look_into(survey, called)


def _look_into(survey: Survey, called: Called) -> None:
    """Lambdas that something unknown is given, which may register more: `services.AddDurableTaskWorker(b => …)`."""
    for _, values in called.arguments:
        for value in values:
            if isinstance(value, FunctionValue) and value.node.name == ANONYMOUS:
                flags = Flags(judged=False)
                _machine(survey).run(value, Arguments(unpacked=True), flags, None, value.node)


def _machine(survey: Survey) -> Machine:
    assert survey.machine is not None
    return survey.machine


def _registered(survey: Survey, called: Called, kind: Kind, sdk: Sdk) -> None:
    """`tasks.AddOrchestratorFunc("name", …)`, `tasks.AddActivity<Send>()`, `hub.AddTaskActivities(typeof(Send))`."""
    types = [values for argument, values in called.arguments if (argument.keyword or "").startswith("%")]
    passed = [values for argument, values in called.arguments if not (argument.keyword or "").startswith("%")]
    functions = [each for values in passed for each in values if isinstance(each, FunctionValue)]
    if _makes_objects(called.node):
        functions = []
    kinds = [each for values in (*types, *passed) for each in values if isinstance(each, (ClassValue, ObjectValue))]
    machine = _machine(survey)
    classes = [each.of if isinstance(each, ObjectValue) else each for each in kinds]
    classes = [each for each in classes if _run_by(machine, each) is not None]
    name = _known_text(machine, called, called.arguments[0][0].value) if passed and sdk is not DTFX_DOTNET else None
    names = [name] if name is not None else [_name_of(machine, each) for each in classes if sdk is not DTFX_DOTNET]
    if not names:
        survey.unresolved.add(kind)
    node, module, site = called.node, called.site.module, called.site
    versioned = len(passed) > 2 or any(map(_is_versioned, classes))
    for known in dict.fromkeys(names) if not functions else ():
        survey.add(Declared(kind, known, None, sdk, module, node, site, partial=True, versioned=versioned))
    for function in functions:
        survey.add(Declared(kind, name, function, sdk, module, node, site, partial=True, versioned=versioned))


def _makes_objects(node: s.Call) -> bool:
    """Whether a function that is passed makes what runs, and does not run itself."""
    return isinstance(node.function, s.Attribute) and node.function.attr in (
        "AddActivity",
        "AddEntity",
        "AddOrchestrator",
    )


def _known_text(machine: Machine, called: Called, node: s.Expression) -> str | None:
    loaded = machine.module(called.site.module.path)
    values = next((values for argument, values in called.arguments if argument.value is node), ())
    return text(values) or (None if loaded is None else _text_in(machine, loaded.scope, node))


def declare_module(survey: Survey, loaded: LoadedModule, bindings: Sequence[Binding]) -> None:
    """The classes of a file, by what they extend and by the triggers of their methods."""
    for kind in _classes_in(loaded.scope):
        _extending(survey, loaded.tree, kind)
        seen: set[int] = set()
        for values in list(kind.scope.names.values()):
            for value in values:
                if isinstance(value, FunctionValue) and value.node.decorators and id(value.node) not in seen:
                    seen.add(id(value.node))
                    _triggered(survey, loaded.tree, kind, value)


def _classes_in(scope: Scope) -> Iterator[ClassValue]:
    """The classes that a file declares, and those in them."""
    for name, values in list(scope.names.items()):
        for value in values:
            if isinstance(value, ClassValue) and value.scope.parent is scope and value.node.name == name:
                yield value
                yield from _classes_in(value.scope)


def _run_by(machine: Machine, kind: ClassValue) -> tuple[Kind, Sdk, str] | None:
    """What a class is to a runtime, by what it extends."""
    return next((_RUN[base] for base in machine.external_bases(kind) if base in _RUN), None)


def _extending(survey: Survey, module: s.Module, kind: ClassValue) -> None:
    machine = _machine(survey)
    found = _run_by(machine, kind)
    if found is None or any(s.dotted(each) == ABSTRACT for each in kind.node.decorators):
        return
    what, sdk, method = found
    methods = [each for each in machine.class_attribute(kind, method) if isinstance(each, FunctionValue)]
    name: str | None = _name_of(machine, kind)
    if sdk is DTFX_DOTNET and what is not Kind.ORCHESTRATION:
        name = None  # it has its namespace before it
    made = ObjectValue(kind)
    for each in methods:
        function = each.bound_to(made)
        survey.add(Declared(what, name, function, sdk, module, kind.node, partial=True, per_run=True))
    if not methods and what is not Kind.ORCHESTRATION:
        survey.add(Declared(what, name, None, sdk, module, kind.node, partial=True, per_run=True))


def _is_versioned(kind: ClassValue) -> bool:
    """Whether a class is one version of what has its name: `[DurableTask("name", Version = "2")]`."""
    arguments = [
        each for decorator in kind.node.decorators if isinstance(decorator, s.Call) for each in decorator.arguments
    ]
    return any(each.keyword == "Version" for each in arguments)


def _name_of(machine: Machine, kind: ClassValue) -> str:
    """The name of a class to the runtime: that of `[DurableTask("name")]`, or its own."""
    for decorator in kind.node.decorators:
        if isinstance(decorator, s.Call) and s.dotted(decorator.function) == "@DurableTask":
            name = next((each.value for each in decorator.arguments if each.keyword in (None, "Name")), None)
            known = None if name is None else _text_in(machine, kind.scope, name)
            return known or kind.node.name.partition("`")[0]
    return kind.node.name.partition("`")[0]


def _triggered(survey: Survey, module: s.Module, kind: ClassValue, function: FunctionValue) -> None:
    """A method of Azure Functions."""
    calls = {s.dotted(each.function): each for each in function.node.decorators if isinstance(each, s.Call)}
    named = calls.get("@Function") or calls.get("@FunctionName")
    isolated = "@Function" in calls or _ISOLATED in module.text
    sdk = DURABLE_FUNCTIONS_DOTNET if isolated else IN_PROCESS
    for each in misfits(_machine(survey), function, isolated=isolated):
        survey.attempt(module, each.node, sdk, each.message, each.help)
    name: str | None = function.node.name
    if named is not None:
        name = _text_in(_machine(survey), kind.scope, named.arguments[0].value) if named.arguments else None
    is_static = function.node.role == "staticmethod"
    if not is_static:
        function = function.bound_to(ObjectValue(kind))
    for trigger, what in _TRIGGERS.items():
        if trigger in calls:
            node = named or calls[trigger]
            survey.add(Declared(what, name, function, sdk, module, node, partial=True, per_run=not is_static))


def _text_in(machine: Machine, scope: Scope, node: s.Expression) -> str | None:
    """A text that is known when the code is compiled: a constant, a name of one, or parts put together."""
    match node:
        case s.Template(values=values):
            return _interpolated(machine, scope, node, values)
        case s.Operation(operator="+", operands=operands):
            parts = [_text_in(machine, scope, each) for each in operands]
            return "".join(each for each in parts if each is not None) if None not in parts else None
    return text(Activation.outside(machine, scope, node))


_BETWEEN = re.compile(r'(?:[$@"]+|[^{}]*\})([^{}]*)(?:\{\s*|"+)')
"""The text between two values of an interpolated string, and at its ends."""


def _interpolated(machine: Machine, scope: Scope, node: s.Template, values: tuple[s.Expression, ...]) -> str | None:
    parts: list[str] = []
    end = node.start
    for value in (*values, None):
        between = _BETWEEN.fullmatch(scope.module.text[end : node.end if value is None else value.start])
        known = None if value is None else _text_in(machine, scope, value)
        if between is None or (value is not None and known is None):
            return None
        parts += (between[1], known or "")
        end = node.end if value is None else value.end
    return "".join(parts)


def unregistered(machine: Machine, path: str) -> Iterator[Declared]:
    """Methods that are passed a context and use it for durable calls, though nothing of the project calls them."""
    loaded = machine.module(path)
    for kind in _classes_in(loaded.scope) if loaded is not None else ():
        for function in [value for values in list(kind.scope.names.values()) for value in values]:
            if not isinstance(function, FunctionValue) or function.scope is not kind.scope:
                continue
            sdk, node = _by_context(machine, function), function.node
            if sdk is not None:
                run = function if node.role == "staticmethod" else function.bound_to(ObjectValue(kind))
                module = function.scope.module
                yield Declared(Kind.ORCHESTRATION, node.name, run, sdk, module, node, registered=False, per_run=True)


def _by_context(machine: Machine, function: FunctionValue) -> Sdk | None:
    """The SDK of the context that is a method's first parameter and on which it makes durable calls."""
    node = function.node
    parameters = [each for each in node.parameters if each.name != "this"]
    if not parameters or any(s.dotted(each) == EXTENSION for each in node.decorators):
        return None
    values = described(parameters[0].annotation, lambda each: Activation.outside(machine, function.scope, each))
    sdk = next((value.runtime.sdk for value in values if isinstance(value, Context)), None)
    calls = (each.function for each in s.walk(node.body) if isinstance(each, s.Call))
    used = {each.attr for each in calls if isinstance(each, s.Attribute) and s.dotted(each.value) == parameters[0].name}
    return sdk if sdk is not None and any(sdk.members[each].is_durable for each in used & sdk.members.keys()) else None

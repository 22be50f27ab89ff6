"""Finds what a project declares: orchestrators, activities and entities, in every form the SDKs know.

Classes by what they implement, factories, methods with a trigger, and what `OrchestrationRunner` runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.declarations import Binding, Declared, Survey
from determinism_lint.analysis.events import Called
from determinism_lint.analysis.interpreter.machine import LoadedModule, Machine
from determinism_lint.analysis.interpreter.statements import Activation, Flags
from determinism_lint.analysis.scopes import Scope
from determinism_lint.analysis.sdk import Kind, Sdk
from determinism_lint.analysis.values import (
    Arguments,
    ClassValue,
    Context,
    External,
    FunctionValue,
    ObjectValue,
    Values,
    text,
)
from determinism_lint.languages.java.containers import classes_in, is_interface
from determinism_lint.languages.java.sdks import DAPR_WORKFLOW_JAVA, DURABLE_FUNCTIONS_JAVA, DURABLE_TASK_JAVA
from determinism_lint.languages.java.types import described

_TASK, _DAPR = "com.microsoft.durabletask", "io.dapr.workflows"
_RUN = {
    # the interface: what it is, the SDK, the method that the runtime calls
    f"{_TASK}.TaskOrchestration": (Kind.ORCHESTRATION, DURABLE_TASK_JAVA, "run"),
    f"{_TASK}.TaskActivity": (Kind.ACTIVITY, DURABLE_TASK_JAVA, "run"),
    f"{_TASK}.TaskEntity": (Kind.ENTITY, DURABLE_TASK_JAVA, "run"),
    f"{_TASK}.AbstractTaskEntity": (Kind.ENTITY, DURABLE_TASK_JAVA, "run"),
    f"{_DAPR}.WorkflowActivity": (Kind.ACTIVITY, DAPR_WORKFLOW_JAVA, "run"),
}
_FACTORIES = {
    f"{_TASK}.TaskOrchestrationFactory": (Kind.ORCHESTRATION, DURABLE_TASK_JAVA),
    f"{_TASK}.TaskActivityFactory": (Kind.ACTIVITY, DURABLE_TASK_JAVA),
    f"{_DAPR}.Workflow": (Kind.ORCHESTRATION, DAPR_WORKFLOW_JAVA),
}
"""Their `create()` returns what runs, their `getName()` says its name."""
_ADDED = {
    "addOrchestration": Kind.ORCHESTRATION,
    "addActivity": Kind.ACTIVITY,
    "addEntity": Kind.ENTITY,
}
_TRIGGERS = {
    "@DurableOrchestrationTrigger": Kind.ORCHESTRATION,
    "@DurableActivityTrigger": Kind.ACTIVITY,
    "@DurableEntityTrigger": Kind.ENTITY,
}


def declare(survey: Survey, called: Called) -> None:
    """A call, judged or not."""
    function = called.node.function
    names = {value.name for value in called.callee if isinstance(value, External)}
    if names & {f"{_TASK}.OrchestrationRunner.loadAndRun", f"{_TASK}.OrchestratorRunner.loadAndRun"}:
        _loaded_and_run(survey, called)
    elif isinstance(function, s.Attribute) and function.attr in _ADDED and called.arguments:
        _added(survey, called, _ADDED[function.attr])
    for value in called.callee:
        if isinstance(value, ClassValue):
            _made(survey, called, value)


def _machine(survey: Survey) -> Machine:
    assert survey.machine is not None
    return survey.machine


def _loaded_and_run(survey: Survey, called: Called) -> None:
    given = called.argument(1)
    module = called.site.module
    name = _name_in(_machine(survey), called)
    for function in _runnable(survey, given[1] if given is not None else ()):
        survey.add(
            Declared(
                Kind.ORCHESTRATION,
                name,
                function,
                DURABLE_FUNCTIONS_JAVA,
                module,
                called.node,
                partial=True,
                per_run=True,
            )
        )


def _name_in(machine: Machine, called: Called) -> str | None:
    """The name that `@FunctionName` gives to the method that a call is in."""
    loaded = machine.module(called.site.module.path)
    for decorator in called.site.function.decorators:
        if isinstance(decorator, s.Call) and s.dotted(decorator.function) == "@FunctionName" and decorator.arguments:
            return (
                None
                if loaded is None
                else text(Activation.outside(machine, loaded.scope, decorator.arguments[0].value))
            )
    return None


def _runnable(survey: Survey, values: Values) -> list[FunctionValue]:
    """The functions among values; of objects, their `run`."""
    found: list[FunctionValue] = []
    for value in values:
        match value:
            case FunctionValue():
                found.append(value)
            case ObjectValue():
                found.extend(_methods(survey, value, "run"))
    return found


def _methods(survey: Survey, value: ObjectValue, name: str) -> list[FunctionValue]:
    methods = _machine(survey).class_attribute(value.of, name)
    return [each.bound_to(value) for each in methods if isinstance(each, FunctionValue)]


def _returned(survey: Survey, value: ObjectValue, method: str) -> Values:
    machine, found = _machine(survey), _methods(survey, value, method)
    results: list[Values] = []
    for each in found:
        results.append(machine.run(each, Arguments(), Flags(judged=False), None, each.node))
    return results[0] if len(results) == 1 else ()


def _added(survey: Survey, called: Called, kind: Kind) -> None:
    """`worker.addActivity(factory)`: its name is that of the factory."""
    names: list[str | None] = []
    for value in called.arguments[-1][1]:
        if isinstance(value, ObjectValue) and _factory(survey, value.of) is not None:
            names.append(text(_returned(survey, value, "getName")))
    if not names:
        survey.unresolved.add(kind)
    for name in names:
        if name is None:
            survey.unresolved.add(kind)
        else:
            module = called.site.module
            survey.add(Declared(kind, name, None, DURABLE_TASK_JAVA, module, called.node, called.site, partial=True))


def _factory(survey: Survey, kind: ClassValue) -> tuple[Kind, Sdk] | None:
    bases = _machine(survey).external_bases(kind)
    return next((_FACTORIES[base] for base in bases if base in _FACTORIES), None)


def _made(survey: Survey, called: Called, kind: ClassValue) -> None:
    """An object is made: of a factory, what it makes is declared."""
    factory = _factory(survey, kind)
    if factory is None or factory[0] is not Kind.ORCHESTRATION or factory[1] is DAPR_WORKFLOW_JAVA:
        _anonymous(survey, called, kind)
        return
    for value in called.result:
        if isinstance(value, ObjectValue):
            _from_factory(survey, called.site.module, called.node, value, *factory)


def _anonymous(survey: Survey, called: Called, kind: ClassValue) -> None:
    """`new TaskOrchestration() { … }`."""
    if kind.scope.in_function:
        _implementing(survey, called.site.module, called.node, kind)


def _from_factory(survey: Survey, module: s.Module, node: s.Node, value: ObjectValue, kind: Kind, sdk: Sdk) -> None:
    name = text(_returned(survey, value, "getName"))
    for function in _runnable(survey, _returned(survey, value, "create")):
        known = value.of.node.name if sdk is DAPR_WORKFLOW_JAVA and name is None else name
        survey.add(Declared(kind, known, function, sdk, module, node, partial=True, per_run=True))


def declare_module(survey: Survey, loaded: LoadedModule, bindings: Sequence[Binding]) -> None:
    """The classes of a file, by what they implement and by the triggers of their methods."""
    for kind in classes_in(loaded.scope.names):
        if is_interface(kind):
            continue
        _implementing(survey, loaded.tree, kind.node, kind)
        factory = _factory(survey, kind)
        if factory is not None and factory[0] is Kind.ORCHESTRATION:
            _from_factory(survey, loaded.tree, kind.node, ObjectValue(kind), *factory)
        for values in list(kind.scope.names.values()):
            for value in values:
                if isinstance(value, FunctionValue) and value.node.decorators:
                    _triggered(survey, loaded.tree, kind, value)


def _implementing(survey: Survey, module: s.Module, node: s.Node, kind: ClassValue) -> None:
    for base in _machine(survey).external_bases(kind):
        if base not in _RUN:
            continue
        what, sdk, method = _RUN[base]
        name = None if kind.scope.in_function else kind.node.name
        methods = _methods(survey, ObjectValue(kind), method)
        for function in methods:
            survey.add(Declared(what, name, function, sdk, module, node, partial=True, per_run=True))
        if not methods and name is not None and what is not Kind.ORCHESTRATION:
            survey.add(Declared(what, name, None, sdk, module, node, partial=True, per_run=True))


def _triggered(survey: Survey, module: s.Module, kind: ClassValue, function: FunctionValue) -> None:
    """A method of Azure Functions."""
    calls = [each for each in function.node.decorators if isinstance(each, s.Call)]
    named = next((each for each in calls if s.dotted(each.function) == "@FunctionName"), None)
    if named is None or not named.arguments:
        return
    machine = _machine(survey)
    name = text(Activation.outside(machine, kind.scope, named.arguments[0].value))
    if function.node.role != "staticmethod":
        function = function.bound_to(ObjectValue(kind))
    for each in calls:
        what = _TRIGGERS.get(s.dotted(each.function) or "")
        if what is None:
            continue
        if what is Kind.ORCHESTRATION and not _takes_context(machine, kind.scope, function.node):
            continue  # it hands its state to `OrchestrationRunner`, which is found by itself
        survey.add(Declared(what, name, function, DURABLE_FUNCTIONS_JAVA, module, function.node, partial=True))


def _takes_context(machine: Machine, scope: Scope, node: s.Function) -> bool:
    for parameter in node.parameters[:2]:
        values = described(parameter.annotation, lambda each: Activation.outside(machine, scope, each))
        if any(isinstance(value, Context) for value in values):
            return True
    return False


def unregistered(machine: Machine, path: str) -> Iterator[Declared]:
    """In Java whatever runs is declared by its type."""
    return iter(())

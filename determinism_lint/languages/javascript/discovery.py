"""Finds what a project declares: orchestrators, activities and entities, in every form the SDKs know.

`df.app.orchestration(…)`, `df.orchestrator(…)` with a function.json, `worker.addOrchestrator(…)`, annotated contexts,
and generators of durable calls that nothing registers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from posixpath import basename, dirname

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.declarations import Declared, Survey, functions_of
from determinism_lint.analysis.events import Called
from determinism_lint.analysis.interpreter.machine import Machine
from determinism_lint.analysis.interpreter.statements import Activation
from determinism_lint.analysis.sdk import Kind, Sdk
from determinism_lint.analysis.values import (
    Container,
    Context,
    External,
    FunctionValue,
    Instance,
    Values,
    text,
)
from determinism_lint.languages.javascript.parse import ANONYMOUS
from determinism_lint.languages.javascript.sdks import DURABLE_FUNCTIONS_JS, DURABLE_TASK_JS, sdk_owning
from determinism_lint.languages.javascript.types import described

_DELEGATES = re.compile(r"\byield\b[^;\n]*\*")
_ADDED = {
    # method of a worker or its builder: kind, position of the function
    "addOrchestrator": (Kind.ORCHESTRATION, 0),
    "addNamedOrchestrator": (Kind.ORCHESTRATION, 1),
    "addActivity": (Kind.ACTIVITY, 0),
    "addNamedActivity": (Kind.ACTIVITY, 1),
    "addEntity": (Kind.ENTITY, 0),
    "addNamedEntity": (Kind.ENTITY, 1),
}
_APP = {"orchestration": Kind.ORCHESTRATION, "activity": Kind.ACTIVITY, "entity": Kind.ENTITY}
"""`df.app.….`: the programming model 4 of Azure Functions."""
_FACTORIES = {"": Kind.ORCHESTRATION, ".orchestrator": Kind.ORCHESTRATION, ".entity": Kind.ENTITY}
"""`df.orchestrator(…)`, and `df(…)` of the first versions: the programming model 3, with a function.json."""
_STARTS = frozenset({"callSubOrchestrator", "callSubOrchestratorWithRetry", "scheduleNewOrchestration"})


def declare(survey: Survey, called: Called) -> None:
    """A call, judged or not."""
    function, module = called.node.function, called.site.module
    names = {value.name for value in called.callee if isinstance(value, External)}
    for name in names:
        if name.startswith("durable-functions.app."):
            kind = _APP.get(name.removeprefix("durable-functions.app."))
            if kind is not None:
                _model_4(survey, called, kind)
                return
        if name.startswith("durable-functions") and name.removeprefix("durable-functions") in _FACTORIES:
            _model_3(survey, called, _FACTORIES[name.removeprefix("durable-functions")])
            return
    if not isinstance(function, s.Attribute):
        return
    if function.attr in _ADDED and (not names or any(sdk_owning(name) is DURABLE_TASK_JS for name in names)):
        _worker(survey, called, *_ADDED[function.attr])
    elif function.attr in _STARTS:
        sdk = _sdk_of_base(called) or _sdk_of_module(module)
        for _, values in called.arguments[:1]:
            survey.scheduled.extend((value, sdk) for value in values if isinstance(value, FunctionValue))


def _model_4(survey: Survey, called: Called, kind: Kind) -> None:
    named, given = called.argument(0), called.argument(1)
    name = None if named is None else text(named[1])
    functions = _functions(given[1] if given is not None else ())
    module = called.site.module
    if kind is Kind.ORCHESTRATION and not functions:
        survey.unresolved.add(kind)
    every: list[FunctionValue | None] = [*functions]
    for function in every or [None]:
        survey.add(Declared(kind, name, function, DURABLE_FUNCTIONS_JS, module, called.node, called.site))


def _model_3(survey: Survey, called: Called, kind: Kind) -> None:
    given = called.argument(0)
    module = called.site.module
    for function in _functions(given[1] if given is not None else ()):
        if kind is Kind.ORCHESTRATION and not (function.node.is_generator or function.node.is_async):
            continue
        name = basename(dirname(module.path)) if basename(module.path).startswith("index.") else None
        known = name if function.node.name == ANONYMOUS else name or function.node.name
        survey.add(Declared(kind, known, function, DURABLE_FUNCTIONS_JS, module, called.node))


def _worker(survey: Survey, called: Called, kind: Kind, position: int) -> None:
    given = called.argument(position)
    named = called.argument(0) if position else None
    module = called.site.module
    functions = _functions(given[1] if given is not None else ())
    for function in functions:
        name = text(named[1]) if named is not None else survey.name_of(function)
        name = None if name == ANONYMOUS else name
        survey.add(Declared(kind, name, function, DURABLE_TASK_JS, module, called.node, called.site))
    if not functions and given is not None:
        name = text(named[1]) if named is not None else None
        if name is not None:
            survey.add(Declared(kind, name, None, DURABLE_TASK_JS, module, called.node, called.site))
        else:
            survey.unresolved.add(kind)


def _functions(values: Values) -> list[FunctionValue]:
    """The functions among values; of options, what they give as `handler`."""
    found: list[FunctionValue] = []
    for value in values:
        match value:
            case FunctionValue():
                found.append(value)
            case Container(kind="dict") if "handler" in value.keys:
                found.extend(_functions(value.elements[value.keys.index("handler")]))
    return found


def _sdk_of_base(called: Called) -> Sdk | None:
    for value in called.base:
        if isinstance(value, Context):
            return value.runtime.sdk
        if isinstance(value, (Instance, External)) and (sdk := sdk_owning(value.name)) is not None:
            return sdk
    return None


def _sdk_of_module(module: s.Module) -> Sdk:
    return DURABLE_TASK_JS if "durabletask-js" in module.text else DURABLE_FUNCTIONS_JS


# --- orchestrators that nothing registers -----------------------------------------------------------------------


def unregistered(machine: Machine, path: str) -> Iterator[Declared]:
    """Functions that are orchestrators by the annotation of their context or by the durable calls they yield."""
    loaded = machine.module(path)
    if loaded is None:
        return
    for function in functions_of(loaded.scope):
        sdk = _by_annotation(machine, function) or _by_shape(function.node, loaded.tree)
        if sdk is not None and function.node.name not in _parts_of_others(machine):
            yield Declared(
                Kind.ORCHESTRATION, function.node.name, function, sdk, loaded.tree, function.node, registered=False
            )


def _parts_of_others(machine: Machine) -> set[str]:
    """The names of generators that others run as a part of themselves: `yield* helper(context)`."""
    return set().union(*(_delegated(each.tree) for each in machine.loaded))


@lru_cache(maxsize=4096)
def _delegated(module: s.Module) -> frozenset[str]:
    if _DELEGATES.search(module.text) is None:
        return frozenset()  # as nearly all, which saves reading the bodies of their functions
    return frozenset(
        written.rsplit(".", 1)[-1]
        for node in s.walk(module.body, into_functions=True)
        if isinstance(node, s.Delegate) and isinstance(node.value, s.Call)
        if (written := s.dotted(node.value.function)) is not None
    )


def _own_parameters(node: s.Function) -> list[s.Parameter]:
    return [each for each in node.parameters if each.kind == "positional" and each.name != "this"]


def _by_annotation(machine: Machine, function: FunctionValue) -> Sdk | None:
    """A generator whose first parameter is annotated as a context."""
    parameters = _own_parameters(function.node)
    if not parameters or len(parameters) > 2 or not function.node.is_generator:
        return None
    values = described(parameters[0].annotation, lambda node: Activation.outside(machine, function.scope, node))
    return next((value.runtime.sdk for value in values if isinstance(value, Context)), None)


def _by_shape(node: s.Function, module: s.Module) -> Sdk | None:
    """A generator that yields a durable call on its only or first parameter."""
    parameters = _own_parameters(node)
    if not node.is_generator or not parameters or len(parameters) > 2:
        return None
    context = parameters[0].name
    for suspension in s.walk(node.body):
        value = suspension.value if isinstance(suspension, s.Suspend) and suspension.keyword == "yield" else None
        written = s.dotted(value.function) if isinstance(value, s.Call) else None
        if written is None or not written.startswith(context + "."):
            continue
        rest = written[len(context) + 1 :]
        for sdk in (DURABLE_FUNCTIONS_JS, DURABLE_TASK_JS):
            prefix = "" if sdk.namespace is None else sdk.namespace + "."
            kind = sdk.members.get(rest.removeprefix(prefix)) if rest.startswith(prefix) else None
            if kind is not None and kind.is_awaitable and (sdk.namespace is not None or _sdk_of_module(module) is sdk):
                return sdk
    return None

"""Parameters of Azure Functions that do not fit: a binding on another type, or one that no orchestrator can have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.interpreter.machine import Machine
from determinism_lint.analysis.interpreter.statements import Activation
from determinism_lint.analysis.values import External, FunctionValue

_TYPES = {
    "@OrchestrationTrigger": "Microsoft.DurableTask.TaskOrchestrationContext",
    "@DurableClient": "Microsoft.DurableTask.Client.DurableTaskClient",
    "@EntityTrigger": "Microsoft.Azure.Functions.Worker.TaskEntityDispatcher",
}
"""What each attribute stands on in functions that run in a process of their own."""
_FOREIGN = {
    "@DurableClient": "a client cannot be used in an orchestrator",
    "@OrchestrationClient": "a client cannot be used in an orchestrator",
    "@EntityTrigger": "an orchestrator has one trigger",
    "@ActivityTrigger": "an orchestrator has one trigger",
}
_CLIENTS = frozenset({"@DurableClient", "@OrchestrationClient"})
_TOKEN = "System.Threading.CancellationToken"


class Misfit(NamedTuple):
    """A parameter that is wrong."""

    node: s.Parameter
    message: str
    help: str


def misfits(machine: Machine, function: FunctionValue, *, isolated: bool) -> Iterator[Misfit]:
    """The parameters of a method that do not fit what its attributes make of it."""
    node = function.node
    by_parameter: dict[object, set[str]] = {}
    for decorator in (each for each in node.decorators if isinstance(each, s.Call)):
        for each in decorator.arguments:
            if each.keyword == "%parameter" and isinstance(each.value, s.Constant):
                by_parameter.setdefault(each.value.value, set()).add(s.dotted(decorator.function) or "")
    is_orchestrator = any("@OrchestrationTrigger" in names for names in by_parameter.values())
    for parameter in node.parameters:
        attributes, kind = by_parameter.get(parameter.name, set()), _type(machine, function, parameter)
        for attribute in sorted(attributes):
            expected = _TYPES.get(attribute) if isolated else None
            if is_orchestrator and attribute in _CLIENTS and _is_used(node, parameter.name):
                continue  # each use is reported
            if is_orchestrator and attribute in _FOREIGN:
                message = f"`[{attribute[1:]}]` does not fit: {_FOREIGN[attribute]}"
                yield Misfit(parameter, message, "take the parameter away")
            elif expected is not None and kind is not None and kind != expected:
                short = expected.rpartition(".")[2]
                message = f"`[{attribute[1:]}]` stands on a `{kind.rpartition('.')[2]}`, which it cannot bind"
                yield Misfit(parameter, message, f"make the parameter a `{short}`")
        if is_orchestrator and isolated and kind == _TOKEN:
            yield Misfit(parameter, "an orchestrator cannot be passed a `CancellationToken`", "take the parameter away")


def _is_used(function: s.Function, name: str) -> bool:
    return any(isinstance(each, s.Attribute) and s.dotted(each.value) == name for each in s.walk(function.body))


def _type(machine: Machine, function: FunctionValue, parameter: s.Parameter) -> str | None:
    """The qualified name of a parameter's type, if it is a type outside the project or a keyword."""
    annotation = parameter.annotation
    if isinstance(annotation, s.Name) and annotation.id.startswith("%"):
        return annotation.id[1:]
    values = () if annotation is None else Activation.outside(machine, function.scope, annotation)
    names = {value.name for value in values if isinstance(value, External)}
    name = names.pop() if len(names) == 1 else ""
    return name if name and not name.startswith("unknown.") else None

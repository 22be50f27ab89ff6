"""How an SDK is told of an activity, and how an orchestrator schedules it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from determinism_lint import syntax as s
from determinism_lint.extraction.place import Place
from determinism_lint.model import Edit
from determinism_lint.rewrites import insertion, newline, own_line

TITLE = "{} (version it: instances in flight replay the old history)"
NOTHING = "nothing"
"""The parameter of an activity of Azure Functions that is passed nothing: it must have one."""


def is_task(runtime: str) -> bool:
    return runtime.startswith("durable-task-python")


def is_functions(runtime: str) -> bool:
    return runtime.startswith("durable-functions-python")


def scheduled(name: str, payload: str, place: Place) -> str:
    """The expression that runs an activity; `payload` is empty where nothing is passed."""
    activity = name if is_task(place.runtime) else f'"{name}"'
    keyword = "input=" if is_task(place.runtime) or place.runtime.endswith("-native") else ""
    passed = f", {keyword}{payload}" if payload else ""
    return f"yield {place.context}.call_activity({activity}{passed})"


def in_place(text: str, parent: s.Node) -> str:
    """A `yield` as it must be written as a part of `parent`."""
    return text if isinstance(parent, (s.Evaluate, s.Assign)) else f"({text})"


def app_of(orchestrator: s.Function) -> str | None:
    """The app or blueprint that an orchestrator of Azure Functions is declared with."""
    return next((name for each in orchestrator.decorators for name in _app(each)), None)


def _app(decorator: s.Expression) -> Iterator[str]:
    match decorator:
        case s.Call(function=s.Attribute(attr="orchestration_trigger", value=s.Name(id=name))):
            yield name


def trigger(app: str, parameter: str) -> str:
    return f'@{app}.activity_trigger(input_name="{parameter}")'


def is_binding_name(name: str) -> bool:
    """Whether the runtime of Azure Functions accepts a parameter's name."""
    return re.fullmatch("[A-Za-z][A-Za-z0-9]*", name) is not None


def added_to_worker(name: str, place: Place) -> Edit | None:
    """`worker.add_activity(…)` after the orchestrator's only registration."""
    module = place.module
    nodes = s.walk(module.body, into_functions=True)
    added = [each for node in nodes for each in _added(node, place.orchestrator.name)]
    if len(added) != 1:
        return None
    statement, worker = added[0]
    indent = own_line(module, statement)
    if indent is None:
        return None
    owner = module.text[worker.start : worker.end]
    return insertion(module, statement.end, f"{newline(module)}{indent}{owner}.add_activity({name})")


def _added(node: s.Node, orchestrator: str) -> Iterator[tuple[s.Evaluate, s.Expression]]:
    match node:
        case s.Evaluate(
            value=s.Call(
                function=s.Attribute(attr="add_orchestrator", value=worker),
                arguments=(s.Argument(value=s.Name(id=name), keyword=None, unpack=""),),
            )
        ) if name == orchestrator:
            yield node, worker


def activity_context(name: str, module: s.Module) -> str:
    """An activity's first parameter, with its type where the module can name it."""
    task = next((node.local for node in module.body if isinstance(node, s.Import) and _is_task(node)), None)
    return name if task is None else f"{name}: {task}.ActivityContext"


def _is_task(node: s.Import) -> bool:
    return (node.module, node.attribute) == ("durabletask", "task") and node.local is not None

"""How an SDK is told of an activity, and how an orchestrator schedules it."""

from __future__ import annotations

import re

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.edits import insertion
from determinism_lint.analysis.moves import Place
from determinism_lint.analysis.sdk import Runtime
from determinism_lint.languages.python.sdks import DURABLE_FUNCTIONS_PYTHON, DURABLE_TASK_PYTHON
from determinism_lint.languages.python.substitutions import newline, own_line
from determinism_lint.model import Edit

TITLE = "{} (version it: instances in flight replay the old history)"
NOTHING = "nothing"
"""The parameter of an activity of Azure Functions that is passed nothing: it must have one."""


def is_task(runtime: Runtime) -> bool:
    return runtime.sdk is DURABLE_TASK_PYTHON


def is_functions(runtime: Runtime) -> bool:
    return runtime.sdk is DURABLE_FUNCTIONS_PYTHON


def scheduled(name: str, payload: str, place: Place) -> str:
    """The expression that runs an activity; `payload` is empty where nothing is passed."""
    activity = name if is_task(place.runtime) else f'"{name}"'
    keyword = "input=" if is_task(place.runtime) or place.runtime.native else ""
    passed = f", {keyword}{payload}" if payload else ""
    return f"yield {place.context}.call_activity({activity}{passed})"


def in_place(text: str, parent: s.Node) -> str:
    """A `yield` as it must be written as a part of `parent`."""
    return text if isinstance(parent, (s.Evaluate, s.Assign)) else f"({text})"


def app_of(orchestrator: s.Function) -> str | None:
    """The app or blueprint that an orchestrator of Azure Functions is declared with."""
    for decorator in orchestrator.decorators:
        match decorator:
            case s.Call(function=s.Attribute(attr="orchestration_trigger", value=s.Name(id=name))):
                return name
    return None


def trigger(app: str, parameter: str) -> str:
    return f'@{app}.activity_trigger(input_name="{parameter}")'


def is_binding_name(name: str) -> bool:
    """Whether the runtime of Azure Functions accepts a parameter's name."""
    return re.fullmatch("[A-Za-z][A-Za-z0-9]*", name) is not None


def added_to_worker(name: str, place: Place) -> Edit | None:
    """`worker.add_activity(…)` after the orchestrator's only registration."""
    module = place.module
    pattern = re.compile(rf"(.+)\.add_orchestrator\(\s*{place.orchestrator.name}\s*,?\s*\)", re.DOTALL)
    statements = [node for node in s.walk(module.body, into_functions=True) if isinstance(node, s.Evaluate)]
    added = [(node, found[1]) for node in statements if (found := pattern.fullmatch(module.text, node.start, node.end))]
    indent = own_line(module, added[0][0]) if len(added) == 1 else None
    if indent is None:
        return None
    return insertion(module, added[0][0].end, f"{newline(module)}{indent}{added[0][1]}.add_activity({name})")


def activity_context(name: str, module: s.Module) -> str:
    """An activity's first parameter, with its type where the module can name it."""
    for node in module.body:
        match node:
            case s.Import(module="durabletask", attribute="task", local=str(task)):
                return f"{name}: {task}.ActivityContext"
    return name

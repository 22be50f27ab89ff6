"""Properties of what the project does not define: reading one runs its code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.interpreter import calls
from determinism_lint.analysis.values import UNKNOWN, Coroutine, External, Instance, Task, Values
from determinism_lint.languages.csharp.names import PROPERTIES, TASK
from determinism_lint.languages.csharp.sdks import TASK_ATTRIBUTES

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.statements import Activation
    from determinism_lint.analysis.scopes import Scope


def read(run: Activation, node: s.Attribute, name: str) -> Values:
    """Read a property of a class outside the project, which runs its code as a call does."""
    return calls.outside(run, s.Call(node.start, node.end, node, ()), External(name)) or (Instance("property"),)


_BLOCKS = frozenset({"GetAwaiter", "Result", "RunSynchronously", "Wait"})


def of_task(run: Activation, node: s.Attribute, value: Task | Coroutine) -> Values:
    """An attribute of a task: what blocks until it has completed does no harm once something has waited for it."""
    if node.attr not in TASK_ATTRIBUTES or (node.attr in _BLOCKS and _may_have_completed(run, node, value)):
        return UNKNOWN
    name = f"{TASK}.{node.attr}"
    return read(run, node, name) if name in PROPERTIES else (External(name),)


def _may_have_completed(run: Activation, node: s.Attribute, value: Task | Coroutine) -> bool:
    """Whether the function, or one around it, waits for something between making a task and asking for its result."""
    scope: Scope | None = run.scope
    while scope is not None:
        if isinstance(scope.node, s.Function):
            parts = list(s.walk(scope.node.body, into_functions=True))
            since = value.start if any(part is value.call for part in parts) else -1
            if any(isinstance(part, s.Suspend) and since < part.end <= node.start for part in parts):
                return True
        scope = scope.parent
    return False

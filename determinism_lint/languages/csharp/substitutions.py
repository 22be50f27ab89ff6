"""What to write instead: the edits that a fix consists of.

A rewrite that is not sure that the result means the same and still compiles gives a refusal, which says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.edits import insertion, replacement
from determinism_lint.analysis.events import Called, Dropped, Event, Problem
from determinism_lint.analysis.values import Task
from determinism_lint.model import Fix, Refusal

VERSION = "(version it: instances in flight replay the old history)"
"""What the title of an unsafe fix ends with."""


def substitution(template: str, event: Called) -> Fix | Refusal:
    """Replace a call or a property by its durable equivalent from the rule's table."""
    context, module, node = event.site.context, event.site.module, event.node
    if context is None:
        return _without_context(event)
    if event.arguments:
        return Refusal("the call has arguments")
    written = module.text[node.start : node.end]
    space = "System." if written.startswith(("System.", "global::System.")) else ""
    text = template.replace("{ctx}", context).replace("new DateTimeOffset(", f"new {space}DateTimeOffset(")
    return Fix("safe", f"replace with `{text}`", (replacement(module, node.start, node.end, text),))


def _without_context(event: Called) -> Refusal:
    return Refusal(f"`{event.site.function.name or 'this function'}` does not have the context")


_NOT_ASYNC = "the method is not `async`"


def _wait(event: Event, problem: Problem) -> Fix | Refusal | None:
    """Put `await` before a call that is a statement of its own."""
    if not isinstance(event, Dropped) or event.node.value is not problem.node:
        return Refusal("what is made of its value has to be decided first")
    if not any(isinstance(value, Task) and value.call is problem.node for value in event.values):
        return Refusal("it is not the call that makes the task")
    if not event.site.function.is_async:
        return Refusal(_NOT_ASYNC)
    edit = insertion(event.site.module, event.node.value.start, "await ")
    return Fix("unsafe", f"put `await` before the call {VERSION}", (edit,))


def _guard(event: Called, problem: Problem) -> Fix | Refusal:
    """`if (!context.IsReplaying)` before a log call that is a statement of its own in a block."""
    site, text = event.site, event.site.module.text
    if site.context is None:
        return _without_context(event)
    statement = site.ancestors[-1] if site.ancestors else None
    if not isinstance(statement, s.Evaluate) or statement.value is not problem.node:
        return Refusal("it is not a statement of its own")
    before = text[: statement.start].rstrip()
    if before[-1:] not in ("{", "}", ";"):
        return Refusal("it does not stand in a block right after another statement")
    if not all(_reads(each.value) for each in event.node.arguments):
        return Refusal("its arguments may do more than read, and then the guard would change what happens")
    guard = f"if (!{site.context}.IsReplaying) "
    return Fix("safe", f"guard it with `{guard.rstrip()}`", (insertion(site.module, statement.start, guard),))


def _reads(node: s.Expression) -> bool:
    """Whether evaluating an expression changes nothing and throws nothing, as far as its form tells."""
    match node:
        case s.Constant() | s.Name():
            return True
        case s.Attribute(value=s.Name(id="this")):
            return True
        case s.Operation(operator="+", operands=parts) | s.Template(values=parts):
            return all(map(_reads, parts))
    return False


_THREADING = re.compile(r"^\s*using\s+System\.Threading\s*;", re.MULTILINE)


def _timer(event: Called, problem: Problem) -> Fix | Refusal:
    """`await context.CreateTimer(…)` in the place of `await Task.Delay(…)` and `Thread.Sleep(…)`."""
    site, node = event.site, event.node
    if site.context is None:
        return _without_context(event)
    if len(node.arguments) != 1:
        return Refusal("it can be canceled, which a durable timer does by a token of its own")
    if not site.function.is_async:
        return Refusal(_NOT_ASYNC)
    text, around = site.module.text, site.ancestors[-1] if site.ancestors else None
    is_awaited = isinstance(around, s.Suspend)
    if not is_awaited and not (isinstance(around, s.Evaluate) and text[node.start : node.end].startswith("Thread")):
        return Refusal("it is not awaited where it is made")
    delay = node.arguments[0].value
    written = text[delay.start : delay.end]
    if isinstance(delay, s.Constant) and isinstance(delay.value, int):
        written = f"TimeSpan.FromMilliseconds({written})"
    elif not written.startswith("TimeSpan."):
        return Refusal("it is not known whether the delay is a `TimeSpan`")
    token = "CancellationToken.None" if _THREADING.search(text) else "System.Threading.CancellationToken.None"
    made = f"{'' if is_awaited else 'await '}{site.context}.CreateTimer({written}, {token})"
    return Fix(
        "unsafe", f"replace with a durable timer {VERSION}", (replacement(site.module, node.start, node.end, made),)
    )


FIXES: Mapping[str, Callable[[Any, Problem], Fix | Refusal | None]] = {
    "blocking-sleep": _timer,
    "unawaited-task": _wait,
    "unguarded-logging": _guard,
}
"""What mends the problems of a rule, beyond the replacements in its table."""

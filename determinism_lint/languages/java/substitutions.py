"""What to write instead: the edits that a fix consists of.

A rewrite that is not sure that the result means the same and still runs gives a refusal, which says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.edits import insertion, replacement
from determinism_lint.analysis.events import Called, Dropped, Event, Problem
from determinism_lint.analysis.values import Task
from determinism_lint.languages.java.sdks import DAPR_WORKFLOW_JAVA
from determinism_lint.languages.releases import lacking
from determinism_lint.model import Fix, Refusal

VERSION = "(version it: instances in flight replay the old history)"
"""What the title of an unsafe fix ends with."""


def substitution(template: str, event: Called) -> Fix | Refusal:
    """Replace a call by its durable equivalent from the rule's table."""
    context, module, node = event.site.context, event.site.module, event.node
    if context is None:
        return _without_context(event)
    if event.arguments:
        return Refusal("the call has arguments")
    if event.site.runtime.sdk is DAPR_WORKFLOW_JAVA:
        template = template.replace("newUUID", "newUuid")
    text = template.replace("{ctx}", context)
    fix = Fix("safe", f"replace with `{text}`", (replacement(module, node.start, node.end, text),))
    return lacking(event.site.runtime, text) or fix


def _without_context(event: Called) -> Refusal:
    return Refusal(f"`{event.site.function.name or 'this function'}` does not have the context")


def _wait(event: Event, problem: Problem) -> Fix | Refusal | None:
    """Put `.await()` after a call that is a statement of its own."""
    if not isinstance(event, Dropped) or event.node.value is not problem.node:
        return Refusal("what is made of its value has to be decided first")
    if not any(isinstance(value, Task) and value.call is problem.node for value in event.values):
        return Refusal("it is not the call that makes the task")
    edit = insertion(event.site.module, event.node.value.end, ".await()")
    return Fix("unsafe", f"put `.await()` after the call {VERSION}", (edit,))


def _guard(event: Called, problem: Problem) -> Fix | Refusal:
    """`if (!ctx.getIsReplaying())` before a log call that is a statement of its own in a block."""
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
    flag = "isReplaying" if site.runtime.sdk is DAPR_WORKFLOW_JAVA else "getIsReplaying"
    guard = f"if (!{site.context}.{flag}()) "
    fix = Fix("safe", f"guard it with `{guard.rstrip()}`", (insertion(site.module, statement.start, guard),))
    return lacking(site.runtime, guard) or fix


def _reads(node: s.Expression) -> bool:
    """Whether evaluating an expression changes nothing and throws nothing, as far as its form tells."""
    match node:
        case s.Constant() | s.Name():
            return True
        case s.Operation(operator="+", operands=operands):
            return all(map(_reads, operands))
    return False


FIXES: Mapping[str, Callable[[Any, Problem], Fix | Refusal | None]] = {
    "unawaited-task": _wait,
    "unguarded-logging": _guard,
}
"""What mends the problems of a rule, beyond the replacements in its table."""

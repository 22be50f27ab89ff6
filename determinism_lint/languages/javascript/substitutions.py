"""What to write instead: the edits that a fix consists of.

A rewrite gives up (returns None) whenever it is not sure that the result means the same and still runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.edits import insertion, replacement
from determinism_lint.analysis.events import Called, Dropped, Event, Finished, Problem
from determinism_lint.analysis.values import Generator, Task
from determinism_lint.model import Fix, Refusal


def substitution(template: str, event: Called) -> Fix | Refusal:
    """Replace a call by its durable equivalent from the rule's table."""
    context, module, node = event.site.context, event.site.module, event.node
    if event.arguments:
        return Refusal("the call has arguments")
    if context is None:
        return Refusal(f"`{event.site.function.name}` does not have the context")
    if node.function.start == node.start and template.endswith("currentUtcDateTime"):
        return Refusal("without `new` it gives text")
    text = template.replace("{ctx}", context)
    if template.endswith("currentUtcDateTime"):
        # the durable clock is one object for the whole turn, and dates can be changed in place
        text = f"new Date({text})"
    return Fix("safe", f"replace with `{text}`", (replacement(module, node.start, node.end, text),))


def _wait(event: Event, problem: Problem) -> Fix | None:
    """Put `yield` or `yield*` before a call that is a statement of its own, in the function that made the task."""
    if not isinstance(event, Dropped) or not event.site.driven or not event.site.function.is_generator:
        return None
    if event.node.value is not problem.node:
        return None
    for value in event.values:
        if isinstance(value, Generator) and value.call is problem.node:
            return Fix("safe", "put `yield*` before the call", (_before(event, "yield* "),))
        if isinstance(value, Task) and value.call is problem.node:
            # the call is recorded, and its place in the history found, only when it is yielded
            return Fix("unsafe", "put `yield` before the call", (_before(event, "yield "),))
    return None


def _before(event: Dropped, text: str) -> Any:
    return insertion(event.site.module, event.node.value.start, text)


def _guard(event: Event, problem: Problem) -> Fix | Refusal:
    """`if (!context.isReplaying)` before a log call that is a statement of its own."""
    site = event.site
    statement = site.ancestors[-1] if site.ancestors else None
    if site.context is None:
        return Refusal(f"`{site.function.name}` does not have the context")
    if not isinstance(statement, s.Evaluate) or statement.value is not problem.node:
        return Refusal("the call is no statement of its own")
    around = site.ancestors[-2] if len(site.ancestors) > 1 else None
    if isinstance(around, s.If) and "{" not in site.module.text[around.test.end : statement.start]:
        return Refusal("it is the whole of a condition, whose `else` would be another's then")
    inside = "" if site.runtime.sdk.namespace is None else f".{site.runtime.sdk.namespace}"
    text = f"if (!{site.context}{inside}.isReplaying) "
    return Fix("safe", f"guard it with `{text.rstrip()}`", (insertion(site.module, statement.start, text),))


def _keep(event: Event, problem: Problem) -> Fix | Refusal | None:
    """Pass true for `saveEvents`."""
    called = event.calls.get(problem.node) if isinstance(event, Finished) and isinstance(problem.node, s.Call) else None
    if called is None or called.site.runtime.keeps_events is None or len(called.arguments) != 2:
        return None
    flag = called.arguments[1][0].value
    if not isinstance(flag, s.Constant):
        return Refusal("the flag is computed")
    return Fix("safe", "keep the events", (replacement(called.site.module, flag.start, flag.end, "true"),))


FIXES: Mapping[str, Callable[[Any, Problem], Fix | Refusal | None]] = {
    "lost-events": _keep,
    "unawaited-task": _wait,
    "unguarded-logging": _guard,
}
"""What mends the problems of a rule, beyond the replacements in its table."""

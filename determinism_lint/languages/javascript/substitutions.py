"""What to write instead: the edits that a fix consists of.

A rewrite that is not sure that the result means the same and still runs gives a refusal, which says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.edits import insertion, replacement
from determinism_lint.analysis.events import Called, Dropped, Event, Finished, Problem
from determinism_lint.analysis.values import Generator, Task
from determinism_lint.languages.releases import lacking
from determinism_lint.model import Edit, Fix, Refusal

VERSION = "(version it: instances in flight replay the old history)"
"""What the title of an unsafe fix ends with."""


def substitution(template: str, event: Called) -> Fix | Refusal:
    """Replace a call by its durable equivalent from the rule's table."""
    context, module, node = event.site.context, event.site.module, event.node
    if context is None:
        return _without_context(event)
    if event.arguments:
        return Refusal("the call has arguments")
    if node.function.start == node.start and template.endswith("currentUtcDateTime"):
        return Refusal("`Date()` without `new` is text")
    text = template.replace("{ctx}", context)
    if template.endswith("currentUtcDateTime"):
        # the durable clock is one object for the whole turn, and dates can be changed in place
        text = f"new Date({text})"
    fix = Fix("safe", f"replace with `{text}`", (replacement(module, node.start, node.end, text),))
    return lacking(event.site.runtime, text) or fix


def _without_context(event: Called) -> Refusal:
    return Refusal(f"`{event.site.function.name or 'this function'}` does not have the context")


def _wait(event: Event, problem: Problem) -> Fix | Refusal | None:
    """Put `yield` or `yield*` before a call that is a statement of its own, in the function that made the task."""
    if not isinstance(event, Dropped):
        return Refusal("what is made of its value has to be decided first")
    if not event.site.driven or not event.site.function.is_generator or event.node.value is not problem.node:
        return Refusal("it is not a statement of its own in a generator that the runtime drives")
    for value in event.values:
        if isinstance(value, (Generator, Task)) and value.call is problem.node:
            keyword = "yield*" if isinstance(value, Generator) else "yield"
            return Fix("unsafe", f"put `{keyword}` before the call {VERSION}", (_before(event, f"{keyword} "),))
    return None


def _before(event: Dropped, text: str) -> Edit:
    return insertion(event.site.module, event.node.value.start, text)


_COMMENT = re.compile(r"(?:(?://[^\n]*\n|/\*[^*]*\*/)\s*)+\Z")


def _guard(event: Called, problem: Problem) -> Fix | Refusal:
    """`if (!context.isReplaying)` before a log call that is a statement of its own in a block."""
    site, text = event.site, event.site.module.text
    if site.context is None:
        return _without_context(event)
    statement = site.ancestors[-1] if site.ancestors else None
    if not isinstance(statement, s.Evaluate) or statement.value is not problem.node:
        return Refusal("it is not a statement of its own")
    before = _COMMENT.sub("", text[: statement.start]).rstrip()
    if before[-1:] not in ("{", "}", ";", "") and any(isinstance(node, s.If) for node in site.ancestors):
        return Refusal("it is the whole of a condition, whose `else` would be another's then")
    is_caught = any(isinstance(node, (s.Try, s.With)) for node in site.ancestors) or not site.is_orchestrator
    if not all(not each.unpack and _reads(each.value, site.module, not is_caught) for each in event.node.arguments):
        return Refusal("its arguments may do more than read, and then the guard would change what happens")
    inside = "" if site.runtime.sdk.namespace is None else f".{site.runtime.sdk.namespace}"
    guard = f"if (!{site.context}{inside}.isReplaying) "
    fix = Fix("safe", f"guard it with `{guard.rstrip()}`", (insertion(site.module, statement.start, guard),))
    return lacking(site.runtime, guard) or fix


_OPERATORS = frozenset({*"+-*/%<>!", "===", "!==", "==", "!=", "<=", ">=", "&&", "||", "??", "typeof"})
_READERS = frozenset({"JSON.stringify", "String", "Number"})
_METHODS = frozenset({"toFixed", "toISOString", "toLowerCase", "toString", "toUpperCase", "trim"})


def _reads(node: s.Node, module: s.Module, may_raise: bool) -> bool:
    """Whether evaluating an expression changes nothing, and raises nothing unless it may, as far as its form tells."""
    match node:
        case s.Name() | s.Template() | s.Conditional():
            pass
        case s.Constant():
            return not module.text.startswith("void", node.start)
        case s.Attribute(value=value):
            if not may_raise and not isinstance(value, s.Name):
                return False
        case s.Subscript():
            if not may_raise:
                return False
        case s.Collection(kind=kind):
            if kind == "slice":
                return False
        case s.Operation(operands=operands):
            if _written(node, operands, module) not in _OPERATORS:
                return False  # the tree does not tell `x.n + 1` from `x.n += 1`
        case s.Call(function=function, arguments=arguments):
            is_method = isinstance(function, s.Attribute) and function.attr in _METHODS
            if not may_raise or not (is_method or s.dotted(function) in _READERS):
                return False
            if any(argument.unpack for argument in arguments):
                return False
        case s.Argument():
            pass
        case _:
            return False
    return all(_reads(child, module, may_raise) for child in s.children(node))


def _written(node: s.Node, operands: tuple[s.Expression, ...], module: s.Module) -> str:
    """An operator as it is written: what is left of an operation without its operands."""
    start, text = node.start, ""
    for operand in operands:
        text += module.text[start : operand.start]
        start = operand.end
    return (text + module.text[start : node.end]).strip("() \n")


def _keep(event: Event, problem: Problem) -> Fix | Refusal | None:
    """Pass true for `saveEvents`."""
    called = event.calls.get(problem.node) if isinstance(event, Finished) and isinstance(problem.node, s.Call) else None
    if called is None or called.site.runtime.keeps_events is None:
        return None
    flag = called.arguments[1][0].value if len(called.arguments) == 2 else None
    if not isinstance(flag, s.Constant):
        return Refusal("the call does not say in place what is kept")
    edit = replacement(called.site.module, flag.start, flag.end, "true")
    return Fix("unsafe", f"keep the events {VERSION}", (edit,))


FIXES: Mapping[str, Callable[[Any, Problem], Fix | Refusal | None]] = {
    "lost-events": _keep,
    "unawaited-task": _wait,
    "unguarded-logging": _guard,
}
"""What mends the problems of a rule, beyond the replacements in its table."""

"""Whether the order in which items came out of a set still shows in what is made of them."""

from __future__ import annotations

from collections.abc import Mapping

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Iterated
from determinism_lint.checks._shared import mentions
from determinism_lint.languages.python.library import ORDERLESS

_ADDS = frozenset({"append", "add", "discard", "remove", "update"})
_QUESTIONS = frozenset({"not", "and", "or", "in", "not in"})
_Parents = Mapping[int, s.Node]


def is_forgotten(event: Iterated) -> bool:
    """Whether the items go into collections that are sorted, or only asked what does not depend on their order."""
    function = event.site.function
    statement = next((node for node in reversed(event.site.ancestors) if isinstance(node, (s.Assign, s.Loop))), None)
    if statement is None or _schedules(statement, event.site.context):
        return False
    names: set[str] | None = None
    if isinstance(statement, s.Loop):
        names = _filled(statement.body) if statement.subject is event.node else None
    elif len(statement.targets) == 1 and isinstance(statement.targets[0], s.Name) and _is_list(statement.value):
        names = {statement.targets[0].id}
    if names is None:
        return False
    parents = {id(child): node for node in s.walk(function, into_functions=True) for child in s.children(node)}
    return all(_is_sorted(function, name, statement.end, parents) for name in names)


def _schedules(node: s.Node, context: str | None) -> bool:
    """Whether a statement may add to the history: it pauses, or uses the context."""
    if context is not None and mentions(node, {context}):
        return True
    return any(isinstance(part, (s.Suspend, s.Delegate)) for part in s.walk(node))


def _is_list(value: s.Expression | None) -> bool:
    match value:
        case s.Comprehension(kind="list"):
            return True
        case s.Call(function=s.Name(id="list" | "tuple")):
            return True
    return False


def _filled(body: s.Block) -> set[str] | None:
    """The names of the collections that a loop fills; None when it does anything else."""
    names: set[str] = set()
    for statement in body:
        match statement:
            case s.Evaluate(value=s.Call(function=s.Attribute(value=s.Name(id=name), attr=attr))) if attr in _ADDS:
                names.add(name)
            case s.Assign(targets=(s.Subscript(value=s.Name()),)) | s.Continue():
                pass
            case s.If():
                for block in (statement.body, statement.orelse):
                    filled = _filled(block)
                    if filled is None:
                        return None
                    names |= filled
            case _:
                return None
    return names


def _is_sorted(function: s.Function, name: str, after: int, parents: _Parents) -> bool:
    """Whether every use of a list is harmless until it is sorted."""
    uses = [node for node in s.walk(function, into_functions=True) if isinstance(node, s.Name) and node.id == name]
    for use in sorted((use for use in uses if use.start >= after), key=lambda use: use.start):
        parent = parents[id(use)]
        if isinstance(parent, s.Attribute) and parent.attr == "sort":
            return True
        if not _is_harmless(function, use, parent, parents):
            return False
    return True


def _is_harmless(function: s.Function, use: s.Name, parent: s.Node, parents: _Parents) -> bool:
    match parent:
        case s.Argument():
            call = parents[id(parent)]
            return isinstance(call, s.Call) and isinstance(call.function, s.Name) and call.function.id in ORDERLESS
        case s.Operation(operator=operator):
            return operator in _QUESTIONS
        case s.Attribute(attr=attr):
            return attr in _ADDS
        case s.If(test=test):
            return test is use
        case s.Assign():
            return use in parent.targets
        case s.Clause(iterable=iterable) if iterable is use:
            comprehension = parents[id(parent)]
            match parents[id(comprehension)]:
                case s.Assign(targets=(s.Name(id=name),)) as statement:
                    return _is_list(statement.value) and _is_sorted(function, name, statement.end, parents)
                case s.Argument() as argument:
                    return _is_harmless(function, use, argument, parents)
    return False

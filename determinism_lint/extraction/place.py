"""Where in an orchestrator a durable call may stand instead of something else."""

from __future__ import annotations

from dataclasses import dataclass

from determinism_lint import syntax as s


@dataclass(frozen=True, slots=True)
class Place:
    """A node in the body of an orchestrator."""

    orchestrator: s.Function
    runtime: str
    module: s.Module
    node: s.Node

    @property
    def context(self) -> str:
        return self.orchestrator.parameters[0].name


def may_yield(orchestrator: s.Function) -> bool:
    """Whether it is a generator, or can be made one: it returns no task and lets no other function do the work."""
    if orchestrator.is_async or not orchestrator.parameters:
        return False
    if orchestrator.is_generator:
        return True
    context = orchestrator.parameters[0].name
    used = [node for node in s.walk(orchestrator.body) if isinstance(node, s.Name) and node.id == context]
    read = [node.value for node in s.walk(orchestrator.body) if isinstance(node, s.Attribute)]
    returned = (node.value for node in s.walk(orchestrator.body) if isinstance(node, s.Return))
    return all(name in read for name in used) and not any(
        isinstance(value, s.Call) and isinstance(value.function, s.Attribute) and value.function.value in used
        for value in returned
    )


def path_to(block: s.Block, wanted: s.Node) -> list[s.Node] | None:
    """The nodes around a node, outermost first; None where it is in a nested function or class."""
    return next((found for statement in block if (found := _path(statement, wanted)) is not None), None)


def _path(node: s.Node, wanted: s.Node) -> list[s.Node] | None:
    if isinstance(node, (s.Function, s.Class)):
        return None
    for child in s.children(node):
        below = [] if child is wanted else _path(child, wanted)
        if below is not None:
            return [node, *below]
    return None


def allows_yield(around: list[s.Node], node: s.Node) -> bool:
    """Whether `node`, with these nodes around it, may become a `yield` that changes nothing else."""
    if around and isinstance(around[-1], (s.Suspend, s.Delegate)):
        return False
    return not any(_forbids(outer, inner) for outer, inner in zip(around, [*around, node][1:], strict=True))


def _forbids(node: s.Node, inner: s.Node) -> bool:
    """Handlers would see another exception; a yield in a comprehension or f-string is no Python or hard to read."""
    match node:
        case s.With():
            return not isinstance(inner, s.Statement)
        case s.If(test=condition) | s.Conditional(test=condition) | s.Loop(subject=condition):
            return _asks_for_replay(condition)
        case s.Operation():
            return _asks_for_replay(node)
    return isinstance(node, (s.Try, s.Comprehension, s.Template, s.Lambda))


def _asks_for_replay(node: s.Node) -> bool:
    """Whether a condition sends replays another way, where a durable call must not be."""
    return any(isinstance(part, s.Attribute) and part.attr == "is_replaying" for part in s.walk(node))

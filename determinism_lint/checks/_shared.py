"""Questions that several checks ask."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Called, Event, Finished
from determinism_lint.analysis.sdk import Kind
from determinism_lint.analysis.values import Container, Coroutine, Generator, Task, Value, Values


def tasks_in(values: Values) -> Iterator[Task]:
    """The durable tasks among values, also inside collections."""
    for value in values:
        if isinstance(value, Task):
            yield value
        elif isinstance(value, Container):
            yield from tasks_in(value.items)


def place(event: Event, value: Task | Generator | Coroutine) -> s.Node:
    """Where to report a task: where it was made, if that is in the function at hand, else where it is used."""
    if any(node is value.call for node in s.walk(event.site.function, into_functions=True)):
        return value.call
    return event.function if isinstance(event, Finished) else event.node


def leaves(values: Values) -> Iterator[Value]:
    """The values themselves and whatever collections among them hold."""
    for value in values:
        yield value
        if isinstance(value, Container):
            yield from leaves(value.items)


def payloads(called: Called) -> Iterator[tuple[s.Argument, Values]]:
    """The arguments of a durable call that become part of the history: all but the function or name called."""
    target = target_of(called)
    options = None if called.member is None else called.member.runtime.sdk.options.get(called.member.name)
    for index, (argument, values) in enumerate(called.arguments):
        if index != options and (target is None or argument is not target[0]):
            yield argument, values


def target_of(called: Called) -> tuple[s.Argument, Values] | None:
    """The argument that says what a durable call runs, waits for or talks to: a function, a name, an entity."""
    if called.member is None or called.member.kind not in _NAMED or not called.member.name:
        return None  # a member without a name stands for what was registered: it is passed the input alone
    for index, (argument, values) in enumerate(called.arguments):
        if argument.unpack:
            return None
        if argument.keyword in _TARGETS or (index == 0 and argument.keyword is None):
            return argument, values
    return None


_NAMED = frozenset({Kind.ACTIVITY, Kind.ORCHESTRATION, Kind.EVENT, Kind.ENTITY, Kind.SIGNAL})
_TARGETS = frozenset({"activity", "entity", "entityId", "entity_id", "name", "orchestrator", "workflow"})
"""What the SDKs call the parameter."""


def is_test(path: str) -> bool:
    """Whether a file is test code, where functions are driven and registered by hand."""
    *folders, name = path.split("/")
    stem = name.rsplit(".", 1)[0]
    if name.startswith("test_") or stem == "conftest" or stem.endswith(("_test", ".test", ".spec", "Test", "Tests")):
        return True
    return any(folder in ("test", "tests", "__tests__") for folder in folders)


def suspensions_in(finished: Finished, block: s.Block) -> bool:
    """Whether the orchestration can pause in a block of a function that the runtime drives."""
    if not finished.site.driven:
        return False
    return any(isinstance(node, (s.Suspend, s.Delegate)) for node in s.walk(block))


def performs(finished: Finished, block: s.Block, kind: Kind) -> bool:
    """Whether a block performs a kind of durable operation, itself or through the functions that it calls."""
    if any(finished.kind(node) is kind for node in s.walk(block)):
        return True
    return any(kind in finished.performed.get(id(helper), ()) for helper in _helpers_called(finished, block))


def _helpers_called(finished: Finished, block: s.Block) -> Iterator[s.Function]:
    """The project functions that a block calls, whether they run at once or are generators."""
    for node in s.walk(block):
        called = finished.calls.get(node) if isinstance(node, s.Call) else None
        if called is None:
            continue
        for value in called.callee:
            function = getattr(value, "node", None)
            if isinstance(function, s.Function):
                yield function


def mentions(node: s.Node | s.Block, names: frozenset[str] | set[str]) -> bool:
    """Whether any of the names occurs."""
    return any(isinstance(part, s.Name) and part.id in names for part in s.walk(node))

"""A durable task, or a generator of them, that nothing waits for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Called, Dropped, Event, Finished, Iterated, Misused, Problem
from determinism_lint.analysis.sdk import Kind
from determinism_lint.analysis.values import Container, Context, Coroutine, Generator, Task, Values
from determinism_lint.checks._shared import payloads, place, tasks_in


def dropped(event: Dropped) -> Iterator[Problem]:
    if isinstance(event.node.value, (s.Suspend, s.Delegate)):
        return
    for value in event.values:
        if isinstance(value, Task):
            node = place(event, value)
            yield Problem(node, f"nothing waits for this {value.kind.value}", _advice(event.site.runtime.sdk.waits))
        elif isinstance(value, (Generator, Coroutine)) and _is_durable(value):
            keyword = event.site.runtime.sdk.delegate if isinstance(value, Generator) else "await"
            name = value.function.node.name
            node = place(event, value)
            yield Problem(node, f"`{name}` is a generator: calling it runs nothing", _advice(keyword))
        elif isinstance(value, Container):
            for task in tasks_in(value.items):
                yield Problem(
                    place(event, task),
                    f"nothing waits for this {task.kind.value}",
                    _advice(event.site.runtime.sdk.waits),
                )
                break


def misused(event: Misused) -> Iterator[Problem]:
    yield from _as_result(event, event.values)


def iterated(event: Iterated) -> Iterator[Problem]:
    if event.values and all(isinstance(value, Task) for value in event.values):
        yield from _as_result(event, event.values)


def called(event: Called) -> Iterator[Problem]:
    """Passing a task as input of another durable call."""
    member = event.member
    if member is None or member.kind in (Kind.ALL, Kind.ANY):
        return
    for _, values in payloads(event):
        yield from _as_result(event, tuple(value for value in values if isinstance(value, Task)))


def finished(event: Finished) -> Iterator[Problem]:
    """Tasks assigned to a name that is never read, and a task returned as the orchestration's result."""
    made: list[tuple[s.Name, s.Call, Kind]] = []
    for node in s.walk(event.function.body):
        if isinstance(node, s.Assign) and isinstance(node.value, s.Call) and len(node.targets) == 1:
            target, kind = node.targets[0], event.kind(node.value)
            if isinstance(target, s.Name) and kind is not None and kind.is_awaitable:
                made.append((target, node.value, kind))
    names = (node.id for node in s.walk(event.function.body, into_functions=True) if isinstance(node, s.Name))
    written = Counter(names) if made else Counter[str]()
    for target, call, kind in made:
        if written[target.id] == 1:
            yield Problem(call, f"nothing waits for this {kind.value}", _advice(event.site.runtime.sdk.waits))
    if event.is_orchestrator and event.function.is_generator:
        yield from _as_result(event, tuple(value for value in event.returned if isinstance(value, Task)))


def _as_result(event: Event, values: Values) -> Iterator[Problem]:
    for value in values:
        match value:
            case Task():
                message = f"this {value.kind.value} is used as its result, but nothing has waited for it"
                yield Problem(place(event, value), message, _advice(event.site.runtime.sdk.waits))
            case Generator() if _is_durable(value):
                message = f"`{value.function.node.name}` is a generator and is used as its result"
                yield Problem(place(event, value), message, _advice(event.site.runtime.sdk.delegate))


def _is_durable(value: Generator | Coroutine) -> bool:
    """Whether a generator or coroutine has durable work to do: it gets the context, or closes over it and yields."""
    passed = (*value.arguments.positional, *(values for _, values in value.arguments.keywords))
    if any(isinstance(item, Context) for values in passed for item in values):
        return True
    return any(
        isinstance(node, s.Suspend) and isinstance(node.value, s.Call) for node in s.walk(value.function.node.body)
    ) and any(isinstance(item, Context) for values in value.function.scope.names.values() for item in values)


def _advice(keyword: str) -> str:
    if keyword.startswith("."):
        return f"put `{keyword}` after the call, or keep the task and wait for it later"
    return f"put `{keyword}` before the call, or keep the task and wait for it later"

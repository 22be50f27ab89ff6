"""Values that the runtime cannot write to the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Called, Finished, Problem
from determinism_lint.analysis.sdk import Kind
from determinism_lint.analysis.values import Container, FunctionValue, Generator, Instance, Value
from determinism_lint.checks._shared import payloads

_PASSED = frozenset({Kind.ACTIVITY, Kind.ORCHESTRATION, Kind.ENTITY, Kind.SIGNAL, Kind.RESTART, Kind.STATUS})
_OPTIONS = frozenset(
    {"retry_policy", "retry_options", "return_type", "expected_type", "signal_time", "instance_id", "tags"}
)


def called(event: Called) -> Iterator[Problem]:
    if event.member is None or event.member.kind not in _PASSED:
        return
    for argument, values in payloads(event):
        if argument.keyword in _OPTIONS:
            continue
        if isinstance(argument.value, s.Comprehension) and argument.value.kind == "generator":
            yield Problem(argument, "a generator cannot be written to the history as JSON")
            continue
        if len(values) != 1:
            continue
        what = _unserializable(values[0], event.site.runtime.sdk.unserializable)
        if what is not None:
            yield Problem(argument, f"{what} cannot be written to the history as JSON")


def finished(event: Finished) -> Iterator[Problem]:
    if not event.is_orchestrator or len(event.returned) != 1:
        return
    what = _unserializable(event.returned[0], event.site.runtime.sdk.unserializable)
    if what is None or isinstance(event.returned[0], Generator):
        return
    for node in s.walk(event.function.body):
        if isinstance(node, s.Return) and node.value is not None:
            yield Problem(node.value, f"{what} cannot be written to the history as JSON")


def _unserializable(value: Value, classes: Mapping[str, str]) -> str | None:
    match value:
        case Container(kind="set"):
            return "a set"
        case FunctionValue():
            return "a function"
        case Generator():
            return "a generator"
        case Instance(name=name):
            return classes.get(name)
        case Container():
            for element in value.elements:
                inner = _unserializable(element[0], classes) if len(element) == 1 else None
                if inner is not None:
                    return inner
    return None

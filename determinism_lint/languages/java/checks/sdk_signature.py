"""Calls that an SDK rejects or misreads, and members that do not exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Called, Missing, Problem
from determinism_lint.analysis.sdk import Kind
from determinism_lint.analysis.values import External, Instance

_ELSEWHERE: Mapping[str, str] = {
    "newGuid": "`newUUID()`",
    "newUuid": "`newUUID()`",
    "getCurrentUtcDateTime": "`getCurrentInstant()`",
    "currentUtcDateTime": "`getCurrentInstant()`",
    "isReplaying": "`getIsReplaying()`",
    "callSubOrchestration": "`callSubOrchestrator(…)`",
    "whenAll": "`allOf(tasks)`",
    "whenAny": "`anyOf(tasks)`",
}
_OPTIONS = "com.microsoft.durabletask.TaskOptions"


def missing(event: Missing) -> Iterator[Problem]:
    runtime, name = event.site.runtime, event.node.attr
    if name.rsplit("/", 1)[0] in _OF_OBJECT:
        return
    near = get_close_matches(name, runtime.members, n=1, cutoff=0.7)
    known = _ELSEWHERE.get(name)
    advice = f"use {known}" if known is not None else f"did you mean `{near[0]}`?" if near else None
    yield Problem(
        event.node, f"the orchestration context has no member `{name}`", advice or "look the name up in the SDK"
    )


_OF_OBJECT = frozenset({"equals", "getClass", "hashCode", "toString"})


def called(event: Called) -> Iterator[Problem]:
    if External("com.microsoft.durabletask.RetryPolicy") in event.callee and len(event.arguments) > 2:
        message = "`RetryPolicy` takes the number of attempts and the first interval"
        yield Problem(event.node, message, "call its setters for the rest: `setBackoffCoefficient(2.0)`")
    member = event.member
    if member is None or member.kind not in (Kind.ACTIVITY, Kind.ORCHESTRATION):
        return
    options = next((i for i, (_, values) in enumerate(event.arguments) if Instance(_OPTIONS) in values), None)
    if options is None:
        return
    if options == 1:
        message = "options at the second place are sent as the input"
        yield Problem(event.node, message, f"pass an input before them: `{member.name}(name, input, options)`")
    elif any(_is_class(argument.value) for argument, _ in event.arguments[:options]):
        message = "options stand before the result type"
        yield Problem(event.node, message, f"write `{member.name}(name, input, options, Type.class)`")


def _is_class(node: s.Expression) -> bool:
    return isinstance(node, s.Attribute) and node.attr == "class"

"""Calls that an SDK rejects or misreads, and members that do not exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from determinism_lint.analysis.events import Called, Missing, Problem
from determinism_lint.analysis.sdk import Kind
from determinism_lint.analysis.values import Container, External, Literal, Values
from determinism_lint.languages.javascript.sdks import DURABLE_FUNCTIONS_JS

_TASK: Mapping[str, str] = {
    "whenAll": "`whenAll([…])` of the package",
    "whenAny": "`whenAny([…])` of the package",
    "Task": "`whenAll([…])` and `whenAny([…])` of the package",
    "df": "the context itself: only Durable Functions has `context.df`",
    "getInput": "the second parameter of the orchestrator",
    "callHttp": "an activity that makes the request",
    "callActivityWithRetry": "`callActivity(name, input, { retry: policy })`",
    "callEntity": "`ctx.entities.callEntity(…)`",
    "signalEntity": "`ctx.entities.signalEntity(…)`",
    "now": "`currentUtcDateTime`",
    "currentTime": "`currentUtcDateTime`",
    "newUuid": "`newGuid()`",
    "newUUID": "`newGuid()`",
    "waitForEvent": "`waitForExternalEvent(name)`",
    "log": "`createReplaySafeLogger(…)`",
    "logger": "`createReplaySafeLogger(…)`",
}
_FUNCTIONS: Mapping[str, str] = {
    "whenAll": "`context.df.Task.all([…])`",
    "whenAny": "`context.df.Task.any([…])`",
    "now": "`currentUtcDateTime`",
    "currentTime": "`currentUtcDateTime`",
    "newUuid": "`newGuid(…)`",
    "newUUID": "`newGuid(…)`",
    "waitForEvent": "`waitForExternalEvent(name)`",
    "entities": "`context.df.callEntity(…)`",
    "log": "`context.log(…)`",
}


def missing(event: Missing) -> Iterator[Problem]:
    runtime, name = event.site.runtime, event.node.attr
    elsewhere = _FUNCTIONS if runtime.sdk is DURABLE_FUNCTIONS_JS else _TASK
    near = get_close_matches(name, runtime.members, n=1, cutoff=0.7)
    advice = f"use {elsewhere[name]}" if name in elsewhere else f"did you mean `{near[0]}`?" if near else None
    yield Problem(
        event.node, f"the orchestration context has no member `{name}`", advice or "look the name up in the SDK"
    )


def called(event: Called) -> Iterator[Problem]:
    member = event.member
    first = event.arguments[0][1] if event.arguments and not event.arguments[0][0].unpack else ()
    if member is not None:
        is_functions = member.runtime.sdk is DURABLE_FUNCTIONS_JS
        if member.kind is Kind.TIMER and is_functions and _is_number(first):
            advice = "pass `new Date(context.df.currentUtcDateTime.getTime() + …)`"
            yield Problem(event.node, "a timer takes the `Date` at which it fires, not a number", advice)
        elif member.kind in (Kind.ALL, Kind.ANY) and (len(event.arguments) > 1 or _is_spread(event)):
            yield Problem(event.node, "the tasks are passed as one array", f"write `{member.name}([…])`")
    if External("durable-functions.RetryOptions") not in event.callee:
        return
    if len(event.arguments) < 2 or any(isinstance(each, Container) for each in first):
        message = "`RetryOptions` takes the first interval in milliseconds and the number of attempts"
        yield Problem(event.node, message, "write `new df.RetryOptions(1000, 3)`")


def _is_number(values: Values) -> bool:
    return len(values) == 1 and isinstance(values[0], Literal) and type(values[0].value) in (int, float)


def _is_spread(event: Called) -> bool:
    return bool(event.arguments) and event.arguments[0][0].unpack == "*"

"""Calls that an SDK rejects or misreads, and members that do not exist.

The members and their parameters are those that were recorded of the release that the project requires. Where no record
of it is held, or where the code asks first what there is, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Called, Missing, Problem
from determinism_lint.analysis.facts import Located, ProjectFacts
from determinism_lint.analysis.sdk import Kind, Runtime
from determinism_lint.analysis.values import External, Instance, Literal, Values
from determinism_lint.languages.python.releases import records_of
from determinism_lint.languages.python.sdks import (
    DAPR_WORKFLOW_PYTHON,
    DURABLE_FUNCTIONS_PYTHON,
    DURABLE_TASK_PYTHON,
)

_RENAMED: Mapping[str, str] = {
    "now": "current_utc_datetime",
    "utcnow": "current_utc_datetime",
    "current_utc_date_time": "current_utc_datetime",
    "current_time": "current_utc_datetime",
    "uuid": "new_uuid",
    "uuid4": "new_uuid",
    "new_id": "new_uuid",
    "sleep": "create_timer",
    "timer": "create_timer",
    "delay": "create_timer",
    "wait_for_event": "wait_for_external_event",
    "wait_for_external_events": "wait_for_external_event",
    "call_orchestrator": "call_sub_orchestrator",
    "call_sub_orchestration": "call_sub_orchestrator",
    "call_suborchestrator": "call_sub_orchestrator",
    "signal": "signal_entity",
    "logger": "create_replay_safe_logger",
    "get_logger": "create_replay_safe_logger",
}
_ELSEWHERE: Mapping[str, str] = {
    "when_all": "`task.when_all([…])` of `durabletask.task`",
    "task_all": "`task.when_all([…])` of `durabletask.task`",
    "when_any": "`task.when_any([…])` of `durabletask.task`",
    "task_any": "`task.when_any([…])` of `durabletask.task`",
    "get_input": "the second parameter of the orchestrator",
    "call_http": "an activity that makes the request",
    "df": "the context itself: Python has no `context.df`",
}
_COMPATIBLE: Mapping[str, str] = {
    "when_all": "`context.task_all([…])`",
    "when_any": "`context.task_any([…])`",
    "create_replay_safe_logger": "`if not context.is_replaying:` around the log call",
    "df": "the context itself: Python has no `context.df`",
}


_DAPR: Mapping[str, str] = {
    "when_all": "`when_all([…])` of `dapr.ext.workflow`",
    "when_any": "`when_any([…])` of `dapr.ext.workflow`",
    "new_uuid": "`uuid4()` of the context",
    "get_input": "the second parameter of the workflow",
    "create_replay_safe_logger": "`if not ctx.is_replaying:` around the log call",
}


def missing(event: Missing) -> Iterator[Problem]:
    name, members = event.node.attr, event.site.runtime.members
    records = records_of(event.site.runtime)
    if not records or any(name in record for record in records) or _asks_first(event):
        return
    advice = None
    if name in _RENAMED and _RENAMED[name] in members:
        advice = f"use `{_RENAMED[name]}`"
    elif name in (elsewhere := _elsewhere(event.site.runtime)):
        advice = f"use {elsewhere[name]}"
    else:
        near = get_close_matches(_snake(name), members, n=1, cutoff=0.7)
        advice = f"did you mean `{near[0]}`?" if near else None
    yield Problem(
        event.node, f"the orchestration context has no member `{name}`", advice or "look the name up in the SDK"
    )


def _asks_first(event: Missing | Called) -> bool:
    """Whether the code serves several releases: it looks what the context has, or catches that it lacks something."""
    for node in event.site.ancestors:
        if isinstance(node, s.Try) and any(_expects_absence(handler) for handler in node.handlers):
            return True
    owner = event.node.value if isinstance(event, Missing) else event.node.function
    name = (s.dotted(owner) or "").split(".")[0]
    return any(
        isinstance(node, s.Call)
        and s.dotted(node.function) in ("hasattr", "getattr")
        and bool(node.arguments)
        and s.dotted(node.arguments[0].value) == name
        for node in s.walk(event.site.function.body)
    )


def _expects_absence(handler: s.Handler) -> bool:
    types = handler.types.items if isinstance(handler.types, s.Collection) else (handler.types,)
    return any(each is not None and s.dotted(each) in ("AttributeError", "TypeError") for each in types)


def _elsewhere(runtime: Runtime) -> Mapping[str, str]:
    if runtime.sdk is DAPR_WORKFLOW_PYTHON:
        return _DAPR
    return _ELSEWHERE if runtime.members is DURABLE_TASK_PYTHON.members else _COMPATIBLE


def called(event: Called) -> Iterator[Problem]:
    member = event.member
    if member is not None:
        compatible = member.runtime.sdk is DURABLE_FUNCTIONS_PYTHON and not member.runtime.native
        message = (_compatible(event) if compatible else _native(event)) or _unknown_keyword(event, compatible)
        message = message or _too_new(event)
        if message is not None and not _asks_first(event):
            yield Problem(event.node, *message)
    for value in event.callee:
        if isinstance(value, External) and value.name.endswith(".RetryOptions") and "durable_functions" in value.name:
            message = _retry_options(event)
            if message is not None:
                yield Problem(event.node, *message)


def project(facts: ProjectFacts) -> Iterator[Located]:
    """Decorators that do not exist, and retry policies, which are mostly made at module level."""
    for attempt in facts.survey.attempts:
        yield Located(attempt.module, Runtime(attempt.sdk), Problem(attempt.node, attempt.message, attempt.help))
    for policy in facts.survey.retry_policies:
        message = _retry_policy(policy)
        if message is not None:
            yield Located(policy.site.module, Runtime(DURABLE_TASK_PYTHON), Problem(policy.node, *message))


_Message = tuple[str, str]


def _unknown_keyword(event: Called, compatible: bool) -> _Message | None:
    member = event.member
    assert member is not None
    signatures = [record[member.name] for record in records_of(member.runtime) if member.name in record]
    for argument, _ in event.arguments:
        if argument.keyword is None or not signatures or not all(map(_is_closed, signatures)):
            continue
        if any(argument.keyword in (signature or ()) for signature in signatures):
            continue
        if argument.keyword == "timeout" and member.kind is Kind.EVENT:
            advice = f"race it with a timer: `{'context.task_any' if compatible else 'task.when_any'}([…])`"
        else:
            advice = f"its arguments are: {', '.join(f'`{name}`' for name in sorted(signatures[-1] or ()))}"
        return f"`{member.name}` has no argument `{argument.keyword}`", advice
    return None


def _too_new(event: Called) -> _Message | None:
    """A member that the required release does not have yet."""
    member = event.member
    assert member is not None
    records = records_of(member.runtime)
    if not member.runtime.release or member.name not in member.runtime.members or not records:
        return None
    if any(member.name in record for record in records):
        return None
    release = ".".join(map(str, member.runtime.release))
    return f"the release that this project requires, {release}, has no `{member.name}`", "require a newer release"


def _is_closed(signature: tuple[str, ...] | None) -> bool:
    """Whether a method takes no other keywords than those that are recorded."""
    return signature is not None and "**" not in signature


def _native(event: Called) -> _Message | None:
    """durabletask, Dapr, and the native context of azure-functions-durable 2.x."""
    member = event.member
    assert member is not None
    positional = [argument for argument, _ in event.arguments if argument.keyword is None]
    match member.kind:
        case Kind.TIMER if _is_number(_first(event)):
            return "a timer takes a `datetime` or a `timedelta`, not a number", "pass `timedelta(seconds=…)`"
        case Kind.ACTIVITY | Kind.ORCHESTRATION if len(positional) > 1 and not _unpacks(event):
            return "the input is a keyword argument here", f"write `{member.name}(…, input=…)`"
        case Kind.ENTITY if _has_keyword(event, "operation_name"):
            return "`call_entity` calls the operation `operation`", "write `operation=…`"
        case Kind.ENTITY | Kind.SIGNAL if member.name != "send_event" and _is_text(_first(event)):
            return "an entity is not addressed by a string", "pass `EntityInstanceId(name, key)`"
        case Kind.ALL | Kind.ANY if _spread(event):
            return "the tasks are passed as one list", f"write `{member.name}([…])`"
    return None


def _compatible(event: Called) -> _Message | None:
    """The context of azure-functions-durable 1.x, and the compatible one of 2.x."""
    member = event.member
    assert member is not None
    first = _first(event)
    match member.kind:
        case Kind.TIMER if _is_number(first):
            advice = "pass `context.current_utc_datetime + timedelta(…)`"
            return "a timer takes the `datetime` at which it fires, not a number", advice
        case Kind.TIMER if _is_timedelta(first) and member.runtime.major != 2:
            advice = "pass `context.current_utc_datetime + timedelta(…)`"
            return "a timer takes the `datetime` at which it fires, not a `timedelta`", advice
        case Kind.ACTIVITY | Kind.ORCHESTRATION if _has_keyword(event, "input"):
            return "the input is called `input_` here", "write `input_=…`"
        case Kind.ACTIVITY | Kind.ORCHESTRATION if _has_keyword(event, "retry_policy"):
            return f"`{member.name}` takes no retry policy", f"use `{member.name}_with_retry(name, retry_options, …)`"
        case Kind.ENTITY | Kind.SIGNAL if _is_text(first):
            return "an entity is not addressed by a string", "pass `df.EntityId(name, key)`"
        case Kind.ALL | Kind.ANY if _spread(event):
            return "the tasks are passed as one list", f"write `{member.name}([…])`"
    return None


def _retry_policy(event: Called) -> _Message | None:
    if any(argument.unpack for argument, _ in event.arguments):
        return None
    if any(argument.keyword is None for argument, _ in event.arguments):
        return "`RetryPolicy` takes keyword arguments only", "name each argument"
    given = {argument.keyword: values for argument, values in event.arguments}
    for name in ("first_retry_interval", "max_retry_interval", "retry_timeout"):
        if _is_number(given.get(name, ())):
            return f"`{name}` is a `timedelta`, not a number", f"pass `{name}=timedelta(…)`"
    for name in ("first_retry_interval", "max_number_of_attempts"):
        if name not in given:
            return f"`RetryPolicy` needs `{name}`", f"pass `{name}=…`"
    return None


def _retry_options(event: Called) -> _Message | None:
    if event.site.runtime.major == 2:
        return None
    allowed = {"first_retry_interval_in_milliseconds", "max_number_of_attempts"}
    for argument, values in event.arguments:
        if argument.keyword is not None and argument.keyword not in allowed:
            advice = "`RetryOptions(first_retry_interval_in_milliseconds, max_number_of_attempts)`"
            return f"`RetryOptions` has no argument `{argument.keyword}`", advice
        if _is_timedelta(values):
            return "`RetryOptions` takes milliseconds, not a `timedelta`", "pass an int"
    return None


def _first(event: Called) -> Values:
    return event.arguments[0][1] if event.arguments and not event.arguments[0][0].unpack else ()


def _unpacks(event: Called) -> bool:
    return any(argument.unpack for argument, _ in event.arguments)


def _spread(event: Called) -> bool:
    """Whether tasks are passed one by one."""
    positional = [argument for argument, _ in event.arguments if argument.keyword is None]
    return len(positional) > 1 or (bool(positional) and positional[0].unpack == "*")


def _has_keyword(event: Called, name: str) -> bool:
    return any(argument.keyword == name for argument, _ in event.arguments)


def _is_number(values: Values) -> bool:
    return len(values) == 1 and isinstance(values[0], Literal) and type(values[0].value) in (int, float)


def _is_text(values: Values) -> bool:
    return len(values) == 1 and isinstance(values[0], Literal) and isinstance(values[0].value, str)


def _is_timedelta(values: Values) -> bool:
    return len(values) == 1 and isinstance(values[0], Instance) and values[0].name == "datetime.timedelta"


def _snake(name: str) -> str:
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).lstrip("_")

"""Reads events in protobuf's JSON form, as `MessageToDict` and `MessageToJson` write `HistoryEvent` messages."""

from __future__ import annotations

import re
from collections.abc import Mapping

from determinism_lint.replay.model import Json

_OWN_KEYS = ("tags", "properties")
"""Maps whose keys are the program's, not fields."""


def is_event(item: Mapping[str, Json]) -> bool:
    return kind_of(_camel_keys(item)) is not None


def event(item: Mapping[str, Json]) -> Json:
    """The same event with camelCase names."""
    return _camel_keys(item)


_NUMBERS = ("eventId", "taskScheduledId", "timerId")
_MESSAGES = ("failureDetails", "orchestrationInstance", "parentInstance", "tags")
_TEXTS = (
    "timestamp", "name", "version", "input", "result", "output", "data", "instanceId", "requestId", "operation",
    "targetInstanceId", "criticalSectionId", "fireAt", "scheduledTime", "functionName",
)  # fmt: skip


def checked(event: Json) -> Json:
    """The event without what is null. Raises ValueError, with a clause for the user, where it is no event."""
    kind = kind_of(event)
    if kind is None or not isinstance(event[kind], dict):
        raise ValueError("it has no known type")
    body = {key: value for key, value in event[kind].items() if value is not None}
    found = {key: value for key, value in event.items() if value is not None and key != kind}
    for key, value in (*found.items(), *body.items()):
        wanted = int if key in _NUMBERS else dict if key in _MESSAGES else str if key in _TEXTS else object
        if not isinstance(value, wanted):
            raise ValueError(f"`{key}` is {value!r:.40}")
    return {**found, kind: body}


def kind_of(event: Mapping[str, Json]) -> str | None:
    """The name of the event's type, such as `taskScheduled`."""
    return next((key for key in event if key in KINDS), None)


KINDS = frozenset(
    (
        "executionStarted", "executionCompleted", "executionTerminated", "taskScheduled", "taskCompleted", "taskFailed",
        "subOrchestrationInstanceCreated", "subOrchestrationInstanceCompleted", "subOrchestrationInstanceFailed",
        "timerCreated", "timerFired", "orchestratorStarted", "orchestratorCompleted", "eventSent", "eventRaised",
        "genericEvent", "historyState", "continueAsNew", "executionSuspended", "executionResumed",
        "entityOperationSignaled", "entityOperationCalled", "entityOperationCompleted", "entityOperationFailed",
        "entityLockRequested", "entityLockGranted", "entityUnlockSent", "executionRewound",
    )
)  # fmt: skip
"""The fields of `HistoryEvent.eventType` in orchestrator_service.proto of microsoft/durabletask-protobuf."""


def _camel_keys(value: Json) -> Json:
    if isinstance(value, list):
        return [_camel_keys(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {_camel(key): item if key in _OWN_KEYS else _camel_keys(item) for key, item in value.items()}


def _camel(key: str) -> str:
    return re.sub(r"_(.)", lambda match: match[1].upper(), key)

"""Reads events that name their type in a field.

So do the exports of `durabletask.extensions.history_export` (`event_type: TaskScheduledEvent`) and of
Microsoft.DurableTask.ExportHistory (`eventType: TaskScheduled`), and the status query of Durable Functions
(`EventType: TaskScheduled`). Their names differ in case and underscores alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from determinism_lint.replay.model import Json
from determinism_lint.replay.recorded.protobuf import KINDS

_KINDS = {kind.lower(): kind for kind in KINDS}
_FIELDS = (
    "name", "functionName", "version", "input", "result", "output", "data", "recurse", "taskScheduledId", "fireAt",
    "timerId",
    "instanceId", "requestId", "operation", "scheduledTime", "targetInstanceId", "parentInstanceId",
    "parentExecutionId", "criticalSectionId", "lockSet", "position",
)  # fmt: skip
_NUMBERED = (
    "ExecutionStarted", "ExecutionCompleted", "ExecutionFailed", "ExecutionTerminated", "TaskScheduled",
    "TaskCompleted", "TaskFailed", "SubOrchestrationInstanceCreated", "SubOrchestrationInstanceCompleted",
    "SubOrchestrationInstanceFailed", "TimerCreated", "TimerFired", "OrchestratorStarted", "OrchestratorCompleted",
    "EventSent", "EventRaised", "ContinueAsNew", "GenericEvent", "HistoryState", "ExecutionSuspended",
    "ExecutionResumed",
)  # fmt: skip
"""DurableTask.Core's `EventType`, in order."""


def is_event(item: Mapping[str, Json]) -> bool:
    return _kind(_flat_keys(item)) is not None


def event(item: Mapping[str, Json]) -> Json:
    """The event in protobuf's JSON form."""
    values = _flat_keys(item)
    kind = _kind(values)
    assert kind is not None
    body = {name: values[name.lower()] for name in _FIELDS if values.get(name.lower()) is not None}
    if (failure := _failure(values)) is not None:
        body["failureDetails"] = failure
    if "orchestrationstatus" in values:
        body["orchestrationStatus"] = _status(values["orchestrationstatus"])
    if instance := _instance(values.get("orchestrationinstance")):
        body["orchestrationInstance"] = instance
    if parent := _parent(values.get("parentinstance")):
        body["parentInstance"] = parent
    return {"eventId": values.get("eventid", -1), "timestamp": values.get("timestamp"), kind: body}


def flat(key: str) -> str:
    return key.replace("_", "").lower()


def _flat_keys(value: Mapping[str, Json]) -> dict[str, Json]:
    return {flat(key): item for key, item in value.items()}


def _kind(values: Mapping[str, Json]) -> str | None:
    named = values.get("eventtype")
    if isinstance(named, int) and 0 <= named < len(_NUMBERED):
        named = _NUMBERED[named]
    if not isinstance(named, str):
        return None
    return _KINDS.get(named.lower()) or _KINDS.get(named.removesuffix("Event").lower())


def _failure(values: Mapping[str, Json]) -> Json:
    """Of a failed task. DurableTask.Core also knows failures that are a reason and details in text."""
    if isinstance(details := values.get("failuredetails"), dict):
        found = _flat_keys(details)
        told = {
            "errorType": found.get("errortype"),
            "errorMessage": found.get("errormessage", found.get("message")),
            "stackTrace": found.get("stacktrace"),
        }
    elif "reason" in values:
        told = {"errorType": "", "errorMessage": values["reason"], "stackTrace": values.get("details")}
    else:
        return None
    return {name: value for name, value in told.items() if value is not None}


def _status(value: str | int) -> str | int:
    """An `OrchestrationStatus` as protobuf names it."""
    if isinstance(value, int):
        return value
    return "ORCHESTRATION_STATUS_" + re.sub(r"(?<=[a-z])(?=[A-Z])", "_", value).upper()


def _instance(value: Json) -> Json:
    if not isinstance(value, dict):
        return None
    found = _flat_keys(value)
    return {"instanceId": found.get("instanceid", "")}


def _parent(value: Json) -> Json:
    instance = _instance(_flat_keys(value).get("orchestrationinstance")) if isinstance(value, dict) else None
    return {"orchestrationInstance": instance} if instance else None

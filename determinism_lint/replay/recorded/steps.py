"""What a recorded history says was asked for, and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from determinism_lint.replay.codec import decoded
from determinism_lint.replay.model import Action, Json
from determinism_lint.replay.recorded.model import Recording
from determinism_lint.replay.recorded.protobuf import kind_of

State = Literal["done", "failed", "open"]

_ENDS: Mapping[str, State] = {
    "taskCompleted": "done",
    "taskFailed": "failed",
    "subOrchestrationInstanceCompleted": "done",
    "subOrchestrationInstanceFailed": "failed",
    "timerFired": "done",
    "entityOperationCompleted": "done",
    "entityOperationFailed": "failed",
    "entityLockGranted": "done",
}
_NO_ANSWER = ("send event", "signal entity", "entity message")


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that the orchestrator asked for."""

    place: int
    """The number of its event in the file, from 1."""
    action: Action
    state: State


@dataclass(frozen=True, slots=True)
class Ending:
    """How the instance ended."""

    place: int
    status: str
    """As `OrchestrationStatus` without its prefix: `COMPLETED`."""
    result: Json
    """Decoded; None where there is none."""
    error: str


def asked(recording: Recording) -> tuple[Asked, ...]:
    """The steps in the order of the history."""
    ended = _ended(recording)
    found = []
    for place, event in zip(recording.places, recording.events, strict=True):
        action = _action(event)
        if action is not None:
            key = event.get(kind_of(event) or "", {})
            state = ended.get(key.get("requestId") or key.get("criticalSectionId") or action.id, "open")
            found.append(Asked(place, action, "done" if action.kind in _NO_ANSWER else state))
    return tuple(found)


def raised(recording: Recording) -> tuple[str, ...]:
    """The names of the external events that arrived, in lower case: the SDKs do not tell upper from lower."""
    bodies = (event["eventRaised"] for event in recording.events if "eventRaised" in event)
    return tuple(body.get("name", "").casefold() for body in bodies)


def ending(recording: Recording) -> Ending | None:
    """None where the instance had not ended when it was recorded."""
    for place, event in zip(reversed(recording.places), reversed(recording.events), strict=True):
        if "executionTerminated" in event:
            return Ending(place, "TERMINATED", None, "")
        if "executionCompleted" in event:
            body = event["executionCompleted"]
            error = body.get("failureDetails", {}).get("errorMessage", "")
            return Ending(place, _status(body.get("orchestrationStatus", 0)), decoded(body.get("result")), error)
    return None


_STATUSES = (
    "RUNNING", "COMPLETED", "CONTINUED_AS_NEW", "FAILED", "CANCELED", "TERMINATED", "PENDING", "SUSPENDED",
)  # fmt: skip
"""`OrchestrationStatus` of orchestrator_service.proto, in order."""


def _status(value: str | int) -> str:
    if isinstance(value, int) and 0 <= value < len(_STATUSES):
        return _STATUSES[value]
    return str(value).removeprefix("ORCHESTRATION_STATUS_")


def _ended(recording: Recording) -> dict[int | str, State]:
    """How the steps ended, by their ids and, of entity operations, those of their requests."""
    found: dict[int | str, State] = {}
    for event in recording.events:
        kind = kind_of(event) or ""
        if kind in _ENDS:
            body = event[kind]
            key = body.get("requestId") or body.get("criticalSectionId")
            found[key or body.get("timerId" if kind == "timerFired" else "taskScheduledId", 0)] = _ENDS[kind]
    return found


def _action(event: Json) -> Action | None:
    """What the orchestrator asked for, in the words of a trace; None where the event tells of something else."""
    kind = kind_of(event) or ""
    body, number = event.get(kind, {}), event.get("eventId", 0)
    if kind == "taskScheduled":
        return Action("activity", number, body.get("name", ""), dict(_payload(body, input="input")))
    if kind == "subOrchestrationInstanceCreated":
        payload = dict(_payload(body, **{"instance id": "instanceId", "input": "input"}))
        return Action("sub-orchestration", number, body.get("name", ""), payload)
    if kind == "timerCreated":
        return Action("timer", number)
    if kind == "eventSent":
        target = body.get("instanceId", "")
        if target.startswith("@"):
            return Action("entity message", number, "", {"targetInstanceId": target})
        return Action("send event", number, f"{body.get('name', '')} to {target}")
    if kind in ("entityOperationCalled", "entityOperationSignaled"):
        words = "call entity" if kind == "entityOperationCalled" else "signal entity"
        names = {"operation": "operation", "targetInstanceId": "targetInstanceId", "input": "input"}
        return Action(words, number, "", dict(_payload(body, **names)))
    if kind == "entityLockRequested":
        return Action("lock entities", number)
    return None  # also of unlocking entities, which the runtime does not compare


def _payload(body: Mapping[str, Json], **fields: str) -> Iterator[tuple[str, Json]]:
    for name, field in fields.items():
        if body.get(field) is not None:
            yield name, body[field]

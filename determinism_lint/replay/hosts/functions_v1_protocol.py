"""The JSON that the Durable Functions extension and a 1.x worker exchange. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any

from determinism_lint.replay.model import Action, Json, Trace

State = Mapping[str, Any]
HistoryEvent = dict[str, Any]

_SCHEMA_VERSION = 2
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]+")
_FAILURE_LABEL = "\n\n$OutOfProcData$:"


class EventKind(IntEnum):
    """Kinds of history events."""

    EXECUTION_STARTED = 0
    TASK_SCHEDULED = 4
    TASK_COMPLETED = 5
    TASK_FAILED = 6
    CHILD_CREATED = 7
    CHILD_COMPLETED = 8
    CHILD_FAILED = 9
    TIMER_CREATED = 10
    TIMER_FIRED = 11
    ORCHESTRATOR_STARTED = 12
    ORCHESTRATOR_COMPLETED = 13
    EVENT_SENT = 14
    EVENT_RAISED = 15


class ActionKind(IntEnum):
    """Kinds of actions in a state."""

    ACTIVITY = 0
    ACTIVITY_WITH_RETRY = 1
    SUB_ORCHESTRATION = 2
    SUB_ORCHESTRATION_WITH_RETRY = 3
    CONTINUE_AS_NEW = 4
    TIMER = 5
    WAIT_FOR_EVENT = 6
    CALL_ENTITY = 7
    HTTP = 8
    SIGNAL_ENTITY = 9
    WHEN_ANY = 11
    WHEN_ALL = 12


_KIND_NAMES = {
    ActionKind.ACTIVITY: "activity",
    ActionKind.ACTIVITY_WITH_RETRY: "activity with retry",
    ActionKind.SUB_ORCHESTRATION: "sub-orchestration",
    ActionKind.SUB_ORCHESTRATION_WITH_RETRY: "sub-orchestration with retry",
    ActionKind.CONTINUE_AS_NEW: "continue as new",
    ActionKind.TIMER: "timer",
    ActionKind.WAIT_FOR_EVENT: "wait for event",
    ActionKind.CALL_ENTITY: "call entity",
    ActionKind.HTTP: "HTTP call",
    ActionKind.SIGNAL_ENTITY: "signal entity",
    ActionKind.WHEN_ANY: "any of",
    ActionKind.WHEN_ALL: "all of",
}
_NAME_KEYS = ("functionName", "externalEventName")


def event(kind: EventKind, at: datetime, event_id: int = -1, **fields: Json) -> HistoryEvent:
    """A history event. `IsPlayed` is added when it is sent: it depends on the episode."""
    return {"EventType": int(kind), "EventId": event_id, "Timestamp": timestamp(at), **fields}


def timestamp(at: datetime) -> str:
    """As the extension writes times."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def context_json(events: Sequence[Mapping[str, Json]], played: int, instance_id: str, parent: str | None) -> str:
    """The request to execute an orchestrator on a history of which the first `played` events are old."""
    started = next(e for e in events if e["EventType"] == EventKind.EXECUTION_STARTED)
    return json.dumps(
        {
            "history": [{**e, "IsPlayed": index < played} for index, e in enumerate(events)],
            "instanceId": instance_id,
            "isReplaying": played > 0,
            "parentInstanceId": parent,
            "input": started["Input"],
            "upperSchemaVersion": _SCHEMA_VERSION,
        }
    )


def state_of_failure(error: Exception) -> State:
    """The state that a failing orchestrator puts at the end of its exception's message."""
    message, _, state = str(error).partition(_FAILURE_LABEL)
    if state:
        return dict(json.loads(state))
    return {"isDone": False, "actions": [[]], "error": message or type(error).__name__}


def actions(state: State) -> list[Mapping[str, Json]]:
    """The actions of a state in order, compound ones before their parts."""
    return [action for group in state["actions"] for top in group for action in _flatten(top)]


def trace(state: State) -> Trace:
    """What an execution decided, in the common form."""
    flat = actions(state)
    described = [_describe(number, action) for number, action in enumerate(flat)]
    if state.get("error"):
        payload = {"error": _ADDRESS.sub("0x…", state["error"])}
        described.append(Action("complete", len(flat), "FAILED", payload))
    elif state.get("isDone"):
        described.append(Action("complete", len(flat), "COMPLETED", {"result": state.get("output")}))
    return Trace(tuple(described), state.get("customStatus"))


def _flatten(action: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    yield action
    for part in action.get("compoundActions", ()):
        yield from _flatten(part)


def _describe(number: int, action: Mapping[str, Json]) -> Action:
    kind = ActionKind(action["actionType"])
    name = next((action[key] for key in _NAME_KEYS if key in action), "")
    if "compoundActions" in action:
        name = str(len(action["compoundActions"]))
    # Cancelling a timer later is no difference between an execution and the one that repeats and continues it.
    left_out = ("actionType", "compoundActions", "isCanceled", *_NAME_KEYS)
    return Action(_KIND_NAMES[kind], number, name, {k: v for k, v in action.items() if k not in left_out})

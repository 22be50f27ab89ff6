"""Recorded histories in the JSON that the extension sends to a 1.x worker, and what the worker asks for on them."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from determinism_lint.replay.hosts import functions_v1_protocol as protocol
from determinism_lint.replay.hosts import functions_v1_sdk as sdk
from determinism_lint.replay.hosts.functions_v1_protocol import EventKind, HistoryEvent, State
from determinism_lint.replay.hosts.functions_v1_tasks import action_of
from determinism_lint.replay.hosts.places import Owns, caller, raised_at, waiting_at
from determinism_lint.replay.load import ProgramError
from determinism_lint.replay.model import Action, Place, Trace
from determinism_lint.replay.recorded.model import Recording
from determinism_lint.replay.recorded.protobuf import kind_of

_KINDS: Mapping[str, EventKind | None] = {
    "executionStarted": EventKind.EXECUTION_STARTED,
    "taskScheduled": EventKind.TASK_SCHEDULED,
    "taskCompleted": EventKind.TASK_COMPLETED,
    "taskFailed": EventKind.TASK_FAILED,
    "subOrchestrationInstanceCreated": EventKind.CHILD_CREATED,
    "subOrchestrationInstanceCompleted": EventKind.CHILD_COMPLETED,
    "subOrchestrationInstanceFailed": EventKind.CHILD_FAILED,
    "timerCreated": EventKind.TIMER_CREATED,
    "timerFired": EventKind.TIMER_FIRED,
    "orchestratorStarted": EventKind.ORCHESTRATOR_STARTED,
    "orchestratorCompleted": EventKind.ORCHESTRATOR_COMPLETED,
    "eventSent": EventKind.EVENT_SENT,
    "eventRaised": EventKind.EVENT_RAISED,
    # The extension acts on these itself, and the worker makes nothing of them.
    "executionCompleted": None,
    "executionTerminated": None,
    "executionSuspended": None,
    "executionResumed": None,
    "genericEvent": None,
}
_FIELDS = {
    "Name": "name",
    "Version": "version",
    "Input": "input",
    "Result": "result",
    "TaskScheduledId": "taskScheduledId",
    "TimerId": "timerId",
    "FireAt": "fireAt",
    "InstanceId": "instanceId",
}


_NO_TIME = "1970-01-01T00:00:00Z"


def events_of(recording: Recording) -> list[HistoryEvent]:
    """Raises ProgramError where a history is not one of this SDK."""
    return list(_events(recording))


def _events(recording: Recording) -> Iterator[HistoryEvent]:
    for event in recording.events:
        name = kind_of(event) or ""
        if name not in _KINDS:
            raise ProgramError(f"the history holds {name}, which histories of azure-functions-durable 1.x do not")
        kind, body = _KINDS[name], event.get(name, {})
        if kind is None:
            continue
        found = {key: body.get(field) for key, field in _FIELDS.items()}
        if kind in (EventKind.TASK_COMPLETED, EventKind.TASK_FAILED, EventKind.CHILD_COMPLETED, EventKind.CHILD_FAILED):
            found["TaskScheduledId"] = body.get("taskScheduledId", 0)  # protobuf leaves zeros out
        if kind is EventKind.TIMER_FIRED:
            found["TimerId"] = body.get("timerId", 0)
        failure = body.get("failureDetails", {})
        found |= {"Reason": failure.get("errorMessage"), "Details": failure.get("stackTrace")}
        yield {
            "EventType": int(kind),
            "EventId": event.get("eventId", 0),
            "Timestamp": event.get("timestamp", _NO_TIME),
            **found,
        }


class Asking:
    """Notes what the SDK's context numbers: those are the ids that the extension gives to the events."""

    def __init__(self, context: Any, executor: Any, owns: Owns) -> None:
        self.actions: list[Action] = []
        self._context, self._executor, self._owns = context, executor, owns
        self._add, self._record = context._add_to_open_tasks, context._record_fire_and_forget_action
        context._add_to_open_tasks = self._added
        context._record_fire_and_forget_action = self._recorded

    def stands(self) -> Place | None:
        """The line at which the orchestrator waits, or failed."""
        error = self._executor.exception
        waiting = waiting_at(getattr(self._executor, "generator", None), self._owns)
        return waiting or (raised_at(error, self._owns) if error is not None else None)

    def _added(self, task: Any) -> None:
        number = self._context._sequence_number
        self._add(task)
        if not hasattr(task, "children") and self._context._sequence_number > number and task.id == number:
            self._note(_asked(number, task), self.stands())
        elif getattr(task, "_api_name", "") == "WaitForExternalEventAction":
            self._note(Action("wait for event", 0, str(task.id)), self.stands())

    def _recorded(self, action: Any) -> None:
        number = self._context._sequence_number
        self._record(action)
        if type(action).__name__ == "SignalEntityAction":  # the other kind is continue-as-new
            self._note(Action("signal entity", number), caller(sys._getframe(1), self._owns))

    def _note(self, action: Action, place: Place | None) -> None:
        self.actions.append(dataclasses.replace(action, place=place))


def trace_of(asked: Sequence[Action], state: State, context: Any, stands: Place | None) -> Trace:
    """What was asked for, and how it ended by the SDK's answer; the result encoded, as histories have it."""
    told = protocol.trace(state)
    ends = [action for action in told.actions if action.kind == "complete"]
    if "result" in (payload := ends[0].payload if ends else {}):
        ends = [dataclasses.replace(ends[0], payload={"result": json.dumps(payload["result"])})]
    if any(action.kind == "continue as new" for action in told.actions):
        ends = [Action("complete", 0, "CONTINUED_AS_NEW")]
    unsent, awaited = tuple(action.id for action in asked), tuple(_awaited(context))
    return Trace((*asked, *ends), told.custom_status, stands, unsent=unsent, awaited=awaited)


def _awaited(context: Any) -> Iterator[int]:
    for number, task in context.open_tasks.items():
        if isinstance(number, int) and not (isinstance(task, sdk.TimerTask) and task.is_cancelled):
            yield number


def _asked(number: int, task: Any) -> Action:
    action = action_of(task)
    kind = type(action).__name__
    if kind.startswith("CallActivity"):
        return Action("activity", number, action.function_name)
    if kind.startswith("CallSubOrchestrator"):
        return Action("sub-orchestration", number, action.function_name)
    if kind in ("CreateTimerAction", "NoOpAction"):
        return Action("timer", number)
    if kind == "CallEntityAction":
        return Action("call entity", number)
    if kind == "CallHttpAction":
        return Action("activity", number, "BuiltIn::HttpActivity")
    return Action(kind, number)

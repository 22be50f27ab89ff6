"""Carries out what a 1.x orchestrator is waiting for: activities, timers, children, entity calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.hosts import functions_app as app
from determinism_lint.replay.hosts import functions_v1_protocol as protocol
from determinism_lint.replay.hosts import functions_v1_sdk as sdk
from determinism_lint.replay.hosts.activities import REAL, replacement
from determinism_lint.replay.hosts.agenda import Agenda
from determinism_lint.replay.hosts.base import Failures
from determinism_lint.replay.hosts.functions_v1_entities import Entities
from determinism_lint.replay.hosts.functions_v1_instance import Running
from determinism_lint.replay.hosts.functions_v1_protocol import EventKind
from determinism_lint.replay.model import Call, RunRequest
from determinism_lint.replay.stand_in import StandIn

StartChild = Callable[[Running, int, Any], None]


class Tasks:
    """The part of the extension that reacts to new tasks."""

    def __init__(
        self,
        activities: Mapping[str, app.Registration],
        entities: Entities,
        calls: list[Call],
        request: RunRequest,
        agenda: Agenda,
        clock: VirtualClock,
        start_child: StartChild,
    ) -> None:
        self._activities, self._entities, self._calls = activities, entities, calls
        self._request, self._failures = request, Failures(request)
        self._agenda, self._clock, self._start_child = agenda, clock, start_child

    def schedule_open(self, running: Running, context: Any) -> None:
        """Takes care of the tasks that the orchestrator has begun to wait for, and of timers that it has cancelled."""
        open_tasks = dict(context.open_tasks)
        running.awaits_event = any(_awaits_event(task) for task in open_tasks.values())
        for task_id, task in open_tasks.items():
            if isinstance(task_id, int) and task_id not in running.scheduled:
                running.scheduled.add(task_id)
                self._schedule(running, task_id, task)
        self.cancel_timers(running, context)

    def cancel_timers(self, running: Running, context: Any) -> None:
        """Forgets the timers that the orchestrator has cancelled."""
        for task_id, task in context.open_tasks.items():
            if isinstance(task, sdk.TimerTask) and task.is_cancelled:
                running.timers.pop(task_id, None)

    def _schedule(self, running: Running, task_id: int, task: Any) -> None:
        action = action_of(task)
        kind = type(action).__name__
        if kind == "NoOpAction":  # the timer of a task with retries
            delay = timedelta(milliseconds=task.parent.retry_options.first_retry_interval_in_milliseconds)
            self._timer(running, task_id, self._clock.peek() + delay)
        elif kind.startswith("CallActivity"):
            self._work(running, task_id, action.function_name, lambda: self._activity(action))
        elif kind.startswith("CallSubOrchestrator"):
            self._start_child(running, task_id, action)
        elif kind == "CreateTimerAction":
            self._timer(running, task_id, _utc(action.fire_at))
        elif kind == "CallEntityAction":
            self._entity_call(running, task_id, action)
        elif kind == "CallHttpAction":
            self._work(running, task_id, "BuiltIn::HttpActivity", _http_answer)
        else:
            raise NotImplementedError(f"the replay host does not know {kind}")

    def _timer(self, running: Running, task_id: int, fire_at: datetime) -> None:
        at, generation = protocol.timestamp(fire_at), running.generation
        running.history.append(protocol.event(EventKind.TIMER_CREATED, self._clock.peek(), task_id, FireAt=at))
        running.timers[task_id] = fire_at

        def fire() -> None:
            if running.generation == generation and running.timers.pop(task_id, None) is not None:
                event = protocol.event(EventKind.TIMER_FIRED, self._clock.peek(), TimerId=task_id, FireAt=at)
                running.deliver(generation, event)

        self._agenda.at(fire_at, fire)

    def _work(self, running: Running, task_id: int, name: str, work: Callable[[], str]) -> None:
        generation = running.generation
        running.history.append(protocol.event(EventKind.TASK_SCHEDULED, self._clock.peek(), task_id, Name=name))

        def execute() -> None:
            try:
                result = work()
            except Exception as error:
                reason, details = f"{type(error).__name__}: {error}", repr(error)
                event = protocol.event(
                    EventKind.TASK_FAILED, self._clock.peek(), TaskScheduledId=task_id, Reason=reason, Details=details
                )
            else:
                event = protocol.event(
                    EventKind.TASK_COMPLETED, self._clock.peek(), TaskScheduledId=task_id, Result=result
                )
            running.deliver(generation, event)

        self._agenda.soon(execute)

    def _activity(self, action: Any) -> str:
        name, encoded = action.function_name, action.input_
        value = json.loads(encoded)
        try:
            self._failures.check(name)
            output: str = sdk.dumps(self._call_activity(name, encoded))
        except Exception as error:
            self._calls.append(Call(name, value, error=f"{type(error).__name__}: {error}"))
            raise
        self._calls.append(Call(name, value, json.loads(output)))
        return output

    def _call_activity(self, name: str, encoded: str) -> Any:
        activity = self._activities.get(name)
        replaced = replacement(self._request, name, activity.function if activity is not None else None)
        if replaced is not REAL:
            return replaced
        if activity is not None:
            return activity.call(sdk.loads(encoded))
        if not self._activities:
            return StandIn(name)
        raise LookupError(f"The function '{name}' doesn't exist or is not an activity function.")

    def _entity_call(self, running: Running, task_id: int, action: Any) -> None:
        generation, request_id = running.generation, f"{running.id}-{running.generation}-{task_id}"
        request = json.dumps({"id": request_id, "op": action.operation})
        running.history.append(
            protocol.event(
                EventKind.EVENT_SENT,
                self._clock.peek(),
                task_id,
                InstanceId=action.instance_id,
                Name="op",
                Input=request,
            )
        )

        def execute() -> None:
            answer = json.dumps(self._entities.operate(action.instance_id, action.operation, action.input_))
            event = protocol.event(EventKind.EVENT_RAISED, self._clock.peek(), Name=request_id, Input=answer)
            running.deliver(generation, event)

        self._agenda.soon(execute)


def action_of(task: Any) -> Any:
    """What a task asks for: a NoOpAction where it is the timer between two attempts of a task with retries."""
    action = task.action_repr[0] if isinstance(task.action_repr, list) else task.action_repr
    again = type(action).__name__ == "NoOpAction" and "timer" not in action.metadata
    return task.parent.actions if again else action


def _awaits_event(task: Any) -> bool:
    first = task[0] if isinstance(task, list) and task else task  # several waits for one name share an entry
    return getattr(first, "_api_name", "") == "WaitForExternalEventAction"


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment


def _http_answer() -> str:
    """Durable HTTP calls are answered here: the host never uses the network by itself."""
    return json.dumps({"statusCode": 200, "headers": {}, "content": "{}"})

"""Runs azure-functions-durable 1.x orchestrators: does the work of the Durable Functions extension in virtual time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import CodeType
from typing import Any

from determinism_lint.replay import load
from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.hosts import functions_app as app
from determinism_lint.replay.hosts import functions_v1_protocol as protocol
from determinism_lint.replay.hosts import functions_v1_sdk as sdk
from determinism_lint.replay.hosts.agenda import Agenda
from determinism_lint.replay.hosts.functions_v1_entities import Entities
from determinism_lint.replay.hosts.functions_v1_execution import Executor
from determinism_lint.replay.hosts.functions_v1_instance import Events, Running
from determinism_lint.replay.hosts.functions_v1_protocol import ActionKind, EventKind, State
from determinism_lint.replay.hosts.functions_v1_recording import events_of, trace_of
from determinism_lint.replay.hosts.functions_v1_tasks import Tasks
from determinism_lint.replay.model import (
    Call,
    Episode,
    Event,
    History,
    Instance,
    Json,
    RunRequest,
    RunResult,
    Status,
    Trace,
)
from determinism_lint.replay.observe import Observer
from determinism_lint.replay.recorded.model import Recording
from determinism_lint.replay.stand_in import revive

_STEP = timedelta(milliseconds=1)  # each work item takes this long


@dataclass(frozen=True, slots=True)
class Functions:
    """What an app registers, by name. Entity names are in lower case."""

    orchestrators: Mapping[str, Any]
    activities: Mapping[str, app.Registration]
    entities: Mapping[str, Callable[[str], str]]


class FunctionsV1Host:
    """A task hub and an extension in one."""

    def __init__(self, functions: Functions, clock: VirtualClock, observer: Observer) -> None:
        self._functions, self._clock, self._observer = functions, clock, observer
        self._executor = Executor(observer)
        self._agenda = Agenda(clock)
        self._calls: list[Call] = []
        self._entities = Entities(functions.entities, self._calls)
        self._tasks = self._make_tasks(RunRequest(""))
        self._instances: dict[str, Running] = {}
        self._episodes_left = 0
        self._histories: list[tuple[Running, int, Events]] = []
        self._episodes: list[Episode] = []

    def orchestrators(self) -> tuple[str, ...]:
        return tuple(self._functions.orchestrators)

    def code(self, orchestrator: str) -> CodeType | None:
        return load.code_of(self._functions.orchestrators[orchestrator].orchestrator_function)

    def run(self, request: RunRequest) -> RunResult:
        self._episodes_left = request.max_episodes
        self._tasks = self._make_tasks(request)
        for entity, state in request.entities.items():
            self._entities.set(entity, state)
        root = self._start(request.instance_id, request.orchestrator, request.version, None)
        self._begin(root, _dumps(request.input), [])
        for event in request.events:
            self._raise_later(root, event)
        while root.status is None and self._step():
            pass
        while not self._agenda.idle and self._step():
            pass
        return self._result(root)

    def replay(self, history: History, episode: Episode) -> Trace:
        events = history.events[: episode.end]
        request = protocol.context_json(events, episode.start, history.instance, history.parent)
        state, _ = self._executor.execute(self._functions.orchestrators[history.orchestrator], request)
        return protocol.trace(state)

    def rerun(self, orchestrator: str, recording: Recording) -> Trace:
        events = events_of(recording)
        starts = [number for number, event in enumerate(events) if event["EventType"] == EventKind.ORCHESTRATOR_STARTED]
        parent = recording.events[0].get("executionStarted", {}).get("parentInstance", {})
        parent_id = parent.get("orchestrationInstance", {}).get("instanceId")
        request = protocol.context_json(events, starts[-1] if starts else 0, recording.instance, parent_id)
        state, context = self._executor.execute(self._functions.orchestrators[orchestrator], request)
        return trace_of(self._executor.asked, state, context, self._executor.stands)

    def _step(self) -> bool:
        self._clock.advance(_STEP.total_seconds())
        return self._episodes_left > 0 and self._agenda.step()

    def _make_tasks(self, request: RunRequest) -> Tasks:
        return Tasks(
            self._functions.activities,
            self._entities,
            self._calls,
            request,
            self._agenda,
            self._clock,
            self._start_child,
        )

    # Instances

    def _start(self, instance_id: str, orchestrator: str, version: str | None, parent: Running | None) -> Running:
        running = Running(instance_id, orchestrator, version, self._clock.peek(), parent, self._wake)
        self._instances[instance_id] = running
        return running

    def _begin(self, running: Running, encoded: str | None, kept: Events) -> None:
        now = self._clock.peek()
        name, version = running.orchestrator, running.version
        started = protocol.event(EventKind.EXECUTION_STARTED, now, Name=name, Version=version, Input=encoded)
        running.begin_generation(started, kept)

    def _start_child(self, parent: Running, task_id: int, action: Any) -> None:
        child_id = action.instance_id or f"{parent.id}:{parent.generation}:{task_id}"
        name, now = action.function_name, self._clock.peek()
        parent.history.append(protocol.event(EventKind.CHILD_CREATED, now, task_id, Name=name, InstanceId=child_id))
        child = self._start(child_id, name, action.version, parent)
        child.parent_task, child.parent_generation = task_id, parent.generation
        if name in self._functions.orchestrators:
            self._begin(child, action._input, [])
        else:
            error = f"The function '{name}' doesn't exist or is not an orchestrator function."
            self._finish(child, Status.FAILED, error=error)

    def _raise_later(self, running: Running, event: Event) -> None:
        def arrive() -> None:
            now = self._clock.peek()
            raised = protocol.event(EventKind.EVENT_RAISED, now, Name=event.name, Input=_dumps(event.data))
            running.deliver(running.generation, raised)

        self._agenda.at(self._clock.peek() + timedelta(seconds=event.after), arrive)

    def _wake(self, running: Running) -> None:
        self._agenda.soon(lambda: self._episode(running))

    def _episode(self, running: Running) -> None:
        if running.status is not None or not running.arrived:
            return  # an earlier episode took the news along
        self._episodes_left -= 1
        start = len(running.history)
        running.history.append(protocol.event(EventKind.ORCHESTRATOR_STARTED, self._clock.peek()))
        running.history += running.arrived
        running.arrived = []
        request = protocol.context_json(running.history, start, running.id, _id_of(running.parent))
        with self._observer.watching(self._executor.is_replaying):
            state, context = self._executor.execute(self._functions.orchestrators[running.orchestrator], request)
        self._record(running, start, state)
        running.history.append(protocol.event(EventKind.ORCHESTRATOR_COMPLETED, self._clock.peek()))
        running.custom_status = state.get("customStatus", running.custom_status)
        self._send_signals(running, state)
        if state.get("error"):
            self._finish(running, Status.FAILED, error=state["error"])
        elif state["isDone"]:
            self._tasks.cancel_timers(running, context)
            self._complete(running, state)
        else:
            self._tasks.schedule_open(running, context)

    def _send_signals(self, running: Running, state: State) -> None:
        signals = [a for a in protocol.actions(state) if a["actionType"] == ActionKind.SIGNAL_ENTITY]
        numbers = [action.id for action in self._executor.asked if action.kind == "signal entity"]
        for signal, number in list(zip(signals, numbers, strict=True))[running.signals :]:
            said = json.dumps({"op": signal["operation"], "signal": True, "id": f"{running.id}-{number}"})
            running.history.append(
                protocol.event(
                    EventKind.EVENT_SENT, self._clock.peek(), number,
                    InstanceId=signal["instanceId"], Name="op", Input=said,
                )
            )  # fmt: skip
            self._agenda.soon(partial(self._signal, signal))
        running.signals = len(signals)

    def _signal(self, signal: Mapping[str, Json]) -> None:
        self._entities.operate(signal["instanceId"], signal["operation"], signal.get("input"), is_signal=True)

    def _complete(self, running: Running, state: State) -> None:
        restarts = [a for a in protocol.actions(state) if a["actionType"] == ActionKind.CONTINUE_AS_NEW]
        if restarts:
            running.generation += 1
            self._begin(running, restarts[-1].get("input"), _unconsumed(running.history, state))
        elif running.timers:  # the extension waits for every timer that is not cancelled
            output = state.get("output")
            self._agenda.at(max(running.timers.values()), lambda: self._finish(running, Status.COMPLETED, output))
        else:
            self._finish(running, Status.COMPLETED, state.get("output"))

    def _finish(self, running: Running, status: Status, output: Json = None, error: str | None = None) -> None:
        now = self._clock.peek()
        running.status, running.output, running.error, running.ended = status, output, error, now
        if running.parent is None:
            return
        task = running.parent_task
        if status is Status.COMPLETED:
            event = protocol.event(EventKind.CHILD_COMPLETED, now, TaskScheduledId=task, Result=json.dumps(output))
        else:
            event = protocol.event(EventKind.CHILD_FAILED, now, TaskScheduledId=task, Reason=error, Details=error)
        running.parent.deliver(running.parent_generation, event)

    # Recording

    def _record(self, running: Running, start: int, state: State) -> None:
        if running.record < 0:
            running.record = len(self._histories)
            self._histories.append((running, running.generation, running.history))
        self._episodes.append(Episode(running.record, start, len(running.history), protocol.trace(state)))

    def _result(self, root: Running) -> RunResult:
        return RunResult(
            self._instance(root),
            tuple(self._calls),
            tuple(self._instance(running) for running in self._instances.values()),
            self._entities.states(),
            tuple(
                History(running.id, running.orchestrator, generation, tuple(events), _id_of(running.parent))
                for running, generation, events in self._histories
            ),
            tuple(self._episodes),
        )

    def _instance(self, running: Running) -> Instance:
        end = running.ended or self._clock.peek()
        return Instance(
            running.id,
            running.orchestrator,
            self._status(running),
            running.output,
            running.custom_status,
            running.error,
            (end - running.started).total_seconds(),
        )

    def _status(self, running: Running) -> Status:
        if running.status is not None:
            return running.status
        if self._episodes_left <= 0 or not self._agenda.empty:
            return Status.RUNNING
        return Status.WAITING if self._can_be_woken(running) else Status.HANG

    def _can_be_woken(self, running: Running) -> bool:
        """By an event from outside, to it or to a child that it waits for."""
        children = (child for child in self._instances.values() if child.parent is running and child.status is None)
        return running.awaits_event or any(self._can_be_woken(child) for child in children)


def _unconsumed(history: Events, state: State) -> Events:
    """External events that the finished generation has not waited for: the extension hands them to the next one."""
    waits = [a["externalEventName"] for a in protocol.actions(state) if a["actionType"] == ActionKind.WAIT_FOR_EVENT]
    own = {json.loads(event["Input"])["id"] for event in history if event["EventType"] == EventKind.EVENT_SENT}
    kept = []
    for event in history:
        if event["EventType"] == EventKind.EVENT_RAISED and event["Name"] not in own:
            if event["Name"] in waits:
                waits.remove(event["Name"])
            else:
                kept.append(event)
    return kept


def _id_of(running: Running | None) -> str | None:
    return running.id if running is not None else None


def _dumps(value: Json) -> str | None:
    return None if value is None else str(sdk.dumps(revive(value)))

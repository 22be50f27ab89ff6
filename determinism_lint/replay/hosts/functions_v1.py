"""Runs azure-functions-durable 1.x orchestrators: does the work of the Durable Functions extension in virtual time."""

from __future__ import annotations

import heapq
import inspect
import itertools
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from types import CodeType
from typing import Any

from determinism_lint.replay import load
from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.hosts import functions_v1_protocol as protocol
from determinism_lint.replay.hosts import functions_v1_sdk as sdk
from determinism_lint.replay.hosts.base import Failures
from determinism_lint.replay.hosts.functions_v1_protocol import ActionKind, EventKind, HistoryEvent, State
from determinism_lint.replay.model import (
    Call,
    Episode,
    History,
    Instance,
    Json,
    RunRequest,
    RunResult,
    Status,
    Trace,
)
from determinism_lint.replay.observe import Observer
from determinism_lint.replay.stand_in import StandIn, plain, revive

_STEP = timedelta(milliseconds=1)  # each work item takes this long

Events = list[HistoryEvent]


@dataclass(frozen=True, slots=True)
class Functions:
    """What an app registers, by name. Entity names are in lower case."""

    orchestrators: Mapping[str, Any]
    activities: Mapping[str, Callable[[Any], Any]]
    entities: Mapping[str, Callable[[str], str]]


@dataclass(slots=True)
class Running:
    """An instance under way."""

    id: str
    orchestrator: str
    version: str | None
    parent: Running | None = None
    parent_task: int = -1
    parent_generation: int = 0
    generation: int = 0
    history: Events = field(default_factory=list)
    arrived: Events = field(default_factory=list)
    scheduled: set[int] = field(default_factory=set)  # task ids that the host has taken care of
    cancelled: set[int] = field(default_factory=set)
    signals: int = 0
    children: int = 0
    record: int = -1  # index of the generation's history in the recording
    awaits_event: bool = False
    status: Status | None = None
    output: Json = None
    custom_status: Json = None
    error: str | None = None


class FunctionsV1Host:
    """A task hub and an extension in one."""

    def __init__(self, functions: Functions, clock: VirtualClock, observer: Observer) -> None:
        self._functions, self._clock, self._observer = functions, clock, observer
        self._stand_ins = not functions.activities
        self._failures = Failures(RunRequest(""))
        self._instances: dict[str, Running] = {}
        self._states: dict[str, str | None] = {}  # of entities, serialized
        self._ready: deque[Callable[[], None]] = deque()
        self._alarms: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._episodes_left = 0
        self._calls: list[Call] = []
        self._histories: list[tuple[Running, int, Events]] = []
        self._episodes: list[Episode] = []

    # The Host protocol

    def orchestrators(self) -> tuple[str, ...]:
        return tuple(self._functions.orchestrators)

    def code(self, orchestrator: str) -> CodeType | None:
        return load.code_of(self._functions.orchestrators[orchestrator].orchestrator_function)

    def run(self, request: RunRequest) -> RunResult:
        self._failures, self._episodes_left = Failures(request), request.max_episodes
        for entity, state in request.entities.items():
            name, _, key = entity.partition("@")
            self._states[f"@{name.lower()}@{key}"] = json.dumps(state)
        root = self._start(request.instance_id, request.orchestrator, self._dumps(request.input), request.version)
        for event in request.events:
            at = self._clock.peek() + timedelta(seconds=event.after)
            self._at(at, lambda event=event: self._raise(root, event.name, self._dumps(event.data)))  # type: ignore[misc]
        while root.status is None and self._episodes_left > 0 and self._step():
            pass
        while self._ready and self._episodes_left > 0:
            self._step()
        return self._result(root)

    def replay(self, history: History, episode: Episode) -> Trace:
        body = protocol.context_json(history.events[: episode.end], episode.start, history.instance, history.parent)
        return protocol.trace(self._execute(history.orchestrator, body)[0])

    # Time

    def _at(self, moment: datetime, ring: Callable[[], None]) -> None:
        heapq.heappush(self._alarms, (moment, next(self._numbers), ring))

    def _soon(self, work: Callable[[], None]) -> None:
        self._ready.append(work)

    def _step(self) -> bool:
        self._clock.advance(_STEP.total_seconds())
        if self._ready:
            self._ready.popleft()()
        elif self._alarms:
            moment, _, ring = heapq.heappop(self._alarms)
            self._clock.move_to(moment)
            ring()
        else:
            return False
        return True

    # Instances

    def _start(
        self,
        instance_id: str,
        orchestrator: str,
        encoded: str | None,
        version: str | None,
        parent: Running | None = None,
    ) -> Running:
        running = Running(instance_id, orchestrator, version, parent)
        self._instances[instance_id] = running
        self._begin_generation(running, encoded, [])
        return running

    def _begin_generation(self, running: Running, encoded: str | None, kept_events: Events) -> None:
        now = self._clock.peek()
        running.history, running.scheduled, running.cancelled, running.signals = [], set(), set(), 0
        running.record = -1
        started = protocol.event(
            EventKind.EXECUTION_STARTED, now, Name=running.orchestrator, Version=running.version, Input=encoded
        )
        running.arrived = [started, *kept_events, *running.arrived]
        self._soon(lambda: self._episode(running))

    def _deliver(self, running: Running, generation: int, event: HistoryEvent) -> None:
        if running.status is None and running.generation == generation:
            running.arrived.append(event)
            self._soon(lambda: self._episode(running))

    def _raise(self, running: Running, name: str, encoded: str | None) -> None:
        event = protocol.event(EventKind.EVENT_RAISED, self._clock.peek(), Name=name, Input=encoded)
        self._deliver(running, running.generation, event)

    def _episode(self, running: Running) -> None:
        if running.status is not None or not running.arrived:
            return  # an earlier episode took the news along
        self._episodes_left -= 1
        start = len(running.history)
        running.history.append(protocol.event(EventKind.ORCHESTRATOR_STARTED, self._clock.peek()))
        running.history += running.arrived
        running.arrived = []
        parent = running.parent.id if running.parent is not None else None
        body = protocol.context_json(running.history, start, running.id, parent)
        with self._observer.watching(self._is_replaying):
            state, context = self._execute(running.orchestrator, body)
        self._record(running, start, state)
        running.history.append(protocol.event(EventKind.ORCHESTRATOR_COMPLETED, self._clock.peek()))
        running.custom_status = state.get("customStatus", running.custom_status)
        self._send_signals(running, state)
        if state.get("error"):
            self._finish(running, Status.FAILED, error=state["error"])
        elif state["isDone"]:
            self._complete(running, state)
        else:
            self._schedule_open_tasks(running, context)

    _context: Any = None
    _dropping = False

    def _is_replaying(self) -> bool:
        return self._dropping or self._context is None or bool(self._context.is_replaying)

    def _execute(self, name: str, body: str) -> tuple[State, Any]:
        handle = self._functions.orchestrators[name]
        context = self._context = sdk.Context.from_json(body)
        context._input_expected_type = getattr(handle, "_df_input_type", None)
        function = handle.orchestrator_function
        orchestrator = sdk.Orchestrator(_with_plain_output(function))
        try:
            state: State = json.loads(orchestrator.handle(context))
        except Exception as error:
            state = protocol.state_of_failure(error)
        self._drop(getattr(orchestrator.task_orchestration_executor, "generator", None), load.code_of(function))
        return state, context

    def _drop(self, generator: Any, code: CodeType | None) -> None:
        """Ends a suspended orchestrator as garbage collection would, but now."""
        self._dropping = True
        try:
            if generator is not None:
                generator.close()
        except RuntimeError:  # generator ignored GeneratorExit
            self._observer.note_survivor(code)
        except Exception:  # raised by a finally clause: nobody would ever see it
            pass
        finally:
            self._dropping = False

    def _complete(self, running: Running, state: State) -> None:
        restarts = [a for a in protocol.actions(state) if a["actionType"] == ActionKind.CONTINUE_AS_NEW]
        if not restarts:
            self._finish(running, Status.COMPLETED, state.get("output"))
            return
        running.generation += 1
        kept = _unconsumed(running.history, state)
        self._begin_generation(running, restarts[-1].get("input"), kept)

    def _finish(self, running: Running, status: Status, output: Json = None, error: str | None = None) -> None:
        running.status, running.output, running.error = status, output, error
        if running.parent is None:
            return
        now, task = self._clock.peek(), running.parent_task
        if status is Status.COMPLETED:
            event = protocol.event(EventKind.CHILD_COMPLETED, now, TaskScheduledId=task, Result=json.dumps(output))
        else:
            event = protocol.event(EventKind.CHILD_FAILED, now, TaskScheduledId=task, Reason=error, Details=error)
        self._deliver(running.parent, running.parent_generation, event)

    # Tasks

    def _schedule_open_tasks(self, running: Running, context: Any) -> None:
        open_tasks = list(context.open_tasks.items())
        running.awaits_event = any(
            task is not None and _api_name(task) == "WaitForExternalEventAction" for _, task in open_tasks
        )
        for task_id, task in open_tasks:
            if not isinstance(task_id, int):
                continue
            if isinstance(task, sdk.TimerTask) and task.is_cancelled:
                running.cancelled.add(task_id)
            if task_id not in running.scheduled:
                running.scheduled.add(task_id)
                self._schedule(running, task_id, task)

    def _schedule(self, running: Running, task_id: int, task: Any) -> None:
        action = task.action_repr[0] if isinstance(task.action_repr, list) else task.action_repr
        kind = type(action).__name__
        if kind == "NoOpAction":  # a step of a task with retries
            retry = task.parent
            if "timer" in action.metadata:
                delay = timedelta(milliseconds=retry.retry_options.first_retry_interval_in_milliseconds)
                self._schedule_timer(running, task_id, self._clock.peek() + delay)
                return
            action = retry.actions
            kind = type(action).__name__
        if kind.startswith("CallActivity"):
            self._schedule_activity(running, task_id, action)
        elif kind.startswith("CallSubOrchestrator"):
            self._schedule_child(running, task_id, action)
        elif kind == "CreateTimerAction":
            self._schedule_timer(running, task_id, _utc(action.fire_at))
        elif kind == "CallEntityAction":
            self._schedule_entity_call(running, task_id, action)
        elif kind == "CallHttpAction":
            self._schedule_http(running, task_id, action)
        else:
            raise NotImplementedError(kind)

    def _schedule_timer(self, running: Running, task_id: int, fire_at: datetime) -> None:
        at, generation = protocol.timestamp(fire_at), running.generation
        running.history.append(protocol.event(EventKind.TIMER_CREATED, self._clock.peek(), task_id, FireAt=at))

        def fire() -> None:
            if running.generation == generation and task_id not in running.cancelled:
                event = protocol.event(EventKind.TIMER_FIRED, self._clock.peek(), TimerId=task_id, FireAt=at)
                self._deliver(running, generation, event)

        self._at(fire_at, fire)

    def _schedule_activity(self, running: Running, task_id: int, action: Any) -> None:
        self._schedule_work(running, task_id, action.function_name, lambda: self._activity(action))

    def _schedule_http(self, running: Running, task_id: int, action: Any) -> None:
        def refuse() -> str:
            raise ConnectionError("the replay host has no network")

        self._schedule_work(running, task_id, "BuiltIn::HttpActivity", refuse)

    def _schedule_work(self, running: Running, task_id: int, name: str, work: Callable[[], str]) -> None:
        generation = running.generation
        running.history.append(protocol.event(EventKind.TASK_SCHEDULED, self._clock.peek(), task_id, Name=name))

        def execute() -> None:
            try:
                fields: dict[str, Json] = {"Result": work()}
                kind = EventKind.TASK_COMPLETED
            except Exception as error:
                kind = EventKind.TASK_FAILED
                fields = {"Reason": f"{type(error).__name__}: {error}", "Details": repr(error)}
            self._deliver(
                running, generation, protocol.event(kind, self._clock.peek(), TaskScheduledId=task_id, **fields)
            )

        self._soon(execute)

    def _schedule_child(self, running: Running, task_id: int, action: Any) -> None:
        child_id = action.instance_id or f"{running.id}:{running.generation}:{task_id}"
        now = self._clock.peek()
        running.history.append(
            protocol.event(EventKind.CHILD_CREATED, now, task_id, Name=action.function_name, InstanceId=child_id)
        )
        if action.function_name not in self._functions.orchestrators:
            reason = f"The function '{action.function_name}' doesn't exist or is not an orchestrator function."
            failed = protocol.event(EventKind.CHILD_FAILED, now, TaskScheduledId=task_id, Reason=reason, Details=reason)
            self._deliver(running, running.generation, failed)
            return
        child = self._start(child_id, action.function_name, action._input, action.version, running)
        child.parent_task, child.parent_generation = task_id, running.generation

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
        function = self._functions.activities.get(name)
        if function is None:
            if self._stand_ins:
                return StandIn(name)
            raise LookupError(f"The function '{name}' doesn't exist or is not an activity function.")
        return function(sdk.loads(encoded))

    # Entities

    def _send_signals(self, running: Running, state: State) -> None:
        signals = [a for a in protocol.actions(state) if a["actionType"] == ActionKind.SIGNAL_ENTITY]
        for signal in signals[running.signals :]:
            self._soon(lambda signal=signal: self._signal(signal))  # type: ignore[misc]
        running.signals = len(signals)

    def _signal(self, signal: Mapping[str, Json]) -> None:
        self._operate(signal["instanceId"], signal["operation"], signal.get("input"), is_signal=True)

    def _schedule_entity_call(self, running: Running, task_id: int, action: Any) -> None:
        generation, request_id = running.generation, f"{running.id}-{running.generation}-{task_id}"
        request = json.dumps({"id": request_id, "op": action.operation})
        now = self._clock.peek()
        running.history.append(
            protocol.event(EventKind.EVENT_SENT, now, task_id, InstanceId=action.instance_id, Name="op", Input=request)
        )

        def execute() -> None:
            answer = json.dumps(self._operate(action.instance_id, action.operation, action.input_))
            event = protocol.event(EventKind.EVENT_RAISED, self._clock.peek(), Name=request_id, Input=answer)
            self._deliver(running, generation, event)

        self._soon(execute)

    def _operate(self, entity_id: str, operation: str, encoded: str | None, is_signal: bool = False) -> dict[str, Json]:
        """Runs one operation of an entity and returns the response message."""
        name, _, key = entity_id.removeprefix("@").partition("@")
        state = self._states.get(entity_id)
        request = {"name": operation, "input": json.dumps(encoded), "isSignal": is_signal}
        batch = {"self": {"name": name, "key": key}, "state": state, "exists": state is not None, "batch": [request]}
        if name not in self._functions.entities:
            message = f"The function '{name}' doesn't exist or is not an entity function."
            answer = {"results": [{"isError": True, "result": json.dumps(message)}], "entityState": None}
        else:
            answer = json.loads(self._functions.entities[name](json.dumps(batch)))
            self._states[entity_id] = answer["entityState"] if answer["entityExists"] else None
        result = answer["results"][0]
        outcome = json.loads(result["result"])
        label, value = f"{name}@{key}.{operation}", json.loads(encoded) if encoded else None
        if result["isError"]:
            self._calls.append(Call(label, value, error=str(outcome)))
            return {"result": result["result"], "exceptionType": "Error"}
        self._calls.append(Call(label, value, outcome))
        return {"result": result["result"]}

    # Recording

    def _dumps(self, value: Json) -> str | None:
        return None if value is None else str(sdk.dumps(revive(value)))

    def _record(self, running: Running, start: int, state: State) -> None:
        if running.record < 0:
            running.record = len(self._histories)
            self._histories.append((running, running.generation, running.history))
        self._episodes.append(Episode(running.record, start, len(running.history), protocol.trace(state)))

    def _result(self, root: Running) -> RunResult:
        instances = tuple(
            Instance(r.id, r.orchestrator, self._status(r), r.output, r.custom_status, r.error)
            for r in self._instances.values()
        )
        return RunResult(
            self._status(root),
            root.output,
            root.custom_status,
            root.error,
            tuple(self._calls),
            instances,
            {name.removeprefix("@"): json.loads(state) for name, state in self._states.items() if state is not None},
            tuple(
                History(r.id, r.orchestrator, generation, tuple(events), r.parent.id if r.parent is not None else None)
                for r, generation, events in self._histories
            ),
            tuple(self._episodes),
        )

    def _status(self, running: Running) -> Status:
        if running.status is not None:
            return running.status
        if self._episodes_left <= 0 or self._ready or self._alarms:
            return Status.RUNNING
        return Status.WAITING if self._can_be_woken(running) else Status.HANG

    def _can_be_woken(self, running: Running) -> bool:
        children = (child for child in self._instances.values() if child.parent is running and child.status is None)
        return running.awaits_event or any(self._can_be_woken(child) for child in children)


def _unconsumed(history: Events, state: State) -> Events:
    """External events that the finished generation has not waited for: the extension hands them to the next one."""
    waits = [a["externalEventName"] for a in protocol.actions(state) if a["actionType"] == ActionKind.WAIT_FOR_EVENT]
    own = {json.loads(e["Input"])["id"] for e in history if e["EventType"] == EventKind.EVENT_SENT}
    kept = []
    for event in history:
        if event["EventType"] == EventKind.EVENT_RAISED and event["Name"] not in own:
            if event["Name"] in waits:
                waits.remove(event["Name"])
            else:
                kept.append(event)
    return kept


def _api_name(task: Any) -> str:
    return getattr(task[0] if isinstance(task, list) and task else task, "_api_name", "")


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment


def _with_plain_output(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The SDK encodes a result without its converter, which does not know stand-ins."""

    def finish(generator: Any) -> Any:
        return plain((yield from generator))

    def orchestrator(context: Any) -> Any:
        result = function(context)
        return finish(result) if inspect.isgenerator(result) else plain(result)

    return orchestrator

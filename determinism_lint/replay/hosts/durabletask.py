"""Runs durabletask orchestrators on one thread, without sockets, in virtual time."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from types import CodeType
from typing import Any

from determinism_lint.replay import load
from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.hosts import durabletask_execution as execution
from determinism_lint.replay.hosts import durabletask_sdk as sdk
from determinism_lint.replay.hosts.base import Failures
from determinism_lint.replay.hosts.durabletask_backend import ServicerContext, VirtualBackend
from determinism_lint.replay.model import (
    Call,
    Episode,
    History,
    Instance,
    Json,
    ProgramResult,
    RunRequest,
    RunResult,
    Status,
    Trace,
)
from determinism_lint.replay.observe import Observer
from determinism_lint.replay.stand_in import MARKER, StandIn, revive

_STEP = timedelta(milliseconds=1)  # each work item takes this long


class DurableTaskHost:
    """A task hub and a worker in one."""

    def __init__(self, worker: Any, clock: VirtualClock, observer: Observer, stand_ins: bool = False) -> None:
        execution.install()
        self.worker = worker
        self.worker._data_converter = StandInConverter(worker._data_converter)
        self.backend = VirtualBackend(clock)
        self._clock, self._observer, self._stand_ins = clock, observer, stand_ins
        self._calls: list[Call] = []
        self._recorder = Recorder(self.backend)
        self._failures = Failures(RunRequest(""))
        self._awaiting: dict[str, bool] = {}  # instance id -> whether an external event could move it
        self._episodes_left = RunRequest("").max_episodes

    # The Host protocol

    def orchestrators(self) -> tuple[str, ...]:
        return tuple(self.worker._registry.orchestrators)

    def code(self, orchestrator: str) -> CodeType | None:
        return load.code_of(self.worker._registry.get_orchestrator(orchestrator))

    def run(self, request: RunRequest) -> RunResult:
        self._failures = Failures(request)
        self._episodes_left = request.max_episodes
        for entity, state in request.entities.items():
            name, _, key = entity.partition("@")
            self.backend.set_entity(f"@{name.lower()}@{key}", json.dumps(state))
        self.backend.StartInstance(self._start_request(request), ServicerContext())
        start = self._clock.peek()
        for event in request.events:
            data = self._serialize(event.data)
            self.backend.agenda.at(
                start + timedelta(seconds=event.after),
                lambda name=event.name, data=data: self.backend._raise_event_internal(  # type: ignore[misc]
                    request.instance_id, name, data
                ),
            )
        self.pump(lambda: self.backend.is_terminal(request.instance_id))
        self.pump_ready()
        return self.result(request.instance_id)

    def replay(self, history: History, episode: Episode) -> Trace:
        events = [sdk.pb.HistoryEvent.FromString(base64.b64decode(event)) for event in history.events[: episode.end]]
        return execution.execute(
            self.worker, history.instance, events[: episode.start], events[episode.start : episode.end]
        ).trace

    # For the transport

    def adopt(self, worker: Any) -> None:
        """Works for a worker that a program starts."""
        worker._data_converter = StandInConverter(worker._data_converter)
        register_also(worker, self.worker)
        self.worker = worker

    def pump_until(self, condition: Callable[[], bool], patience: timedelta) -> bool:
        """Like pump, for at most this much virtual time. Whether the condition holds in the end."""
        deadline = self._clock.peek() + patience
        while not condition():
            if self._episodes_left <= 0 or not (self._work() or self.backend.agenda.step(deadline)):
                self._clock.move_to(deadline)
                return False
        return True

    def pump(self, until: Callable[[], bool]) -> None:
        """Executes work items and timers until a condition holds or nothing is left to do."""
        while not until() and self._episodes_left > 0 and (self._work() or self.backend.agenda.step()):
            pass

    def pump_ready(self) -> None:
        """Executes all that can happen without time passing."""
        while self._episodes_left > 0 and (self._work() or self.backend.agenda.step(self._clock.peek())):
            pass

    def result(self, instance_id: str) -> RunResult:
        """The state of affairs, from the point of view of one instance."""
        summary = self.summary()
        return RunResult(
            next(instance for instance in summary.instances if instance.id == instance_id),
            summary.calls,
            summary.instances,
            summary.entities,
            *self._recorder.recorded(),
        )

    def summary(self) -> ProgramResult:
        """The state of affairs of all instances and entities."""
        return ProgramResult(
            "",
            tuple(self._instance(instance) for instance in self.backend.instances.values()),
            tuple(self._calls),
            {
                entity_id.removeprefix("@"): _json(entity.serialized_state)
                for entity_id, entity in self.backend.entities.items()
                if entity.serialized_state
            },
        )

    # Work items

    def _work(self) -> bool:
        self._clock.advance(_STEP.total_seconds())
        if (instance := self.backend.next_orchestration()) is not None:
            self._orchestrate(instance)
        elif (activity := self.backend.next_activity()) is not None:
            self._run_activity(*activity)
        elif (entity := self.backend.next_entity()) is not None:
            self._run_entity(entity)
        else:
            return False
        return True

    def _orchestrate(self, instance: Any) -> None:
        self._episodes_left -= 1
        past, new = list(instance.history), list(instance.dispatched_events)
        try:
            with self._observer.watching(execution.is_replaying):
                done = execution.execute(self.worker, instance.instance_id, past, new)
        except sdk.exceptions.AbandonOrchestrationError:
            self.backend.give_back(instance)
            return
        if done.survives:
            self._observer.note_survivor(self.code(instance.name))
        self._awaiting[instance.instance_id] = done.awaits_event
        self._recorder.record(instance, past, new, done.trace)
        response = sdk.pb.OrchestratorResponse(
            instanceId=instance.instance_id,
            actions=done.result.actions,
            customStatus=sdk.helpers.get_string_value(done.result.encoded_custom_status),
            completionToken=str(instance.completion_token),
        )
        self.backend.CompleteOrchestratorTask(response, ServicerContext())

    def _run_activity(self, item: Any, live: bool) -> None:
        response = sdk.pb.ActivityResponse(instanceId=item.instance_id, taskId=item.task_id)
        value = _json(item.input)
        try:
            self._failures.check(item.name)
            output = self._activity(item)
        except Exception as error:
            response.failureDetails.CopyFrom(sdk.helpers.new_failure_details(error))
            self._calls.append(Call(item.name, value, error=execution.failure_text(response.failureDetails)))
        else:
            response.result.CopyFrom(sdk.helpers.get_string_value_or_empty(output))
            self._calls.append(Call(item.name, value, _json(output)))
        if live:
            self.backend.CompleteActivityTask(response, ServicerContext())

    def _activity(self, item: Any) -> Any:
        registry = self.worker._registry
        if registry.get_activity(item.name) is None and self._stand_ins:
            return self._serialize(StandIn(item.name))
        executor = sdk.ActivityExecutor(registry, execution.QUIET, self.worker._data_converter)
        return executor.execute(item.instance_id, item.name, item.task_id, item.input)

    def _run_entity(self, entity: Any) -> None:
        request = sdk.pb.EntityRequest(
            instanceId=entity.instance_id,
            entityState=sdk.helpers.get_string_value(entity.serialized_state),
            operationRequests=entity.dispatched_operations,
        )
        stub = _EntityStub(lambda result: self._complete_entity(entity, result))
        self.worker._logger = execution.QUIET
        try:
            self.worker._execute_entity_batch(request, stub, str(entity.completion_token))
        except RuntimeError:  # an id that is none: the worker gives the batch back again and again
            pass

    def _complete_entity(self, entity: Any, result: Any) -> None:
        for event, outcome in zip(entity.dispatched_operations, result.results, strict=True):
            operation = getattr(event, event.WhichOneof("eventType"))
            name = f"{entity.instance_id.removeprefix('@')}.{operation.operation}"
            value = _json(operation.input.value)
            if outcome.HasField("failure"):
                error = execution.failure_text(outcome.failure.failureDetails)
                self._calls.append(Call(name, value, error=error))
            else:
                self._calls.append(Call(name, value, _json(outcome.success.result.value)))
        self.backend.CompleteEntityTask(result, ServicerContext())

    # Payloads and states

    def _start_request(self, request: RunRequest) -> Any:
        return sdk.pb.CreateInstanceRequest(
            instanceId=request.instance_id,
            name=request.orchestrator,
            input=sdk.helpers.get_string_value(None if request.input is None else json.dumps(request.input)),
            version=sdk.helpers.get_string_value(request.version),
        )

    def _serialize(self, value: Any) -> Any:
        return None if value is None else self.worker._data_converter.serialize(value)

    def _instance(self, instance: Any) -> Instance:
        details = instance.failure_details
        return Instance(
            instance.instance_id,
            instance.name,
            self._status(instance),
            _json(instance.output),
            _json(instance.custom_status),
            execution.failure_text(details) if details is not None else None,
            ((instance.completed_at or self._clock.peek()) - instance.created_at).total_seconds(),
        )

    def _status(self, instance: Any) -> Status:
        name = sdk.pb.OrchestrationStatus.Name(instance.status).removeprefix("ORCHESTRATION_STATUS_")
        if name not in ("RUNNING", "CONTINUED_AS_NEW", "PENDING"):
            return Status(name)
        if self._episodes_left <= 0 or self.backend.has_work:
            return Status.RUNNING
        if name == "PENDING":
            return Status.PENDING
        return Status.WAITING if self._can_be_woken(instance.instance_id) else Status.HANG

    def _can_be_woken(self, instance_id: str) -> bool:
        """By an event from outside, to it or to a child that it waits for."""
        children = self.backend.unfinished_children(instance_id)
        return self._awaiting.get(instance_id, False) or any(self._can_be_woken(child) for child in children)


class _EntityStub:
    """Takes the result of a batch of entity operations in place of the sidecar."""

    def __init__(self, complete: Callable[[Any], None]) -> None:
        self.CompleteEntityTask = complete


class Recorder:
    """Keeps the events of each generation once, and each episode as a range of them."""

    def __init__(self, backend: VirtualBackend) -> None:
        self._backend = backend
        self._histories: dict[tuple[str, int], int] = {}
        self._events: list[list[Any]] = []
        self._owners: list[tuple[str, str, int, str | None]] = []
        self._episodes: list[Episode] = []

    def record(self, instance: Any, past: list[Any], new: list[Any], trace: Trace) -> None:
        """Adds an episode."""
        generation = self._backend.generation(instance.instance_id)
        key = instance.instance_id, generation
        if key not in self._histories:
            self._histories[key] = len(self._events)
            self._events.append([])
            self._owners.append((instance.instance_id, instance.name, generation, None))
        index = self._histories[key]
        known = self._events[index]
        known[:] = [*known[: len(past)], *(_encode(event) for event in [*past, *new][len(known[: len(past)]) :])]
        self._episodes.append(Episode(index, len(past), len(past) + len(new), trace))

    def recorded(self) -> tuple[tuple[History, ...], tuple[Episode, ...]]:
        """Everything so far."""
        histories = tuple(
            History(instance, orchestrator, generation, tuple(events), parent)
            for (instance, orchestrator, generation, parent), events in zip(self._owners, self._events, strict=True)
        )
        return histories, tuple(self._episodes)


class StandInConverter(sdk.serialization.DataConverter):  # type: ignore[misc]
    """The program's converter, which also understands stand-ins."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def serialize(self, value: Any) -> Any:
        return self._inner.serialize(value)

    def deserialize(self, data: str | None, target_type: type | None = None) -> Any:
        if data and MARKER in data:
            return revive(json.loads(data))
        return self._inner.deserialize(data, target_type)

    def coerce(self, value: Any, target_type: type | None = None) -> Any:
        return self._inner.coerce(value, target_type)

    def can_reconstruct(self, target_type: Any) -> bool:
        return bool(self._inner.can_reconstruct(target_type))


def _encode(event: Any) -> str:
    return base64.b64encode(event.SerializeToString(deterministic=True)).decode()


def _json(encoded: str | None) -> Json:
    """A payload as JSON, or as it is where a converter of the program's own wrote something else."""
    if not encoded:
        return None
    try:
        return json.loads(encoded)
    except ValueError:
        return encoded


def register_also(worker: Any, other: Any) -> None:
    """Registers with a worker what another one has registered."""
    for kind in ("orchestrators", "activities", "entities"):
        getattr(worker._registry, kind).update(getattr(other._registry, kind))
    worker._registry.versioning = worker._registry.versioning or other._registry.versioning

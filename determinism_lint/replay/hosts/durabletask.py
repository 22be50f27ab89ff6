"""Runs durabletask orchestrators on one thread, without sockets, in virtual time."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import CodeType
from typing import Any

from determinism_lint.replay import load
from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.codec import decoded
from determinism_lint.replay.hosts import durabletask_execution as execution
from determinism_lint.replay.hosts import durabletask_sdk as sdk
from determinism_lint.replay.hosts.activities import REAL, replacement
from determinism_lint.replay.hosts.base import Failures
from determinism_lint.replay.hosts.durabletask_backend import ServicerContext, VirtualBackend
from determinism_lint.replay.hosts.durabletask_payloads import StandInConverter
from determinism_lint.replay.hosts.durabletask_recorder import Recorder, decode, parse
from determinism_lint.replay.model import (
    Call,
    Episode,
    History,
    Instance,
    RunRequest,
    RunResult,
    Status,
    Trace,
)
from determinism_lint.replay.observe import Observer
from determinism_lint.replay.recorded.model import Recording
from determinism_lint.replay.stand_in import StandIn, plain

_STEP = timedelta(milliseconds=1)  # each work item takes this long


class DurableTaskHost:
    """A task hub and a worker in one."""

    def __init__(self, worker: Any, clock: VirtualClock, observer: Observer, stand_ins: bool = False) -> None:
        execution.install(observer.owns)
        self.worker = worker
        self.worker._data_converter = StandInConverter(worker._data_converter)
        self.backend = VirtualBackend(clock)
        self._clock, self._observer, self._stand_ins = clock, observer, stand_ins
        self._calls: list[Call] = []
        self._recorder = Recorder()
        self._request = RunRequest("")
        self._failures = Failures(self._request)
        self._awaiting: dict[str, bool] = {}  # instance id -> whether an external event could move it
        self._episodes_left = RunRequest("").max_episodes

    # The Host protocol

    def orchestrators(self) -> tuple[str, ...]:
        return tuple(self.worker._registry.orchestrators)

    def code(self, orchestrator: str) -> CodeType | None:
        return load.code_of(self.worker._registry.get_orchestrator(orchestrator))

    def run(self, request: RunRequest) -> RunResult:
        self._request, self._failures = request, Failures(request)
        self._episodes_left = request.max_episodes
        for entity, state in request.entities.items():
            name, _, key = entity.partition("@")
            self.backend.set_entity(f"@{name.lower()}@{key}", json.dumps(state))
        self.backend.StartInstance(self._start_request(request), ServicerContext())
        start = self._clock.peek()
        for event in request.events:
            arrive = partial(self.backend.raise_event, request.instance_id, event.name, self._serialize(event.data))
            self.backend.agenda.at(start + timedelta(seconds=event.after), arrive)
        self.pump(lambda: self.backend.is_terminal(request.instance_id))
        self.pump_ready()
        return self.result(request.instance_id)

    def replay(self, history: History, episode: Episode) -> Trace:
        return execution.execute(self.worker, history.instance, *decode(history, episode)).trace

    def rerun(self, orchestrator: str, recording: Recording) -> Trace:
        try:
            return execution.execute(self.worker, recording.instance, *parse(orchestrator, recording)).trace
        except sdk.exceptions.AbandonOrchestrationError:
            raise load.ProgramError("the worker does not accept the version of this instance") from None

    # Running

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
        instances = tuple(self._instance(instance) for instance in self.backend.instances.values())
        entities = {
            entity_id.removeprefix("@"): decoded(entity.serialized_state)
            for entity_id, entity in self.backend.entities.items()
            if entity.serialized_state
        }
        return RunResult(
            next(instance for instance in instances if instance.id == instance_id),
            tuple(self._calls),
            instances,
            entities,
            self._recorder.histories(),
            self._recorder.episodes(),
        )

    # Work items

    def _work(self) -> bool:
        """Executes one work item. False if there is none."""
        work = self._next_work()
        if work is None:
            return False
        self._clock.advance(_STEP.total_seconds())
        work()
        return True

    def _next_work(self) -> Callable[[], None] | None:
        if (instance := self.backend.next_orchestration()) is not None:
            return partial(self._orchestrate, instance)
        if (activity := self.backend.next_activity()) is not None:
            return partial(self._run_activity, *activity)
        if (entity := self.backend.next_entity()) is not None:
            return partial(self._run_entity, entity)
        return None

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
        self._recorder.record(instance, self.backend.generation(instance.instance_id), past, new, done.trace)
        response = sdk.pb.OrchestratorResponse(
            instanceId=instance.instance_id,
            actions=done.result.actions,
            customStatus=sdk.helpers.get_string_value(done.result.encoded_custom_status),
            completionToken=str(instance.completion_token),
        )
        self.backend.CompleteOrchestratorTask(response, ServicerContext())

    def _run_activity(self, item: Any, live: bool) -> None:
        response = sdk.pb.ActivityResponse(instanceId=item.instance_id, taskId=item.task_id)
        value = decoded(item.input)
        try:
            self._failures.check(item.name)
            output = self._activity(item)
        except Exception as error:
            response.failureDetails.CopyFrom(sdk.helpers.new_failure_details(error))
            self._calls.append(Call(item.name, value, error=execution.failure_text(response.failureDetails)))
        else:
            response.result.CopyFrom(sdk.helpers.get_string_value_or_empty(output))
            self._calls.append(Call(item.name, value, decoded(output)))
        if live:
            self.backend.CompleteActivityTask(response, ServicerContext())

    def _activity(self, item: Any) -> Any:
        registry = self.worker._registry
        replaced = replacement(self._request, item.name, self._activity_function(item.name))
        if replaced is not REAL:
            return self._serialize(plain(replaced))
        if registry.get_activity(item.name) is None and self._stand_ins:
            return self._serialize(StandIn(item.name))
        executor = sdk.ActivityExecutor(registry, execution.QUIET, self.worker._data_converter)
        return executor.execute(item.instance_id, item.name, item.task_id, item.input)

    def _activity_function(self, name: str) -> Any:
        """The program's own function, for its annotations."""
        return self.worker._registry.get_activity(name)

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
            value = decoded(operation.input.value)
            if outcome.HasField("failure"):
                error = execution.failure_text(outcome.failure.failureDetails)
                self._calls.append(Call(name, value, error=error))
            else:
                self._calls.append(Call(name, value, decoded(outcome.success.result.value)))
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
            decoded(instance.output),
            decoded(instance.custom_status),
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


def register_also(worker: Any, other: Any) -> None:
    """Registers with a worker what another one has registered."""
    for kind in ("orchestrators", "activities", "entities"):
        getattr(worker._registry, kind).update(getattr(other._registry, kind))
    worker._registry.versioning = worker._registry.versioning or other._registry.versioning

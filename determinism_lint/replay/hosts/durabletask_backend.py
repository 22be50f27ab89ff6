"""The SDK's in-memory backend without threads, sockets or waiting.

Its gRPC methods are called directly and its timers stand in a queue of the virtual clock. On the way it mends what the
original gets wrong: timers and activities that survive continue-as-new, children that take longer than 30 seconds, a
child's parent, entity operations of others during a lock, failures without a message.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.hosts import durabletask_sdk as sdk
from determinism_lint.replay.hosts.agenda import Agenda


class RpcAbortedError(Exception):
    """A backend method refused its request."""

    def __init__(self, code: Any, details: str) -> None:
        super().__init__(details)
        self.code = code
        self.details = details


class ServicerContext:
    """What the backend expects of gRPC."""

    def abort(self, code: Any, details: str) -> None:
        raise RpcAbortedError(code, details)

    def time_remaining(self) -> None:
        return None

    def is_active(self) -> bool:
        return True


class VirtualBackend(sdk.InMemoryBackend):  # type: ignore[misc]
    """Holds all instances, entities and queues; the host executes what stands in the queues."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock
        self.agenda = Agenda(clock)  # of timers and other things that happen later
        self._generations: dict[str, int] = {}
        self._parents: dict[str, tuple[str, int, int]] = {}  # child id -> parent id, task id, parent's generation

    # What the host needs to know

    @property
    def instances(self) -> dict[str, Any]:
        """Instances by id, in order of creation."""
        instances: dict[str, Any] = self._instances
        return instances

    @property
    def entities(self) -> dict[str, Any]:
        """Entity states by id (`@account@alice`)."""
        entities: dict[str, Any] = self._entities
        return entities

    def generation(self, instance_id: str) -> int:
        """How many times the instance has continued as new."""
        return self._generations.get(instance_id, 0)

    def is_terminal(self, instance_id: str) -> bool:
        """Whether the instance exists and has ended."""
        instance = self._instances.get(instance_id)
        return instance is not None and bool(self._is_terminal_status(instance.status))

    @property
    def has_work(self) -> bool:
        """Whether anything is queued or will happen by itself later."""
        queued = self._orchestration_queue or self._activity_queue or self._entity_queue
        return bool(queued) or not self.agenda.empty

    def unfinished_children(self, instance_id: str) -> list[str]:
        """The children that an instance of the current generation waits for."""
        return [child for child, (parent, _, _) in self._parents.items() if parent == instance_id]

    def next_orchestration(self) -> Any | None:
        """Takes the next instance with news out of the queue, its new events dispatched."""
        while self._orchestration_queue:
            instance_id = self._orchestration_queue.popleft()
            self._orchestration_queue_set.discard(instance_id)
            instance = self._instances.get(instance_id)
            if instance is None or not instance.pending_events or self._is_terminal_status(instance.status):
                continue
            instance.dispatched_events, instance.pending_events = list(instance.pending_events), []
            if instance.history and not instance.dispatched_events[0].HasField("orchestratorStarted"):
                started = sdk.helpers.new_orchestrator_started_event(self._clock.peek())
                instance.dispatched_events.insert(0, started)
            self._orchestration_in_flight.add(instance_id)
            return instance
        return None

    def next_activity(self) -> tuple[Any, bool] | None:
        """Takes the next activity out of the queue, and whether the generation that asked for it still waits for it."""
        if not self._activity_queue:
            return None
        item, generation = self._activity_queue.popleft()
        return item, self.generation(item.instance_id) == generation and not self.is_terminal(item.instance_id)

    def next_entity(self) -> Any | None:
        """Takes the next entity with operations that may run now out of the queue, those operations dispatched."""
        while self._entity_queue:
            entity_id = self._entity_queue.popleft()
            self._entity_queue_set.discard(entity_id)
            entity = self._entities.get(entity_id)
            if entity is None:
                continue
            runnable = [operation for operation in entity.pending_operations if self._may_run(entity, operation)]
            if runnable:
                entity.pending_operations[:] = [o for o in entity.pending_operations if o not in runnable]
                entity.dispatched_operations = runnable
                self._entity_in_flight.add(entity_id)
                return entity
        return None

    def raise_event(self, instance_id: str, name: str, encoded: str | None) -> None:
        """Delivers an external event."""
        self._raise_event_internal(instance_id, name, encoded)

    def give_back(self, instance: Any) -> None:
        """Leaves an instance that this worker does not accept for another worker, which never comes."""
        instance.pending_events = instance.dispatched_events + instance.pending_events
        instance.dispatched_events = []
        self._orchestration_in_flight.discard(instance.instance_id)

    def set_entity(self, entity_id: str, serialized: str) -> None:
        """Gives an entity its state before the run."""
        self._entities[entity_id] = sdk.backend.EntityState(
            instance_id=entity_id, serialized_state=serialized, completion_token=self._next_completion_token
        )
        self._next_completion_token += 1

    # What the original does otherwise

    def _process_create_timer_action(self, instance: Any, action: Any) -> None:
        fire_at = action.createTimer.fireAt.ToDatetime(tzinfo=timezone.utc)
        instance.history.append(sdk.helpers.new_timer_created_event(action.id, fire_at))
        generation = self.generation(instance.instance_id)
        self.agenda.at(
            fire_at,
            lambda: self._deliver(
                instance.instance_id, generation, sdk.helpers.new_timer_fired_event(action.id, fire_at)
            ),
        )

    def _process_schedule_task_action(self, instance: Any, action: Any) -> None:
        super()._process_schedule_task_action(instance, action)
        self._activity_queue.append((self._activity_queue.pop(), self.generation(instance.instance_id)))

    def _process_complete_orchestration_action(self, instance: Any, complete: Any) -> None:
        if complete.orchestrationStatus == sdk.pb.ORCHESTRATION_STATUS_CONTINUED_AS_NEW:
            self._generations[instance.instance_id] = self.generation(instance.instance_id) + 1
        super()._process_complete_orchestration_action(instance, complete)
        if instance.instance_id in self._parents:
            self._name_parent(instance)

    def _process_create_sub_orchestration_action(self, instance: Any, action: Any) -> None:
        super()._process_create_sub_orchestration_action(instance, action)
        child = self._instances.get(action.createSubOrchestration.instanceId)
        if child is not None and child.instance_id in self._parents:
            self._name_parent(child)

    def _watch_sub_orchestration(self, parent_instance_id: str, sub_instance_id: str, task_id: int) -> None:
        self._parents[sub_instance_id] = parent_instance_id, task_id, self.generation(parent_instance_id)

    def _notify_waiters(self, instance_id: str) -> None:
        if instance_id in self._parents and self.is_terminal(instance_id):
            parent_id, task_id, generation = self._parents.pop(instance_id)
            self._deliver(parent_id, generation, _ending(self._instances[instance_id], task_id))

    def _schedule_delayed_entity_operation(self, entity_id: str, event: Any, fire_at: datetime) -> None:
        self.agenda.at(fire_at, lambda: self._queue_entity_operation(entity_id, event))

    def _try_grant_pending_locks(self) -> None:
        super()._try_grant_pending_locks()
        for entity_id, entity in self._entities.items():
            if entity.pending_operations:
                self._enqueue_entity(entity_id)

    def CompleteActivityTask(self, request: Any, context: Any) -> Any:
        if request.HasField("failureDetails") and not request.failureDetails.errorMessage:
            request.failureDetails.errorMessage = request.failureDetails.errorType
        return super().CompleteActivityTask(request, context)

    # Helpers

    def _deliver(self, instance_id: str, generation: int, event: Any) -> None:
        instance = self._instances.get(instance_id)
        if instance is None or self.is_terminal(instance_id) or self.generation(instance_id) != generation:
            return
        instance.pending_events.append(event)
        if instance.status != sdk.pb.ORCHESTRATION_STATUS_SUSPENDED:
            self._enqueue_orchestration(instance_id)

    def _name_parent(self, child: Any) -> None:
        for event in child.pending_events:
            if event.HasField("executionStarted"):
                parent_id = self._parents[child.instance_id][0]
                event.executionStarted.parentInstance.orchestrationInstance.instanceId = parent_id

    def _may_run(self, entity: Any, operation: Any) -> bool:
        """While an entity is locked, only the lock's holder calls it."""
        if entity.locked_by is None:
            return True
        if not operation.HasField("entityOperationCalled"):
            return False
        caller = self._instances.get(operation.entityOperationCalled.parentInstanceId.value)
        return caller is not None and any(
            event.HasField("entityLockRequested") and event.entityLockRequested.criticalSectionId == entity.locked_by
            for event in caller.history
        )


def _ending(child: Any, task_id: int) -> Any:
    """The event that tells a parent how its child ended."""
    if child.status == sdk.pb.ORCHESTRATION_STATUS_COMPLETED:
        return sdk.helpers.new_sub_orchestration_completed_event(task_id, child.output)
    details = child.failure_details
    event = sdk.helpers.new_sub_orchestration_failed_event(
        task_id, Exception(details.errorMessage if details else "the sub-orchestration was terminated")
    )
    if details:
        event.subOrchestrationInstanceFailed.failureDetails.CopyFrom(details)
    return event

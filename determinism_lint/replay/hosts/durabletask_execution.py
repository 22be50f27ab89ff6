"""One execution of an orchestrator by the SDK's own executor, with everything it decided."""

from __future__ import annotations

import dataclasses
import logging
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from determinism_lint.replay.hosts import durabletask_sdk as sdk
from determinism_lint.replay.hosts.places import caller, raised_at, waiting_at
from determinism_lint.replay.model import Action, Json, Place, Trace

QUIET = logging.getLogger("determinism_lint.replay.sdk")
QUIET.setLevel(logging.CRITICAL + 1)
QUIET.propagate = False

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]+")


class ActionLog(dict[int, Any]):
    """Replaces the SDK's dictionary of pending actions: remembers all that were ever put in, in order."""

    def __init__(self, owns: Callable[[str], bool]) -> None:
        super().__init__()
        self.actions: list[Action] = []
        self._owns = owns

    def __setitem__(self, action_id: int, action: Any) -> None:
        place = caller(sys._getframe(1), self._owns)
        self.actions.append(dataclasses.replace(describe(action_id, action), place=place))
        super().__setitem__(action_id, action)


class RecordingContext(sdk.OrchestrationContext):  # type: ignore[misc]
    """The orchestration context, with a log."""

    latest: ClassVar[RecordingContext | None] = None
    owns: ClassVar[Callable[[str], bool]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.log = ActionLog(RecordingContext.owns)
        self.dropped = False
        self.failed_at: Place | None = None
        self.mismatch = ""
        self._pending_actions = self.log
        RecordingContext.latest = self

    def wait_for_external_event(self, name: str, **options: Any) -> Any:
        # Sends nothing to the runtime, but a replay that waits for another name waits for ever.
        place = caller(sys._getframe(1), RecordingContext.owns)
        self.log.actions.append(Action("wait for event", 0, name.casefold(), place=place))
        return super().wait_for_external_event(name, **options)

    def set_failed(self, ex: Any) -> None:
        self.failed_at = raised_at(ex, RecordingContext.owns) if isinstance(ex, Exception) else None
        if isinstance(ex, sdk.task.NonDeterminismError):
            self.mismatch = str(ex)
        super().set_failed(ex)

    def drop(self) -> bool:
        """Ends a suspended orchestrator as garbage collection would, but now. True if it refuses."""
        self.dropped = True
        try:
            if self._generator is not None:
                self._generator.close()
        except RuntimeError:  # generator ignored GeneratorExit
            return True
        except Exception:  # raised by a finally clause: nobody would ever see it
            pass
        return False


def install(owns: Callable[[str], bool]) -> None:
    """Makes the SDK create recording contexts, for the rest of the process. `owns` knows the program's files."""
    RecordingContext.owns = staticmethod(owns)
    sdk.worker._RuntimeOrchestrationContext = RecordingContext


def is_replaying() -> bool:
    """Whether what runs now will run, or has run, in other executions of the same history too."""
    context = RecordingContext.latest
    return context is None or context.dropped or bool(context.is_replaying)


@dataclass(frozen=True, slots=True)
class Execution:
    """What an execution led to."""

    result: Any  # the SDK's answer to the runtime
    trace: Trace
    awaits_event: bool = False  # an external event could still move it
    survives: bool = False  # it went on when the runtime dropped it


def execute(worker: Any, instance_id: str, past: Sequence[Any], new: Sequence[Any]) -> Execution:
    """One execution. May raise the SDK's AbandonOrchestrationError."""
    RecordingContext.latest = None
    executor = sdk.OrchestrationExecutor(
        worker._registry, QUIET, worker._data_converter, maximum_timer_interval=worker.maximum_timer_interval
    )
    result = executor.execute(instance_id, past, new)
    context = RecordingContext.latest
    if context is None:
        return Execution(result, Trace(_completions(result), result.encoded_custom_status))
    actions = tuple(context.log.actions)
    if not any(action.kind == "complete" for action in actions):  # continue-as-new is decided outside the log
        actions += _completions(result)
    stands = waiting_at(context._generator, RecordingContext.owns) or context.failed_at
    trace = Trace(
        actions,
        result.encoded_custom_status,
        stands,
        context.mismatch,
        unsent=tuple(action.id for action in result.actions),
        awaited=tuple(context._pending_tasks),
    )
    return Execution(result, trace, bool(context._pending_events), context.drop())


def _completions(result: Any) -> tuple[Action, ...]:
    return tuple(describe(a.id, a) for a in result.actions if a.HasField("completeOrchestration"))


def describe(action_id: int, action: Any) -> Action:
    """A protobuf action in plain data."""
    field = action.WhichOneof("orchestratorActionType")
    message = getattr(action, field)
    if field == "scheduleTask":
        return Action("activity", action_id, message.name, _values(message, "input", "version"))
    if field == "createTimer":
        return Action("timer", action_id, "", {"fire at": message.fireAt.ToDatetime().isoformat()})
    if field == "createSubOrchestration":
        payload = {"instance id": message.instanceId, **_values(message, "input", "version")}
        return Action("sub-orchestration", action_id, message.name, payload)
    if field == "sendEvent":
        target = f"{message.name} to {message.instance.instanceId}"  # the runtime compares both
        return Action("send event", action_id, target, _values(message, "data"))
    if field == "sendEntityMessage":
        return _describe_entity_message(action_id, message)
    if field == "completeOrchestration":
        return _describe_completion(action_id, message)
    return Action(field, action_id)


_ENTITY_MESSAGES = {
    "entityOperationCalled": "call entity",
    "entityOperationSignaled": "signal entity",
    "entityLockRequested": "lock entities",
    "entityUnlockSent": "unlock entity",
}


def _describe_entity_message(action_id: int, message: Any) -> Action:
    field = message.WhichOneof(message.DESCRIPTOR.oneofs[0].name)
    detail = getattr(message, field)
    payload: dict[str, Json] = {}
    if field == "entityLockRequested":
        payload = {"entities": list(detail.lockSet)}
    elif field == "entityUnlockSent":
        payload = _values(detail, "targetInstanceId")
    else:
        payload = {"operation": detail.operation, **_values(detail, "targetInstanceId", "input")}
        if detail.HasField("scheduledTime"):
            payload["at"] = detail.scheduledTime.ToDatetime().isoformat()
    return Action(_ENTITY_MESSAGES.get(field, field), action_id, "", payload)


def _describe_completion(action_id: int, message: Any) -> Action:
    status = sdk.pb.OrchestrationStatus.Name(message.orchestrationStatus).removeprefix("ORCHESTRATION_STATUS_")
    payload = _values(message, "result", "newVersion")
    if message.HasField("failureDetails"):
        payload["error"] = failure_text(message.failureDetails)
    if message.carryoverEvents:
        payload["saved events"] = [[e.eventRaised.name, e.eventRaised.input.value] for e in message.carryoverEvents]
    return Action("complete", action_id, status, payload)


def failure_text(details: Any) -> str:
    """Type and message of a failure, without memory addresses: they differ although nothing is wrong."""
    return _ADDRESS.sub("0x…", f"{details.errorType.rpartition('.')[2]}: {details.errorMessage}")


def _values(message: Any, *fields: str) -> dict[str, Json]:
    return {name: getattr(message, name).value for name in fields if message.HasField(name)}

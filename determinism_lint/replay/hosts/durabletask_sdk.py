"""The only place that names private API of durabletask. tests/replay/test_sdk_canary.py fails when any of it moves."""

from __future__ import annotations

from importlib import import_module, metadata
from typing import Any

TESTED_VERSIONS = ("1.12.0",)

backend: Any = import_module("durabletask.testing.in_memory_backend")
client: Any = import_module("durabletask.client")
entities: Any = import_module("durabletask.entities")
exceptions: Any = import_module("durabletask.internal.exceptions")
helpers: Any = import_module("durabletask.internal.helpers")
pb: Any = import_module("durabletask.internal.orchestrator_service_pb2")
serialization: Any = import_module("durabletask.serialization")
task: Any = import_module("durabletask.task")
worker: Any = import_module("durabletask.worker")
grpc: Any = import_module("grpc")
_json_format: Any = import_module("google.protobuf.json_format")
ParseDict: Any = _json_format.ParseDict
ParseError: Any = _json_format.ParseError

InMemoryBackend: Any = backend.InMemoryOrchestrationBackend
OrchestrationContext: Any = worker._RuntimeOrchestrationContext
OrchestrationExecutor: Any = worker._OrchestrationExecutor
ActivityExecutor: Any = worker._ActivityExecutor
Registry: Any = worker._Registry
Worker: Any = worker.TaskHubGrpcWorker
Client: Any = client.TaskHubGrpcClient
AsyncClient: Any = client.AsyncTaskHubGrpcClient

PRIVATE_API: dict[str, tuple[Any, tuple[str, ...]]] = {
    "InMemoryOrchestrationBackend": (
        InMemoryBackend,
        (
            "_clone_history_event",
            "_enqueue_entity",
            "_enqueue_orchestration",
            "_is_terminal_status",
            "_notify_waiters",
            "_process_complete_orchestration_action",
            "_process_create_sub_orchestration_action",
            "_process_create_timer_action",
            "_queue_entity_operation",
            "_raise_event_internal",
            "_schedule_delayed_entity_operation",
            "_try_grant_pending_locks",
            "_watch_sub_orchestration",
        ),
    ),
    "_RuntimeOrchestrationContext": (OrchestrationContext, ("get_actions", "set_failed", "wait_for_external_event")),
    "_OrchestrationExecutor": (OrchestrationExecutor, ("execute",)),
    "_ActivityExecutor": (ActivityExecutor, ("execute",)),
    "_Registry": (Registry, ("add_named_orchestrator", "get_activity", "get_entity", "get_orchestrator")),
    "TaskHubGrpcWorker": (Worker, ("_execute_entity_batch", "start", "stop")),
    "AsyncTaskHubGrpcClient": (AsyncClient, ("_get_stub",)),
}


def version() -> str:
    """The installed version."""
    return metadata.version("durabletask")


def missing_api() -> tuple[str, ...]:
    """Private names that this version lacks; the host cannot work without them."""
    return tuple(
        f"{owner}.{name}" for owner, (cls, names) in PRIVATE_API.items() for name in names if not hasattr(cls, name)
    )

"""Fetches histories from a task hub with the SDK's client, in the form of its history export."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from typing import Any


class ExportError(Exception):
    """A history cannot be had. The message is for the user."""


def export(address: str, task_hub: str, instances: Sequence[str], statuses: Sequence[str]) -> Iterator[Any]:
    """The histories of instances by id, and of all in these statuses. Raises ExportError."""
    try:
        import grpc
        from durabletask import client
        from durabletask.extensions.history_export import ExportFormat, ExportFormatKind, serialization
    except ImportError as error:
        raise ExportError(f"needs durabletask 1.10 or newer, with its history export: {error}") from error
    logging.getLogger("durabletask-client").setLevel(logging.ERROR)
    logger = logging.getLogger("determinism_lint.replay.record")
    hub = client.TaskHubGrpcClient(host_address=address, metadata=[("taskhub", task_hub)], logger=logger)
    try:
        states = [_state(hub, each) for each in instances]
        if statuses:
            wanted = [client.OrchestrationStatus[each] for each in statuses]
            states += hub.get_all_orchestration_states(client.OrchestrationQuery(runtime_status=wanted))
        for state in {each.instance_id: each for each in states}.values():
            encoded = serialization.serialize_history(
                hub.get_orchestration_history(state.instance_id),
                instance_id=state.instance_id,
                fmt=ExportFormat(kind=ExportFormatKind.JSON),
                metadata=serialization.orchestration_state_to_dict(state),
            )
            yield json.loads(encoded)
    except grpc.RpcError as error:
        raise ExportError(f"{address} answers {error.code().name}: {error.details()}") from error
    finally:
        hub.close()


def _state(hub: Any, instance: str) -> Any:
    state = hub.get_orchestration_state(instance)
    if state is None:
        raise ExportError(f"there is no instance {instance!r}")
    return state

"""The only place that names private API of azure-functions-durable 1.x, guarded by tests/replay/test_sdk_canary.py."""

from __future__ import annotations

from functools import cache
from importlib import import_module, metadata
from typing import Any

TESTED_VERSIONS = ("1.7.0",)

df: Any = import_module("azure.durable_functions")
Context: Any = import_module("azure.durable_functions.models.DurableOrchestrationContext").DurableOrchestrationContext
Orchestrator: Any = import_module("azure.durable_functions.orchestrator").Orchestrator
Entity: Any = import_module("azure.durable_functions.entity").Entity
TimerTask: Any = import_module("azure.durable_functions.models.Task").TimerTask
_codec: Any = import_module("azure.durable_functions.models.utils.df_serialization")
dumps: Any = _codec.df_dumps
loads: Any = _codec.df_loads
_history: Any = import_module("azure.durable_functions.models.history.HistoryEvent")
if hasattr(_history, "dt_parse"):
    # Each execution reads all times of its history anew, with all else that is watched: most of what a run would take.
    _history.dt_parse = cache(_history.dt_parse)

PRIVATE_API: dict[str, tuple[Any, tuple[str, ...]]] = {
    "DurableOrchestrationContext": (
        Context,
        ("from_json", "is_replaying", "will_continue_as_new", "_add_to_open_tasks", "_record_fire_and_forget_action"),
    ),
    "Orchestrator": (Orchestrator, ("create", "handle")),
    "Entity": (Entity, ("create",)),
    "DFApp": (df.DFApp, ("get_functions", "register_functions")),
    "TimerTask": (TimerTask, ("is_cancelled",)),
}


def version() -> str:
    """The installed version."""
    return metadata.version("azure-functions-durable")


def missing_api() -> tuple[str, ...]:
    """Private names that this version lacks; the host cannot work without them."""
    return tuple(
        f"{owner}.{name}" for owner, (cls, names) in PRIVATE_API.items() for name in names if not hasattr(cls, name)
    )

"""The only place that names private API of azure-functions-durable 2.x, guarded by tests/replay/test_sdk_canary.py.

It is built on durabletask, whose private API is in durabletask_sdk.py.
"""

from __future__ import annotations

from importlib import import_module, metadata
from typing import Any

TESTED_VERSIONS = ("2.0.0rc3",)

df: Any = import_module("azure.durable_functions")
_orchestration: Any = import_module("azure.durable_functions.internal.compat.orchestration_context")
_entity: Any = import_module("azure.durable_functions.internal.compat.entity_context")
_serialization: Any = import_module("azure.durable_functions.internal.serialization")

wrap_orchestrator: Any = _orchestration.wrap_orchestrator
wrap_entity: Any = _entity.wrap_entity
data_converter: Any = _serialization.DEFAULT_FUNCTIONS_DATA_CONVERTER

PRIVATE_API: dict[str, tuple[Any, tuple[str, ...]]] = {
    "internal.compat.orchestration_context": (_orchestration, ("wrap_orchestrator",)),
    "internal.compat.entity_context": (_entity, ("wrap_entity",)),
    "internal.serialization": (_serialization, ("DEFAULT_FUNCTIONS_DATA_CONVERTER",)),
    "DFApp": (df.DFApp, ("get_functions", "register_functions")),
}


def version() -> str:
    """The installed version."""
    return metadata.version("azure-functions-durable")

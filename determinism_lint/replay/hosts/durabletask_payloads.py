"""Payloads of durabletask, in and out."""

from __future__ import annotations

import json
from typing import Any

from determinism_lint.replay.hosts import durabletask_sdk as sdk
from determinism_lint.replay.stand_in import MARKER, revive


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

"""Replaces the payloads of an exported history. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from determinism_lint.replay.model import Json
from determinism_lint.replay.recorded.reader import REDACTED

_PAYLOADS = ("input", "result", "output", "data")
_OWN = ("orchestration_state", "tags", "properties")
"""Fields whose content is the program's."""
_MESSAGES = ("message", "stack_trace")
_TYPES = ("__class__", "__module__")
"""Keys under which azure-functions-durable names the type of a value."""
_ENVELOPE = ("id", "op", "signal")
"""What the Functions extension sends with a call of an entity: replay finds the answer by it."""


def redacted(document: Json) -> Json:
    """The export of an instance without its payloads, its failures' messages and the values of its tags.

    Types, the keys of objects, the lengths of lists, true, false and null stay, and what was equal stays equal.
    Names and ids stay too: without them nothing replays.
    """
    mask = _Mask()
    events = [_event(event, mask) for event in document["events"]]
    known = document.get("metadata") or {}
    metadata = {key: known.get(key) for key in ("instance_id", "name", "runtime_status")}
    return {**document, "events": events, "metadata": metadata, REDACTED: True}


class _Mask:
    """Gives each distinct text and number another one of the same type."""

    def __init__(self) -> None:
        self._known: dict[tuple[type, Any], int] = {}

    def __call__(self, value: Json) -> Json:
        if isinstance(value, dict):
            return {key: item if key in _TYPES else self(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self(item) for item in value]
        if value is None or isinstance(value, bool):
            return value
        number = self._known.setdefault((type(value), value), len(self._known) + 1)
        if isinstance(value, str):
            return f"text-{number}" if value else ""
        return number if isinstance(value, int) else number + 0.5


def _event(event: Mapping[str, Json], mask: _Mask) -> Json:
    is_entity_message = str(event.get("instance_id", "")).startswith("@")
    return {key: _field(key, value, mask, is_entity_message) for key, value in event.items()}


def _field(key: str, value: Json, mask: _Mask, is_entity_message: bool) -> Json:
    if key in _PAYLOADS and isinstance(value, str):
        return _payload(value, mask, _ENVELOPE if is_entity_message else ())
    if key in _OWN:
        return mask(value)
    if key in _MESSAGES and isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {name: _field(name, item, mask, False) for name, item in value.items()}
    return value


def _payload(encoded: str, mask: Callable[[Json], Json], kept: tuple[str, ...]) -> str:
    if not encoded:
        return encoded
    try:
        value = json.loads(encoded)
    except ValueError:
        return str(mask(encoded))
    masked = mask(value)
    if kept and isinstance(value, dict):
        masked = {key: value[key] if key in kept else item for key, item in masked.items()}
    return json.dumps(masked)

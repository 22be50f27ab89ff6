"""Frozen dataclasses to JSON and back, driven by their annotations; payloads to what they say."""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from determinism_lint.replay.model import Json

T = TypeVar("T")


def encode(value: Any) -> Json:
    """The JSON form of a dataclass, of an enum, of a container of those, or of a JSON value."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    return value


def decode(kind: type[T], value: Json) -> T:
    """The inverse of encode for a dataclass. Raises TypeError where the JSON does not fit the class."""
    decoded: T = _decode(kind, value)
    return decoded


def _decode(kind: Any, value: Json) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return None if value is None else _decode(next(a for a in arguments if a is not type(None)), value)
    if origin is tuple:
        return tuple(_decode(arguments[0], item) for item in value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _decode(arguments[1], item) for key, item in value.items()}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        if unknown := set(value) - set(hints):
            raise TypeError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
        fields = {name: _decode(hints[name], item) for name, item in value.items()}
        return kind(**fields)
    return value


def decoded(encoded: str | None) -> Json:
    """A payload as JSON, or as it is where a converter of the program's own wrote something else."""
    if not encoded:
        return None
    try:
        return json.loads(encoded)
    except ValueError:
        return encoded

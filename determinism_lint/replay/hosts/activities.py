"""What takes the place of an activity: the result that was given for it, or one that its annotation promises."""

from __future__ import annotations

import types
import typing
from typing import Any, Final

from determinism_lint.replay.model import RunRequest
from determinism_lint.replay.stand_in import StandIn

REAL: Final = object()
"""Nothing takes its place: the activity itself is to be run."""

_SCALARS: dict[Any, Any] = {bool: True, int: 1, float: 1.0, None: None, type(None): None}


def replacement(request: RunRequest, name: str, function: Any) -> Any:
    """The result that an activity is to have, or REAL. `function` is None where the program does not hold it."""
    if name in request.results:
        return request.results[name]
    return stand_in(name, _returned(function)) if request.stand_ins else REAL


def stand_in(name: str, annotation: Any) -> Any:
    """A value of the annotated type; one that answers to everything where no built-in type says what it is.

    Lists have two elements, so that loops over them are run.
    """
    if annotation is str:
        return name
    if (annotation is None or isinstance(annotation, type)) and annotation in _SCALARS:
        return _SCALARS[annotation]
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return stand_in(name, arguments[0])
    if origin in (typing.Union, types.UnionType):
        return stand_in(name, next(each for each in arguments if each is not type(None)))
    if origin is list:
        return [stand_in(f"{name}[{number}]", arguments[0]) for number in range(2)]
    return StandIn(name)


def _returned(function: Any) -> Any:
    try:
        return typing.get_type_hints(function).get("return", Any)
    except Exception:  # names that only a type checker knows, callables without annotations
        return Any

"""Conversions that take the machine's time zone because none is passed."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.events import Called, Problem
from determinism_lint.values import External

_ZONE_ARGUMENT = {"datetime.datetime.fromtimestamp": (1, "tz"), "pandas.Timestamp.fromtimestamp": (1, "tz")}


def called(event: Called) -> Iterator[Problem]:
    for value in event.callee:
        if isinstance(value, External) and value.name in _ZONE_ARGUMENT:
            position, keyword = _ZONE_ARGUMENT[value.name]
            if event.argument(position, keyword) is None:
                yield Problem(event.node, "without `tz` this converts to the time zone of the machine")

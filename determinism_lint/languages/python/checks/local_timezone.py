"""Conversions that take the machine's time zone because none is passed."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Called, Problem
from determinism_lint.analysis.values import External, Instance

_ZONE_ARGUMENT = {"datetime.datetime.fromtimestamp": (1, "tz"), "pandas.Timestamp.fromtimestamp": (1, "tz")}
_ALWAYS_LOCAL = frozenset({"time.localtime", "time.ctime", "email.utils.localtime"})
"""What converts the time that it is passed; without one it reads the clock, which is another rule's matter."""
_TAKES_NAIVE_FOR_LOCAL = frozenset({"datetime.datetime.astimezone", "datetime.datetime.timestamp"})


def called(event: Called) -> Iterator[Problem]:
    for value in event.callee:
        if not isinstance(value, External):
            continue
        if value.name in _ZONE_ARGUMENT:
            position, keyword = _ZONE_ARGUMENT[value.name]
            if event.argument(position, keyword) is None:
                yield Problem(event.node, "without `tz` this converts to the time zone of the machine")
        elif value.name in _ALWAYS_LOCAL and event.arguments:
            yield Problem(event.node, f"`{value.name}` converts to the time zone of the machine")
        elif value.name in _TAKES_NAIVE_FOR_LOCAL and any(_is_naive(item) for item in event.base):
            yield Problem(
                event.node,
                "the durable clock is naive here, so this takes it for a local time",
                "give it its zone first: `.replace(tzinfo=timezone.utc)`",
            )


def _is_naive(value: object) -> bool:
    return isinstance(value, Instance) and value.naive

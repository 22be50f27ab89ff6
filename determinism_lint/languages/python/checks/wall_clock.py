"""Functions that read the clock unless they are told which time to use."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Called, Problem
from determinism_lint.analysis.values import External

_BASES = {
    "croniter.croniter": (1, "start_time"),
    "croniter.croniter.croniter": (1, "start_time"),
    "dateparser.parse": (5, "settings"),
    "dateutil.rrule.rrule": (1, "dtstart"),
    "time.strftime": (1, "t"),
}
"""The argument, by position and by keyword, without which these count from now."""


def called(event: Called) -> Iterator[Problem]:
    """`time.strftime(format)` formats the current time, `croniter(expression)` counts from now."""
    for value in event.callee:
        if not isinstance(value, External) or value.name not in _BASES or not event.arguments:
            continue
        if any(argument.unpack for argument, _ in event.arguments):
            continue
        position, keyword = _BASES[value.name]
        if event.argument(position, keyword) is None:
            yield Problem(event.node, f"`{value.name}` without `{keyword}` takes the current time")

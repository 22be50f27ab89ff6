"""Readers and writers that open a file by its path; those of a stream touch none themselves."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Called, Problem
from determinism_lint.analysis.values import External, Instance, Literal, Values
from determinism_lint.languages.csharp.names import NEW

_OPEN = {External(f"System.IO.{name}{NEW}"): name for name in ("StreamReader", "StreamWriter")}


def called(event: Called) -> Iterator[Problem]:
    given = event.argument(0, "path")
    for value in event.callee:
        if isinstance(value, External) and value in _OPEN and given is not None and _is_text(given[1]):
            yield Problem(event.node, f"`{_OPEN[value]}` opens a file in an orchestrator")


def _is_text(values: Values) -> bool:
    return bool(values) and all(
        each == Instance("System.String") or (isinstance(each, Literal) and isinstance(each.value, str))
        for each in values
    )

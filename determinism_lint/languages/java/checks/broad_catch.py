"""Handlers that catch what `await()` throws to suspend the orchestration."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Finished, Problem
from determinism_lint.checks._shared import suspensions_in

_EVERYTHING = frozenset({"Exception", "RuntimeException", "Throwable"})
_OWN = "OrchestratorBlockedException"


def finished(event: Finished) -> Iterator[Problem]:
    for node in s.walk(event.function.body):
        if not isinstance(node, s.Try) or not suspensions_in(event, node.body):
            continue
        for handler in node.handlers:
            names = _caught(handler.types)
            if _OWN in names:
                break
            if not names & _EVERYTHING:
                continue
            if not _rethrows(handler):
                written = sorted(names & _EVERYTHING)[0]
                message = f"`catch ({written})` around `await()` catches the exception by which it suspends"
                yield Problem(handler, message)
            break


def _caught(types: s.Expression | None) -> set[str]:
    parts = types.items if isinstance(types, s.Collection) else () if types is None else (types,)
    return {(s.dotted(part) or "?").lstrip("%").rsplit(".", 1)[-1] for part in parts}


def _rethrows(handler: s.Handler) -> bool:
    """Whether a handler always throws again, and does nothing durable; or asks for the exception itself."""
    if any(isinstance(node, s.Name) and node.id.endswith(_OWN) for node in s.walk(handler.body)):
        return True
    throws = bool(handler.body) and isinstance(handler.body[-1], s.Raise)
    return throws and not any(isinstance(node, s.Suspend) for node in s.walk(handler.body))

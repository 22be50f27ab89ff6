"""Compares what executions decided. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from determinism_lint.replay.model import Action, Episode, History, RunResult, Severity, Trace

_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first point at which two traces of the same history part."""

    severity: Severity
    before: str
    after: str


def compare(before: Trace, after: Trace) -> Divergence | None:
    """How a replay differs from the execution that it repeats. HARD differences win over earlier SOFT ones."""
    pairs = list(_pairs(before.actions, after.actions))
    for first, second in pairs:
        if first is None or second is None or _visible(first) != _visible(second):
            return Divergence(Severity.HARD, described(first), described(second))
    for first, second in pairs:
        if first != second and first is not None and second is not None:
            return Divergence(Severity.SOFT, *_describe_payloads(first, second))
    if before.custom_status != after.custom_status:
        return Divergence(
            Severity.SOFT,
            f"custom status {shortened(before.custom_status)}",
            f"custom status {shortened(after.custom_status)}",
        )
    return None


def compare_prefix(before: Trace, after: Trace) -> Divergence | None:
    """How a later execution of the same generation, which repeats an earlier one and goes on, differs from it."""
    decided = [action for action in before.actions if action.kind != "complete"]
    repeated = [action for action in after.actions if action.kind != "complete"][: len(decided)]
    return compare(Trace(tuple(decided)), Trace(tuple(repeated)))


def successive(result: RunResult) -> Iterator[tuple[History, int, Episode, Episode]]:
    """Pairs of executions of which the second replays the first, with the number (from 1) of the second."""
    latest: dict[int, Episode] = {}
    for number, episode in enumerate(result.episodes, 1):
        if episode.history in latest:
            yield result.histories[episode.history], number, latest[episode.history], episode
        latest[episode.history] = episode


def _pairs(before: Sequence[Action], after: Sequence[Action]) -> Iterator[tuple[Action | None, Action | None]]:
    for index in range(max(len(before), len(after))):
        yield before[index] if index < len(before) else None, after[index] if index < len(after) else None


def _visible(action: Action) -> tuple[object, ...]:
    """What the runtime compares, and how an execution failed: a NonDeterminismError shows there."""
    return action.kind, action.id, action.name, action.payload.get("error")


def described(action: Action | None) -> str:
    """For people, with how it failed."""
    if action is None:
        return "nothing more"
    error = action.payload.get("error")
    return f"{action} ({shortened(error)})" if error else str(action)


def _describe_payloads(before: Action, after: Action) -> tuple[str, str]:
    for key in [*before.payload, *after.payload]:
        first, second = before.payload.get(key), after.payload.get(key)
        if first != second:
            return f"{before} with {key} {shortened(first)}", f"{after} with {key} {shortened(second)}"
    return str(before), str(after)


def shortened(value: object) -> str:
    """A value for people."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"

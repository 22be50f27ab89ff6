"""Keeps what a durabletask host executes, and reads what was kept elsewhere."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from determinism_lint.replay.hosts import durabletask_sdk as sdk
from determinism_lint.replay.load import ProgramError
from determinism_lint.replay.model import Episode, History, Trace
from determinism_lint.replay.recorded.model import Recording


class Recorder:
    """Keeps the events of each generation once, and each episode as a range of them."""

    def __init__(self) -> None:
        self._indexes: dict[tuple[str, int], int] = {}
        self._orchestrators: list[str] = []
        self._events: list[list[str]] = []
        self._episodes: list[Episode] = []

    def record(self, instance: Any, generation: int, past: Sequence[Any], new: Sequence[Any], trace: Trace) -> None:
        """Adds an episode of an instance. The past of a later one begins with all the events of an earlier one."""
        key = instance.instance_id, generation
        if key not in self._indexes:
            self._indexes[key] = len(self._events)
            self._orchestrators.append(instance.name)
            self._events.append([])
        events = self._events[self._indexes[key]]
        events += [_encode(event) for event in [*past, *new][len(events) :]]
        self._episodes.append(Episode(self._indexes[key], len(past), len(past) + len(new), trace))

    def histories(self) -> tuple[History, ...]:
        """One for each generation of each instance."""
        return tuple(
            History(instance, self._orchestrators[index], generation, tuple(self._events[index]))
            for (instance, generation), index in self._indexes.items()
        )

    def episodes(self) -> tuple[Episode, ...]:
        """In the order of execution."""
        return tuple(self._episodes)


def decode(history: History, episode: Episode) -> tuple[list[Any], list[Any]]:
    """The past and the new events of an episode."""
    events = [sdk.pb.HistoryEvent.FromString(base64.b64decode(event)) for event in history.events[: episode.end]]
    return events[: episode.start], events[episode.start :]


def parse(orchestrator: str, recording: Recording) -> tuple[list[Any], list[Any]]:
    """The past and the new events of the last execution in a recording. Raises ProgramError."""
    if not recording.numbered:
        raise ProgramError(
            "the status query leaves out the ids of events, which this SDK cannot replay without: export the history, "
            "or record it with `determinism-lint record`"
        )
    try:
        events = [sdk.ParseDict(event, sdk.pb.HistoryEvent(), ignore_unknown_fields=True) for event in recording.events]
    except sdk.ParseError as error:
        raise ProgramError(f"the history does not fit durabletask {sdk.version()}: {error}") from None
    events = [event for event in events if not event.HasField("executionCompleted")]
    starts = [number for number, event in enumerate(events) if event.HasField("orchestratorStarted")]
    for event in events:
        if event.HasField("executionStarted"):
            event.executionStarted.name = orchestrator
    last = starts[-1] if starts else 0
    return events[:last], events[last:]


def _encode(event: Any) -> str:
    return base64.b64encode(event.SerializeToString(deterministic=True)).decode()

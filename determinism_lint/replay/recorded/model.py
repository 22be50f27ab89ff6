"""A recorded history in the one form that all readers make of theirs."""

from __future__ import annotations

from dataclasses import dataclass

from determinism_lint.replay.model import Json


class HistoryError(Exception):
    """A file holds no history that can be read. The message says what is in the way, `help` what to do."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, slots=True)
class Recording:
    """One execution of one instance."""

    path: str
    """The file."""
    instance: str
    orchestrator: str
    events: tuple[Json, ...]
    """`HistoryEvent` messages of orchestrator_service.proto in protobuf's JSON form, with its camelCase names."""
    places: tuple[int, ...]
    """Of each event, the number (from 1) of the file's event that tells of it."""
    redacted: bool = False
    """Whether other values stand in the place of payloads."""
    lacks: tuple[str, ...] = ()
    """What the code may have decided on and the file does not hold. A divergence may come from that."""
    numbered: bool = True
    """Whether the file has the events' ids. Without, steps are counted from 0 in the order of their times."""

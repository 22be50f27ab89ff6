"""An orchestration instance of a 1.x app while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from determinism_lint.replay.hosts.functions_v1_protocol import HistoryEvent
from determinism_lint.replay.model import Json, Status

Events = list[HistoryEvent]


@dataclass(slots=True, eq=False)
class Running:
    """Changes with each episode. The fields from `generation` to `awaits_event` concern the current generation."""

    id: str
    orchestrator: str
    version: str | None
    started: datetime
    parent: Running | None
    wake: Callable[[Running], None]  # asks for an episode
    parent_task: int = -1
    parent_generation: int = 0
    generation: int = 0
    history: Events = field(default_factory=list)
    arrived: Events = field(default_factory=list)  # not yet in the history
    scheduled: set[int] = field(default_factory=set)  # ids of tasks that are taken care of
    timers: dict[int, datetime] = field(default_factory=dict)  # neither fired nor cancelled, by task id
    signals: int = 0  # already sent
    record: int = -1  # the index of the history in the recording
    awaits_event: bool = False
    status: Status | None = None
    ended: datetime | None = None
    output: Json = None
    custom_status: Json = None
    error: str | None = None

    def begin_generation(self, started: HistoryEvent, kept: Events) -> None:
        """Starts with an empty history. Events that have arrived meanwhile come after those that were kept."""
        self.history, self.scheduled, self.timers = [], set(), {}
        self.signals, self.record, self.awaits_event = 0, -1, False
        self.arrived = [started, *kept, *self.arrived]
        self.wake(self)

    def deliver(self, generation: int, event: HistoryEvent) -> None:
        """Takes an event, if the generation that it is meant for still runs."""
        if self.status is None and self.generation == generation:
            self.arrived.append(event)
            self.wake(self)

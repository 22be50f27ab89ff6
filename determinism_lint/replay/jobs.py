"""What a parent process asks of a child, and what it gets back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from determinism_lint.replay.model import Capture, Difference, Event, Json, ProgramResult, RunResult, Scenario, Sdk
from determinism_lint.replay.perturb import Circumstances


@dataclass(frozen=True, slots=True)
class Job:
    """The kind (`list`, `run`, `capture`, `program`, `replay`) says which of the fields matter."""

    kind: str
    path: str
    orchestrator: str | None = None
    input: Json = None
    has_input: bool = False  # an input of null is not the same as none
    events: tuple[Event, ...] | None = None
    entities: Mapping[str, Json] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)
    version: str | None = None
    instance_id: str = "instance-1"
    max_episodes: int = 500
    scenarios: tuple[Scenario, ...] = ()  # to replay
    circumstances: Circumstances | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the fields is set, by the kind of the job, or `error`."""

    error: str | None = None
    orchestrators: tuple[str, ...] = ()
    sdk: Sdk | None = None
    result: RunResult | None = None
    program: ProgramResult | None = None
    capture: Capture | None = None
    differences: tuple[Difference, ...] = ()
    replays: int = 0

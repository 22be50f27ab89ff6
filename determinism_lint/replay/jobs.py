"""What a parent process asks of a child, and what it gets back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from determinism_lint.replay.model import (
    Capture,
    Difference,
    Event,
    Json,
    RunResult,
    Scenario,
    Sdk,
    Trace,
)
from determinism_lint.replay.perturb import Circumstances
from determinism_lint.replay.recorded.model import Recording


class JobKind(str, Enum):
    """What is to be done with a program."""

    LIST = "list"  # its orchestrators
    RUN = "run"  # one orchestrator
    CAPTURE = "capture"  # one orchestrator under all scenarios
    REPLAY = "replay"  # captured histories
    RERUN = "rerun"  # a history that was recorded elsewhere


@dataclass(frozen=True, slots=True)
class Job:
    """The kind says which of the fields matter."""

    kind: JobKind
    path: str
    orchestrator: str | None = None
    input: Json = None
    has_input: bool = False  # an input of null is not the same as none
    events: tuple[Event, ...] = ()
    entities: Mapping[str, Json] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)
    version: str | None = None
    instance_id: str = "instance-1"
    max_episodes: int = 500
    results: Mapping[str, Json] = field(default_factory=dict)  # of activities that are not to be run
    stand_ins: bool = False  # for all other activities; and the world outside is refused
    scenarios: tuple[Scenario, ...] = ()  # to replay
    circumstances: Circumstances | None = None  # to replay them under
    recording: Recording | None = None  # to rerun


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the fields is set, by the kind of the job, or `error`."""

    error: str | None = None
    orchestrators: tuple[str, ...] = ()
    sdk: Sdk | None = None
    result: RunResult | None = None
    capture: Capture | None = None
    differences: tuple[Difference, ...] = ()
    trace: Trace | None = None

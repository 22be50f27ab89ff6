"""What a run, a replay and a verdict are made of. Everything here is plain data: see codec.py for its JSON form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""Any JSON value."""


class Sdk(str, Enum):
    """The SDKs whose programs can be run."""

    DURABLETASK = "durabletask"
    FUNCTIONS_V1 = "azure-functions-durable 1.x"
    FUNCTIONS_V2 = "azure-functions-durable 2.x"


class Status(str, Enum):
    """Where an instance stands when nothing more can happen to it."""

    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    TERMINATED = "TERMINATED"
    SUSPENDED = "SUSPENDED"
    PENDING = "PENDING"  # no worker accepts it: a version that the worker rejects
    WAITING = "WAITING"  # for an external event that nobody sends
    RUNNING = "RUNNING"  # the limit of episodes was reached: an eternal orchestration
    HANG = "HANG"  # it waits for nothing that could ever happen, or its code does not come back


class Outcome(str, Enum):
    """What replaying an orchestrator showed, worst last."""

    DETERMINISTIC = "DETERMINISTIC"
    ERROR = "ERROR"  # it could not be run, or it fails by itself
    IMPURE = "IMPURE"  # every replay agreed, but the orchestrator made calls with effects or with answers of the moment
    NONDET_SOFT = "NONDET_SOFT"  # replays differ in payloads only: the runtime does not notice
    HANG = "HANG"
    NONDET_HARD = "NONDET_HARD"  # replays differ in what the runtime compares: number, kind, order or names of actions


WORDS: Mapping[Outcome, str] = {
    Outcome.DETERMINISTIC: "deterministic",
    Outcome.IMPURE: "impure",
    Outcome.NONDET_SOFT: "diverges silently",
    Outcome.NONDET_HARD: "diverges loudly",
    Outcome.HANG: "hangs",
    Outcome.ERROR: "cannot be run",
}
"""Each outcome, for people."""


class Confidence(str, Enum):
    """How much a clean verdict is worth: it speaks only of lines that were executed."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Severity(IntEnum):
    """Whether the runtime can notice a difference (HARD) or goes silently wrong (SOFT)."""

    SOFT = 1
    HARD = 2


@dataclass(frozen=True, slots=True)
class Event:
    """An external event, raised `after` (virtual) seconds."""

    name: str
    data: Json = None
    after: float = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the program."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Action:
    """One request of an orchestrator to the runtime, in the order of asking."""

    kind: str
    id: int
    name: str = ""
    payload: Mapping[str, Json] = field(default_factory=dict)
    place: Place | None = field(default=None, compare=False)  # of the program's own line that asked for it

    def __str__(self) -> str:
        return f"{self.kind} {self.name!r}" if self.name else self.kind


@dataclass(frozen=True, slots=True)
class Trace:
    """All that one execution of an orchestrator decided."""

    actions: tuple[Action, ...]
    custom_status: Json = None
    stands: Place | None = field(default=None, compare=False)  # where the program waits or failed
    mismatch: str = field(default="", compare=False)  # with its history, as the SDK found
    unsent: tuple[int, ...] = field(default=(), compare=False)  # ids of actions that the runtime has yet to hear of
    awaited: tuple[int, ...] = field(default=(), compare=False)  # ids of actions whose results could still move it


@dataclass(frozen=True, slots=True)
class History:
    """The events of one generation of an instance (continue-as-new starts the next one), in the SDK's own encoding."""

    instance: str
    orchestrator: str
    generation: int
    events: tuple[Json, ...]
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """One execution: the events before `start` were replayed, those from `start` to `end` were new."""

    history: int
    start: int
    end: int
    trace: Trace


@dataclass(frozen=True, slots=True)
class Call:
    """One execution of an activity or of an entity operation (`account@alice.deposit`)."""

    name: str
    input: Json = None
    output: Json = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """The final state of an orchestration instance."""

    id: str
    orchestrator: str
    status: Status
    output: Json = None
    custom_status: Json = None
    error: str | None = None
    seconds: float = 0.0  # of virtual time from its start to its end, or to the end of the run


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run, and what the world around it does."""

    orchestrator: str
    input: Json = None
    events: tuple[Event, ...] = ()
    entities: Mapping[str, Json] = field(default_factory=dict)  # state by "name@key"
    failures: Mapping[str, int] = field(default_factory=dict)  # how many first executions of an activity fail
    fail_first: bool = False  # the first activity that is called fails once, whichever it is
    results: Mapping[str, Json] = field(default_factory=dict)  # of activities by name, in place of running them
    stand_ins: bool = False  # no other activity is run either: what it is annotated to return stands in
    instance_id: str = "instance-1"
    version: str | None = None
    max_episodes: int = 500


@dataclass(frozen=True, slots=True)
class RunResult:
    """One run in virtual time, from start to where nothing more can happen."""

    instance: Instance
    calls: tuple[Call, ...] = ()
    instances: tuple[Instance, ...] = ()  # with the children
    entities: Mapping[str, Json] = field(default_factory=dict)  # final states by "name@key"
    histories: tuple[History, ...] = ()
    episodes: tuple[Episode, ...] = ()
    stdout: str = ""

    @property
    def status(self) -> Status:
        """Of the instance that was started."""
        return self.instance.status

    @property
    def output(self) -> Json:
        """Of the instance that was started."""
        return self.instance.output

    @property
    def custom_status(self) -> Json:
        """Of the instance that was started."""
        return self.instance.custom_status

    @property
    def error(self) -> str | None:
        """Of the instance that was started: type and message of its failure."""
        return self.instance.error

    @property
    def seconds(self) -> float:
        """How long the instance that was started took, in virtual time."""
        return self.instance.seconds

    @property
    def activities(self) -> tuple[str, ...]:
        """The names of the activities and entity operations that ran, in order."""
        return tuple(call.name for call in self.calls)


@dataclass(frozen=True, slots=True)
class Effect:
    """A call that replay repeats, or whose answer depends on the moment, made by code that replay executes."""

    kind: str
    call: str
    path: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.function} calls {self.call} ({self.kind})"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Executed and executable lines of the orchestrator."""

    path: str
    lines: tuple[int, ...]
    executed: tuple[int, ...]

    @property
    def missed(self) -> tuple[int, ...]:
        """Lines that no run reached: nothing is known about them."""
        return tuple(sorted(set(self.lines) - set(self.executed)))

    @property
    def ratio(self) -> float:
        """Between 0 and 1."""
        return len(set(self.lines) & set(self.executed)) / len(self.lines) if self.lines else 0.0


@dataclass(frozen=True, slots=True)
class Difference:
    """A counter-example: what the same history led to, once and again."""

    severity: Severity
    scenario: str
    instance: str
    episode: int  # counted from 1 within its scenario
    before: str
    after: str
    circumstances: str  # of the replay that differed

    def __str__(self) -> str:
        return (
            f"execution {self.episode} of instance {self.instance!r} ({self.scenario}) first asked for {self.before}; "
            f"replayed {self.circumstances}, the same history gave {self.after}"
        )


@dataclass(frozen=True, slots=True)
class Scenario:
    """A run under one assumption about the world: events arrive or do not, an activity fails."""

    name: str
    result: RunResult


@dataclass(frozen=True, slots=True)
class Capture:
    """Everything that one process learned by running an orchestrator under all scenarios."""

    orchestrator: str
    sdk: Sdk
    scenarios: tuple[Scenario, ...]
    effects: tuple[Effect, ...]
    coverage: Coverage
    environment: tuple[str, ...] = ()  # the environment variables that the program's own code read
    has_input: bool = True  # else a stand-in took its place
    refusals: tuple[Effect, ...] = ()  # what the program, not only its orchestrators, was refused


@dataclass(frozen=True, slots=True)
class Verdict:
    """What running and replaying an orchestrator showed, with the evidence."""

    outcome: Outcome
    confidence: Confidence
    orchestrator: str
    reason: str  # one sentence for the user: the counter-example, the effect, the failure, or why it is clean
    differences: tuple[Difference, ...] = ()
    effects: tuple[Effect, ...] = ()
    coverage: Coverage | None = None
    scenarios: tuple[Scenario, ...] = ()
    refusals: tuple[Effect, ...] = ()

    def __str__(self) -> str:
        return f"{self.outcome.value} ({self.confidence.value} confidence): {self.reason}"

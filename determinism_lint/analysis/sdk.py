"""What an SDK is to the analysis: the members of its orchestration context, and how tasks combine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from determinism_lint.model import Language


class Kind(Enum):
    """What a member of an orchestration context, or a combinator, is to the runtime."""

    ACTIVITY = "activity"
    ORCHESTRATION = "sub-orchestration"
    TIMER = "timer"
    EVENT = "external event"
    ENTITY = "entity call"
    HTTP = "HTTP call"
    LOCK = "entity lock"
    ALL = "all"
    ANY = "any"
    SIGNAL = "signal"
    """Fire and forget: schedules, yields nothing to wait for."""
    RESTART = "continue as new"
    STATUS = "custom status"
    VALUE = "value"
    """A value that is the same on every replay."""
    REPLAYING = "replay flag"
    LOGGER = "replay-safe logger"
    NAMESPACE = "namespace"
    """A part of the context that holds some of its members: `context.df`, `context.df.Task`."""

    @property
    def is_awaitable(self) -> bool:
        """Whether it yields a durable task."""
        return self in _AWAITABLE

    @property
    def is_durable(self) -> bool:
        """Whether it adds to the history."""
        return self in _AWAITABLE or self in (Kind.SIGNAL, Kind.RESTART)


_AWAITABLE = frozenset(
    {
        Kind.ACTIVITY,
        Kind.ORCHESTRATION,
        Kind.TIMER,
        Kind.EVENT,
        Kind.ENTITY,
        Kind.HTTP,
        Kind.LOCK,
        Kind.ALL,
        Kind.ANY,
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Sdk:
    """One SDK that declares orchestrators. There is one object for each, so that they compare by identity."""

    id: str
    language: Language
    packages: tuple[str, ...]
    """Import names; everything below them belongs to the SDK and is never hazardous by itself."""
    context_types: tuple[str, ...]
    """Last segments of the type names of an orchestration context."""
    members: Mapping[str, Kind]
    combinators: Mapping[str, Kind]
    """Module-level functions, by their name below one of `packages`."""
    native_members: Mapping[str, Kind] = field(default_factory=dict)
    """The members of the context of another SDK, which newer generations hand to orchestrators that ask for it."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What methods of the kind `VALUE` return an instance of."""
    properties: Mapping[str, str] = field(default_factory=dict)
    """Members that are read, not called, and what they are an instance of."""
    has_naive_clock: bool = False
    """Whether the durable clock is UTC but does not say so."""
    empty: Literal["completes", "hangs", "throws", "none"] = "completes"
    """What waiting for no tasks does; `none` if the result is None."""
    empty_since: Mapping[int, str] = field(default_factory=dict)
    """What waiting for no tasks does in a generation that differs, by its number."""
    empty_any: Literal["", "completes", "hangs", "throws", "none"] = ""
    """What waiting for any of no tasks does, where it differs from waiting for all of them."""
    restart_leaves: bool = False
    """Whether continue-as-new does not return, so that nothing after it runs."""
    waits: str = "yield"
    """What waits for a task, as it is written: `yield` before it, or `.await()` after it."""
    namespace: str | None = None
    """The part of a host's context that holds the members: `df` for `context.df`."""
    host: str = ""
    """The qualified name of the host's context, whose other members are none of the SDK's."""
    keeps_events: tuple[int, str] | None = None
    """The place and name of the flag that makes continue-as-new keep the events that were not read yet."""
    drops_events: bool = False
    """Whether it drops them, and nothing can be done about it."""
    native_keeps_events: tuple[int, str] | None = None
    cancels_timers: bool = True
    """Whether a timer keeps an instance alive until it is cancelled."""
    activities_are_sync: bool = False
    """Whether an activity must be a plain function."""
    ignores_case: bool = False
    """Whether a name is found whatever its case."""
    shares_names: bool = False
    """Whether functions of all kinds share one set of names."""
    options: Mapping[str, int] = field(default_factory=dict)
    """Members that take options at a place among their arguments, which are no part of the history."""
    delegate: str = "yield from"
    """What runs a generator as a part of another one, as it is written."""
    unserializable: Mapping[str, str] = field(default_factory=dict)
    """Classes whose instances the history cannot hold, and what they are called."""
    schedules_when_yielded: frozenset[int | None] = frozenset()
    """The generations in which a task that nothing waits for is never scheduled; None where there is no generation."""
    since: Mapping[str, str] = field(default_factory=dict)
    """The release that brought a member, where an older one may be in use and a fix may write it."""
    passes_names: bool = False
    """Whether decorators make something else of functions, so that activities are called by the name of that."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What runs an orchestrator: an SDK, and the generation of it where that is known."""

    sdk: Sdk
    major: int | None = None
    native: bool = False
    """Whether it hands the context of the other SDK to its orchestrators: see `Sdk.native_members`."""
    operator: str = ""
    """How the project's manifest requires `release`: `==`, `>=`."""
    release: tuple[int, ...] = ()
    """The release that the manifest requires, if it requires one."""

    @property
    def id(self) -> str:
        """As people and rules name it: `durable-functions-python@2-native`."""
        generation = "" if self.major is None else f"@{self.major}"
        return f"{self.sdk.id}{generation}{'-native' if self.native else ''}"

    @property
    def members(self) -> Mapping[str, Kind]:
        """The members of its orchestration context."""
        return self.sdk.native_members if self.native else self.sdk.members

    @property
    def empty(self) -> str:
        """What waiting for no tasks does: see `Sdk.empty`."""
        return self.sdk.empty_since.get(self.major or 0, self.sdk.empty)

    @property
    def keeps_events(self) -> tuple[int, str] | None:
        """As `Sdk.keeps_events`; the context of the other SDK keeps them when it is told to."""
        return self.sdk.native_keeps_events if self.native else self.sdk.keeps_events

    def __str__(self) -> str:
        return self.id

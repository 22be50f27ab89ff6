"""What an SDK is to the analysis: the members of its orchestration context, and how tasks combine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

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


@dataclass(frozen=True, slots=True)
class Sdk:
    """One SDK that declares orchestrators."""

    id: str
    language: Language
    packages: tuple[str, ...]
    """Import names; everything below them belongs to the SDK and is never hazardous by itself."""
    context_types: tuple[str, ...]
    """Last segments of the type names of an orchestration context."""
    members: Mapping[str, Kind]
    combinators: Mapping[str, Kind]
    """Module-level functions, by their name below one of `packages`."""

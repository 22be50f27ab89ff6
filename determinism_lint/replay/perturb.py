"""The circumstances under which a history is replayed: a later day, another machine, another process."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from determinism_lint.replay.clock import START
from determinism_lint.wording import counted

# What the interpreter and the operating system need to work at all.
_KEPT = ("HOME", "LANG", "LC_", "LD_", "LOGNAME", "PATH", "PWD", "PYTHON", "SHELL", "SSL_", "TEMP", "TERM", "TMP")
_OPPOSITES = {"true": "false", "false": "true", "yes": "no", "no": "yes", "on": "off", "off": "on", "1": "0", "0": "1"}


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that starts elsewhere and leaps by `tick` seconds at each reading."""

    shift: float  # seconds from the time of the first run
    tick: float

    @property
    def start(self) -> datetime.datetime:
        """Where it starts."""
        return START + datetime.timedelta(seconds=self.shift)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Of one replaying process."""

    hash_seed: int
    time_zone: str
    host_name: str
    clocks: tuple[Clock, ...]  # each history is replayed once under each
    environment: Mapping[str, str] = field(default_factory=dict)  # changed variables

    def describe(self, clock: Clock) -> str:
        """For the reader of a counter-example."""
        changed = f", other values of {', '.join(self.environment)}" if self.environment else ""
        where = f"time zone {self.time_zone}, hash seed {self.hash_seed}{changed}"
        return f"in another process {_span(clock.shift)} ({where})"


_DAY = 86_400.0
_TICKS = (0.001, 20.0)
_SHIFTS = (  # Mornings and evenings, of working days, of a Saturday and a Sunday, in other months and years.
    (_DAY + 7 * 3600 + 1.000137, -3653 * _DAY + 13.37 * 3600, 0.25),
    (404 * _DAY + 19.2 * 3600, 5 * _DAY - 4.5 * 3600 + 33.25, 3 * _DAY + 11 * 3600 + 0.5),
    (800 * _DAY + 3.7 * 3600, -43 * _DAY + 17.1 * 3600 + 7.77, 60 * _DAY),
)
_TIME_ZONES = ("Asia/Kolkata", "America/Anchorage", "Pacific/Auckland")


def circumstances(read: Sequence[str], environment: Mapping[str, str]) -> tuple[Circumstances, ...]:
    """For several processes. `read` are the variables that the program reads, `environment` are the real ones."""
    return tuple(
        Circumstances(
            hash_seed=1037 + 37 * number,
            time_zone=_TIME_ZONES[number],
            host_name=f"replay-host-{number}",
            clocks=tuple(Clock(shift, _TICKS[index % 2]) for index, shift in enumerate(shifts)),
            environment={
                name: change(environment.get(name), number) for name in read if not name.upper().startswith(_KEPT)
            },
        )
        for number, shifts in enumerate(_SHIFTS)
    )


def change(value: str | None, number: int) -> str:
    """Another value of the same kind, for an environment variable."""
    if value is None:
        return "1"
    if value.lower() in _OPPOSITES:
        return _OPPOSITES[value.lower()]
    return str(int(value) + 1 + number) if value.isdigit() else f"{value}-{number}"


def _span(seconds: float) -> str:
    days, hours = divmod(round(abs(seconds) / 3600), 24)
    parts = (counted(days, "day"), counted(hours, "hour")) if days else (counted(round(abs(seconds)), "second"),)
    span = " and ".join(parts)
    return f"{span} {'later' if seconds >= 0 else 'earlier'}"

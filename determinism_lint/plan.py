"""What an orchestration does: its durable operations in order, with the branches and loops around them.

A plan is read from the code, across helpers and files; nothing is run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

StepState = Literal["", "done", "failed", "open", "dropped"]
"""What became of a step in a run: `open` is waited for, `dropped` was asked for and is not waited for any more; empty
where the run did not come, or there is none."""


@dataclass(frozen=True, slots=True)
class Step:
    """One durable operation."""

    kind: str
    """As `Kind` words it: `activity`, `timer`, `external event`, `all` …"""
    name: str
    """The activity, child, event or entity; what is written there where it is not a constant; may be empty."""
    path: str
    line: int
    is_known: bool = True
    """Whether `name` is the name, not only what is written there."""
    state: StepState = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """One of several ways, chosen by `test`; without one, the first is tried, and failures lead to the others."""

    test: str
    ways: tuple[tuple[str, Plan], ...]
    """What leads to each way, and the way."""
    by_version: bool
    """Whether the version of the code that started the instance decides: old instances take an old way."""
    line: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """What is done for each item, or as long as something holds."""

    subject: str
    """What the items come from, or the condition; empty for a loop that only a `break` leaves."""
    body: Plan
    line: int
    for_each: bool

    @property
    def title(self) -> str:
        """`for each of items`, `while count < 3`, `for ever`."""
        if not self.subject:
            return "for ever"
        return f"for each of {self.subject}" if self.for_each else f"while {self.subject}"


@dataclass(frozen=True, slots=True)
class End:
    """The orchestration, the helper or the loop that it is in ends here, or the round of the loop."""

    how: str
    """`return`, `raise`, `break` or `continue`."""
    line: int


Part: TypeAlias = "Step | Branch | Repeat | End"
Plan: TypeAlias = tuple[Part, ...]


def with_paths(plan: Plan, change: Callable[[str], str]) -> Plan:
    """The same plan, its paths changed."""

    def changed(part: Part) -> Part:
        match part:
            case Step():
                return replace(part, path=change(part.path))
            case Branch():
                return replace(part, ways=tuple((word, with_paths(way, change)) for word, way in part.ways))
            case Repeat():
                return replace(part, body=with_paths(part.body, change))
        return part

    return tuple(map(changed, plan))

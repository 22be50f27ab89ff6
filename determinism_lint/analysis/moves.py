"""What a fix gets to know that moves code out of an orchestrator."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.sdk import Runtime


@dataclass(frozen=True, slots=True)
class Place:
    """A node in the body of an orchestrator."""

    orchestrator: s.Function
    runtime: Runtime
    module: s.Module
    node: s.Node

    @property
    def context(self) -> str:
        return self.orchestrator.parameters[0].name


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """A hazard that might move into an activity."""

    rule: str
    node: s.Node
    function: s.Function
    """The function that it is in."""
    module: s.Module
    place: Place | None
    """The hazard's place, if the function is an orchestrator that no other function runs."""
    call: Place | None
    """Where the function is called, if that is at one place only, in an orchestrator of the same module."""
    calls: Collection[s.Node]
    """The nodes that run functions of the project."""


class Project(Protocol):
    """What is known of the project when code moves."""

    @property
    def files(self) -> frozenset[str]: ...

    def text(self, path: str) -> bytes | None:
        """The content of a file; None when it cannot be read."""

    def may_have(self, name: str, code: object) -> bool:
        """Whether a new function that is made of `code` may have a name. From then on no other one may."""

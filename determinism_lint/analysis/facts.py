"""What the whole project declares and calls, for the rules that compare the two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.declarations import Binding, Declared, Survey
from determinism_lint.analysis.events import Called, Problem
from determinism_lint.analysis.sdk import Runtime


@dataclass(frozen=True, slots=True, eq=False)
class ProjectFacts:
    """Seen once all orchestrators have been walked through."""

    survey: Survey
    orchestrators: tuple[Declared, ...]
    """Those that were judged."""
    bindings: tuple[Binding, ...]
    operations: tuple[Called, ...]
    """Durable calls that replay reaches."""
    files: frozenset[str]
    script_of: Callable[[Binding], str | None]
    """The source file that a function.json runs, if the project has it."""


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """A problem outside any activation: in `module`, about what runs there."""

    module: s.Module
    runtime: Runtime
    problem: Problem
    function: s.Function | None = None
    """The function that it is in, for the trace; None where no orchestrator reaches it."""
    severity: str | None = None
    """Overrides the rule's severity where the evidence is weaker or stronger."""

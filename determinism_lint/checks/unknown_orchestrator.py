"""Sub-orchestrations that are called by a name that nothing registers."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.facts import Located, ProjectFacts
from determinism_lint.analysis.sdk import Kind
from determinism_lint.checks._names import unknown_names


def project(facts: ProjectFacts) -> Iterator[Located]:
    yield from unknown_names(facts, Kind.ORCHESTRATION, "orchestrationTrigger", "orchestrator")

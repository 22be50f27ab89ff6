"""Parameters of functions that the host cannot bind, or that an orchestrator must not have."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Problem
from determinism_lint.analysis.facts import Located, ProjectFacts
from determinism_lint.analysis.sdk import Runtime


def project(facts: ProjectFacts) -> Iterator[Located]:
    for attempt in facts.survey.attempts:
        problem = Problem(attempt.node, attempt.message, attempt.help)
        yield Located(attempt.module, Runtime(attempt.sdk), problem)

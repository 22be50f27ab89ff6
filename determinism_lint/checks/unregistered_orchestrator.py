"""An orchestrator that nothing registers, in a project that registers others."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Problem
from determinism_lint.analysis.facts import Located, ProjectFacts
from determinism_lint.analysis.sdk import Kind, Runtime
from determinism_lint.checks._shared import is_test


def project(facts: ProjectFacts) -> Iterator[Located]:
    if not any(declared.kind is Kind.ORCHESTRATION for declared in facts.survey.declared):
        return
    for declared in facts.orchestrators:
        if declared.registered or declared.function is None or facts.survey.is_open(Kind.ORCHESTRATION):
            continue
        if not is_test(declared.module.path):
            node = declared.function.node
            problem = Problem(node, f"`{node.name}` is written like an orchestrator, but nothing registers it")
            yield Located(declared.function.scope.module, Runtime(declared.sdk), problem, node)

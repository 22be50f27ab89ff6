"""Bindings that do not fit an orchestrator."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename, dirname

from determinism_lint.analysis.events import Problem
from determinism_lint.analysis.facts import Located, ProjectFacts
from determinism_lint.analysis.sdk import Kind, Runtime

_WRONG_TYPES = {
    "durableOrchestrationTrigger": "orchestrationTrigger",
    "durableOrchestratorTrigger": "orchestrationTrigger",
    "orchestratorTrigger": "orchestrationTrigger",
    "durableActivityTrigger": "activityTrigger",
    "durableEntityTrigger": "entityTrigger",
}


def project(facts: ProjectFacts) -> Iterator[Located]:
    scripts = {
        declared.module.path: declared for declared in facts.survey.declared if declared.kind is Kind.ORCHESTRATION
    }
    for binding in facts.bindings:
        for wrong in sorted(binding.types & _WRONG_TYPES.keys()):
            declared_here = scripts.get(facts.script_of(binding) or "")
            if declared_here is not None:
                where = f"{basename(dirname(binding.path))}/{basename(binding.path)}"
                message = f"{where} binds `{wrong}`, a type that does not exist"
                problem = Problem(declared_here.node, message, f"write `{_WRONG_TYPES[wrong]}`")
                yield Located(declared_here.module, Runtime(declared_here.sdk), problem)

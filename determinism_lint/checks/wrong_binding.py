"""Bindings that do not fit an orchestrator."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename, dirname

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Problem
from determinism_lint.analysis.facts import Located, ProjectFacts
from determinism_lint.analysis.sdk import Kind
from determinism_lint.languages.python.sdks import DURABLE_FUNCTIONS_PYTHON

_WRONG_TYPES = {
    "durableOrchestrationTrigger": "orchestrationTrigger",
    "durableOrchestratorTrigger": "orchestrationTrigger",
    "orchestratorTrigger": "orchestrationTrigger",
    "durableActivityTrigger": "activityTrigger",
    "durableEntityTrigger": "entityTrigger",
}
_FOREIGN_DECORATORS = {
    "durable_client_input": "a client cannot be used in an orchestrator",
    "entity_trigger": "an orchestrator has one trigger",
    "activity_trigger": "an orchestrator has one trigger",
}


def project(facts: ProjectFacts) -> Iterator[Located]:
    for declared in facts.orchestrators:
        function = declared.function
        if declared.sdk is not DURABLE_FUNCTIONS_PYTHON or function is None:
            continue
        for decorator in function.node.decorators:
            called = decorator.function if isinstance(decorator, s.Call) else decorator
            name = called.attr if isinstance(called, s.Attribute) else None
            if name in _FOREIGN_DECORATORS:
                problem = Problem(decorator, f"`@{s.dotted(called)}` does not fit: {_FOREIGN_DECORATORS[name]}")
                yield Located(function.scope.module, declared.sdk.id, problem, function.node)
    scripts = {
        declared.module.path: declared for declared in facts.survey.declared if declared.kind is Kind.ORCHESTRATION
    }
    for binding in facts.bindings:
        for wrong in sorted(binding.types & _WRONG_TYPES.keys()):
            declared_here = scripts.get(binding.script)
            if declared_here is not None:
                where = f"{basename(dirname(binding.path))}/{basename(binding.path)}"
                message = f"{where} binds `{wrong}`, a type that does not exist"
                problem = Problem(declared_here.node, message, f"write `{_WRONG_TYPES[wrong]}`")
                yield Located(declared_here.module, declared_here.sdk.id, problem)

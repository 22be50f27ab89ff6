"""Decorators of Azure Functions that do not fit an orchestrator."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Problem
from determinism_lint.analysis.facts import Located, ProjectFacts
from determinism_lint.analysis.sdk import Runtime
from determinism_lint.languages.python.sdks import DURABLE_FUNCTIONS_PYTHON

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
                yield Located(function.scope.module, Runtime(declared.sdk), problem, function.node)

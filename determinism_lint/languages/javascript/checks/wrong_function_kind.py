"""Kinds of functions that a runtime cannot drive as an orchestrator."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Problem
from determinism_lint.analysis.facts import Located, ProjectFacts
from determinism_lint.analysis.sdk import Runtime
from determinism_lint.languages.javascript.sdks import DURABLE_TASK_JS


def project(facts: ProjectFacts) -> Iterator[Located]:
    for declared in facts.orchestrators:
        function = declared.function
        if function is None or not declared.registered:
            continue
        node = function.node
        is_task = declared.sdk is DURABLE_TASK_JS
        if node.is_generator and node.is_async == is_task:
            continue
        if not node.is_generator and not node.is_async:
            continue  # what it returns may be a generator
        kind = f"{'async ' if node.is_async else ''}function{'*' if node.is_generator else ''}"
        right = "async function*" if is_task else "function*"
        name = f"`{declared.name}`" if declared.name else "this orchestrator"
        problem = Problem(node, f"{name} is a `{kind}`, which this runtime cannot drive", f"write `{right}`")
        yield Located(function.scope.module, Runtime(declared.sdk), problem, node)

"""A retry policy that makes the SDK read the wall clock."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Problem
from determinism_lint.analysis.facts import Located, ProjectFacts
from determinism_lint.analysis.sdk import Runtime
from determinism_lint.analysis.values import Literal
from determinism_lint.languages.python.sdks import DURABLE_TASK_PYTHON


def project(facts: ProjectFacts) -> Iterator[Located]:
    for called in facts.survey.retry_policies:
        timeout = called.argument(99, "retry_timeout")
        if timeout is None or any(isinstance(value, Literal) and value.value is None for value in timeout[1]):
            continue
        message = "`retry_timeout` is compared with the wall clock, also on replay"
        yield Located(called.site.module, Runtime(DURABLE_TASK_PYTHON), Problem(called.node, message))

"""The input is read from the context, though it can be a parameter."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Called, Problem
from determinism_lint.languages.csharp.sdks import DURABLE_FUNCTIONS_DOTNET, DURABLE_TASK_DOTNET


def called(event: Called) -> Iterator[Problem]:
    member = event.member
    if member is None or member.name != "GetInput":
        return
    if member.runtime.sdk is DURABLE_FUNCTIONS_DOTNET:
        yield Problem(event.node, "the input is read from the context, though it can be a parameter")
    elif member.runtime.sdk is DURABLE_TASK_DOTNET:
        message = "the input is read from the context, though the orchestrator is passed it"
        yield Problem(event.node, message, "take it from the parameter behind the context")

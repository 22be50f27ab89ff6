"""`ConfigureAwait(false)`; in DTFx an orchestration gets its events by a `TaskCompletionSource`."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Called, Problem
from determinism_lint.analysis.values import External
from determinism_lint.languages.csharp.sdks import DTFX_DOTNET


def called(event: Called) -> Iterator[Problem]:
    if External("System.Threading.Tasks.Task.ConfigureAwait") in event.callee and not _stays(event):
        message = "after `ConfigureAwait(false)` the code runs on another thread, where nothing drives the orchestrator"
        yield Problem(event.node, message, "leave it out, or write `ConfigureAwait(true)`")


def _stays(event: Called) -> bool:
    given = event.node.arguments[0].value if event.node.arguments else None
    return isinstance(given, s.Constant) and given.value is True


def harmless(event: Called) -> bool:
    """Whether the runtime itself completes what is waited for."""
    source = External("System.Threading.Tasks.TaskCompletionSource.Task")
    return source in event.callee and event.site.runtime.sdk is DTFX_DOTNET

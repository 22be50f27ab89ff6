"""`ConfigureAwait(true)` changes nothing; in DTFx an orchestration gets its events by a `TaskCompletionSource`."""

from __future__ import annotations

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Called
from determinism_lint.analysis.values import External
from determinism_lint.languages.csharp.sdks import DTFX_DOTNET


def harmless(event: Called) -> bool:
    """Whether what follows still runs on the orchestrator's thread, when the history says so."""
    function = event.node.function
    if External("System.Threading.Tasks.TaskCompletionSource.Task") in event.callee:
        return event.site.runtime.sdk is DTFX_DOTNET
    if not isinstance(function, s.Attribute) or function.attr != "ConfigureAwait":
        return False
    given = event.node.arguments[0].value if event.node.arguments else None
    return isinstance(given, s.Constant) and given.value is True

"""What the linter knows of each SDK for .NET: the members of its orchestration context and how tasks combine.

The members are those that `api` records; what they do to an orchestration is said here, by their names.
"""

from __future__ import annotations

import re

from determinism_lint.analysis.sdk import Kind, Runtime, Sdk
from determinism_lint.analysis.values import Member
from determinism_lint.languages.csharp.api import members
from determinism_lint.languages.csharp.names import PROXY, SAFE_FACTORY

TASK_ATTRIBUTES = frozenset(
    {
        "AsyncState",
        "ConfigureAwait",
        "ContinueWith",
        "CreationOptions",
        "Dispose",
        "Equals",
        "Exception",
        "GetAwaiter",
        "Id",
        "IsCanceled",
        "IsCompleted",
        "IsCompletedSuccessfully",
        "IsFaulted",
        "Result",
        "RunSynchronously",
        "Start",
        "Status",
        "Wait",
        "WaitAsync",
    }
)
"""What may be read of a durable task that has not completed; what blocks is judged by itself."""

_KINDS = {
    "CallActivityAsync": Kind.ACTIVITY,
    "CallActivityWithRetryAsync": Kind.ACTIVITY,
    "ScheduleTask": Kind.ACTIVITY,
    "ScheduleWithRetry": Kind.ACTIVITY,
    "CallSubOrchestratorAsync": Kind.ORCHESTRATION,
    "CallSubOrchestratorWithRetryAsync": Kind.ORCHESTRATION,
    "CallChildWorkflowAsync": Kind.ORCHESTRATION,
    "CreateSubOrchestrationInstance": Kind.ORCHESTRATION,
    "CreateSubOrchestrationInstanceWithRetry": Kind.ORCHESTRATION,
    "CreateTimer": Kind.TIMER,
    "WaitForExternalEvent": Kind.EVENT,
    "WaitForExternalEventAsync": Kind.EVENT,
    "CallEntityAsync": Kind.ENTITY,
    "CallHttpAsync": Kind.HTTP,
    "LockAsync": Kind.LOCK,
    "LockEntitiesAsync": Kind.LOCK,
    "SendEvent": Kind.SIGNAL,
    "SignalEntity": Kind.SIGNAL,
    "SignalEntityAsync": Kind.SIGNAL,
    "StartNewOrchestration": Kind.SIGNAL,
    "ContinueAsNew": Kind.RESTART,
    "SetCustomStatus": Kind.STATUS,
    "IsReplaying": Kind.REPLAYING,
    "CreateReplaySafeLogger": Kind.LOGGER,
    "Entities": Kind.NAMESPACE,
}
"""Whatever else a context has is a value that is the same on every replay."""
_QUALIFIED = {
    "DateTime": "System.DateTime",
    "Guid": "System.Guid",
    "ILoggerFactory": SAFE_FACTORY,
    "string": "System.String",
}
"""What a context gives of some types."""


_PROXIES = dict.fromkeys(("CreateClient", "CreateClientV2", "CreateEntityProxy", "CreateRetryableClient"), PROXY)
_TASK = "Microsoft.DurableTask"
_ISOLATED = (
    f"{_TASK}.TaskOrchestrationContext",
    f"{_TASK}.TaskOrchestrationContextExtensionMethods",
    f"{_TASK}.Entities.TaskOrchestrationEntityFeature",
)
_WEB_JOBS = "Microsoft.Azure.WebJobs.Extensions.DurableTask"


def _sdk(
    id: str,
    package: str,
    contexts: tuple[str, ...],
    recorded: tuple[str, ...],
    keeps_events: tuple[int, str] | None = None,
    of_functions: bool = False,
) -> Sdk:
    """An SDK with a context that has the members of some recorded types: a class, its extensions and its parts."""
    held = members(*recorded)
    known = {name: (it.is_method, _QUALIFIED[it.type]) for name, it in held.items() if it.type in _QUALIFIED}
    return Sdk(
        id=id,
        language="csharp",
        packages=(package,),
        context_types=contexts,
        members={name: _KINDS.get(name, Kind.VALUE) for name in held},
        combinators={},
        values={**{name: kind for name, (is_method, kind) in known.items() if is_method}, **_PROXIES},
        properties={name: kind for name, (is_method, kind) in known.items() if not is_method},
        keeps_events=keeps_events,
        cancels_timers=False,  # they can be, by a token: see the check for .NET
        ignores_case=True,
        shares_names=of_functions,
        waits="await",
        delegate="await",
    )


DURABLE_TASK_DOTNET = _sdk("durable-task-dotnet", _TASK, ("TaskOrchestrationContext",), _ISOLATED)
DURABLE_FUNCTIONS_DOTNET = _sdk(
    "durable-functions-dotnet", _TASK, ("TaskOrchestrationContext",), _ISOLATED, of_functions=True
)
IN_PROCESS = _sdk(
    "durable-functions-dotnet@2",
    "Microsoft.Azure.WebJobs",
    ("DurableOrchestrationContext", "DurableOrchestrationContextBase", "IDurableOrchestrationContext"),
    (f"{_WEB_JOBS}.IDurableOrchestrationContext", f"{_WEB_JOBS}.DurableContextExtensions"),
    keeps_events=(1, "preserveUnprocessedEvents"),
    of_functions=True,
)
"""Azure Functions that run in the process of their host, with version 2 or 3 of the extension, and mostly with 1."""
DAPR_WORKFLOW_DOTNET = _sdk(
    "dapr-workflow-dotnet", "Dapr.Workflow", ("IWorkflowContext", "WorkflowContext"), ("Dapr.Workflow.WorkflowContext",)
)
DTFX_DOTNET = _sdk("dtfx-dotnet", "DurableTask", ("OrchestrationContext",), ("DurableTask.Core.OrchestrationContext",))

_SDKS = (DURABLE_TASK_DOTNET, IN_PROCESS, DAPR_WORKFLOW_DOTNET, DTFX_DOTNET)
"""By what their contexts are called; that of Azure Functions in a process of their own is that of Durable Task."""
_COMBINATORS = {"System.Threading.Tasks.Task.WhenAll": Kind.ALL, "System.Threading.Tasks.Task.WhenAny": Kind.ANY}
_INVENTED = {
    "CallOrchestratorAsync": "CallSubOrchestratorAsync",
    "CallSubOrchestrationAsync": "CallSubOrchestratorAsync",
    "CreateTimerAsync": "CreateTimer",
    "CurrentDateTime": "CurrentUtcDateTime",
    "GetInputAsync": "GetInput",
    "NewGuidAsync": "NewGuid",
    "NewUuid": "NewGuid",
    "Now": "CurrentUtcDateTime",
    "UtcNow": "CurrentUtcDateTime",
    "WaitForEventAsync": "WaitForExternalEvent",
}
"""Names that assistants make up."""
_GENERATED = re.compile(r"Call\w+Async")


def sdk_owning(name: str) -> Sdk | None:
    """The SDK whose packages define the qualified name, if any."""
    return next((sdk for sdk in _SDKS if name.startswith(f"{sdk.packages[0]}.")), None)


def combinator(name: str) -> tuple[Kind, Sdk] | None:
    """What a function of .NET does with tasks, if it combines them."""
    kind = _COMBINATORS.get(name)
    return None if kind is None else (kind, DURABLE_TASK_DOTNET)


def instead_of(name: str, runtime: Runtime) -> str | None:
    """What to call instead of a name that a context does not have: one that is invented often, or of another SDK."""
    if name in runtime.members:
        return None
    known = _INVENTED.get(name)
    kind = next((sdk.members[name] for sdk in _SDKS if name in sdk.members), None)
    if known is None and kind is not None and kind.is_awaitable:
        same = [each for each, other in runtime.members.items() if other is kind]
        known = same[0] if len(same) == 1 else None
    return None if known not in runtime.members else f"`{known}`"


def generated(name: str, runtime: Runtime) -> Member | None:
    """What the SDK's source generators make: a method for each activity and orchestrator, which is passed its input."""
    if name in runtime.members or not _GENERATED.fullmatch(name) or instead_of(name, runtime) is not None:
        return None
    return Member("", Kind.ACTIVITY, runtime)

"""What the linter knows of each SDK for JavaScript: the members of its orchestration context and how tasks combine.

The members are those of @microsoft/durabletask-js 0.4 and durable-functions 1.5 to 3.5, read from the packages.
"""

from __future__ import annotations

from collections.abc import Mapping

from determinism_lint.analysis.sdk import Kind, Sdk

_CLOCK = {"currentUtcDateTime": "Date"}
_UNSERIALIZABLE = {"Map": "a `Map`", "Set": "a `Set`", "WeakMap": "a `WeakMap`", "WeakSet": "a `WeakSet`"}

TASK_ATTRIBUTES = frozenset(
    {
        "result",
        "getResult",
        "getException",
        "isComplete",
        "isCompleted",
        "isFaulted",
        "isFailed",
        "isCanceled",
        "isCancelled",
        "cancel",
        "id",
        "parent",
        "completedTasks",
        "getTasks",
        "then",
    }
)
"""What may be read of a durable task that has not completed."""

DURABLE_TASK_JS = Sdk(
    id="durable-task-js",
    language="javascript",
    packages=("@microsoft/durabletask-js", "@microsoft/durabletask-js-azuremanaged"),
    context_types=("OrchestrationContext",),
    members={
        "callActivity": Kind.ACTIVITY,
        "callSubOrchestrator": Kind.ORCHESTRATION,
        "createTimer": Kind.TIMER,
        "waitForExternalEvent": Kind.EVENT,
        "continueAsNew": Kind.RESTART,
        "setCustomStatus": Kind.STATUS,
        "sendEvent": Kind.SIGNAL,
        "instanceId": Kind.VALUE,
        "currentUtcDateTime": Kind.VALUE,
        "isReplaying": Kind.REPLAYING,
        "newGuid": Kind.VALUE,
        "parent": Kind.VALUE,
        "version": Kind.VALUE,
        "compareVersionTo": Kind.VALUE,
        "createReplaySafeLogger": Kind.LOGGER,
        "entities": Kind.NAMESPACE,
        "callEntity": Kind.ENTITY,
        "signalEntity": Kind.SIGNAL,
        "lockEntities": Kind.LOCK,
        "isInCriticalSection": Kind.VALUE,
    },
    combinators={"whenAll": Kind.ALL, "whenAny": Kind.ANY},
    values={"newGuid": "str"},
    since={"newGuid": "0.1.0-beta.1"},  # The tags of microsoft/durabletask-js.
    properties=_CLOCK,
    keeps_events=(1, "saveEvents"),
    options={"callActivity": 2, "callSubOrchestrator": 2, "callEntity": 3, "signalEntity": 3},
    delegate="yield*",
    unserializable=_UNSERIALIZABLE,
)

DURABLE_FUNCTIONS_JS = Sdk(
    id="durable-functions-js",
    language="javascript",
    packages=("durable-functions",),
    context_types=("OrchestrationContext", "IOrchestrationFunctionContext"),
    members={
        "df": Kind.NAMESPACE,
        "Task": Kind.NAMESPACE,
        "all": Kind.ALL,
        "any": Kind.ANY,
        "callActivity": Kind.ACTIVITY,
        "callActivityWithRetry": Kind.ACTIVITY,
        "callSubOrchestrator": Kind.ORCHESTRATION,
        "callSubOrchestratorWithRetry": Kind.ORCHESTRATION,
        "callEntity": Kind.ENTITY,
        "signalEntity": Kind.SIGNAL,
        "lock": Kind.LOCK,
        "isLocked": Kind.VALUE,
        "callHttp": Kind.HTTP,
        "createTimer": Kind.TIMER,
        "waitForExternalEvent": Kind.EVENT,
        "continueAsNew": Kind.RESTART,
        "setCustomStatus": Kind.STATUS,
        "customStatus": Kind.VALUE,
        "instanceId": Kind.VALUE,
        "parentInstanceId": Kind.VALUE,
        "currentUtcDateTime": Kind.VALUE,
        "isReplaying": Kind.REPLAYING,
        "getInput": Kind.VALUE,
        "newGuid": Kind.VALUE,
        "version": Kind.VALUE,
    },
    namespace="df",
    host="durable-functions.OrchestrationContext",
    combinators={},
    values={"newGuid": "str"},
    since={"newGuid": "1.2.0"},  # The tags of Azure/azure-functions-durable-js.
    properties=_CLOCK,
    empty="throws",
    schedules_when_yielded=frozenset({None}),
    drops_events=True,
    options={"callActivityWithRetry": 1, "callSubOrchestratorWithRetry": 1},
    ignores_case=True,
    shares_names=True,
    passes_names=True,
    delegate="yield*",
    unserializable=_UNSERIALIZABLE,
)

SDKS: Mapping[str, Sdk] = {sdk.id: sdk for sdk in (DURABLE_TASK_JS, DURABLE_FUNCTIONS_JS)}


def sdk_owning(name: str) -> Sdk | None:
    """The SDK whose packages define the qualified name, if any."""
    for sdk in SDKS.values():
        for package in sdk.packages:
            if name == package or name.startswith(package + "."):
                return sdk
    return None


def combinator(name: str) -> tuple[Kind, Sdk] | None:
    """What a qualified function of an SDK does with tasks, if it combines them, and the SDK."""
    sdk = sdk_owning(name)
    kind = None if sdk is None else sdk.combinators.get(name.rsplit(".", 1)[-1])
    return None if kind is None or sdk is None else (kind, sdk)

"""What the linter knows of each SDK for Java: the members of its orchestration context and how tasks combine.

The members are those of durabletask-client 1.9 and of its repository, and of the workflows of Dapr's SDK as their
documents use them. Timers cannot be cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping

from determinism_lint.analysis.sdk import Kind, Sdk

TASK_ATTRIBUTES = frozenset({"await", "isCancelled", "isDone", "thenAccept", "thenApply"})
"""What may be read of a durable task that has not completed."""

_SINCE = {"newUUID": "1.5.0"}
"""As the tags of microsoft/durabletask-java show."""
_VALUES = {"getCurrentInstant": "java.time.Instant", "newUUID": "java.util.UUID"}
_MEMBERS = {
    "callActivity": Kind.ACTIVITY,
    "callSubOrchestrator": Kind.ORCHESTRATION,
    "createTimer": Kind.TIMER,
    "waitForExternalEvent": Kind.EVENT,
    "callEntity": Kind.ENTITY,
    "signalEntity": Kind.SIGNAL,
    "lockEntities": Kind.LOCK,
    "callHttp": Kind.HTTP,
    "allOf": Kind.ALL,
    "anyOf": Kind.ANY,
    "sendEvent": Kind.SIGNAL,
    "continueAsNew": Kind.RESTART,
    "setCustomStatus": Kind.STATUS,
    "clearCustomStatus": Kind.STATUS,
    "entities": Kind.NAMESPACE,
    "getEntities": Kind.NAMESPACE,
    "getIsReplaying": Kind.REPLAYING,
    "complete": Kind.VALUE,
    "createEntityProxy": Kind.VALUE,
    "createReplaySafeLogger": Kind.LOGGER,
    "createProxy": Kind.VALUE,
    "getCurrentInstant": Kind.VALUE,
    "getInput": Kind.VALUE,
    "getInstanceId": Kind.VALUE,
    "getLockedEntities": Kind.VALUE,
    "getName": Kind.VALUE,
    "getParentInstance": Kind.VALUE,
    "getVersion": Kind.VALUE,
    "isInCriticalSection": Kind.VALUE,
    "newUUID": Kind.VALUE,
}

DURABLE_TASK_JAVA = Sdk(
    id="durable-task-java",
    language="java",
    packages=("com.microsoft.durabletask",),
    context_types=("TaskOrchestrationContext",),
    members=_MEMBERS,
    since=_SINCE,
    combinators={},
    values=_VALUES,
    empty_any="hangs",
    restart_leaves=True,
    cancels_timers=False,
    waits=".await()",
)

DURABLE_FUNCTIONS_JAVA = Sdk(
    id="durable-functions-java",
    language="java",
    packages=("com.microsoft.durabletask",),
    context_types=("TaskOrchestrationContext",),
    members=_MEMBERS,
    since=_SINCE,
    combinators={},
    values=_VALUES,
    empty_any="hangs",
    restart_leaves=True,
    cancels_timers=False,
    ignores_case=True,
    shares_names=True,
    waits=".await()",
)

DAPR_WORKFLOW_JAVA = Sdk(
    id="dapr-workflow-java",
    language="java",
    packages=("io.dapr.workflows", "io.dapr.durabletask"),
    context_types=("WorkflowContext",),
    members={
        "callActivity": Kind.ACTIVITY,
        "callChildWorkflow": Kind.ORCHESTRATION,
        "callSubWorkflow": Kind.ORCHESTRATION,
        "createTimer": Kind.TIMER,
        "waitForExternalEvent": Kind.EVENT,
        "allOf": Kind.ALL,
        "anyOf": Kind.ANY,
        "continueAsNew": Kind.RESTART,
        "setCustomStatus": Kind.STATUS,
        "getLogger": Kind.LOGGER,
        "isReplaying": Kind.REPLAYING,
        "complete": Kind.VALUE,
        "getCurrentInstant": Kind.VALUE,
        "getInput": Kind.VALUE,
        "getInstanceId": Kind.VALUE,
        "getName": Kind.VALUE,
        "getRetryContext": Kind.VALUE,
        "isPatched": Kind.VALUE,
        "newUuid": Kind.VALUE,
    },
    combinators={},
    values={"getCurrentInstant": "java.time.Instant", "newUuid": "java.util.UUID"},
    since={"getCurrentInstant": "0.10.0", "isReplaying": "0.10.0", "newUuid": "0.11.0"},  # The tags of dapr/java-sdk.
    restart_leaves=True,
    cancels_timers=False,
    waits=".await()",
)

SDKS: Mapping[str, Sdk] = {sdk.id: sdk for sdk in (DURABLE_TASK_JAVA, DURABLE_FUNCTIONS_JAVA, DAPR_WORKFLOW_JAVA)}


def sdk_owning(name: str) -> Sdk | None:
    """The SDK whose packages define the qualified name, if any."""
    for sdk in SDKS.values():
        if name.startswith(tuple(f"{package}." for package in sdk.packages)):
            return sdk
    return None


def combinator(name: str) -> tuple[Kind, Sdk] | None:
    """Tasks are combined by the context alone."""
    return None

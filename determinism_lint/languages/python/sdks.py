"""What the linter knows of each SDK: what the members of its context are to the runtime, and how tasks combine.

Which release has which members, with which parameters, is recorded in `api/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.sdk import Kind, Sdk

_COMMON = {
    "call_activity": Kind.ACTIVITY,
    "create_timer": Kind.TIMER,
    "wait_for_external_event": Kind.EVENT,
    "continue_as_new": Kind.RESTART,
    "set_custom_status": Kind.STATUS,
    "instance_id": Kind.VALUE,
    "current_utc_datetime": Kind.VALUE,
    "is_replaying": Kind.REPLAYING,
}
_IDS = {"new_uuid": Kind.VALUE, "parent_instance_id": Kind.VALUE, "version": Kind.VALUE}
_ENTITIES = {"call_entity": Kind.ENTITY, "signal_entity": Kind.SIGNAL}

_NEW_IDS = {"new_uuid": "str", "new_guid": "uuid.UUID", "uuid4": "uuid.UUID"}
_UNSERIALIZABLE = {
    "datetime.datetime": "a datetime",
    "datetime.date": "a date",
    "datetime.timedelta": "a timedelta",
}
_CLOCK = {"current_utc_datetime": "datetime.datetime"}

_NATIVE = {
    **_COMMON,
    **_IDS,
    **_ENTITIES,
    "call_sub_orchestrator": Kind.ORCHESTRATION,
    "lock_entities": Kind.LOCK,
    "send_event": Kind.SIGNAL,
    "create_replay_safe_logger": Kind.LOGGER,
}

TASK_ATTRIBUTES = frozenset(
    {
        "result",
        "get_result",
        "get_exception",
        "is_complete",
        "is_completed",
        "is_faulted",
        "is_failed",
        "is_cancelled",
        "is_canceled",
        "cancel",
        "cancelled",
        "exception",
        "id",
        "state",
        "parent",
        "children",
        "action_repr",
        "get_tasks",
        "get_completed_tasks",
        "pending_tasks",
        "completed_tasks",
        "failed_tasks",
        "fire_at",
    }
)
"""What may be read of a durable task that has not completed."""

DURABLE_TASK_PYTHON = Sdk(
    id="durable-task-python",
    language="python",
    packages=("durabletask",),
    context_types=("OrchestrationContext",),
    members=_NATIVE,
    combinators={
        "when_all": Kind.ALL,
        "when_any": Kind.ANY,
        "task.when_all": Kind.ALL,
        "task.when_any": Kind.ANY,
    },
    values=_NEW_IDS,
    properties=_CLOCK,
    unserializable=_UNSERIALIZABLE,
    has_naive_clock=True,
    empty="hangs",
    keeps_events=(99, "save_events"),
    activities_are_sync=True,
)

DURABLE_FUNCTIONS_PYTHON = Sdk(
    id="durable-functions-python",
    language="python",
    packages=("azure.durable_functions", "azure.functions"),
    context_types=("DurableOrchestrationContext", "OrchestrationContext"),
    schedules_when_yielded=frozenset({1}),
    members={
        **_COMMON,
        **_IDS,
        **_ENTITIES,
        "call_sub_orchestrator": Kind.ORCHESTRATION,
        "call_activity_with_retry": Kind.ACTIVITY,
        "call_sub_orchestrator_with_retry": Kind.ORCHESTRATION,
        "call_http": Kind.HTTP,
        "task_all": Kind.ALL,
        "task_any": Kind.ANY,
        "get_input": Kind.VALUE,
        "new_guid": Kind.VALUE,
        "custom_status": Kind.VALUE,
        "will_continue_as_new": Kind.VALUE,
        "histories": Kind.VALUE,
        "function_context": Kind.VALUE,
    },
    combinators={},
    native_members=_NATIVE,
    native_keeps_events=(99, "save_events"),
    values=_NEW_IDS,
    properties=_CLOCK,
    unserializable=_UNSERIALIZABLE,
    empty="none",
    empty_since={2: "hangs"},
    ignores_case=True,
    passes_names=True,
)

DAPR_WORKFLOW_PYTHON = Sdk(
    id="dapr-workflow-python",
    language="python",
    packages=("dapr",),
    context_types=("DaprWorkflowContext", "WorkflowContext"),
    members={
        **_COMMON,
        "call_child_workflow": Kind.ORCHESTRATION,
        "get_propagated_history": Kind.VALUE,
        "is_patched": Kind.VALUE,
        # of the context inside, to which the one of the extension hands on what it does not know itself
        "app_id": Kind.VALUE,
        "call_sub_orchestrator": Kind.ORCHESTRATION,
        "now": Kind.VALUE,
        "random": Kind.VALUE,
        "random_int": Kind.VALUE,
        "random_choice": Kind.VALUE,
        "random_string": Kind.VALUE,
        "uuid4": Kind.VALUE,
        "new_guid": Kind.VALUE,
    },
    combinators={
        "ext.workflow.when_all": Kind.ALL,
        "ext.workflow.when_any": Kind.ANY,
    },
    values=_NEW_IDS,
    properties=_CLOCK,
    unserializable=_UNSERIALIZABLE,
    has_naive_clock=True,
    keeps_events=(99, "save_events"),
    cancels_timers=False,
)

SDKS: Mapping[str, Sdk] = {sdk.id: sdk for sdk in (DURABLE_TASK_PYTHON, DURABLE_FUNCTIONS_PYTHON, DAPR_WORKFLOW_PYTHON)}


@lru_cache(maxsize=4096)
def sdk_owning(name: str) -> Sdk | None:
    """The SDK whose packages define the qualified name, if any."""
    for sdk in SDKS.values():
        for package in sdk.packages:
            if name == package or name.startswith(package + "."):
                return sdk
    return None


def sdk_imported(node: s.Import) -> Sdk | None:
    """The SDK that an import takes something from, if any."""
    return sdk_owning(node.module if node.attribute is None else f"{node.module}.{node.attribute}")


@lru_cache(maxsize=4096)
def combinator(name: str) -> tuple[Kind, Sdk] | None:
    """What a qualified function of an SDK does with tasks, if it combines them, and the SDK."""
    sdk = sdk_owning(name)
    if sdk is None:
        return None
    for package in sdk.packages:
        if name.startswith(package + "."):
            kind = sdk.combinators.get(name[len(package) + 1 :])
            return None if kind is None else (kind, sdk)
    return None

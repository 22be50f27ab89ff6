"""What the linter knows of the contexts comes from the recorded API, which the tests of the printed pages use, too."""

from __future__ import annotations

import pytest

from determinism_lint.analysis.sdk import Kind, Runtime, Sdk
from determinism_lint.languages.csharp import sdks
from determinism_lint.languages.csharp.api import members, types
from determinism_lint.languages.csharp.api.record import SOURCES
from determinism_lint.languages.csharp.names import PROPERTIES
from determinism_lint.rules.catalogue import load_catalogue

ALL = [value for value in vars(sdks).values() if isinstance(value, Sdk)]


@pytest.mark.parametrize("sdk", ALL, ids=lambda sdk: sdk.id)
def test_every_context_waits_schedules_and_tells_whether_it_replays(sdk: Sdk) -> None:
    kinds = set(sdk.members.values())
    assert kinds >= {Kind.ACTIVITY, Kind.ORCHESTRATION, Kind.TIMER, Kind.RESTART, Kind.REPLAYING}
    assert sdk.properties["CurrentUtcDateTime"] == "System.DateTime"


def test_every_operation_is_a_member_of_some_context() -> None:
    recorded = {name for sdk in ALL for name in sdk.members}
    assert {name for name in sdks._KINDS if name not in recorded} == set()


def test_overloads_properties_and_extensions() -> None:
    context = members(
        "Microsoft.DurableTask.TaskOrchestrationContext",
        "Microsoft.DurableTask.TaskOrchestrationContextExtensionMethods",
    )
    assert context["CallActivityAsync"].is_method and context["CallHttpAsync"].is_method
    assert context["IsReplaying"] == (False, "bool")
    assert "LoggerFactory" not in context, "it is protected"


def test_each_type_is_of_a_package_that_is_recorded() -> None:
    packages = {package for source in SOURCES for package in source.packages.values()}
    assert {entry["package"] for entry in types().values()} <= packages


@pytest.mark.parametrize(
    ("name", "sdk", "instead"),
    [
        ("CallActivityWithRetryAsync", sdks.DURABLE_TASK_DOTNET, "`CallActivityAsync`"),
        ("CallSubOrchestrationAsync", sdks.DURABLE_FUNCTIONS_DOTNET, "`CallSubOrchestratorAsync`"),
        ("CallSubOrchestratorAsync", sdks.DAPR_WORKFLOW_DOTNET, "`CallChildWorkflowAsync`"),
        ("CallActivityWithRetryAsync", sdks.IN_PROCESS, None),
        ("CallSayHelloAsync", sdks.DURABLE_TASK_DOTNET, None),
    ],
)
def test_names_of_other_contexts(name: str, sdk: Sdk, instead: str | None) -> None:
    assert sdks.instead_of(name, Runtime(sdk)) == instead


def test_properties_are_those_that_rules_name_or_that_lead_there() -> None:
    catalogue = load_catalogue()
    ways = {
        "System.TimeProvider.System",
        "System.Threading.Tasks.Task.CompletedTask",
        "System.Threading.Tasks.Task.Factory",
    }
    assert {name for name in PROPERTIES if catalogue.match("csharp", name, True) is None} == ways

"""Every C# example parses, and uses the SDKs only as their recorded API allows.

There is no need for a .NET SDK: tests/dotnet/api.json holds the public types, members and signatures, read from the
source of the pinned versions, and tests/dotnet/checker.py holds the examples against them. It infers types inside one
source only, and passes over what does not lead to a type of the SDKs. So these tests also count what was checked, and
show that calls which assistants invent are found.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from skills_src.markdown import Fence, blocks
from tests.environments import unavailable

if TYPE_CHECKING:
    from tests.dotnet.checker import Report

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "skills_src"
RECORD = ROOT / "tests" / "dotnet" / "api.json"
SDKS = ("durable-task-dotnet", "durable-functions-dotnet")


# --- what is tested -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unit:
    """One C# source."""

    id: str
    text: str


def programs() -> list[Unit]:
    """The pattern programs and the minimal programs."""
    files = [file for sdk in SDKS for file in sorted(SOURCES.glob(f"*/**/{sdk}.cs"))]
    return [Unit(str(file.relative_to(SOURCES)), file.read_text(encoding="utf-8")) for file in files]


def _fences(files: list[Path], language: str) -> list[tuple[Unit, tuple[str, ...]]]:
    found = []
    for file in files:
        fences = (block for block in blocks(file.read_text(encoding="utf-8"), str(file)) if isinstance(block, Fence))
        for number, fence in enumerate((fence for fence in fences if fence.words[:1] == (language,)), 1):
            found.append((Unit(f"{file.relative_to(SOURCES)}:{number}", fence.text), fence.words[1:]))
    return found


def rule_fences() -> list[Unit]:
    """The C# fences of the rules; what is wrong on purpose with the language or the SDK is left out."""
    return [
        unit
        for unit, words in _fences(sorted(SOURCES.glob("rules/*.md")), "csharp")
        if "wrong" not in words or not unit.id.startswith(("rules/syntax-error.md", "rules/sdk-signature.md"))
    ]


TOPICS = [file for sdk in SDKS for file in sorted(SOURCES.glob(f"topics/*/{sdk}.md"))]


def topic_fences() -> list[Unit]:
    return [unit for unit, _ in _fences(TOPICS, "csharp")]


def ids(units: list[Unit]) -> list[str]:
    return [unit.id for unit in units]


def report(text: str, implicit: bool = True) -> Report:
    """Check a source, with or without the usings that a project implies. It needs the grammar of C#."""
    try:
        from tests.dotnet.checker import IMPLICIT, check
        from tests.dotnet.syntax import syntax_errors
    except ImportError as error:
        unavailable(f"the C# examples cannot be checked: {error}")
    from tests.dotnet.api import recorded_api

    assert syntax_errors(text) == []
    return check(text, recorded_api(), IMPLICIT if implicit else ())


# --- the examples -------------------------------------------------------------------------------------------------

# Of each source, and of each kind of source together. They are what was counted when they were written, rounded down:
# raise them as examples are added; a lower count means that the checker has lost sight of something.
LEAST = {"program": 20, "programs": 1085, "rule_fences": 345, "topic_fences": 380}


@pytest.mark.parametrize("unit", programs(), ids=ids(programs()))
def test_program_uses_the_sdk_as_recorded(unit: Unit) -> None:
    found = report(unit.text)
    assert found.problems == []
    assert found.uses >= LEAST["program"]


@pytest.mark.parametrize("unit", rule_fences(), ids=ids(rule_fences()))
def test_fence_of_a_rule_uses_the_sdk_as_recorded(unit: Unit) -> None:
    assert report(unit.text, implicit=False).problems == []  # rules write all their usings


@pytest.mark.parametrize("unit", topic_fences(), ids=ids(topic_fences()))
def test_fence_of_a_topic_uses_the_sdk_as_recorded(unit: Unit) -> None:
    assert report(unit.text).problems == []


@pytest.mark.parametrize("kind", ["programs", "rule_fences", "topic_fences"])
def test_enough_is_checked(kind: str) -> None:
    units = {"programs": programs, "rule_fences": rule_fences, "topic_fences": topic_fences}[kind]()
    uses = sum(report(unit.text).uses for unit in units)
    print(f"{uses} uses of the SDKs checked in {len(units)} {kind}")
    assert uses >= LEAST[kind]


CALL = re.compile(
    r"(?P<kind>CallActivity|CallSubOrchestrator|CallEntity)Async(?:<(?P<type>[^(]+)>)?\("
    r"(?:\s*\w+,)?\s*nameof\((?:\w+\.)?(?P<name>\w+)\)"
)
DEFINITIONS = (
    r"class {name}\b[^\n]*: Task(?:Activity|Orchestrator)<.+, (?P<type>[^,\n]+)>\n",
    r"public (?:static )?(?:async )?(?P<type>\S+) {name}\(",
)


@pytest.mark.parametrize("unit", programs(), ids=ids(programs()))
def test_calls_fit_what_they_call(unit: Unit) -> None:
    """What is called is defined in the program, and returns the type that the call expects."""
    calls = list(CALL.finditer(unit.text))
    assert calls or "saga" in unit.id  # which takes the names from a list
    for call in calls:
        found = [re.search(pattern.format(name=call["name"]), unit.text) for pattern in DEFINITIONS]
        types = [match["type"] for match in found if match]
        assert types, call[0]
        returned = types[0].removeprefix("Task<").removesuffix(">") if types[0].startswith("Task<") else types[0]
        if call["kind"] == "CallEntity" and call["type"] is None:
            continue  # waits for the operation and drops its result
        assert returned.rstrip("?") == (call["type"] or "void").rstrip("?"), call[0]


@pytest.mark.parametrize("unit", programs(), ids=ids(programs()))
def test_everything_is_registered(unit: Unit) -> None:
    """Each class of a worker is registered, and each durable function has the name of its method."""
    classes = re.findall(r"class (\w+)[^\n]*: Task(Orchestrator|Activity|Entity)<", unit.text)
    registered = re.findall(r"Add(Orchestrator|Activity|Entity)<(\w+)>\(\)", unit.text)
    functions = re.findall(
        r"\[Function\(nameof\((\w+)\)\)\]\s+public (?:static )?(?:async )?\S+ (\w+)\(\s*\[(\w+)Trigger\]", unit.text
    )
    if "durable-functions" in unit.id:
        assert [name for name, method, kind in functions if name != method and kind != "Entity"] == []
        assert {name for name, _ in classes} == {name for name, _, kind in functions if kind == "Entity"}
        assert unit.text.count("[OrchestrationTrigger]") + unit.text.count("[ActivityTrigger]") == sum(
            kind != "Entity" for _, _, kind in functions
        )
    else:
        assert sorted((kind, name) for name, kind in classes) == sorted(registered)
    assert classes or functions


@pytest.mark.parametrize("unit", programs(), ids=ids(programs()))
def test_payloads_of_another_shape_are_expected(unit: Unit) -> None:
    """What the SDK cannot read as the type that is asked for fails the instance, or the request that reads it."""
    awaited = re.findall(r"WaitForExternalEvent<([^>]+)>", unit.text)
    from_people = {"human-interaction", "agent-loop"} & set(Path(unit.id).parts)
    assert {kind for kind in awaited if not kind.endswith("?")} <= {"StockChange"}  # value types need a payload
    assert not from_people or set(awaited) == {"JsonElement?"}
    # The output of a failed instance is its message, and that is no JSON.
    guarded = re.findall(r"OrchestrationRuntimeStatus\.Completed \} =>[^=]*?ReadOutputAs<", unit.text)
    assert unit.id.startswith("minimal") or unit.text.count("ReadOutputAs<") == len(guarded)


def test_every_pattern_has_its_programs() -> None:
    patterns = sorted(path.parent.name for path in SOURCES.glob("patterns/*/pattern.md"))
    for sdk in SDKS:
        assert sorted(path.parent.name for path in SOURCES.glob(f"patterns/*/{sdk}.cs")) == patterns


# --- the checker --------------------------------------------------------------------------------------------------

USINGS = """\
using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.AzureManaged;
using Microsoft.DurableTask.Entities;
using Microsoft.DurableTask.Worker;
using Microsoft.DurableTask.Worker.AzureManaged;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.DependencyInjection;
"""
METHOD = (
    USINGS + "class X {{ async Task M(TaskOrchestrationContext context, DurableTaskClient client, EntityInstanceId id, "
    "IServiceCollection services, HttpRequestData request) {{ {0} }} }}"
)

INVENTED = [
    'await context.CallSubOrchestrationAsync<string>("X");',
    'await context.CallActivityWithRetryAsync("X", new RetryPolicy(3, TimeSpan.FromSeconds(1)));',
    'await context.CallActivityAsync<string, int>("X", 1);',
    'await context.CallActivityAsync<string>("X", 1, new RetryPolicy(3, TimeSpan.FromSeconds(1)));',
    'await context.CallActivityAsync("X", payload: 1);',
    "await context.CreateTimer(TimeSpan.FromSeconds(1));",
    "await context.CreateTimer(5, CancellationToken.None);",
    'await context.WaitForExternalEvent("X");',
    'await context.WaitForExternalEvent<string>("X", 5);',
    "context.SetOutput(1);",
    "context.ContinueAsNew(1, preserveEvents: true);",
    "var now = context.CurrentDateTime;",
    "var id2 = context.NewGuid().ToString(); context.NewUuid();",
    'context.CreateReplaySafeLogger<string>("X", 1);',
    'await context.Entities.CallEntityAsync<int>("@a@b", "Get");',
    'await context.CallEntityAsync<int>(id, "Get");',
    'var other = EntityInstanceId.Parse("@a@b");',
    "new RetryPolicy(3, 5);",
    "new RetryPolicy(firstRetryInterval: TimeSpan.FromSeconds(1), maxAttempts: 3);",
    "new TaskOptions { RetryPolicy = null };",
    "new TaskOptions { Retry = 3 };",
    "TaskOptions.FromRetry(new RetryPolicy(3, TimeSpan.FromSeconds(1)));",
    'new DurableTaskClient("X");',
    'await client.ScheduleNewOrchestrationAsync("X");',
    'await client.ScheduleNewOrchestrationInstanceAsync("X", 1, new TaskOptions());',
    'await client.ScheduleNewOrchestrationInstanceAsync("X", 1, new StartOrchestrationOptions { Id = "a" });',
    'await client.ScheduleNewOrchestrationInstanceAsync("X", options: new StartOrchestrationOptions("a", 5));',
    'await client.WaitForInstanceCompletionAsync("a", timeout: TimeSpan.FromSeconds(1));',
    'OrchestrationMetadata? m = await client.GetInstanceAsync("a"); var c = m.CreatedTime;',
    'OrchestrationMetadata? m = await client.GetInstanceAsync("a"); m?.GetCustomStatus<int>();',
    'OrchestrationMetadata? m = await client.GetInstanceAsync("a"); if (m is { Finished: true }) { }',
    "await foreach (var m in client.GetAllInstancesAsync()) { Console.WriteLine(m.Id); }",
    "var s = OrchestrationRuntimeStatus.Cancelled;",
    'await client.PurgeInstanceAsync("a", true);',
    "await client.Entities.ReadEntityStateAsync<int>(id);",
    "try { } catch (TaskFailedException e) { var t = e.FailureDetails.ExceptionType; }",
    "try { } catch (TaskFailedException e) when (e.IsCausedBy<Exception>()) { }",
    "services.AddDurableTaskWorker(w => w.UseDurableTaskScheduler());  services.AddDurableTaskWorker(1, 2, 3);",
    'services.AddDurableTaskWorker(w => w.UseScheduler("x"));',
    "services.AddDurableTaskWorker(w => w.AddTasks(t => t.AddOrchestration<X>()));",
    'services.AddDurableTaskWorker(w => w.AddTasks(t => t.AddActivityFunc<int, int>("x", n => n)));',
    "services.AddDurableTaskWorker(w => w.UseVersioning(new VersioningOptions()));"
    " new DurableTaskWorkerOptions.VersioningOption();",
    "services.AddDurableTaskClient(c => c.UseDurableTaskScheduler(1));",
    'await client.CreateCheckStatusResponseAsync("a", request);',
    "var level = AuthorizationLevel.Key;",
]


@pytest.mark.parametrize("body", INVENTED)
def test_invented_calls_are_found(body: str) -> None:
    assert report(METHOD.format(body)).problems != []


INVENTED_SOURCES = [
    USINGS + "class X : TaskOrchestrator<int> { }",
    USINGS + "class X : TaskOrchestrator<int, int> { }",
    USINGS + "class X : TaskOrchestrator<int, int> { public override Task<int> RunAsync(TaskOrchestrationContext c, "
    "string i) => Task.FromResult(1); }",
    USINGS + "class S { } class X : TaskEntity<S> { protected override S InitializeState() => new(); }",
    USINGS + "class X { [Function] public static void M([ActivityTrigger] int i) { } }",
    USINGS + 'class X { [Function("a")] public static void M([ActivityTrigger(Name = "x")] int i) { } }',
    USINGS + 'class X { [Function("a")] public static void M([DurableClient("hub")] DurableTaskClient c) { } }',
    "class X : TaskOrchestrator<int, int> { }",
    "using Microsoft.DurableTask; class X { void M(DurableTaskClient c) { } }",
    "using Microsoft.DurableTask.Worker; class X { void M(object s) { "
    's.AddDurableTaskWorker().UseDurableTaskScheduler("x"); } }',
]


@pytest.mark.parametrize("source", INVENTED_SOURCES)
def test_invented_sources_are_found(source: str) -> None:
    assert report(source).problems != []


def misspellings(text: str) -> Iterator[tuple[str, str]]:
    """Each type of the SDKs, and each of their asynchronous methods, that a source uses: the name, and the source in
    which one use of it is misspelled."""
    from tests.dotnet.api import recorded_api
    from tests.dotnet.syntax import PARSER, text_of, walk

    api = recorded_api()
    types = {name.partition("`")[0] for name in api.by_name}
    methods = {name for type_ in api.types.values() for name in type_.members if name.endswith("Async")}
    methods -= {"ReadFromJsonAsync", "StartAsync"}  # .NET has methods of these names, too
    declared = set(re.findall(r"\b(?:class|record|enum) (\w+)", text))
    seen: set[str] = set()
    for node in walk(PARSER.parse(text.encode()).root_node):
        name = text_of(node)
        if node.type == "identifier" and name in (types | methods) - declared - seen:
            seen.add(name)
            source = text.encode()
            yield name, (source[: node.start_byte] + b"Mis" + source[node.start_byte :]).decode()


@pytest.mark.parametrize("unit", programs(), ids=ids(programs()))
def test_a_misspelled_name_is_found(unit: Unit) -> None:
    report(unit.text)
    found = list(misspellings(unit.text))
    assert len(found) >= 6
    assert [name for name, source in found if not report(source).problems] == []


def test_what_is_wrong_on_purpose_is_found() -> None:
    """The wrong fences that the other tests leave out are wrong in the eyes of the checker, too."""
    for unit, words in _fences([SOURCES / "rules" / "sdk-signature.md"], "csharp"):
        if "wrong" in words:
            assert report(unit.text).problems != [], unit.id


# --- the record ---------------------------------------------------------------------------------------------------


def test_record_is_sorted_and_names_its_sources() -> None:
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    assert list(record["types"]) == sorted(record["types"])
    for source in record["sources"]:
        assert source["repository"] and source["version"] and re.fullmatch("[0-9a-f]{40}", source["commit"])


# --- packages -----------------------------------------------------------------------------------------------------


def _packages() -> dict[str, str]:
    """The packages of both SDKs; where both name one, they agree."""
    versions: dict[str, str] = {}
    for sdk in SDKS:
        data = yaml.safe_load((SOURCES / "sdks" / f"{sdk}.yaml").read_text(encoding="utf-8"))
        for package in data["packages"]:
            assert versions.setdefault(package["name"], package["version"]) == package["version"]
    return versions


def test_project_files_parse_and_have_the_pinned_versions() -> None:
    versions = _packages()
    seen = 0
    for unit, _ in _fences(TOPICS, "xml"):
        for reference in ElementTree.fromstring(unit.text).iter("PackageReference"):
            name, version = reference.attrib["Include"], reference.attrib["Version"]
            if name.startswith(("Microsoft.DurableTask.", "Microsoft.Azure.Functions.")) or name in versions:
                assert versions.get(name) == version, f"{unit.id}: {name}"
                seen += 1
    assert seen >= 6


def test_install_commands_have_the_pinned_versions() -> None:
    versions = _packages()
    for sdk in SDKS:
        data = yaml.safe_load((SOURCES / "sdks" / f"{sdk}.yaml").read_text(encoding="utf-8"))
        installed = dict(re.findall(r"dotnet add package (\S+) --version (\S+)", data["install"]))
        assert installed
        for name, version in installed.items():
            assert versions[name] == version


@pytest.mark.parametrize("file", TOPICS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_json_parses(file: Path) -> None:
    for unit, _ in _fences([file], "json"):
        json.loads(unit.text)


def test_record_covers_the_packages_that_the_examples_need() -> None:
    """What an example uses comes from a package of its SDK, or from one that such a package brings along."""
    brought = {
        "Microsoft.DurableTask.Abstractions",
        "Microsoft.DurableTask.Client",
        "Microsoft.DurableTask.Client.Grpc",
        "Microsoft.DurableTask.Worker",
        "Microsoft.DurableTask.Worker.Grpc",
        "Microsoft.Azure.Functions.Worker.Core",
        "Microsoft.Azure.Functions.Worker.Extensions.Abstractions",
    }
    for sdk in SDKS:
        data = yaml.safe_load((SOURCES / "sdks" / f"{sdk}.yaml").read_text(encoding="utf-8"))
        own = {package["name"] for package in data["packages"]} | brought
        for unit in programs():
            if sdk in unit.id:
                assert report(unit.text).packages <= own, unit.id

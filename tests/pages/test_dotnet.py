"""Every printed C# fence compiles, as a reader copies it, against the recorded API of the SDK of its skill.

The compiler is Roslyn, the framework that of ASP.NET Core; of the SDKs it knows what the record of their API holds, and
of these the packages that the skill names. Names are strings where an orchestrator calls an activity: these are looked
up on the page.
"""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from determinism_lint.languages.csharp.api import RECORD
from tests.dotnet.compiler import Compiler, Problem
from tests.dotnet.stubs import namespaces, recorded
from tests.pages import dotnet
from tests.pages.dotnet import IMPLICIT, REFUSED, SDKS
from tests.pages.printed import Printed, printed, select, together
from tests.skills.generated import pack

BROUGHT = {
    "durable-task-dotnet": {
        "Microsoft.DurableTask.Abstractions",
        "Microsoft.DurableTask.Client",
        "Microsoft.DurableTask.Client.Grpc",
        "Microsoft.DurableTask.Worker",
        "Microsoft.DurableTask.Worker.Grpc",
    }
}
BROUGHT["durable-functions-dotnet"] = BROUGHT["durable-task-dotnet"] | {
    "Microsoft.Azure.Functions.Worker.Core",
    "Microsoft.Azure.Functions.Worker.Extensions.Abstractions",
}
"""What the packages of a skill bring along."""


def packages() -> dict[str, set[str]]:
    return {sdk: {package.name for package in pack().sdks[sdk].packages} | BROUGHT[sdk] for sdk in SDKS}


@cache
def programs() -> tuple[tuple[Printed, ...], ...]:
    """What compiles together: one fence, or the files of one program."""
    return tuple(group for sdk in SDKS for group in together(select(language="csharp", skill=sdk)))


@cache
def projects() -> Mapping[str, ElementTree.Element]:
    """SDK -> the project file that its setup page prints first."""
    found = {}
    for sdk in SDKS:
        files = (it for it in select(language="xml", skill=sdk) if it.page == "references/setup.md")
        found[sdk] = next(ElementTree.fromstring(it.text) for it in files if it.file.endswith(".csproj"))
    return found


@pytest.fixture(scope="module")
def compiler() -> Iterator[Compiler]:
    process = Compiler(packages())
    yield process
    process.close()


def problems(compiler: Compiler, files: Mapping[str, str], sdk: str) -> list[Problem]:
    project = projects()[sdk].attrib["Sdk"]
    text = "".join(files.values())
    return compiler.check(files, sdk, project, web=project.endswith(".Web") or "FunctionsWebApplication" in text)


def named(group: tuple[Printed, ...]) -> str:
    return str(group[0])


# --- every fence ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", programs(), ids=map(named, programs()))
def test_fence_compiles(group: tuple[Printed, ...], compiler: Compiler) -> None:
    files = {it.file or "Program.cs": it.text for it in group}
    found = problems(compiler, files, group[0].skill)
    if group[0].kind == "wrong" and group[0].heading in REFUSED:
        assert any(it.error for it in found)
    elif group[0].kind == "wrong":
        assert [str(it) for it in found if it.error] == []
    else:
        assert list(map(str, found)) == []


def test_nothing_is_an_excerpt() -> None:
    assert [str(it) for group in programs() for it in group if it.kind == "excerpt"] == []


def test_the_record_compiles(compiler: Compiler) -> None:
    """It has signatures alone: bases are not implemented, and constructors do not call those of their bases."""
    allowed = {"CS0535", "CS0738", "CS1729", "CS7036", "CS8868"}
    for found in compiler.library_problems.values():
        assert [str(it) for it in found if it.error and it.id not in allowed] == []


def test_pattern_pages_print_one_program() -> None:
    patterns = {pattern.name for pattern in pack().patterns}
    for sdk in SDKS:
        pages = [group[0].page for group in programs() if group[0].skill == sdk and group[0].kind == "program"]
        shown = [page for page in pages if page.startswith("references/pattern-")]
        assert sorted(shown) == sorted(f"references/pattern-{name}.md" for name in patterns)


# --- what the compiler cannot see -----------------------------------------------------------------------------------

runnable = pytest.mark.parametrize(
    "fence",
    [it for group in programs() for it in group if it.kind == "program" and "testing" not in it.page],
    ids=str,
)

CALL = re.compile(
    r"(?P<kind>CallActivity|CallSubOrchestrator|CallEntity)Async(?:<(?P<type>[^(]+)>)?\("
    r"(?:\s*\w+,)?\s*(?:nameof\((?:\w+\.)?(?P<name>\w+)\)|\"(?P<text>\w+)\")"
)
DEFINITIONS = (
    r"class {name}\b[^\n]*: Task(?:Activity|Orchestrator)<.+, (?P<type>[^,\n]+)>\n",
    r"public (?:static )?(?:async )?(?P<type>\S+) {name}\(",
)


@runnable
def test_calls_fit_what_they_call(fence: Printed) -> None:
    """What is called is defined in the program, and returns the type that the call expects."""
    calls = list(CALL.finditer(fence.text))
    if not calls:
        assert "saga" in fence.page or "Call" not in fence.text  # a saga takes the names from a list
    for call in calls:
        name = call["name"] or call["text"]
        found = [re.search(pattern.format(name=name), fence.text) for pattern in DEFINITIONS]
        types = [match["type"] for match in found if match]
        assert types, call[0]
        returned = types[0].removeprefix("Task<").removesuffix(">") if types[0].startswith("Task<") else types[0]
        if call["type"] is not None or call["kind"] != "CallEntity":  # else it waits, and drops the result
            assert returned.rstrip("?") == (call["type"] or "void").rstrip("?"), call[0]


@runnable
def test_everything_is_registered(fence: Printed) -> None:
    """Each class of a worker is registered, and each durable function has the name of its method."""
    classes = re.findall(r"class (\w+)[^\n]*: Task(Orchestrator|Activity|Entity)<", fence.text)
    registered = re.findall(r"Add(Orchestrator|Activity|Entity)<(\w+)>\(\)", fence.text)
    functions = re.findall(
        r"\[Function\(nameof\((\w+)\)\)\]\s+public (?:static )?(?:async )?\S+ (\w+)\(\s*\[(\w+)Trigger\]", fence.text
    )
    if fence.skill == "durable-functions-dotnet":
        by_class = {name for name, _ in classes}
        assert [name for name, method, _ in functions if name not in (method, *by_class)] == []
        assert by_class <= {name for name, _, _ in functions}
        triggers = re.findall(r"\[(?:Orchestration|Activity|Entity)Trigger\]", fence.text)
        assert len(triggers) == len(functions)
    else:
        assert sorted((kind, name) for name, kind in classes) == sorted(registered)


@runnable
def test_payloads_of_another_shape_are_expected(fence: Printed) -> None:
    """What the SDK cannot read as the type that is asked for fails the instance, or the request that reads it."""
    awaited = re.findall(r"WaitForExternalEvent<([^>]+)>", fence.text)
    assert {kind for kind in awaited if not kind.endswith("?")} <= {"StockChange"}  # value types need a payload
    if re.search("human-interaction|agent-loop", fence.page):
        assert set(awaited) == {"JsonElement?"}
    # The output of a failed instance is its message, and that is no JSON.
    guarded = re.findall(r"OrchestrationRuntimeStatus\.Completed \} =>[^=]*?ReadOutputAs<", fence.text)
    assert not fence.page.startswith("references/pattern-") or fence.text.count("ReadOutputAs<") == len(guarded)


# --- the compiler finds what assistants invent ------------------------------------------------------------------------

USINGS = "\n".join(f"using {name};" for name in ("System.Net", *namespaces(recorded()))) + "\n"
METHOD = (
    "class X {{ async Task M(TaskOrchestrationContext context, DurableTaskClient client, EntityInstanceId id, "
    "IServiceCollection services) {{ {0} }} }}"
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
    "context.NewUuid();",
    'context.CreateReplaySafeLogger<string>("X", 1);',
    'await context.Entities.CallEntityAsync<int>("@a@b", "Get");',
    'await context.CallEntityAsync<int>(id, "Get");',
    "using (await context.Entities.LockEntitiesAsync(id)) { }",
    'var other = EntityInstanceId.Parse("@a@b");',
    "new RetryPolicy(3, 5);",
    "new RetryPolicy(firstRetryInterval: TimeSpan.FromSeconds(1), maxAttempts: 3);",
    "new TaskOptions { RetryPolicy = null };",
    "TaskOptions.FromRetry(new RetryPolicy(3, TimeSpan.FromSeconds(1)));",
    'new DurableTaskClient("X");',
    'await client.ScheduleNewOrchestrationAsync("X");',
    'await client.ScheduleNewOrchestrationInstanceAsync("X", 1, new TaskOptions());',
    'await client.ScheduleNewOrchestrationInstanceAsync("X", 1, new StartOrchestrationOptions { Id = "a" });',
    'await client.ScheduleNewOrchestrationInstanceAsync("X", options: new StartOrchestrationOptions("a", 5));',
    'await client.WaitForInstanceCompletionAsync("a", timeout: TimeSpan.FromSeconds(1));',
    'OrchestrationMetadata? m = await client.GetInstanceAsync("a"); var c = m!.CreatedTime;',
    'OrchestrationMetadata? m = await client.GetInstanceAsync("a"); m?.GetCustomStatus<int>();',
    'OrchestrationMetadata? m = await client.GetInstanceAsync("a"); if (m is { Finished: true }) { }',
    "await foreach (var m in client.GetAllInstancesAsync()) { Console.WriteLine(m.Id); }",
    "var s = OrchestrationRuntimeStatus.Cancelled;",
    'await client.PurgeInstanceAsync("a", true);',
    "await client.Entities.ReadEntityStateAsync<int>(id);",
    "try { } catch (TaskFailedException e) { var t = e.FailureDetails.ExceptionType; }",
    "try { } catch (TaskFailedException e) when (e.IsCausedBy<Exception>()) { }",
    "services.AddDurableTaskWorker(1, 2, 3);",
    'services.AddDurableTaskWorker(w => w.UseScheduler("x"));',
    "services.AddDurableTaskWorker(w => w.AddTasks(t => t.AddOrchestration<X>()));",
    "new DurableTaskWorkerOptions.VersioningOption();",
    "services.AddDurableTaskClient(c => c.UseDurableTaskScheduler(1));",
]
VALID = [
    'await context.CallActivityAsync<string>("X", 1, TaskOptions.FromRetryPolicy(new RetryPolicy(3, TimeSpan.Zero)));',
    "await using (await context.Entities.LockEntitiesAsync(id)) { }",
    'services.AddDurableTaskWorker(w => w.UseDurableTaskScheduler("x"));',
    'await client.ScheduleNewOrchestrationInstanceAsync("X", 1, new StartOrchestrationOptions("a"));',
]
INVENTED_SOURCES = [
    USINGS + "class X : TaskOrchestrator<int> { }",
    USINGS + "class X : TaskOrchestrator<int, int> { }",
    USINGS + "class X : TaskOrchestrator<int, int> { public override Task<int> RunAsync(TaskOrchestrationContext c, "
    "string i) => Task.FromResult(1); }",
    USINGS + "class S { } class X : TaskEntity<S> { protected override S InitializeState() => new(); }",
    "class X : TaskOrchestrator<int, int> { }",
    "using Microsoft.DurableTask; class X { void M(DurableTaskClient c) { } }",
    "using Microsoft.DurableTask.Worker; class X { void M(IServiceCollection s) { "
    's.AddDurableTaskWorker(w => w.UseDurableTaskScheduler("x")); } }',
]
INVENTED_FUNCTIONS = [
    "class X { [Function] public static void M([ActivityTrigger] int i) { } }",
    'class X { [Function("a")] public static void M([ActivityTrigger(Name = "x")] int i) { } }',
    'class X { [Function("a")] public static void M([DurableClient("hub")] DurableTaskClient c) { } }',
    'class X { Task M(DurableTaskClient c, HttpRequestData r) => c.CreateCheckStatusResponseAsync("a", r); }',
    "class X { AuthorizationLevel Level = AuthorizationLevel.Key; }",
]


@cache
def usings(sdk: str) -> str:
    names = namespaces({name: data for name, data in recorded().items() if data["package"] in packages()[sdk]})
    return "".join(f"using {name};\n" for name in ("Microsoft.Extensions.DependencyInjection", *names))


def errors(compiler: Compiler, source: str, sdk: str) -> list[str]:
    return [str(it) for it in problems(compiler, {"X.cs": source}, sdk) if it.error]


@pytest.mark.parametrize("body", VALID)
def test_valid_calls_compile(body: str, compiler: Compiler) -> None:
    sdk = "durable-task-dotnet"
    assert errors(compiler, usings(sdk) + METHOD.format(body), sdk) == []


@pytest.mark.parametrize("body", INVENTED)
def test_invented_calls_are_found(body: str, compiler: Compiler) -> None:
    sdk = "durable-task-dotnet"
    assert errors(compiler, usings(sdk) + METHOD.format(body), sdk) != []


@pytest.mark.parametrize("source", INVENTED_SOURCES)
def test_invented_sources_are_found(source: str, compiler: Compiler) -> None:
    sdk = "durable-task-dotnet"
    assert errors(compiler, source.replace(USINGS, usings(sdk)), sdk) != []


@pytest.mark.parametrize("source", INVENTED_FUNCTIONS)
def test_invented_functions_are_found(source: str, compiler: Compiler) -> None:
    sdk = "durable-functions-dotnet"
    assert errors(compiler, usings(sdk) + source, sdk) != []


def test_a_package_that_the_skill_does_not_name_is_missed(compiler: Compiler) -> None:
    """No page of Azure Functions leans on the packages of a worker, nor the reverse."""
    assert errors(compiler, "using Microsoft.DurableTask.Worker.AzureManaged;", "durable-functions-dotnet") != []
    assert (
        errors(compiler, "class X { Microsoft.Azure.Functions.Worker.FunctionAttribute? It; }", "durable-task-dotnet")
        != []
    )


@pytest.mark.parametrize("fence", [it for sdk in SDKS for it in select(language="csharp", skill=sdk)[:1]], ids=str)
def test_a_misspelled_name_is_found(fence: Printed, compiler: Compiler) -> None:
    """In the minimal app: one use of each type of the SDKs, and of each of their asynchronous methods, misspelled."""
    types = {name.partition("`")[0].rpartition(".")[2] for name in recorded()}
    methods = {name for data in recorded().values() for name in re.findall(r"\w+Async\b", str(data.get("members", "")))}
    known = (types | methods) - set(re.findall(r"\b(?:class|record|enum) (\w+)", fence.text))
    code = re.sub(r"//[^\n]*", "", fence.text)
    used = sorted(set(re.findall(r"\b\w+\b", re.sub(r'"[^"\n]*"', "", code))) & known)
    assert len(used) >= 5
    missed = [
        name for name in used if not errors(compiler, re.sub(rf"\b{name}\b", f"Mis{name}", code, count=1), fence.skill)
    ]
    assert missed == []


# --- the record -------------------------------------------------------------------------------------------------------


def test_record_is_sorted_and_names_its_sources() -> None:
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    assert list(record["types"]) == sorted(record["types"])
    for source in record["sources"]:
        assert source["repository"] and source["version"] and re.fullmatch("[0-9a-f]{40}", source["commit"])


# --- project files, settings, commands --------------------------------------------------------------------------------


@cache
def versions() -> dict[str, str]:
    """The packages of both SDKs; where both name one, they agree."""
    found: dict[str, str] = {}
    for sdk in SDKS:
        for package in pack().sdks[sdk].packages:
            assert found.setdefault(package.name, package.version) == package.version
    return found


@pytest.mark.parametrize("sdk", SDKS)
def test_project_files_have_the_pinned_versions(sdk: str) -> None:
    seen = 0
    for fence in select(language="xml", skill=sdk):
        for reference in ElementTree.fromstring(fence.text).iter("PackageReference"):
            name, version = reference.attrib["Include"], reference.attrib["Version"]
            if name.startswith(("Microsoft.DurableTask.", "Microsoft.Azure.Functions.")):
                assert versions().get(name) == version, f"{fence}: {name}"
                seen += 1
    assert seen >= 3


@pytest.mark.parametrize("sdk", SDKS)
def test_install_commands_have_the_pinned_versions(sdk: str) -> None:
    installed = [
        (fence, *found)
        for fence in select(language="bash", skill=sdk)
        for found in re.findall(r"dotnet add package (\S+)(?: --version (\S+))?", fence.text)
    ]
    assert len(installed) >= 2
    for fence, name, version in installed:
        assert versions().get(name) == version, f"{fence}: {name}"


@pytest.mark.parametrize("sdk", SDKS)
def test_the_project_of_the_setup_page_is_complete(sdk: str) -> None:
    project = projects()[sdk]
    assert project.attrib["Sdk"] in IMPLICIT
    properties = {item.tag: item.text for group in project.iter("PropertyGroup") for item in group}
    assert properties["Nullable"] == properties["ImplicitUsings"] == "enable"
    assert properties["TargetFramework"] == "net8.0"
    referenced = {item.attrib["Include"] for item in project.iter("PackageReference")}
    assert referenced <= packages()[sdk]


DURABLE_TASK_SETTINGS = {
    "hubName",
    "storageProvider",
    "defaultVersion",
    "versionMatchStrategy",
    "versionFailureStrategy",
    "tracing",
    "maxConcurrentActivityFunctions",
    "maxConcurrentOrchestratorFunctions",
    "maxConcurrentEntityFunctions",
}
"""Properties of DurableTaskOptions in Azure/azure-functions-durable-extension that a page may show."""


def test_host_json_and_settings_fit_together() -> None:
    fences = select(language="json", skill="durable-functions-dotnet")
    settings = next(json.loads(it.text) for it in fences if it.file == "local.settings.json")
    assert settings["Values"]["FUNCTIONS_WORKER_RUNTIME"] == "dotnet-isolated"
    hosts = [json.loads(it.text) for it in fences if it.file == "host.json"]
    assert len(hosts) >= 3
    for host in hosts:
        assert host["version"] == "2.0" and set(host) <= {"version", "logging", "extensions"}
        task = host["extensions"]["durableTask"]
        assert set(task) <= DURABLE_TASK_SETTINGS
        if "storageProvider" in task:
            assert task["storageProvider"]["type"] == "azureManaged"
            assert task["storageProvider"]["connectionStringName"] in settings["Values"]


# --- the same with a .NET SDK -----------------------------------------------------------------------------------------


def test_the_script_builds_the_same_fences() -> None:
    mine = {(it.skill, it.page, it.line): (it.kind, it.text) for group in programs() for it in group}
    its = {(it.skill, it.page, it.line): (it.kind, it.text) for it in dotnet.fences() if it.language == "csharp"}
    assert its == mine
    assert len(dotnet.units(dotnet.fences())) == len(programs())


def test_the_script_has_the_project_of_the_setup_page() -> None:
    for sdk in SDKS:
        text = dotnet.project_file(dotnet.fences(), sdk)
        assert ElementTree.fromstring(text).attrib == projects()[sdk].attrib
        assert "InProcessTestHost" in text  # the testing pages need it


def test_the_script_says_that_there_is_no_dotnet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert dotnet.main([]) == 2
    assert "no dotnet" in capsys.readouterr().err


FAKE = """#!{python}
import pathlib, sys
arguments = sys.argv[1:]
if arguments == ["--list-sdks"]:
    print("8.0.400 [{folder}/sdk]")
elif arguments[0] == "exec":
    folder = pathlib.Path(arguments[-1].removeprefix("@")).parent
    code = "".join(path.read_text() for path in folder.glob("*.cs"))
    options = (folder / "csc.rsp").read_text()
    assert "{folder}/sdk/SDK.dll" in options and "-langversion:12" in options
    if "CallSubOrchestrationAsync" in code or "(\\"Send\\" item)" in code:
        print("Program.cs(1,1): error CS1061: no such method")
    elif ".StartAsync()" in code and "-target:library" in options:
        print("Program.cs(1,1): error CS8805: top-level statements")
    elif "SHA256" in code:
        print("Program.cs(1,1): error CS0103: SHA256")
"""


def test_the_script_prints_a_line_for_each_fence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a compiler that refuses what it is told to refuse."""
    (tmp_path / "sdk").mkdir()
    (tmp_path / "sdk" / "SDK.dll").touch()
    fake = tmp_path / "dotnet"
    fake.write_text(FAKE.format(python=sys.executable, folder=tmp_path))
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DURABLETASK_ASSEMBLIES", str(tmp_path / "sdk"))
    assert dotnet.main(["durable-task-dotnet/references/contracts-values", "pattern-chaining"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("(refused, as the page says)") == 1
    assert re.search(r"^ok     durable-task-dotnet/references/pattern-chaining.md:\d+", shown, re.MULTILINE)
    assert dotnet.main(["durable-task-dotnet/references/determinism-environment"]) == 1
    shown = capsys.readouterr().out
    assert shown.count("FAILED") == shown.count("error CS0103") == 1
    assert re.search(r"^\d+ built, 1 failed$", shown, re.MULTILINE)


def test_all_pages_are_read() -> None:
    assert {it.skill for it in printed() if it.language == "csharp"} >= set(SDKS)

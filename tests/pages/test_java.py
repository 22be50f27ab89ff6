"""Every printed Java fence compiles, and what a page says of it comes true when it runs, and when it is replayed.

All that runs has a worker of its own on an in-memory backend. What each worker was asked is asked again of a worker in
another process, with another clock, time zone, environment, class path and order of sets: correct code answers the
same.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from skills_src import notices
from tests.once import of_this_run
from tests.pages.java import (
    JAVA,
    QUICK,
    RECORD,
    Sdk,
    build_runner,
    connection,
    find_sdk,
    javac,
    programs_of,
    runner,
    sidecar,
)
from tests.pages.java_scenarios import (
    ANY,
    CHANGES,
    HABITS,
    HANGS,
    NOT_RUN,
    NOTES,
    RULES,
    SCENARIOS,
    SNIPPETS,
    Note,
    Outcome,
    Rule,
    Scenario,
    Snippet,
)
from tests.pages.printed import Printed, select, together
from tests.skills.generated import pack

SKILLS = ("durable-task-java", "durable-functions-java")
NOT_REGISTERED = re.compile(r'No orchestration factory registered|"factory" is null')  # since 1.7.0 | before
SPRING = "references/spring-boot.md"
DOES_NOT_COMPILE = {("sdk-signature", "wrong"), ("syntax-error", "wrong")}


@dataclass(frozen=True, slots=True)
class Unit:
    """Sources that are compiled together."""

    id: str
    sources: tuple[str, ...]
    fence: Printed | None = None

    @property
    def broken(self) -> bool:
        """Whether it must not compile."""
        return self.fence is None or (self.fence.heading, self.fence.kind) in DOES_NOT_COMPILE


def units() -> list[Unit]:
    """What the pages of all skills print in Java; the files of one program are one unit."""
    fences = (fence for fence in select(language="java") if fence.page != SPRING)  # Maven builds that app, below
    groups = together(fences)
    return [Unit(str(group[0]), tuple(fence.text for fence in group), group[0]) for group in groups]


def invented() -> list[Unit]:
    """Calls that assistants invent and the skills warn of; all of them must fail to compile."""
    calls = [
        'new DurableTaskGrpcWorkerBuilder().addOrchestration("X", (TaskOrchestrationContext ctx) -> ctx.complete(1));',
        'new DurableTaskGrpcClientBuilder().connectionString("Endpoint=http://localhost:8080");',
        "new RetryPolicy(3, java.time.Duration.ofSeconds(1), 2.0, java.time.Duration.ofMinutes(1));",
        'ctx.callActivity("X", 1, String.class, new TaskOptions(new RetryPolicy(3, java.time.Duration.ofSeconds(1))));',
        "new TypeReference<java.util.List<String>>() {};",
        "ctx.createReplaySafeLogger(null);",
        "ctx.createTimer(java.time.Duration.ZERO).cancel();",
    ]
    head = "import com.microsoft.durabletask.*; final class X { static void x(TaskOrchestrationContext ctx) { "
    return [Unit(f"invented: {call}", (head + call + " } }",)) for call in calls]


def program(skill: str, page: str) -> Unit:
    """The program of a pattern's page, or of SKILL.md."""
    path = "SKILL.md" if page == "SKILL" else f"references/pattern-{page}.md"
    return next(it for it in units() if it.fence and (it.fence.skill, it.fence.page) == (skill, path))


def example(skill: str, rule: str, kind: str) -> Unit | None:
    """The wrong or correct example of a rule; None where the skill has none."""
    return next(
        (it for it in units() if it.fence and (it.fence.skill, it.fence.heading, it.fence.kind) == (skill, rule, kind)),
        None,
    )


RULE_EXAMPLES = [
    (skill, rule, kind)
    for skill in SKILLS
    for rule in RULES
    for kind in ("wrong", "correct")
    if example(skill, rule.name, kind) and (kind == "correct" or rule.wrong)
]


NOTED = [(skill, number, note) for skill in SKILLS for number, note in enumerate(NOTES)]


def noted(skill: str, note: Note) -> Unit:
    """What a page prints below the program of its pattern."""
    page = f"references/pattern-{note.page}.md"
    return next(
        it
        for it in units()
        if it.fence and (it.fence.skill, it.fence.page, it.fence.heading) == (skill, page, note.heading)
    )


def shown() -> Iterator[tuple[Unit, Snippet]]:
    """The snippets, on each page that has them: those of durable-debug are copies."""
    for unit in units():
        for snippet in SNIPPETS:
            fence, name = unit.fence, snippet.scenario.orchestrator
            here = fence and fence.page.startswith(f"references/{snippet.page}") and fence.heading == snippet.heading
            if here and re.search(rf'class {name}\b|@FunctionName\("{name}"\)', unit.sources[0]):
                yield unit, snippet


SHOWN = list(shown())


# --- everything runs once ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Results:
    """What was said of each unit and each run."""

    lines: dict[tuple[str, str, str], dict[str, Any]]
    replayed: dict[str, list[str]]
    """Unit -> how its replay in another process differed."""
    timers: dict[str, int]
    requests: dict[str, int]
    """Path -> how often it was asked for."""
    classes: Path
    """Of all that ran, each in the package of its unit."""


@pytest.fixture(scope="session")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Sdk:
    return find_sdk(of_this_run(tmp_path_factory) / "java-sdk")


def rule_id(skill: str, rule: Rule, kind: str) -> str:
    unit = example(skill, rule.name, kind)
    assert unit
    return unit.id


@pytest.fixture(scope="session")
def results(sdk: Sdk, tmp_path_factory: pytest.TempPathFactory, server: Server) -> Results:
    """Compiles everything, runs every program, and replays every run in a second JVM."""
    folder = tmp_path_factory.mktemp("java")
    plugin, flag, builds = folder / "plugin", folder / "closed.flag", folder / "builds"
    flag.touch()
    builds.mkdir()
    (folder / "Discount.java").write_text("package plugin; public class Discount {}", encoding="utf-8")
    javac(plugin, sdk.run_path, [folder / "Discount.java"])
    classpath = build_runner(sdk, of_this_run(tmp_path_factory) / "java-runner")
    runs = plans(sdk, folder, server, flag, builds)
    compiled = [{"id": unit.id, "sources": unit.sources} for unit in [*units(), *invented()]]
    plan = {"compile": compiled, "against": sdk.compile_path, "run": runs}
    with sidecar() as backends:
        for run, port in zip(runs, backends.ask(serve=len(runs)), strict=True):
            run["port"] = port
        with runner(f"{classpath}:{plugin}", "run", plan, ["-Duser.timezone=UTC"], REGION="north") as first:
            assert first.stdout
            found = [json.loads(line) for line in first.stdout]
        lines = {(one["id"], one["step"], one.get("scenario", "")): one for one in found}
        again = [n for n, run in enumerate(runs) if replays(run, lines)]
        flag.unlink()
        for n, port in zip(again, backends.ask(replay=again), strict=True):
            runs[n]["port"] = port
        second = {"run": [runs[n] for n in again], "order": lines["", "order", ""]["order"]}
        differences = None
        while differences is None:
            with runner(classpath, "replay", second, ["-Duser.timezone=Asia/Kathmandu"], REGION="west") as other:
                assert other.stdout
                if other.stdout.readline().strip() == "ready":
                    differences = backends.ask(compare=600)  # only what goes wrong takes so long
        timers = backends.ask(timers=list(range(len(runs))))
    return Results(
        lines,
        {runs[n]["id"]: found for n, found in zip(again, differences, strict=True)},
        {run["id"]: count for run, count in zip(runs, timers, strict=True)},
        server.asked,
        folder / "classes",
    )


def plans(sdk: Sdk, folder: Path, server: Server, flag: Path, builds: Path) -> list[dict[str, Any]]:
    """All that runs, as Runner.java reads it."""
    runs: list[dict[str, Any]] = []

    def add(unit_id: str, sources: tuple[str, ...], scenarios: list[Scenario], stand_ins: Any = ()) -> None:
        fitting = [one.plan() for one in scenarios if sdk.has(one.needs)]
        if fitting:
            fitting[0] |= {"by_http": "durable-functions-java" in unit_id}  # the other runs may need another id
            text = json.dumps(fitting).replace("JOBS/", server.url).replace("FLAG", str(flag))
            text = text.replace("BUILDS", str(builds / str(len(runs)))).replace(
                "PRICE", f"{server.url}price-{len(runs)}"
            )
            run = {"id": unit_id, "sources": sources, "scenarios": json.loads(text), "classes": str(folder / "classes")}
            runs.append({**run, "stand_ins": dict(stand_ins)})

    (folder / "classes").mkdir()
    for skill in SKILLS:
        for page in dict.fromkeys(one.page for one in SCENARIOS):
            unit = program(skill, page)
            add(unit.id, unit.sources, [one for one in SCENARIOS if one.page == page])
    for skill, rule, kind in RULE_EXAMPLES:
        unit = example(skill, rule.name, kind) or program(skill, "SKILL")
        if sdk.has(rule.needs):
            add(unit.id, unit.sources, [rule.scenario(kind)], rule.stand_ins)
    habits = (JAVA / "Habits.java").read_text(encoding="utf-8")
    for habit in HABITS:  # a worker for each, as some end theirs
        add(habit.name, (habits,), [habit])
    for kind in ("wrong", "correct"):
        unit = example("durable-task-java", "duplicate-registration", kind) or program(SKILLS[0], "SKILL")
        add(unit.id, unit.sources, [Scenario("", kind, "Nothing", None, None, HANGS)])
    for skill, number, note in NOTED:
        unit = noted(skill, note)
        add(f"{unit.id} {number}", (*unit.sources, note.source), [note.scenario], note.stand_ins)
    for unit, snippet in SHOWN:
        add(unit.id, unit.sources, [snippet.scenario], snippet.stand_ins)
    changes = (JAVA / "Changes.java").read_text(encoding="utf-8")
    for change in CHANGES:
        add(change.name, (changes,), [change])
    return runs


def replays(run: dict[str, Any], lines: dict[tuple[str, str, str], dict[str, Any]]) -> bool:
    """Whether it ran to an end with one and the same code, so that a worker can be asked again without hanging."""
    if run["id"] in {one.name for one in (*CHANGES, *HABITS)}:  # nor does a habit's test ask
        return False
    done = [lines.get((run["id"], "run", one["name"])) for one in run["scenarios"]]
    return all(line is not None and "error" not in line for line in done)


class Server:
    """Serves /a,b: `a` at the first request, from then on `b`; /many is 30 times running; /price… another each time."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = outer.answer(self.path[1:]).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, path: str) -> str:
        count = self.asked[path] = self.asked.get(path, 0) + 1
        if path.startswith("price"):
            return f"{count} EUR"
        states = path.replace("many", "running," * 30 + "finished").split(",")
        return states[min(count, len(states)) - 1]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.stop()


# --- the tests ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", [*units(), *invented()], ids=lambda unit: unit.id)
def test_compiles(unit: Unit, results: Results) -> None:
    errors = results.lines[unit.id, "compile", ""]["errors"]
    assert bool(errors) == unit.broken, "\n".join(errors)


@pytest.mark.parametrize("skill", SKILLS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: f"{one.page}-{one.name}")
def test_a_program_runs_to_its_result(
    scenario: Scenario, skill: str, sdk: Sdk, results: Results, server: Server
) -> None:
    unit = program(skill, scenario.page)
    found = ran(unit.id, scenario, sdk, results)
    assert (found["status"], found.get("failureMessage", "")) == (scenario.status, scenario.failure)
    expected = scenario.output
    if scenario.page == "monitor":
        expected = {**expected, "jobId": expected["jobId"].replace("JOBS/", server.url)}
    assert agrees(expected, found["output"]), found["output"]
    if scenario.custom_status is not None:
        assert found["customStatus"] == scenario.custom_status
    assert not results.replayed[unit.id]


@pytest.mark.parametrize("page", dict.fromkeys(one.page for one in SCENARIOS))
def test_a_function_app_starts_its_orchestrator_over_http(page: str, sdk: Sdk, results: Results) -> None:
    first = next(one for one in SCENARIOS if one.page == page)
    assert ran(program("durable-functions-java", page).id, first, sdk, results)["byHttp"]


@pytest.mark.parametrize(
    ("skill", "rule", "kind"), RULE_EXAMPLES, ids=lambda value: value.name if isinstance(value, Rule) else value
)
def test_an_example_does_what_its_rule_says(skill: str, rule: Rule, kind: str, sdk: Sdk, results: Results) -> None:
    unit_id = rule_id(skill, rule, kind)
    outcome = rule.outcome(kind)
    scenario = rule.scenario(kind)
    found = ran(unit_id, Scenario("", kind, "", None, ANY, outcome.status, needs=rule.needs), sdk, results)
    check_outcome(outcome, scenario, found, results, unit_id)


def check_outcome(outcome: Outcome, scenario: Scenario, found: dict[str, Any], results: Results, unit_id: str) -> None:
    if outcome.status != HANGS:
        assert found["status"] == outcome.status, found
        in_functions = unit_id.startswith("durable-functions-java") and outcome.in_functions
        assert (in_functions or outcome.failure) in found.get("failureMessage", "")
        assert outcome.output is ANY or found["output"] == outcome.output, found
        if outcome.differs is not None:
            assert bool(results.replayed[unit_id]) == outcome.differs, results.replayed[unit_id]
    names = [name for name, _ in found["calls"]]
    if outcome.calls is not None:
        assert sorted(names) == sorted(outcome.calls)
    if outcome.printed is not None:
        assert tuple(found["printed"]) == outcome.printed
    if outcome.sent is not None:
        assert (json.dumps(found["output"]) == found["calls"][0][1]) == outcome.sent, found
    if outcome.timers is not None:
        assert bool(results.timers[unit_id]) == outcome.timers


def ran(unit_id: str, scenario: Scenario, sdk: Sdk, results: Results) -> dict[str, Any]:
    """The result of a run; skips what the SDK at hand cannot run."""
    if not sdk.has(scenario.needs):
        pytest.skip(f"compiled only: Maven serves SDK {sdk.version} here and this needs {scenario.needs}")
    assert not results.lines[unit_id, "build", ""]["errors"]
    assert (unit_id, "host", "") not in results.lines, results.lines[unit_id, "host", ""]
    found = results.lines[unit_id, "run", scenario.name]
    assert ("TimeoutException" in found.get("error", "")) == (scenario.status == HANGS), found
    return found


def agrees(expected: Any, found: Any) -> bool:
    """Whether found is what was expected; a pattern in expected matches a whole string."""
    if isinstance(expected, re.Pattern):
        return isinstance(found, str) and expected.fullmatch(found) is not None
    if isinstance(expected, dict) and isinstance(found, dict):
        return expected.keys() == found.keys() and all(agrees(expected[key], found[key]) for key in expected)
    return bool(expected == found)


@pytest.mark.parametrize(("unit", "snippet"), SHOWN, ids=lambda it: it.id if isinstance(it, Unit) else "")
def test_a_snippet_runs_to_its_result(unit: Unit, snippet: Snippet, sdk: Sdk, results: Results) -> None:
    scenario = snippet.scenario
    found = ran(unit.id, scenario, sdk, results)
    assert (found["status"], found["output"]) == (scenario.status, scenario.output), found
    assert found.get("failureMessage", "") == scenario.failure
    assert not results.replayed[unit.id]


@pytest.mark.parametrize("skill", SKILLS)
def test_every_fence_runs_or_says_why(skill: str) -> None:
    run = {unit.id for page in dict.fromkeys(one.page for one in SCENARIOS) for unit in [program(skill, page)]}
    run |= {rule_id(its, rule, kind) for its, rule, kind in RULE_EXAMPLES if its == skill}
    run |= {noted(its, note).id for its, _, note in NOTED if its == skill} | {unit.id for unit, _ in SHOWN}
    rest = [it.fence for it in units() if it.fence and it.fence.skill == skill and it.id not in run]
    by_maven = {"references/testing.md"}
    assert not [
        str(it)
        for it in rest
        if (it.heading, it.kind) not in NOT_RUN and it.page not in by_maven and it.heading != "duplicate-registration"
    ]


def test_a_name_registers_once(results: Results) -> None:
    wrong, correct = (example("durable-task-java", "duplicate-registration", kind) for kind in ("wrong", "correct"))
    assert wrong and correct
    assert "already registered" in results.lines[wrong.id, "host", ""]["error"]
    assert (correct.id, "host", "") not in results.lines


@pytest.mark.parametrize(("skill", "number", "note"), NOTED)
def test_a_note_runs_to_its_result(skill: str, number: int, note: Note, sdk: Sdk, results: Results) -> None:
    unit_id = f"{noted(skill, note).id} {number}"
    found = ran(unit_id, note.scenario, sdk, results)
    assert (found["status"], found["output"]) == ("COMPLETED", note.output), found
    assert not results.replayed[unit_id]


@pytest.mark.parametrize("scenario", HABITS, ids=lambda one: one.name)
def test_the_sdk_does_what_the_pages_say_of_it(scenario: Scenario, sdk: Sdk, results: Results) -> None:
    found = ran(scenario.name, scenario, sdk, results)
    if scenario.status != HANGS:
        assert (found["status"], found["output"]) == (scenario.status, scenario.output), found
        assert scenario.failure in found.get("failureMessage", "")


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.name)
def test_the_worker_notices_what_the_table_says(change: Scenario, sdk: Sdk, results: Results) -> None:
    found = ran(change.name, change, sdk, results)
    outcomes = {pack().sdks[skill].notices[change.name] for skill in SKILLS}  # one worker serves both
    if change.status == HANGS:
        assert outcomes == {"hangs"}
        return
    assert (found["status"], found["output"]) == (change.status, change.output), found
    assert outcomes <= ({"unregistered"} if change.status == "FAILED" else {"wrong", "recorded"})
    assert change.status == "COMPLETED" or NOT_REGISTERED.search(found["failureMessage"])


def test_the_table_has_all_changes() -> None:
    assert {change.name for change in CHANGES} == set(notices.CHANGES)


def test_the_record_is_the_api_of_the_release(sdk: Sdk, tmp_path: Path) -> None:
    if not sdk.has("1.9.0"):
        pytest.skip(f"not compared: Maven serves SDK {sdk.version} here and the record is of 1.9.0")
    javac(tmp_path, sdk.run_path, [JAVA / "Record.java"])
    command = ["java", *QUICK, "-cp", f"{tmp_path}:{sdk.run_path}", "Record"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == RECORD.read_text(encoding="utf-8")


# --- each main --------------------------------------------------------------------------------------------------

MAINS = {
    "Hello": '"Hello world"',
    "AgentLoop": '{"answer":"from SearchWeb: results for user: How high is Etna?","turns":2,"status":"answered"}',
    "Aggregator": '{"accepted":true,"balance":5}',
    "Chaining": re.compile(
        r'confirmed order-1\n\{"orderId":"order-1","status":"confirmed","paymentId":"pay-[0-9a-f-]+"\}'
    ),
    "CriticalSection": '{"status":"transferred","balance":70}',
    "Eternal": 'lamp 5\n{"stock":{"lamp":5},"handled":1,"stopping":true}',
    "FanOutFanIn": '{"done":["small/a.png","small/b.png","small/c.png"],"failed":["notes.txt"]}',
    "HumanInteraction": re.compile(
        r'expense-1: please raise approval on \S+\n\{"expenseId":"expense-1","status":"approved","by":"ada"\}'
    ),
    "Saga": '{"status":"booked","failed":null,"notUndone":[]}',
    "SubOrchestration": '{"fulfilled":["order-1","order-3"],"failed":["order-2"]}',
    "Versioning": 'refunded refund-1\n{"refundId":"refund-1","status":"refunded","checked":true}',
}
"""Class -> what its `main` prints."""
WAITING = {"AsyncHttpApi", "Monitor", "Scheduled"}
"""Those whose `main` does not end by itself."""
NEW = {"Aggregator", "CriticalSection", "Versioning"}
"""Those that need 1.9.0."""


def test_every_program_has_its_output() -> None:
    assert {*MAINS, *WAITING} == set(programs_of("durable-task-java"))


@pytest.mark.parametrize("name", MAINS)
def test_a_main_prints_its_result(name: str, sdk: Sdk, results: Results) -> None:
    if name in NEW and not sdk.has("1.9.0"):
        pytest.skip(f"compiled only: Maven serves SDK {sdk.version} here and this needs 1.9.0")
    unit = str(programs_of("durable-task-java")[name])
    main = re.sub("[^A-Za-z0-9]", "_", unit) + f".{name}"
    with sidecar() as backends:
        [port] = backends.ask(serve=1)
        command = ["java", *QUICK, "-cp", f"{results.classes}:{sdk.run_path}", main]
        done = subprocess.run(command, env=connection(port), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert agrees(MAINS[name], done.stdout.strip().removesuffix("\n5") if name == "Aggregator" else done.stdout.strip())

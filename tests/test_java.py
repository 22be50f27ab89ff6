"""Every Java example compiles against the pinned SDK, and every program runs on an in-memory backend to its result.

The examples are written for SDK 1.9.0. Where Maven serves it, they are compiled against it and run on it. Where it
does not, they are compiled against the recorded API of 1.9.0 (tests/java/durabletask-1.9.0.api), and those that need
nothing newer run on the older release that is served. DURABLETASK_JAVA_CLASSPATH names the jars of an SDK to use
instead of Maven's. Needs a JDK of 17 or more and Maven.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.environments import sdk_python, unavailable

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "skills_src"
JAVA = ROOT / "tests" / "java"
RECORD = JAVA / "durabletask-1.9.0.api"
SDKS = ("durable-task-java", "durable-functions-java")
FENCE = re.compile(r"^```java (?P<words>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


# --- what is tested -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unit:
    """Sources that are compiled together."""

    id: str
    sources: tuple[str, ...]
    broken: bool = False  # the wrong code of the rule syntax-error is no Java


def programs() -> list[Unit]:
    """The pattern programs and the minimal programs."""
    files = [file for sdk in SDKS for file in sorted(SOURCES.glob(f"*/**/{sdk}.java"))]
    return [Unit(str(file.relative_to(SOURCES)), (file.read_text(encoding="utf-8"),)) for file in files]


def fences() -> list[Unit]:
    """The marked Java fences of rules and topics; neighbors with `file=` make one unit."""
    units: list[Unit] = []
    for file in sorted([*SOURCES.glob("rules/*.md"), *SOURCES.glob("topics/*/*.md")]):
        text = file.read_text(encoding="utf-8")
        project: tuple[int, str] | None = None  # where the open project ends, and the kind of its fences
        for found in FENCE.finditer(text):
            words = found["words"].split()
            if not words or words[0] not in {"wrong", "correct", "run", "check"}:
                continue
            joins = any(word.startswith("file=") for word in words)
            if joins and project and project[1] == words[0] and not text[project[0] : found.start()].strip():
                last = units.pop()
                units.append(replace(last, sources=(*last.sources, found["text"])))
            else:
                line = text.count("\n", 0, found.start()) + 1
                broken = file.stem == "syntax-error" and words[0] == "wrong"
                units.append(Unit(f"{file.relative_to(SOURCES)}:{line}", (found["text"],), broken))
            project = (found.end(), words[0]) if joins else None
    return units


def invented() -> list[Unit]:
    """Calls that assistants invent and the skills warn of; all of them must fail to compile."""
    calls = [
        'new DurableTaskGrpcWorkerBuilder().addOrchestration("X", (TaskOrchestrationContext ctx) -> ctx.complete(1));',
        'new DurableTaskGrpcClientBuilder().connectionString("Endpoint=http://localhost:8080");',
        "new RetryPolicy(3, java.time.Duration.ofSeconds(1), 2.0, java.time.Duration.ofMinutes(1));",
        'ctx.callActivity("X", 1, String.class, new TaskOptions(new RetryPolicy(3, java.time.Duration.ofSeconds(1))));',
        "new TypeReference<java.util.List<String>>() {};",
        "ctx.createReplaySafeLogger(null);",
    ]
    head = "import com.microsoft.durabletask.*; final class X { static void x(TaskOrchestrationContext ctx) { "
    return [Unit(f"invented: {call}", (head + call + " } }",), broken=True) for call in calls]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run of an orchestrator and what must come of it; the same for both SDKs."""

    pattern: str
    name: str
    orchestrator: str
    input: Any
    output: Any
    status: str = "COMPLETED"
    custom_status: Any = None
    failure: str = ""
    events: tuple[dict[str, Any], ...] = ()
    more: dict[str, Any] = field(default_factory=dict)
    needs: str = ""  # the first SDK version that has what the program uses

    def plan(self) -> dict[str, Any]:
        """The scenario as Runner.java reads it."""
        plan = {"name": self.name, "orchestrator": self.orchestrator, "input": self.input, "events": self.events}
        return {**plan, "timeout": 15, **self.more}


def event(name: str, data: Any = None, after_ms: int = 0) -> dict[str, Any]:
    """An event that is raised so long after the one before it."""
    return {"name": name, "data": data, "after_ms": after_ms}


def change(number: int, item: str, delta: int) -> dict[str, Any]:
    """A change of the stock, for the eternal orchestration."""
    return event("stock_changed", {"changeId": f"c-{number}", "item": item, "delta": delta})


PAID = re.compile(r"pay-[0-9a-f-]{36}")
EXPENSE = {"expenseId": "e-1", "amount": 480, "timeoutS": 1}
UNUSABLE = [None, True, False, "yes", 1, [True], {}, {"approved": "yes"}, {"approved": False, "unknown": 1}]
YES, NO = {"approved": True, "by": "ann"}, {"approved": False, "by": "ann"}
ACCOUNTS = {
    "signals": [
        {"name": "Account", "key": "A-1", "operation": "deposit", "input": 100},
        {"name": "Account", "key": "B-2", "operation": "deposit", "input": 5},
    ]
}

SCENARIOS = [
    Scenario(
        "chaining",
        "confirmed",
        "ProcessOrder",
        {"orderId": "o-1", "item": "lamp", "quantity": 2, "amount": 59.9},
        {"orderId": "o-1", "status": "confirmed", "paymentId": PAID},
    ),
    Scenario(
        "chaining",
        "no stock",
        "ProcessOrder",
        {"orderId": "o-2", "item": "lamp", "quantity": 0, "amount": 59.9},
        None,
        status="FAILED",
        failure="Task 'ReserveStock' (#0) failed with an unhandled exception: order o-2 has no quantity",
    ),
    Scenario(
        "fan-out-fan-in",
        "partial failure",
        "ResizeImages",
        {"images": ["a.png", "b.txt", "c.png"], "maxParallel": 2},
        {"done": ["small/a.png", "small/c.png"], "failed": ["b.txt"]},
        custom_status={"done": 3, "total": 3},
    ),
    Scenario("fan-out-fan-in", "empty", "ResizeImages", {"images": [], "maxParallel": 2}, {"done": [], "failed": []}),
    Scenario(
        "async-http-api",
        "published",
        "TranscodeVideo",
        {"videoId": "v-1", "source": "cam"},
        {"videoId": "v-1", "url": "https://videos.example.com/cam#1+cam#2.mp4"},
        custom_status={"step": "done", "percent": 100},
    ),
    Scenario(
        "monitor",
        "finished",
        "WatchJob",
        {"jobId": "JOBS/running,finished", "intervalS": 0, "deadline": "2100-01-01T00:00:00Z"},
        {"jobId": "JOBS/running,finished", "status": "finished"},
    ),
    Scenario(
        "monitor",
        "over several generations",
        "WatchJob",
        {"jobId": "JOBS/many", "intervalS": 0, "deadline": "2100-01-01T00:00:00Z"},
        {"jobId": "JOBS/many", "status": "finished"},
    ),
    Scenario(
        "monitor",
        "timed out",
        "WatchJob",
        {"jobId": "JOBS/running", "intervalS": 1, "deadline": "2020-01-01T00:00:00Z"},
        {"jobId": "JOBS/running", "status": "timed_out"},
    ),
    Scenario(
        "human-interaction",
        "approved early",
        "ApproveExpense",
        EXPENSE,
        {"expenseId": "e-1", "status": "approved", "by": "ann"},
        events=(event("approval", YES),),
    ),
    Scenario(
        "human-interaction",
        "rejected",
        "ApproveExpense",
        EXPENSE,
        {"expenseId": "e-1", "status": "rejected", "by": "ann"},
        events=(event("approval", NO, 300),),
    ),
    Scenario(
        "human-interaction",
        "approved by the manager",
        "ApproveExpense",
        EXPENSE,
        {"expenseId": "e-1", "status": "approved", "by": "bob"},
        events=(event("manager_approval", {"approved": True, "by": "bob"}, 1500),),
    ),
    Scenario(
        "human-interaction",
        "timed out",
        "ApproveExpense",
        EXPENSE,
        {"expenseId": "e-1", "status": "timed_out", "by": None},
    ),
    *(
        Scenario(
            "human-interaction",
            f"no approval: {json.dumps(payload)}",
            "ApproveExpense",
            {**EXPENSE, "timeoutS": 60},
            {"expenseId": "e-1", "status": "rejected", "by": None},
            events=(event("approval", payload),),
        )
        for payload in UNUSABLE
    ),
    Scenario(
        "human-interaction",
        "approved, with a field more",
        "ApproveExpense",
        EXPENSE,
        {"expenseId": "e-1", "status": "approved", "by": "ann"},
        events=(event("approval", {**YES, "unknown": 1}),),
    ),
    Scenario(
        "aggregator",
        "accepted",
        "CounterAccount",
        {"accountId": "a-1", "deposits": [10, 20], "withdrawal": 25},
        {"accepted": True, "balance": 5},
        needs="1.9.0",
    ),
    Scenario(
        "aggregator",
        "refused",
        "CounterAccount",
        {"accountId": "c-3", "deposits": [10], "withdrawal": 25},
        {"accepted": False, "balance": 10},
        needs="1.9.0",
    ),
    Scenario(
        "critical-section",
        "transferred",
        "TransferMoney",
        {"from": "A-1", "to": "B-2", "amount": 30},
        {"status": "transferred", "balance": 70},
        more={**ACCOUNTS, "entity": {"name": "Account", "key": "B-2"}},
        needs="1.9.0",
    ),
    Scenario(
        "critical-section",
        "refused",
        "TransferMoney",
        {"from": "B-2", "to": "A-1", "amount": 1000},
        {"status": "refused", "balance": 35},
        needs="1.9.0",
    ),
    Scenario(
        "critical-section",
        "undone",
        "TransferMoney",
        {"from": "A-1", "to": "closed-1", "amount": 10},
        {"status": "reverted", "balance": 70},
        needs="1.9.0",
    ),
    Scenario(
        "sub-orchestration",
        "one child fails",
        "FulfilOrders",
        [{"orderId": f"o-{n}", "quantity": n} for n in range(12)],
        {"fulfilled": [f"o-{n}" for n in range(1, 12)], "failed": ["o-0"]},
    ),
    Scenario(
        "eternal",
        "stopped",
        "InventorySync",
        {"stock": {}, "handled": 0, "stopping": False},
        {"stock": {"cup": 3, "lamp": 5}, "handled": 3, "stopping": True},
        events=(
            change(1, "lamp", 2),
            change(2, "cup", 3),
            change(3, "lamp", 3),
            event("stop", None, 300),
        ),
    ),
    Scenario(
        "eternal",
        "no event lost over generations",
        "InventorySync",
        {"stock": {}, "handled": 0, "stopping": False},
        {"stock": {"lamp": 120}, "handled": 120, "stopping": True},
        events=(*(change(n, "lamp", 1) for n in range(120)), event("stop")),
    ),
    Scenario(
        "saga",
        "booked",
        "BookTrip",
        {"tripId": "t-1", "city": "Lisbon", "soldOut": "none"},
        {"status": "booked", "failed": None, "notUndone": []},
    ),
    Scenario(
        "saga",
        "canceled",
        "BookTrip",
        {"tripId": "t-1", "city": "Lisbon", "soldOut": "car"},
        {"status": "canceled", "failed": "BookCar", "notUndone": []},
    ),
    Scenario(
        "scheduled",
        "finished",
        "DailyReport",
        {"nextRun": "2024-05-01T08:00:00Z", "everyS": 3600, "runsLeft": 1},
        {"status": "finished", "runsLeft": 0},
    ),
    Scenario(
        "scheduled",
        "three runs",
        "DailyReport",
        {"nextRun": "2024-05-01T08:00:00Z", "everyS": 1, "runsLeft": 3},
        {"status": "finished", "runsLeft": 0},
    ),
    Scenario(
        "scheduled",
        "canceled",
        "DailyReport",
        {"nextRun": "2100-01-01T08:00:00Z", "everyS": 3600, "runsLeft": 3},
        {"status": "canceled", "runsLeft": 3},
        events=(event("cancel", None, 200),),
    ),
    Scenario(
        "versioning",
        "new path",
        "ProcessRefund",
        {"refundId": "r-1", "amount": 40},
        {"refundId": "r-1", "status": "refunded", "checked": True},
        more={"version": "2.0.0"},
        needs="1.9.0",
    ),
    Scenario(
        "versioning",
        "old path",
        "ProcessRefund",
        {"refundId": "r-1", "amount": 4000},
        {"refundId": "r-1", "status": "refunded", "checked": False},
        more={"version": "1.0.0"},
        needs="1.9.0",
    ),
    Scenario(
        "versioning",
        "without a version",
        "ProcessRefund",
        {"refundId": "r-1", "amount": 4000},
        {"refundId": "r-1", "status": "refunded", "checked": False},
        needs="1.9.0",
    ),
    Scenario(
        "agent-loop",
        "answered",
        "ResearchAgent",
        {"question": "How high is Etna?", "maxTurns": 5},
        {
            "answer": "from SearchWeb: results for user: How high is Etna?",
            "turns": 2,
            "status": "answered",
        },
        custom_status="turn 2",
    ),
    Scenario(
        "agent-loop",
        "gave up",
        "ResearchAgent",
        {"question": "endless", "maxTurns": 3},
        {"answer": None, "turns": 3, "status": "gave_up"},
        custom_status="turn 3",
    ),
    Scenario(
        "agent-loop",
        "tool approved",
        "ResearchAgent",
        {"question": "report it", "maxTurns": 3},
        {"answer": "from SendReport: sent", "turns": 2, "status": "answered"},
        custom_status="turn 2",
        events=(event("approval-call-1", {"approved": True}),),
    ),
    Scenario(
        "agent-loop",
        "tool refused",
        "ResearchAgent",
        {"question": "report it", "maxTurns": 3},
        {"answer": "from SendReport: not allowed", "turns": 2, "status": "answered"},
        custom_status="turn 2",
        events=(event("approval-call-1", {"approved": False}, 100),),
    ),
    *(
        Scenario(
            "agent-loop",
            f"no approval: {json.dumps(payload)}",
            "ResearchAgent",
            {"question": "report it", "maxTurns": 3},
            {"answer": "from SendReport: not allowed", "turns": 2, "status": "answered"},
            events=(event("approval-call-1", payload),),
        )
        for payload in UNUSABLE
    ),
    Scenario("minimal", "greets", "Greet", "world", "Hello world"),
]

HANGS = "HANGS"


def habit(name: str, output: Any, status: str = "COMPLETED", failure: str = "", **more: Any) -> Scenario:
    """What one orchestrator of Habits.java comes to: each backs a warning of the skills."""
    given, events = more.pop("input", None), more.pop("events", ())
    timeout = 3 if status == HANGS else 15
    return Scenario("habits", name, name, given, output, status, None, failure, events, {"timeout": timeout}, **more)


HABITS = [
    habit("BroadCatch", "OrchestratorBlockedException"),
    habit("Finally", 3),
    habit("OtherActivityOnReplay", "first second"),
    habit("OneMoreCallOnReplay", "x"),
    habit("EmptyAllOf", []),
    habit("EmptyAnyOf", None, HANGS),
    habit("NoMessage", None, HANGS),
    habit(
        "Unregistered",
        None,
        "FAILED",
        "Task 'Nope' (#0) failed with an unhandled exception: No activity task named 'Nope' is registered.",
    ),
    habit("Backoff", [1, 1]),
    habit("FanOut", True),
    habit(
        "WaitForApproval",
        "Timeout of PT1S expired while waiting for an event named 'Approval' (ID = 0).",
        events=(event("approval", "yes", 300),),
    ),
    habit("EqualEvents", None, HANGS, input=[], events=tuple(event("event", "same") for _ in range(3)), needs="1.9.0"),
    habit("UnknownField", None, "FAILED", 'Unrecognized field "unknown"', input={"known": 1, "unknown": 2}),
]


# --- how ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sdk:
    """The SDK that the programs run on; `compile_path` is what every example is compiled against."""

    version: str
    run_path: str
    compile_path: str


def maven(profile: str, folder: Path) -> str:
    """The class path of a profile of tests/java/pom.xml; empty when Maven cannot resolve it."""
    target = folder / f"{profile or 'base'}.classpath"
    command = ["mvn", "-B", "-q", "-f", str(JAVA / "pom.xml"), "dependency:build-classpath"]
    command += [f"-Dmdep.outputFile={target}", *([f"-P{profile}"] if profile else [])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    return target.read_text(encoding="utf-8").strip() if done.returncode == 0 and target.exists() else ""


def recorded(folder: Path, classpath: str, only: str = "") -> str:
    """Compiles the recorded API below `only` and returns the folder of the classes."""
    sources, classes = folder / f"api{len(only)}", folder / f"api-classes{len(only)}"
    for part in RECORD.read_text(encoding="utf-8").split("//// ")[1:]:
        name, _, text = part.partition("\n")
        if name.startswith(only):
            file = sources / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    javac(classes, classpath, sorted(sources.rglob("*.java")))
    return str(classes)


def javac(classes: Path, classpath: str, sources: list[Path]) -> None:
    """Compiles our own sources, or fails with the compiler's words."""
    command = ["javac", "-nowarn", "-proc:none", "-parameters", "-d", str(classes), "-cp", classpath]
    done = subprocess.run([*command, *map(str, sources)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Sdk:
    """The newest SDK that can be had here."""
    missing = [tool for tool in ("java", "javac", "mvn") if shutil.which(tool) is None]
    if missing:
        unavailable(f"the Java examples are not tested: no {', '.join(missing)} (JDK 17 and Maven are needed)")
    folder = tmp_path_factory.mktemp("java-sdk")
    base = maven("", folder)
    if not base:
        unavailable("the Java examples are not tested: Maven cannot resolve tests/java/pom.xml")
    released = os.environ.get("DURABLETASK_JAVA_CLASSPATH") or maven("released", folder)
    if released:
        path = f"{released}:{base}"
        return Sdk("1.9.0", path, path)
    older = maven("older", folder)
    if not older:
        unavailable("the Java examples are not tested: Maven serves neither SDK 1.9.0 nor 1.5.0")
    # The older SDK lacks the scheduler package, which programs name in `main`; that does not run here.
    scheduler = "com/microsoft/durabletask/azuremanaged/DurableTaskScheduler"
    run_path, api_path = f"{older}:{base}", maven("recorded", folder)
    return Sdk(
        "1.5.0",
        f"{run_path}:{recorded(folder, run_path, scheduler)}",
        f"{recorded(folder, api_path)}:{api_path}",
    )


@contextmanager
def sidecars(count: int) -> Iterator[list[int]]:
    """So many backends on loopback ports, for as long as the block runs."""
    command = [str(sdk_python("durable-task-python")), str(JAVA / "sidecar.py"), str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()


def fresher(one: str, other: str) -> bool:
    """Whether version `one` is at least `other`; an empty one asks for nothing."""
    return not other or [int(part) for part in one.split(".")] >= [int(part) for part in other.split(".")]


Results = dict[tuple[str, str, str], dict[str, Any]]


@pytest.fixture(scope="session")
def results(sdk: Sdk, tmp_path_factory: pytest.TempPathFactory, job_server: str) -> Results:
    """Compiles everything and runs every program, all in one JVM."""
    classes = tmp_path_factory.mktemp("java-runner")
    bridge = "with_entities" if fresher(sdk.version, "1.9.0") else "without_entities"
    ours = [JAVA / "Runner.java", JAVA / "FunctionsHost.java", JAVA / bridge / "EntityBridge.java"]
    javac(classes, sdk.run_path, ours)
    compiled = [
        {"id": unit.id, "sources": unit.sources, "classpath": sdk.compile_path}
        for unit in [*programs(), *fences(), *invented()]
    ]
    runs = []
    for unit in programs():
        fitting = [one for one in SCENARIOS if one.pattern in unit.id and fresher(sdk.version, one.needs)]
        if fitting:
            plans = json.loads(json.dumps([one.plan() for one in fitting]).replace("JOBS/", job_server))
            runs.append({"id": unit.id, "sources": unit.sources, "classpath": sdk.run_path, "scenarios": plans})
    habits = (JAVA / "Habits.java").read_text(encoding="utf-8")
    for one in (one for one in HABITS if fresher(sdk.version, one.needs)):  # a worker for each, as some end theirs
        runs.append({"id": one.name, "sources": [habits], "classpath": sdk.run_path, "scenarios": [one.plan()]})
    with sidecars(len(runs)) as ports:
        for run, port in zip(runs, ports, strict=True):
            run["port"] = port
        done = subprocess.run(
            ["java", "-Xshare:auto", "-cp", f"{classes}:{sdk.run_path}", "Runner"],
            input=json.dumps({"compile": compiled, "run": runs}),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and found, done.stderr[-4000:]
    return {(one["id"], one["step"], one.get("scenario", "")): one for one in found}


@pytest.fixture(scope="session")
def job_server() -> Iterator[str]:
    """Serves /a,b: `a` at the first request, from then on `b`; /many is 30 times running, then finished."""
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    asked: dict[str, int] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            states = self.path[1:].replace("many", "running," * 30 + "finished").split(",")
            asked[self.path] = asked.get(self.path, 0) + 1
            body = states[min(asked[self.path], len(states)) - 1].encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def agrees(expected: Any, found: Any) -> bool:
    """Whether found is what was expected; a pattern in expected matches a whole string."""
    if isinstance(expected, re.Pattern):
        return isinstance(found, str) and expected.fullmatch(found) is not None
    if isinstance(expected, dict) and isinstance(found, dict):
        return expected.keys() == found.keys() and all(agrees(expected[key], found[key]) for key in expected)
    return bool(expected == found)


# --- the tests ----------------------------------------------------------------------------------------------------


def test_every_pattern_has_a_program_and_a_scenario() -> None:
    patterns = {file.parent.name for file in SOURCES.glob("patterns/*/pattern.md")}
    assert patterns == {one.pattern for one in SCENARIOS} - {"minimal"}
    for sdk_id in SDKS:
        assert patterns == {file.parent.name for file in SOURCES.glob(f"patterns/*/{sdk_id}.java")}


@pytest.mark.parametrize("unit", [*programs(), *fences(), *invented()], ids=lambda unit: unit.id)
def test_compiles(unit: Unit, results: Results) -> None:
    errors = results[unit.id, "compile", ""]["errors"]
    assert bool(errors) == unit.broken, "\n".join(errors)


@pytest.mark.parametrize("sdk_id", SDKS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: f"{one.pattern}-{one.name}")
def test_runs_to_its_result(scenario: Scenario, sdk_id: str, sdk: Sdk, results: Results, job_server: str) -> None:
    if not fresher(sdk.version, scenario.needs):
        pytest.skip(f"compiled only: Maven serves SDK {sdk.version} here and the program needs {scenario.needs}")
    folder = "minimal" if scenario.pattern == "minimal" else f"patterns/{scenario.pattern}"
    unit = f"{folder}/{sdk_id}.java"
    assert not results[unit, "compile-to-run", ""]["errors"]
    found = results[unit, "run", scenario.name]
    assert "error" not in found, found
    assert (found["status"], found["failureMessage"]) == (scenario.status, scenario.failure)
    expected = scenario.output
    if scenario.pattern == "monitor":
        expected = {**expected, "jobId": expected["jobId"].replace("JOBS/", job_server)}
    assert agrees(expected, found["output"]), found["output"]
    if scenario.custom_status is not None:
        assert found["customStatus"] == scenario.custom_status


@pytest.mark.parametrize("scenario", HABITS, ids=lambda one: one.name)
def test_the_sdk_does_what_the_skills_warn_of(scenario: Scenario, sdk: Sdk, results: Results) -> None:
    if not fresher(sdk.version, scenario.needs):
        pytest.skip(f"not run: Maven serves SDK {sdk.version} here and {scenario.needs} is what does this")
    assert not results[scenario.name, "compile-to-run", ""]["errors"]
    found = results[scenario.name, "run", scenario.name]
    if scenario.status == HANGS:
        assert "TimeoutException" in found["error"]
        return
    assert (found["status"], found["output"]) == (scenario.status, scenario.output)
    assert scenario.failure in found["failureMessage"]


@pytest.mark.parametrize("program", ["minimal", "patterns/chaining"])
def test_main_runs_on_a_connection_string(program: str, sdk: Sdk, tmp_path: Path) -> None:
    if not fresher(sdk.version, "1.9.0"):
        pytest.skip(f"not run: the scheduler package needs SDK 1.9.0, and Maven serves {sdk.version} here")
    with sidecars(1) as [port]:
        connection = f"Endpoint=http://localhost:{port};TaskHub=default;Authentication=None"
        done = subprocess.run(
            ["java", "-cp", sdk.run_path, str(SOURCES / program / "durable-task-java.java")],
            env={**os.environ, "DURABLE_TASK_SCHEDULER_CONNECTION_STRING": connection},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "Hello world" in done.stdout or '"status":"confirmed"' in done.stdout


def test_the_record_is_the_api_of_the_release(sdk: Sdk, tmp_path: Path) -> None:
    if not fresher(sdk.version, "1.9.0"):
        pytest.skip(f"not compared: Maven serves SDK {sdk.version} here and the record is of 1.9.0")
    javac(tmp_path, sdk.run_path, [JAVA / "Record.java"])
    command = ["java", "-cp", f"{tmp_path}:{sdk.run_path}", "Record"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == RECORD.read_text(encoding="utf-8")

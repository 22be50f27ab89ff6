"""Everything that the pages print in JavaScript and TypeScript is type-checked, run, and replayed in other worlds.

`tests/javascript` holds what it runs against. It is installed once below `.cache/javascript`; one `tsc` and a `node`
process for each SDK then judge all printed programs and examples together, and the tests below read their reports.
`python -m tests.pages.javascript` prints how many fences there are, and how they are proven.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest

from determinism_lint.analysis.sdk import Sdk
from determinism_lint.languages.javascript.sdks import DURABLE_FUNCTIONS_JS, DURABLE_TASK_JS
from skills_src.notices import CHANGES
from tests.environments import sdk_python, unavailable
from tests.once import made_once
from tests.pages.javascript import SDKS, Example, by_proof, examples, page_file, stage
from tests.skills.generated import pack

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tests" / "javascript"
CACHE = ROOT / ".cache" / "javascript"
TIMEOUT_S = 600

# Wrong examples that the compiler refuses too, by rule or by rule and SDK: it knows the SDK's signatures.
REFUSED_BY_TYPES = {"sdk-signature"} | {
    f"{rule}/durable-functions-js"
    for rule in ("blocking-sleep", "foreign-await", "thread-or-task", "wrong-function-kind")
}
# Where a run of the wrong example looks like one of the correct example, and why that proves nothing.
NOTHING_TO_SEE = {
    "after-continue-as-new/durable-functions-js": "the library drops what is scheduled after continueAsNew",
    "unawaited-task/durable-task-js": "the activity is scheduled all the same; its failure would go unseen",
    "uncancelled-timer/durable-task-js": "an instance of this SDK ends without waiting for its timers",
    "unknown-ignore": "a comment does nothing at run time",
    "unused-ignore": "a comment does nothing at run time",
}
# Rules about the check itself: their examples may ignore a finding, and then do what the finding says.
ABOUT_COMMENTS = {"unknown-ignore", "unused-ignore"}

RUN = ("wrong", "correct", "run")

# What the linter reports of programs that are right, and why.
REPORTED = {
    ("durable-functions-js", "Program", "lost-events"): "the pattern says what can be lost, and why there is no switch",
    ("durable-functions-js", "Program", "empty-fan-out"): "a window of a list that is not empty is not empty",
    ("durable-task-js", "Events", "uncancelled-timer"): "the deadline always fires",
}


def of(*proofs: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("example", by_proof(*proofs), ids=lambda it: it.name)


# --- what the tests run on --------------------------------------------------------------------------------------------


def _absent(reason: str) -> NoReturn:
    unavailable(f"JAVASCRIPT IS NOT CHECKED: {reason}")


def _run(folder: Path, *command: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, text=True, capture_output=True, timeout=TIMEOUT_S, check=False, **more)


def _installed() -> Path:
    """A folder with node_modules."""
    wanted = [HERE / "package.json", HERE / "package-lock.json", *sorted((HERE / "azuremanaged").iterdir())]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in wanted)).hexdigest()
    return made_once(CACHE / digest[:16], _install)


def _install(folder: Path) -> None:
    shutil.copytree(HERE, folder, dirs_exist_ok=True)
    done = _run(folder, "npm", "ci", "--no-audit", "--no-fund")
    if done.returncode != 0:
        _absent(f"npm ci failed: {done.stderr.strip()[-500:]}")


@pytest.fixture(scope="session")
def workspace() -> Iterator[Path]:
    """A folder of this test run's own, with the runners and all that the pages print."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            _absent(f"`{tool}` is not installed")
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=_installed()))
    try:
        shutil.copytree(HERE, folder, dirs_exist_ok=True)
        stage(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def type_errors(workspace: Path) -> Mapping[str, list[str]]:
    """Path below the workspace -> what the compiler says about it."""
    config = json.loads((workspace / "tsconfig.json").read_text(encoding="utf-8"))
    # A file that does not parse keeps the compiler from looking at the types of the others.
    config["exclude"] = [it.folder for it in examples() if it.heading == "syntax-error" and it.proof == "wrong"]
    (workspace / "tsconfig.json").write_text(json.dumps(config), encoding="utf-8")
    done = _run(workspace, "node", "../node_modules/typescript/bin/tsc", "--project", ".", "--pretty", "false")
    errors: defaultdict[str, list[str]] = defaultdict(list)
    for line in done.stdout.splitlines():
        place, separator, message = line.partition("): error ")
        if separator:
            errors[place.partition("(")[0]].append(f"{place}): {message}")
    assert done.returncode == 0 or errors, done.stdout + done.stderr
    return errors


@contextmanager
def sidecar() -> Iterator[str]:
    """The in-memory backend of the Python SDK: a real gRPC sidecar, with the entities that the JavaScript one lacks."""
    command = [str(sdk_python("durable-task-python")), str(ROOT / "tests" / "java" / "sidecar.py")]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None and process.stdin is not None
        try:
            print('{"serve": 1}', file=process.stdin, flush=True)
            (port,) = json.loads(process.stdout.readline())
            yield f"127.0.0.1:{port}"
        finally:
            process.stdin.close()
            process.wait(timeout=30)


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _judge(workspace: Path, sdk: str, **more: Any) -> Any:
    def paths(*proofs: str) -> dict[str, list[str]]:
        return {
            it.name: [str(workspace / it.folder / file) for file in it.files if not file.endswith(".json")]
            for it in by_proof(*proofs, sdk=sdk)
        }

    job = {
        "patterns": {_pattern(it): paths("pattern")[it.name][0] for it in by_proof("pattern", sdk=sdk)},
        "programs": {name: files[0] for name, files in paths("pattern", "quick start", "main").items()},
        "fences": paths(*RUN),
        "calls": paths("calls"),
        **more,
    }
    (workspace / f"{sdk}.job.json").write_text(json.dumps(job), encoding="utf-8")
    report = workspace / f"{sdk}.report.json"
    runner = f"{sdk.removesuffix('-js').replace('-', '_')}.mjs"
    done = _run(workspace, "node", runner, f"{sdk}.job.json", report.name)
    assert report.exists(), done.stdout[-2000:] + done.stderr[-4000:]
    return json.loads(report.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def reports(workspace: Path) -> Mapping[str, Any]:
    """SDK -> what its runner reports."""
    with sidecar() as address, ThreadPoolExecutor() as pool:
        more = {"durable-task-js": {"sidecar": address, "port": free_port()}}
        judged = {sdk: pool.submit(_judge, workspace, sdk, **more.get(sdk, {})) for sdk in SDKS}
    return {sdk: report.result() for sdk, report in judged.items()}


def _pattern(example: Example) -> str:
    return example.page.removeprefix("references/pattern-").removesuffix(".md")


# --- the tests --------------------------------------------------------------------------------------------------------


def test_every_pattern_has_a_program_for_both_sdks() -> None:
    patterns = {pattern.name for pattern in pack().patterns}
    for sdk in SDKS:
        assert {_pattern(it) for it in by_proof("pattern", sdk=sdk)} == patterns, sdk


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert {path for path, package in packages.items() if "resolved" in package} == {
        "node_modules/@microsoft/durabletask-js-azuremanaged"
    }
    wanted = json.loads((HERE / "package.json").read_text(encoding="utf-8"))
    for version in (*wanted["dependencies"].values(), *wanted["devDependencies"].values()):
        assert version[0].isdigit() or version.startswith("file:"), "pin exactly"


@pytest.mark.parametrize("sdk", SDKS)
def test_what_the_pages_pin_is_what_the_tests_run_on(sdk: str) -> None:
    installed = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    page = json.loads(page_file(sdk, "references/setup.md", "package.json"))["dependencies"]
    stated = {package.name: package.version for package in pack().sdks[sdk].packages}
    assert page == stated == {name: installed[name] for name in stated}


def test_the_runners_are_typed(type_errors: Mapping[str, list[str]]) -> None:
    assert not {path: errors for path, errors in type_errors.items() if not path.startswith("staged/")}


@pytest.mark.parametrize("example", examples(), ids=lambda it: it.name)
def test_example_is_typed(example: Example, type_errors: Mapping[str, list[str]]) -> None:
    errors = [error for path, all_ in type_errors.items() if path.startswith(f"{example.folder}/") for error in all_]
    if example.proof == "wrong" and _named(example, REFUSED_BY_TYPES):
        assert errors, "take it out of REFUSED_BY_TYPES"
    else:
        assert not errors


@of("pattern")
def test_pattern_runs_and_replays(example: Example, reports: Mapping[str, Any]) -> None:
    for scenario in reports[example.sdk]["patterns"][_pattern(example)]:
        assert not scenario["error"], f"{scenario['title']}: {scenario['error']}"
        assert scenario["replays"] >= 2, scenario["title"]


@of("pattern", "quick start", "main")
def test_program_starts(example: Example, reports: Mapping[str, Any]) -> None:
    """The file as it is: run against a sidecar, or started over its HTTP function."""
    report = reports[example.sdk]["programs"][example.name]
    assert "error" not in report, report["error"]
    if example.sdk == "durable-task-js":
        assert report["lines"], "it printed nothing"
    else:
        assert report["status"] == 202
        assert report["instance"] in ("Running", "Completed")


@pytest.mark.parametrize(("pattern", "after_completion"), [("async-http-api", "kept"), ("eternal", "started")])
def test_a_starter_starts_no_second_instance(pattern: str, after_completion: str, reports: Mapping[str, Any]) -> None:
    """What lives is kept, what ended badly starts anew, and a host that fails is no reason to start."""
    (example,) = [it for it in by_proof("pattern", sdk="durable-functions-js") if _pattern(it) == pattern]
    again = reports["durable-functions-js"]["programs"][example.name]["again"]
    assert again.pop("a host that fails").startswith("fails: The operation failed with an unexpected status code: 500")
    assert again == {
        **dict.fromkeys(("Pending", "Running", "Suspended", "a faster request"), "kept"),
        **dict.fromkeys(("Failed", "Terminated"), "started"),
        "Completed": after_completion,
    }


def test_the_video_api_answers_as_its_page_says(reports: Mapping[str, Any]) -> None:
    (example,) = [it for it in by_proof("pattern", sdk="durable-task-js") if _pattern(it) == "async-http-api"]
    *answers, result = reports["durable-task-js"]["programs"][example.name]["lines"]
    assert answers == ["202 /videos/v-9", "202 /videos/v-9", "404 null"]
    assert json.loads(result) == {
        "status": "completed",
        "result": {"videoId": "v-9", "url": "https://videos.example.com/v-9"},
    }


@pytest.mark.parametrize("sdk", SDKS)
def test_habits_are_as_the_skill_says(sdk: str, reports: Mapping[str, Any]) -> None:
    claims = reports[sdk]["habits"]
    assert len(claims) > 10
    assert not {claim: against for claim, against in claims.items() if against}


@pytest.mark.parametrize("sdk", SDKS)
@pytest.mark.parametrize("change", CHANGES)
def test_what_the_runtime_notices(sdk: str, change: str, reports: Mapping[str, Any]) -> None:
    assert reports[sdk]["notices"][change] == pack().sdks[sdk].notices[change]


@of("correct", "run")
def test_correct_example_runs_and_replays(example: Example, reports: Mapping[str, Any]) -> None:
    report = reports[example.sdk]["fences"][example.name]
    assert "error" not in report, report["error"]
    outcomes = report["outcomes"]
    assert outcomes, "it has no orchestrator"
    for orchestrator in {key.partition(" ")[0] for key in outcomes}:
        mine = [outcome for key, outcome in outcomes.items() if key.startswith(f"{orchestrator} ")]
        assert any(outcome["status"] == "COMPLETED" for outcome in mine), mine
        assert not any(outcome["status"] == "HANGS" for outcome in mine), mine
    if example.heading not in ABOUT_COMMENTS:
        assert not report["differences"]
        assert not report["effects"]


@of("wrong")
def test_wrong_example_goes_wrong(example: Example, reports: Mapping[str, Any]) -> None:
    seen = _symptoms(example, reports)
    if _named(example, NOTHING_TO_SEE):
        assert not seen, "take it out of NOTHING_TO_SEE"
    else:
        assert seen


@of("wrong")
def test_wrong_example_says_what_the_page_says(example: Example, reports: Mapping[str, Any]) -> None:
    """What a page quotes below an example is what the run says."""
    report = reports[example.sdk]["fences"][example.name]
    said = json.dumps([report.get("error"), *report.get("outcomes", {}).values()], ensure_ascii=False)
    for quoted in re.findall(r'"([^"]+?)\.?"', example.verdict):
        assert json.dumps(quoted, ensure_ascii=False)[1:-1] in said, quoted


@of("calls")
def test_client_functions_answer(example: Example, reports: Mapping[str, Any]) -> None:
    answers = reports[example.sdk]["calls"][example.name]
    assert len(answers) >= 2
    assert all(status in (200, 202, 404) for status in answers.values()) and [*answers.values()].count(404) <= 1, (
        answers
    )


def _named(example: Example, names: Container[str]) -> bool:
    return example.heading in names or f"{example.heading}/{example.sdk}" in names


def _symptoms(example: Example, reports: Mapping[str, Any]) -> list[str]:
    """What can be seen of the hazard when the example runs and is replayed."""
    fences = reports[example.sdk]["fences"]
    report = fences[example.name]
    if "error" in report:
        return [f"does not load: {report['error']}"]
    seen = [f"effect {effect}" for effect in report["effects"]]
    seen += ["another replay"] if report["differences"] else []
    right = example.other("correct")
    correct = fences[right.name]["outcomes"] if right else {}
    for key, outcome in report["outcomes"].items():
        if outcome["status"] == "HANGS" or outcome != correct.get(key, outcome):
            seen.append(f"{key}: {outcome}")
    if not correct:
        seen += [str(outcome) for outcome in report["outcomes"].values() if outcome["status"] != "COMPLETED"]
    return seen


@pytest.fixture(scope="session")
def findings(workspace: Path) -> Mapping[str, list[Any]]:
    """Path below the workspace -> what the linter reports there."""
    command = [sys.executable, "-m", "determinism_lint", "check", "staged", "--output-format", "json", "--no-cache"]
    done = subprocess.run(command, cwd=workspace, text=True, capture_output=True, timeout=TIMEOUT_S, check=False)
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for finding in json.loads(done.stdout)["findings"]:
        found[finding["path"]].append(finding)
    return found


@pytest.mark.parametrize("example", examples(), ids=lambda it: it.name)
def test_the_linter_agrees(example: Example, findings: Mapping[str, list[Any]]) -> None:
    """It reports the marked lines of a wrong example, and nothing where the code is right."""
    got = {(it["rule"], file, it["line"]) for file in example.files for it in findings[f"{example.folder}/{file}"]}
    if example.proof == "wrong":
        assert {it for it in got if it[0] == example.heading} == set(_marked(example))
    elif example.proof != "test":
        assert not {it for it in got if (example.skill, example.heading, it[0]) not in REPORTED}


def _marked(example: Example) -> Iterator[tuple[str, str, int]]:
    for file, text in example.files.items():
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"// (error|warning|info)$", line.strip()):
                yield example.heading, file, number


@of("test")
def test_the_tests_that_the_pages_show_pass(example: Example, workspace: Path) -> None:
    (file,) = example.files
    done = _run(workspace, "node", "--test", "--test-reporter=tap", f"{example.folder}/{file}")
    assert done.returncode == 0, done.stdout[-3000:]
    assert f"# pass {example.text.count('test(')}\n" in done.stdout


DURABLE_TASK = "@microsoft/durabletask-js/dist"
CONTEXTS = {
    DURABLE_TASK_JS: {
        f"{DURABLE_TASK}/task/context/orchestration-context.d.ts": "OrchestrationContext",
        f"{DURABLE_TASK}/entities/orchestration-entity-feature.d.ts": "OrchestrationEntityFeature",
    },
    DURABLE_FUNCTIONS_JS: {"durable-functions/types/orchestration.d.ts": "DurableOrchestrationContext"},
}
"""SDK -> file of its package -> the type in it that is of the context."""


@pytest.mark.parametrize("sdk", CONTEXTS, ids=lambda sdk: sdk.id)
def test_the_linter_knows_the_members_that_the_packages_declare(workspace: Path, sdk: Sdk) -> None:
    declared = {sdk.namespace} - {None}
    for path, name in CONTEXTS[sdk].items():
        text = (workspace.parent / "node_modules" / path).read_text(encoding="utf-8")
        (body,) = re.findall(rf"^export .*\b{name} \{{$(.*?)^\}}", text, re.MULTILINE | re.DOTALL)
        without_parameters = re.sub(r"\([^()]*\)", "()", body)
        declared.update(re.findall(r"^ +(?:readonly |abstract |get )*(\w+)[(<:]", without_parameters, re.MULTILINE))
    assert declared == set(sdk.members)

"""Everything the skills say in JavaScript and TypeScript is type-checked, run, and replayed in other worlds.

`tests/javascript` holds what it runs against. It is installed once below `.cache/javascript`; one `tsc` and a `node`
process for each SDK then judge all programs and examples together, and the tests below read their reports.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import subprocess
import tempfile
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from skills_src.markdown import Fence, blocks
from tests.environments import sdk_python, unavailable

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "tests" / "javascript"
SOURCES = ROOT / "skills_src"
CACHE = ROOT / ".cache" / "javascript"
TIMEOUT_S = 170

LANGUAGES = ("javascript", "typescript", "js", "ts")
SDKS = {"durable-task-js": ".mjs", "durable-functions-js": ".cjs"}

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


@dataclass(frozen=True, slots=True)
class Example:
    """Fences that belong together: one module, or several with `file=` in a row."""

    name: str
    """Rule or topic, SDK, kind and number: `wall-clock/durable-task-js/wrong-1`."""
    kind: str
    """`wrong`, `correct`, `run` or `check`."""
    rule: str
    sdk: str
    files: tuple[tuple[str, str], ...]

    @property
    def folder(self) -> str:
        """Below the workspace."""
        return f"staged/examples/{self.name}"


def _suffix(text: str, language: str) -> str:
    module = any(line.startswith(("import ", "export ")) for line in text.splitlines())
    typed = language in ("typescript", "ts")
    if typed and "durable-functions" in text:
        return ".cts"  # what `func init --typescript` makes compiles to CommonJS
    return f".{'m' if module else 'c'}{'ts' if typed else 'js'}"


def _option(fence: Fence, key: str) -> str:
    return next((word.partition("=")[2] for word in fence.words if word.startswith(f"{key}=")), "")


def _examples(path: Path, default_sdk: str, kinds: tuple[str, ...]) -> Iterator[Example]:
    counts: defaultdict[str, int] = defaultdict(int)
    previous: Example | None = None
    for block in blocks(path.read_text(encoding="utf-8"), path.name):
        if not isinstance(block, Fence):
            if block.text.strip() and previous is not None:
                yield previous
                previous = None
            continue
        kind = next((word for word in block.words[1:] if word in kinds), "")
        if block.words[:1] and block.words[0] in LANGUAGES and kind:
            sdk = (_option(block, "sdk") or default_sdk).partition("@")[0]
            file = _option(block, "file")
            item = (file or f"main{_suffix(block.text, block.words[0])}", block.text)
            if previous and file and previous.kind == kind and previous.sdk == sdk and file not in dict(previous.files):
                previous = Example(previous.name, kind, path.stem, sdk, (*previous.files, item))
                continue
            if previous is not None:
                yield previous
            counts[f"{sdk}/{kind}"] += 1
            folder = path.parent.name if kinds[0] == "run" else path.stem
            name = f"{folder}/{sdk}/{kind}-{counts[f'{sdk}/{kind}']}"
            previous = Example(name, kind, path.stem, sdk, (item,))
    if previous is not None:
        yield previous


def _all_examples() -> list[Example]:
    found: list[Example] = []
    for path in sorted((SOURCES / "rules").glob("*.md")):
        found += _examples(path, "durable-task-js", ("wrong", "correct"))
    for path in sorted((SOURCES / "topics").glob("*/*.md")):
        found += _examples(path, path.stem if path.stem in SDKS else "durable-task-js", ("run", "check"))
    return found


EXAMPLES = _all_examples()
PROGRAMS = {
    sdk: {path.parent.name: path for path in sorted((SOURCES / "patterns").glob(f"*/{sdk}{suffix}"))}
    for sdk, suffix in SDKS.items()
}
PATTERNS = [(sdk, name) for sdk, programs in PROGRAMS.items() for name in programs]
MAINS = [*PATTERNS, *((sdk, "minimal") for sdk in SDKS)]
TEST_FILES = [example for example in EXAMPLES if example.kind == "run" and "node:test" in example.files[0][1]]
RUN_EXAMPLES = [example for example in EXAMPLES if example.kind != "check" and example not in TEST_FILES]


# --- what the tests run on --------------------------------------------------------------------------------------------


def _absent(reason: str) -> NoReturn:
    unavailable(f"JAVASCRIPT IS NOT CHECKED: {reason}")


def _run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, text=True, capture_output=True, timeout=TIMEOUT_S, check=False)


def _installed() -> Path:
    """A folder with node_modules. Made beside its place and moved there whole, so that test runs do not collide."""
    wanted = [HERE / "package.json", HERE / "package-lock.json", *sorted((HERE / "azuremanaged").iterdir())]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in wanted)).hexdigest()
    folder = CACHE / digest[:16]
    if folder.exists():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=CACHE))
    try:
        shutil.copytree(HERE, draft, dirs_exist_ok=True)
        done = _run(draft, "npm", "ci")
        if done.returncode != 0:
            _absent(f"npm ci failed: {done.stderr.strip()[-500:]}")
        try:
            draft.rename(folder)
        except OSError:  # another run was faster
            if not folder.exists():
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def _stage(folder: Path) -> None:
    for sdk, programs in PROGRAMS.items():
        for name, path in programs.items():
            _write(folder / _program(sdk, name), path.read_text(encoding="utf-8"))
        minimal = SOURCES / "minimal" / f"{sdk}{SDKS[sdk]}"
        _write(folder / _program(sdk, "minimal"), minimal.read_text(encoding="utf-8"))
    for example in EXAMPLES:
        for file, text in example.files:
            _write(folder / example.folder / file, text)


def _program(sdk: str, name: str) -> str:
    return f"staged/programs/{name}/{sdk}{SDKS[sdk]}"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def workspace() -> Iterator[Path]:
    """A folder of this test run's own, with the runners, the programs and the examples."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            _absent(f"`{tool}` is not installed")
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=_installed()))
    try:
        shutil.copytree(HERE, folder, dirs_exist_ok=True)
        _stage(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def type_errors(workspace: Path) -> Mapping[str, list[str]]:
    """Path below the workspace -> what the compiler says about it."""
    done = _run(workspace, "node", "../node_modules/typescript/bin/tsc", "--project", ".", "--pretty", "false")
    errors: defaultdict[str, list[str]] = defaultdict(list)
    for line in done.stdout.splitlines():
        place, separator, message = line.partition("): error ")
        if separator:
            errors[place.partition("(")[0]].append(f"{place}): {message}")
    assert done.returncode == 0 or errors, done.stdout + done.stderr
    return errors


@contextmanager
def _sidecar() -> Iterator[str]:
    """The in-memory backend of the Python SDK: a real gRPC sidecar, with the entities that the JavaScript one lacks."""
    command = [str(sdk_python("durable-task-python")), str(ROOT / "tests" / "java" / "sidecar.py"), "1"]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None and process.stdin is not None
        try:
            (port,) = json.loads(process.stdout.readline())
            yield f"127.0.0.1:{port}"
        finally:
            process.stdin.close()
            process.wait(timeout=30)


def _judge(workspace: Path, runner: str, sdk: str, **more: Any) -> Any:
    job = {
        "patterns": {name: str(workspace / _program(sdk, name)) for name in PROGRAMS[sdk]},
        "programs": {name: str(workspace / _program(sdk, name)) for owner, name in MAINS if owner == sdk},
        "fences": {
            example.name: [str(workspace / example.folder / file) for file, _ in example.files]
            for example in RUN_EXAMPLES
            if example.sdk == sdk
        },
        **more,
    }
    _write(workspace / f"{sdk}.job.json", json.dumps(job))
    report = workspace / f"{sdk}.report.json"
    done = _run(workspace, "node", runner, f"{sdk}.job.json", report.name)
    assert report.exists(), done.stdout[-2000:] + done.stderr[-4000:]
    return json.loads(report.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def reports(workspace: Path) -> Mapping[str, Any]:
    """SDK -> what its runner reports."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with _sidecar() as address:
        task = _judge(workspace, "durable_task.mjs", "durable-task-js", sidecar=address, port=str(port))
    return {
        "durable-task-js": task,
        "durable-functions-js": _judge(workspace, "durable_functions.mjs", "durable-functions-js"),
    }


# --- the tests --------------------------------------------------------------------------------------------------------


def test_every_pattern_has_a_program_for_both_sdks() -> None:
    patterns = {path.parent.name for path in (SOURCES / "patterns").glob("*/pattern.md")}
    for sdk, programs in PROGRAMS.items():
        assert set(programs) == patterns, sdk


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert {path for path, package in packages.items() if "resolved" in package} == {
        "node_modules/@microsoft/durabletask-js-azuremanaged"
    }
    wanted = json.loads((HERE / "package.json").read_text(encoding="utf-8"))
    for version in (*wanted["dependencies"].values(), *wanted["devDependencies"].values()):
        assert version[0].isdigit() or version.startswith("file:"), "pin exactly"


def test_the_runners_are_typed(type_errors: Mapping[str, list[str]]) -> None:
    assert not {path: errors for path, errors in type_errors.items() if not path.startswith("staged/")}


@pytest.mark.parametrize(("sdk", "name"), MAINS, ids=lambda value: str(value))
def test_program_is_typed(sdk: str, name: str, type_errors: Mapping[str, list[str]]) -> None:
    assert type_errors.get(_program(sdk, name)) is None


@pytest.mark.parametrize(("sdk", "name"), PATTERNS, ids=lambda value: str(value))
def test_pattern_runs_and_replays(sdk: str, name: str, reports: Mapping[str, Any]) -> None:
    for scenario in reports[sdk]["patterns"][name]:
        assert not scenario["error"], f"{scenario['title']}: {scenario['error']}"
        assert scenario["replays"] >= 2, scenario["title"]


@pytest.mark.parametrize(("sdk", "name"), MAINS, ids=lambda value: str(value))
def test_program_starts(sdk: str, name: str, reports: Mapping[str, Any]) -> None:
    """The file as it is: run against a sidecar, or started over its HTTP function."""
    report = reports[sdk]["programs"][name]
    assert "error" not in report, report["error"]
    if sdk == "durable-task-js":
        assert report["lines"], "it printed nothing"
    else:
        assert report["status"] == 202
        assert report["instance"] in ("Running", "Completed")


@pytest.mark.parametrize("sdk", SDKS)
def test_habits_are_as_the_skill_says(sdk: str, reports: Mapping[str, Any]) -> None:
    claims = reports[sdk]["habits"]
    assert len(claims) > 10
    assert not {claim: against for claim, against in claims.items() if against}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_example_is_typed(example: Example, type_errors: Mapping[str, list[str]]) -> None:
    errors = [error for path, all_ in type_errors.items() if path.startswith(f"{example.folder}/") for error in all_]
    if example.kind == "wrong" and _named(example, REFUSED_BY_TYPES):
        assert errors, "take it out of REFUSED_BY_TYPES"
    else:
        assert not errors


@pytest.mark.parametrize(
    "example", [example for example in RUN_EXAMPLES if example.kind != "wrong"], ids=lambda example: example.name
)
def test_correct_example_runs_and_replays(example: Example, reports: Mapping[str, Any]) -> None:
    report = reports[example.sdk]["fences"][example.name]
    assert "error" not in report, report["error"]
    outcomes = report["outcomes"]
    for orchestrator in {key.partition(" ")[0] for key in outcomes}:
        mine = [outcome for key, outcome in outcomes.items() if key.startswith(f"{orchestrator} ")]
        assert any(outcome["status"] == "COMPLETED" for outcome in mine), mine
        assert not any(outcome["status"] == "HANGS" for outcome in mine), mine
    if example.rule not in ABOUT_COMMENTS:
        assert not report["differences"]
        assert not report["effects"]


@pytest.mark.parametrize(
    "example", [example for example in RUN_EXAMPLES if example.kind == "wrong"], ids=lambda example: example.name
)
def test_wrong_example_goes_wrong(example: Example, reports: Mapping[str, Any]) -> None:
    seen = _symptoms(example, reports)
    if _named(example, NOTHING_TO_SEE):
        assert not seen, "take it out of NOTHING_TO_SEE"
    else:
        assert seen


def _named(example: Example, names: Container[str]) -> bool:
    return example.rule in names or f"{example.rule}/{example.sdk}" in names


def _symptoms(example: Example, reports: Mapping[str, Any]) -> list[str]:
    """What can be seen of the hazard when the example runs and is replayed."""
    fences = reports[example.sdk]["fences"]
    report = fences[example.name]
    if "error" in report:
        return [f"does not load: {report['error']}"]
    seen = [f"effect {effect}" for effect in report["effects"]]
    seen += ["another replay"] if report["differences"] else []
    correct = fences.get(example.name.replace("/wrong-", "/correct-"), {"outcomes": {}})["outcomes"]
    for key, outcome in report["outcomes"].items():
        if outcome["status"] == "HANGS" or outcome != correct.get(key, outcome):
            seen.append(f"{key}: {outcome}")
    if not correct:
        seen += [str(outcome) for outcome in report["outcomes"].values() if outcome["status"] != "COMPLETED"]
    return seen


def test_the_tests_that_the_skills_show_pass(workspace: Path) -> None:
    assert TEST_FILES
    files = [f"{example.folder}/{file}" for example in TEST_FILES for file, _ in example.files]
    done = _run(workspace, "node", "--test", "--test-reporter=tap", *files)
    assert done.returncode == 0, done.stdout[-3000:]
    assert f"# pass {sum(text.count('test(') for example in TEST_FILES for _, text in example.files)}\n" in done.stdout

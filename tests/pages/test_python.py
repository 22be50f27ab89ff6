"""Every Python fence that the pages print runs as it stands and replays; the wrong ones go wrong as their page says."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from determinism_lint.replay import Event, Outcome, judge, orchestrators, run
from determinism_lint.replay.load import ProgramError
from determinism_lint.replay.recorded.hold import hold
from determinism_lint.replay.recorded.verdict import Outcome as Replayed
from determinism_lint.rules.catalogue import load_catalogue
from determinism_lint.run.project import lint
from tests.environments import sdk_python
from tests.expectations.judging import assert_as_expected, assert_covered
from tests.expectations.scenarios import (
    FUNCTIONS_2,
    TARGETS,
    Scenario,
    load,
    matches,
    names,
    output_of_main,
    requests,
)
from tests.expectations.web import scripted
from tests.pages.printed import Printed, select, together
from tests.skills.generated import pack

SCRIPTS = Path(__file__).resolve().parents[1] / "expectations"
SKILLS = ("durable-task-python", "durable-functions-python")
MARK = re.compile(r"#\s*(error|warning|info)$")

Group = tuple[Printed, ...]
GROUPS = tuple(group for skill in SKILLS for group in together(select(language="python", skill=skill)))
RULES = [group for group in GROUPS if group[0].kind in ("wrong", "correct")]

_scratch = tempfile.TemporaryDirectory(prefix="printed-")


@cache
def placed(group: Group) -> Path:
    """Where the fences lie as files, in a folder of their own; the first of them."""
    first = group[0]
    folder = Path(_scratch.name, first.skill, Path(first.page).stem, str(first.line))
    folder.mkdir(parents=True)
    for fence in group:
        (folder / (fence.file or "example.py")).write_text(fence.text, encoding="utf-8")
    for fence in select(language="json", skill=first.skill):
        if fence.file and (fence.page, fence.heading) == (first.page, first.heading):
            (folder / fence.file).parent.mkdir(exist_ok=True)
            (folder / fence.file).write_text(fence.text, encoding="utf-8")
    return folder / (first.file or "example.py")


def targets(group: Group) -> list[str]:
    """The SDK of a page; where the page does not say which generation, all that it is about."""
    first = group[0]
    if first.generation:
        return [target for target in (f"{first.skill}@{first.generation}", first.skill) if target in TARGETS][:1]
    one_only = first.kind in ("wrong", "correct")
    return [it for it in TARGETS if it.partition("@")[0] == first.skill and not (one_only and "@" in it)]


def _id(group: Group) -> str:
    return f"{group[0]}-{group[0].heading}-{group[0].kind}"


# --- all --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", [pytest.param(it, id=_id(it)) for it in GROUPS])
def test_fence_is_judged_by_the_linter_as_it_is_marked(group: Group) -> None:
    folder = placed(group).parent
    report = lint([str(folder)], folder=str(folder), catalogue=load_catalogue())
    found = {(finding.path, finding.span.line, str(finding.severity), finding.rule) for finding in report.findings}
    marked = {
        (fence.file or "example.py", number, mark[1], fence.heading)
        for fence in group
        for number, line in enumerate(fence.text.splitlines(), 1)
        if (mark := MARK.search(line))
    }
    assert found == marked
    assert bool(marked) == (group[0].kind == "wrong")


# --- patterns and the minimal programs --------------------------------------------------------------------------------


@cache
def program(name: str, target: str) -> Path:
    """The program of a pattern, or `minimal`, as its page prints it."""
    page = "SKILL.md" if name == "minimal" else f"references/pattern-{name}.md"
    sdk = target.partition("@")[0]
    (group,) = (it for it in GROUPS if it[0].skill == sdk and it[0].page == page and it[0].kind == "program")
    return placed(group)


def scenarios(name: str, target: str) -> list[Scenario]:
    return [scenario for scenario in load(name) if scenario.concerns(target)]


PROGRAMS = [(name, target) for name in names() for target in TARGETS if scenarios(name, target)]


def cases() -> Iterator[Any]:
    for name, target in PROGRAMS:
        for scenario in scenarios(name, target):
            yield pytest.param(name, target, scenario, id=f"{name}-{target}-{scenario.title}")


@pytest.mark.parametrize(("name", "target", "scenario"), list(cases()))
def test_program_does_what_is_expected_and_is_deterministic(name: str, target: str, scenario: Scenario) -> None:
    assert_as_expected(program(name, target), target, scenario)


@pytest.mark.parametrize(("name", "target"), PROGRAMS)
def test_scenarios_reach_the_whole_program(name: str, target: str) -> None:
    path = program(name, target)
    assert_covered(path, target, scenarios(name, target), orchestrators(path, python=sdk_python(target)))


def test_every_program_has_expectations() -> None:
    pages = {group[0].page for group in GROUPS if group[0].kind == "program"}
    patterns = {page.removeprefix("references/pattern-").removesuffix(".md") for page in pages if "pattern-" in page}
    assert patterns | {"minimal"} == set(names())


# --- their main parts and their HTTP functions ------------------------------------------------------------------------


def in_sdk(target: str, script: str, question: Sequence[Any], environment: dict[str, str] | None = None) -> list[Any]:
    """Asks a script that runs in the environment of an SDK."""
    finished = subprocess.run(
        [str(sdk_python(target)), str(SCRIPTS / script)],
        input=json.dumps(question),
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert finished.returncode == 0, finished.stderr
    answers = json.loads(finished.stdout)
    assert len(answers) == len(question)
    return list(answers)


def test_durable_task_programs_run_as_main_programs_on_the_grpc_backend(tmp_path: Path) -> None:
    """And each of them replays the histories of its instances."""
    serving = "async-http-api"  # its main part serves HTTP for ever
    others = [name for name in names() if name != serving]
    asked: list[tuple[str, str | None, Any]] = [(str(program(name, TARGETS[0])), None, None) for name in others]
    asked.append((str(program(serving, TARGETS[0])), "transcode_video", load(serving)[0].input))
    answers = {"JOBS_URL": [{"status": "finished"}], "MODEL_URL": [{"answer": "it was ada"}]}
    with scripted(answers) as urls:
        environment = {"MODEL_KEY": "none", "HISTORIES": str(tmp_path), **urls}
        outputs = in_sdk(TARGETS[0], "grpc_backend.py", asked, environment)
    for number, (name, output) in enumerate(zip([*others, serving], outputs, strict=True)):
        assert matches(output_of_main(name), output), (name, output)
        path, python = asked[number][0], str(sdk_python(TARGETS[0]))
        known = orchestrators(path, python=python)
        verdicts = list(hold(path, known, None, [str(tmp_path / str(number))], python=python, timeout=60))
        assert verdicts, name
        assert [verdict for verdict in verdicts if verdict.outcome is not Replayed.REPLAYS] == []


def test_programs_of_topics_run_as_main_programs_on_the_grpc_backend() -> None:
    mains = yaml.safe_load((SCRIPTS / "topics" / "mains.yaml").read_text(encoding="utf-8"))
    groups = [
        group
        for group in GROUPS
        if group[0].skill == TARGETS[0] and _is_of_topic(group) and 'if __name__ == "__main__":' in group[0].text
    ]
    asked = [(str(placed(group)), None, None) for group in groups]
    outputs = {
        (Path(group[0].page).stem, group[0].file): output
        for group, output in zip(groups, in_sdk(TARGETS[0], "grpc_backend.py", asked), strict=True)
    }
    expected = {(page, file): output for page, files in mains.items() for file, output in files.items()}
    assert set(outputs) == set(expected)
    for program, output in outputs.items():
        assert matches(expected[program], output), (program, output)


def _is_of_topic(group: Group) -> bool:
    return group not in RULES and group[0].page != "SKILL.md" and "/pattern-" not in group[0].page


def test_functions_apps_of_2_x_run_on_the_grpc_backend() -> None:
    patterns = ("minimal", "chaining", "fan-out-fan-in", "sub-orchestration", "saga", "async-http-api", "aggregator")
    first = [load(name)[0] for name in patterns]
    asked = [
        (str(program(name, FUNCTIONS_2)), scenario.orchestrator, scenario.input)
        for name, scenario in zip(patterns, first, strict=True)
    ]
    for scenario, output in zip(first, in_sdk(FUNCTIONS_2, "grpc_backend.py", asked), strict=True):
        assert matches(scenario.expected["output"], output), (scenario.title, output)


@pytest.mark.parametrize("target", TARGETS[1:])
def test_http_functions_call_the_client_as_the_sdk_wants_and_answer(target: str) -> None:
    """Starters by what they all do: `start_X` schedules the orchestrator with the request's body."""
    apps = [name for name, sdk in PROGRAMS if sdk == target]
    questions = [_questions(name) for name in apps]
    found = in_sdk(
        target,
        "http_functions.py",
        [(str(program(name, target)), asked) for name, asked in zip(apps, questions, strict=True)],
    )
    for name, asked, app in zip(apps, questions, found, strict=True):
        assert {question["function"] for question in asked} >= set(app["http"]), name
        for question, (status, body, _headers, calls) in zip(asked, app["answers"], strict=True):
            assert status == question["answer"], (name, question, status, body)
            if "body_out" in question:
                assert json.loads(body) == question["body_out"], (name, question)
            if "calls" in question:
                assert calls == question["calls"], (name, question)
            for call in calls:
                assert call[0] != "start_new" or call[1][0] in app["orchestrators"], (name, call)


def _questions(name: str) -> list[dict[str, Any]]:
    asked = requests(name)
    starter = f"start_{load(name)[0].orchestrator}"
    if any(question["function"].startswith("start_") for question in asked):
        return asked
    body = load(name)[0].input
    options = {"version": "2.0.0"} if name == "versioning" else {}
    started = ["start_new", [load(name)[0].orchestrator], {"client_input": body, **options}]
    return [*asked, {"function": starter, "body": body, "answer": 202, "calls": [started]}]


# --- the rules --------------------------------------------------------------------------------------------------------


@cache
def _expectations() -> dict[str, Any]:
    document = yaml.safe_load((SCRIPTS / "rules.yaml").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def expected(group: Group) -> dict[str, Any]:
    """What rules.yaml says of the wrong example, or of the wrong example beside which this correct one stands.

    Where it says nothing, the wrong example must go wrong in some way.
    """
    first = group[0]
    found = _expectations().get(first.heading, {"outcome": [it.name for it in Outcome if it.name != "DETERMINISTIC"]})
    found = found.get(first.skill, found)
    if isinstance(found, list):
        wrong = [it for it in RULES if _place(it) == _place(group) and it[0].kind == "wrong"]
        found = found[wrong.index(group) if group in wrong else 0]
    assert isinstance(found, dict)
    return found


def _place(group: Group) -> tuple[str, str, str]:
    return group[0].skill, group[0].page, group[0].heading


def given(expectation: dict[str, Any], *, wrong: bool) -> dict[str, Any]:
    """What goes into the run."""
    options: dict[str, Any] = {}
    if wrong and "wrong_input" in expectation:
        options["input"] = expectation["wrong_input"]
    elif "input" in expectation:
        options["input"] = expectation["input"]
    options["events"] = [Event(**event) for event in expectation.get("events", ())]
    return options


WRONG = [pytest.param(group, id=_id(group)) for group in RULES if group[0].kind == "wrong"]
CORRECT = [pytest.param(group, id=_id(group)) for group in RULES if group[0].kind == "correct"]


@pytest.mark.parametrize("group", WRONG)
def test_wrong_example_goes_wrong_as_its_page_says(group: Group) -> None:
    (target,) = targets(group)
    path, expectation, python = placed(group), expected(group), sdk_python(target)
    options = given(expectation, wrong=True)
    if expectation.get("endless"):
        assert run(path, python=python, max_episodes=20, **options).status.value in ("RUNNING", "WAITING")
        return
    try:
        name = orchestrators(path, python=python)[0]
    except ProgramError as error:
        assert expectation["outcome"] == "LOAD", str(error)
        assert re.search(expectation["says"], str(error))
        return
    verdict = judge(path, name, python=python, **options)
    outcomes = [expectation["outcome"]] if isinstance(expectation["outcome"], str) else expectation["outcome"]
    assert verdict.outcome.name in outcomes, str(verdict)
    assert re.search(expectation.get("says", ""), str(verdict)), str(verdict)
    if "result" in expectation:
        result = verdict.scenarios[0].result
        seen = {"status": result.status.value, "activities": list(result.activities)}
        assert {key: seen[key] for key in expectation["result"]} == expectation["result"]


@pytest.mark.parametrize("group", CORRECT)
def test_correct_example_runs_and_replays(group: Group) -> None:
    (target,) = targets(group)
    path, python = placed(group), sdk_python(target)
    options = given(expected(group), wrong=False)
    for name in orchestrators(path, python=python):
        verdict = judge(path, name, python=python, **options)
        assert verdict.outcome is Outcome.DETERMINISTIC, str(verdict)


def test_every_expectation_is_of_an_example() -> None:
    assert set(_expectations()) <= {group[0].heading for group in RULES}
    for group in RULES:
        found = _expectations().get(group[0].heading, {}).get(group[0].skill)
        if isinstance(found, list):
            wrong = [it for it in RULES if _place(it) == _place(group) and it[0].kind == "wrong"]
            assert len(found) == len(wrong), group[0].heading


# --- what a runtime notices -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sdk", "script"), [(TARGETS[0], "notices_durabletask.py"), (TARGETS[1], "notices_functions.py")]
)
def test_runtime_notices_what_the_pages_say(sdk: str, script: str) -> None:
    finished = subprocess.run(
        [str(sdk_python(sdk)), str(SCRIPTS / script)], capture_output=True, text=True, timeout=120
    )
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    told = dict(pack().sdks[sdk].notices)
    if sdk == TARGETS[1]:
        # Where the host finds no function: DurableTaskExtension.cs, OrchestrationMiddleware, "doesn't exist".
        assert told.pop("renamed-orchestrator") == "unregistered"
    assert found == told


# --- the topics -------------------------------------------------------------------------------------------------------

TOPICS = [
    pytest.param(group, target, id=f"{_id(group)}-{target}")
    for group in GROUPS
    for target in targets(group)
    if _is_of_topic(group)
]


@cache
def _ran(target: str) -> dict[Path, tuple[int, str]]:
    """All examples of topics for an SDK, run by one process."""
    groups = [group for group in GROUPS if _is_of_topic(group) and target in targets(group)]
    paths = [placed(group).parent / fence.file for group in groups for fence in group]
    answers = in_sdk(target, "run_files.py", [str(path) for path in paths])
    return {path: (status, said) for path, (status, said) in zip(paths, answers, strict=True)}


@pytest.mark.parametrize(("group", "target"), TOPICS)
def test_example_of_a_topic_runs_as_expected_and_is_deterministic(group: Group, target: str) -> None:
    path = placed(group)
    for fence in group:
        status, said = _ran(target)[path.parent / fence.file]
        assert status == 0, said
        assert said.count(" passed") == fence.text.count("\ndef test_"), said
    named = [name for fence in group for name in _orchestrators(fence.text)]
    if not named:
        return
    topic = Path(group[0].page).stem
    known = [it for it in scenarios(f"topics/{topic}", target) if it.orchestrator in named]
    for scenario in known:
        assert_as_expected(path, target, scenario)
    assert_covered(path, target, known, named)


def _orchestrators(text: str) -> list[str]:
    """The functions that take the context of an orchestrator and are no helpers, called with `yield from`."""
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return [
        function.name
        for function in functions
        if function.args.args
        and "OrchestrationContext" in ast.unparse(function.args.args[0])
        and f"yield from {function.name}(" not in text
    ]

"""Every Python program that the skills show runs to its expected result, and replays to the same decisions."""

from __future__ import annotations

import ast
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from determinism_lint.replay import orchestrators
from tests.environments import sdk_python
from tests.expectations.fences import Example, examples
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

SOURCES = Path(__file__).resolve().parent.parent / "skills_src"
SCRIPTS = Path(__file__).resolve().parent / "expectations"


# The patterns and the minimal programs


def program(name: str, target: str) -> Path:
    sdk = target.partition("@")[0]
    return SOURCES / "minimal" / f"{sdk}.py" if name == "minimal" else SOURCES / "patterns" / name / f"{sdk}.py"


def scenarios(name: str, target: str) -> list[Scenario]:
    return [scenario for scenario in load(name) if scenario.concerns(target)]


PROGRAMS = [(name, target) for name in names() for target in TARGETS if scenarios(name, target)]


def cases() -> Iterator[Any]:
    for name, target in PROGRAMS:
        for scenario in scenarios(name, target):
            yield pytest.param(name, target, scenario, id=f"{name}-{target}-{scenario.title}")


@pytest.mark.parametrize(("name", "target", "scenario"), list(cases()))
def test_program_does_what_is_expected_and_is_deterministic(name, target, scenario):
    assert_as_expected(program(name, target), target, scenario)


@pytest.mark.parametrize(("name", "target"), PROGRAMS)
def test_scenarios_reach_the_whole_program(name, target):
    path = program(name, target)
    assert_covered(path, target, scenarios(name, target), orchestrators(path, python=sdk_python(target)))


def test_every_program_has_expectations():
    patterns = {path.parent.name for path in SOURCES.glob("patterns/*/*-python.py")}
    assert patterns | {"minimal"} == set(names())


# What their main parts and their HTTP functions do


def in_sdk(target: str, script: Path, question: Any, environment: dict[str, str] | None = None) -> list[Any]:
    """Asks a script that runs in the environment of an SDK."""
    finished = subprocess.run(
        [str(sdk_python(target)), str(script)],
        input=json.dumps(question),
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr
    answers = json.loads(finished.stdout)
    assert len(answers) == len(question)
    return list(answers)


def on_grpc_backend(
    target: str, programs: list[tuple[Path, str | None, Any]], environment: dict[str, str]
) -> list[Any]:
    """Runs programs one after another in one process, against one backend."""
    return in_sdk(target, SCRIPTS / "grpc_backend.py", [(str(path), *rest) for path, *rest in programs], environment)


def test_durable_task_programs_run_as_main_programs_on_the_grpc_backend():
    serving = "async-http-api"  # its main part serves HTTP for ever
    others = [name for name in names() if name != serving]
    programs: list[tuple[Path, str | None, Any]] = [(program(name, TARGETS[0]), None, None) for name in others]
    programs.append((program(serving, TARGETS[0]), "transcode_video", load(serving)[0].input))
    answers = {"JOBS_URL": [{"status": "finished"}], "MODEL_URL": [{"answer": "it was ada"}]}
    with scripted(answers) as urls:
        outputs = on_grpc_backend(TARGETS[0], programs, {"MODEL_KEY": "none", **urls})
    for name, output in zip([*others, serving], outputs, strict=True):
        assert matches(output_of_main(name), output), (name, output)


def test_functions_apps_of_2_x_run_on_the_grpc_backend():
    patterns = ("minimal", "chaining", "fan-out-fan-in", "sub-orchestration", "saga", "async-http-api", "aggregator")
    scenarios = [load(name)[0] for name in patterns]
    outputs = on_grpc_backend(
        FUNCTIONS_2,
        [
            (program(name, FUNCTIONS_2), scenario.orchestrator, scenario.input)
            for name, scenario in zip(patterns, scenarios, strict=True)
        ],
        {},
    )
    for scenario, output in zip(scenarios, outputs, strict=True):
        assert matches(scenario.expected["output"], output), (scenario.title, output)


@pytest.mark.parametrize("target", TARGETS[1:])
def test_http_functions_call_the_client_as_the_sdk_wants_and_answer(target):
    """Starters by what they all do: `start_X` schedules the orchestrator with the request's body."""
    apps = [name for name, sdk in PROGRAMS if sdk == target]
    questions = [_questions(name) for name in apps]
    found = in_sdk(
        target,
        SCRIPTS / "http_functions.py",
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


# The topics

EXAMPLES = list(examples(SOURCES / "topics"))


@pytest.mark.parametrize("example", [pytest.param(it, id=f"{it.topic}-{it.number}-{it.target}") for it in EXAMPLES])
def test_example_of_a_topic_runs_as_expected_and_is_deterministic(example: Example, tmp_path: Path):
    path = tmp_path / "app" / "function_app.py"
    path.parent.mkdir()
    path.write_text(example.text, encoding="utf-8")
    command = [
        str(sdk_python(example.target)),
        str(SCRIPTS / "run_example.py"),
        "run" if example.run else "check",
        str(path),
    ]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert finished.returncode == 0, finished.stderr
    if example.run:
        assert finished.stdout.count(" passed") == example.text.count("\ndef test_"), finished.stdout
    expected = _orchestrators(example.text)
    if not expected:
        return
    known = [it for it in scenarios(f"topics/{example.topic}", example.target) if it.orchestrator in expected]
    for scenario in known:
        assert_as_expected(path, example.target, scenario)
    assert_covered(path, example.target, known, expected)


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

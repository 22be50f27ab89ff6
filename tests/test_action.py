"""The GitHub action: valid, complete, and each of its steps does in a scratch repository what it says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.commands.test_cli import RIGHT, WRONG
from tests.repositories import ROOT, git, run, snapshot

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")


class Runner:
    """As much of GitHub's runner as a composite action of shell steps needs."""

    def __init__(self, action: Path, temporary: Path) -> None:
        self.temporary = temporary
        self.workspace = temporary / "work space"
        self.log = ""
        self.installed: dict[str, str] = {}
        """The outputs of the step that installs, which is run once."""
        self.variables = {
            "GITHUB_ACTION_PATH": str(action),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_ACTIONS": "true",
            "CI": "true",
            "RUNNER_TEMP": str(temporary),
        }

    def __call__(self, **inputs: str) -> int:
        """Run the action; returns the exit status of the step that failed, or 0."""
        self.log = ""
        known = {f"inputs.{name}": str(each["default"]) for name, each in ACTION["inputs"].items()}
        known |= {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}
        for number, step in enumerate(STEPS):
            if "if" in step and not self.holds(step["if"], known):
                continue
            if "uses" in step:  # Other actions are GitHub's business.
                continue
            if step.get("id") == "install" and self.installed:
                known |= self.installed
                continue
            done, outputs = self.step(number, step, known)
            self.log += done.stdout + done.stderr
            if done.returncode != 0:
                return done.returncode
            if "id" in step:
                self.installed = {f"steps.{step['id']}.outputs.{key}": value for key, value in outputs.items()}
                known |= self.installed
        return 0

    def holds(self, condition: str, known: Mapping[str, str]) -> bool:
        match = re.fullmatch(r"([\w.-]+) != ''", condition)
        assert match is not None, f"the test's runner does not understand {condition!r}"
        return known[match[1]] != ""

    def step(
        self, number: int, step: Mapping[str, Any], known: Mapping[str, str]
    ) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
        assert step["shell"] == "bash"
        folder = EXPRESSION.sub(lambda match: known[match[1]], step.get("working-directory", "."))
        script, outputs = self.temporary / f"{number}.sh", self.temporary / f"{number}.outputs"
        script.write_text(step["run"], encoding="utf-8")
        outputs.write_text("", encoding="utf-8")
        variables = {
            name: EXPRESSION.sub(lambda match: known[match[1]], value) for name, value in step.get("env", {}).items()
        }
        done = run(
            self.workspace / folder, "bash", "--noprofile", "--norc", "-eo", "pipefail", str(script),
            **self.variables, **variables, GITHUB_OUTPUT=str(outputs),
        )  # fmt: skip
        return done, dict(line.split("=", 1) for line in outputs.read_text(encoding="utf-8").splitlines())


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """One whose checkout of the action is what the runner fetches for `uses: …`."""
    return Runner(snapshot(tmp_path_factory.mktemp("action")), tmp_path_factory.mktemp("temp"))


@pytest.fixture
def runner(shared: Runner) -> Iterator[Runner]:
    shared.workspace.mkdir()
    git(shared.workspace, "init", "--quiet")
    (shared.workspace / "flow.py").write_text(WRONG, encoding="utf-8")
    (shared.workspace / "right one.py").write_text(RIGHT, encoding="utf-8")
    yield shared
    shutil.rmtree(shared.workspace)


def test_it_obeys_the_schema() -> None:
    done = run(
        ROOT, sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"
    )
    assert done.returncode == 0, done.stdout


def test_every_input_is_used_and_described() -> None:
    used = re.findall(r"inputs\.([\w-]+)", json.dumps(STEPS))
    assert set(used) == set(ACTION["inputs"])
    for each in ACTION["inputs"].values():
        assert set(each) == {"description", "default"}


def test_inputs_reach_scripts_only_through_the_environment() -> None:
    """An expression inside a script would be a way to run what an input says."""
    for step in STEPS:
        assert "${{" not in step.get("run", "")


def test_python_is_set_up_only_when_a_version_is_given() -> None:
    (step,) = (step for step in STEPS if step.get("uses", "").startswith("actions/setup-python@"))
    assert step["if"] == "inputs.python-version != ''"
    assert step["with"] == {"python-version": "${{ inputs.python-version }}"}


def test_other_actions_are_pinned() -> None:
    for step in STEPS:
        assert "uses" not in step or re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"])


def test_in_a_folder(runner: Runner) -> None:
    (runner.workspace / "app").mkdir()
    (runner.workspace / "app" / "pyproject.toml").touch()
    assert runner(working_directory="app") == 0
    (runner.workspace / "flow.py").rename(runner.workspace / "app" / "flow.py")
    assert runner(working_directory="app", sarif="out.sarif") == 1
    assert (runner.workspace / "app" / "out.sarif").exists()


def test_arguments_may_hold_quotes(runner: Runner) -> None:
    (runner.workspace / "my settings.toml").write_text('ignore = ["wall-clock"]', encoding="utf-8")
    assert runner(args="--config 'my settings.toml'") == 0
    assert runner(args="--config 'my settings.toml") == 1
    assert "the input args cannot be read: No closing quotation" in runner.log


def test_annotations(runner: Runner) -> None:
    assert runner() == 1
    (line,) = (line for line in runner.log.splitlines() if line.startswith("::error "))
    assert "file=flow.py,line=7,endLine=7,col=15," in line


def test_sarif(runner: Runner) -> None:
    assert runner(sarif="out.sarif") == 1
    assert "::error" not in runner.log
    assert " --> flow.py:7:15\n" in runner.log
    log = json.loads((runner.workspace / "out.sarif").read_text(encoding="utf-8"))
    assert [result["ruleId"] for result in log["runs"][0]["results"]] == ["wall-clock"]


def test_paths(runner: Runner) -> None:
    assert runner(paths="right one.py\n") == 0
    assert "No findings in 1 file" in runner.log
    for paths in ("right one.py\nflow.py", "right one.py\n\nflow.py\n", "", "."):
        assert runner(paths=paths) == 1
    assert runner(paths="nowhere") == 2
    assert "Path 'nowhere' does not exist." in runner.log
    assert runner(paths="--fix") == 2


def test_arguments(runner: Runner) -> None:
    assert runner(args="--fail-on never  --ignore\nrandom-id\n") == 0
    assert "::error " in runner.log
    assert runner(args="--output-format concise") == 1
    assert runner.log.startswith("flow.py:7:15: error[wall-clock]: ")
    assert runner(args="--ignore wall-clock", sarif="out.sarif") == 0
    assert json.loads((runner.workspace / "out.sarif").read_text(encoding="utf-8"))["runs"][0]["results"] == []
    assert runner(args="--nonsense", sarif="out.sarif") == 2


def test_inputs_are_not_run(runner: Runner) -> None:
    before = set(runner.workspace.iterdir())
    assert runner(args="$(touch${IFS}oops) ; touch oops") == 2
    assert runner(paths="$(touch oops)\n`touch oops`") == 2
    assert set(runner.workspace.iterdir()) == before


def test_without_a_python(shared: Runner, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("python3", "python"):
        (programs / name).write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    (programs / "bash").symlink_to(shutil.which("bash") or "")
    runner = Runner(Path(shared.variables["GITHUB_ACTION_PATH"]), tmp_path)
    runner.workspace.mkdir()
    runner.variables["PATH"] = str(programs)
    assert runner() == 1
    assert runner.log.startswith("::error title=determinism-lint::Python 3.10 or newer is needed")

"""What the models of real agent programs see of the skills and of the hook."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from determinism_lint.init.command import init
from determinism_lint.init.resources import skill_names
from tests.agents.fake_model import FakeModel
from tests.agents.programs import AGENTS, Agent, environment, run_node

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the hook's launcher is a shell script")

ROOT = Path(__file__).parent.parent.parent
WRONG = """\
from datetime import datetime

from durabletask import task


def process_order(ctx: task.OrchestrationContext, order):
    return datetime.now().isoformat()
"""
CORRECT = WRONG.replace("datetime.now()", "ctx.current_utc_datetime")
FOUND = "flow.py:7:12: error[wall-clock]"
"""How the hook's text begins to tell about `WRONG`."""


every_tool = pytest.mark.parametrize("agent", AGENTS.values(), ids=AGENTS)
every_program = pytest.mark.parametrize(
    "agent", {each.family: each for each in AGENTS.values()}.values(), ids=lambda agent: agent.family
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository whose virtual environment has the linter."""
    folder = tmp_path / "project"
    program = folder / ".venv" / "bin" / "determinism-lint"
    program.parent.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    (folder / ".gitignore").write_text(".venv/\n", encoding="utf-8")
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m determinism_lint "$@"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an installer finds in this repository, without what git ignores."""
    folder = tmp_path_factory.mktemp("marketplace") / "durable-task"
    for name in (".claude-plugin", ".codex-plugin", ".cursor-plugin", ".agents", ".github/skills", "hooks"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def home_with_plugin(plugin: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Agent], Path]:
    """The home of somebody who has installed the plugin."""
    homes: dict[str, Path] = {}

    def installed(agent: Agent) -> Path:
        if agent.family not in homes:
            home = tmp_path_factory.mktemp("home")
            agent.command("plugin", "marketplace", "add", str(plugin), folder=home, home=home)
            verb = "add" if agent.family == "codex" else "install"
            agent.command("plugin", verb, "durable-task@durable-task", folder=home, home=home)
            homes[agent.family] = home
        return homes[agent.family]

    return installed


def wire(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(init, arguments)
    assert done.exit_code == 0, done.output


def assert_skills_listed(model: FakeModel) -> None:
    first = "\n".join(model.shown(0))
    assert [name for name in skill_names() if name not in first] == []


def assert_told_and_held_back_once(model: FakeModel) -> None:
    assert len(model.requests) == 3, "the edit, the end that is held back, the end"
    after_edit, after_end = ("\n".join(model.shown(number)) for number in (1, 2))
    assert after_edit.count(FOUND) == 1
    assert "determinism-lint found 1 replay-safety error" in after_edit
    assert "Before you finish" not in after_edit
    assert "Before you finish: determinism-lint still finds 1 replay-safety error" in after_end


@every_tool
def test_in_a_project_that_init_has_wired(
    agent: Agent, project: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire(project, monkeypatch, "--skills", agent.family, "--hooks", "--agents-md")
    model = agent.run(project, home, [agent.create(project / "flow.py", WRONG)])
    assert_skills_listed(model)
    assert "load the matching skill" in "\n".join(model.shown(0))
    assert_told_and_held_back_once(model)


@every_tool
def test_as_an_installed_plugin(agent: Agent, project: Path, home_with_plugin: Callable[[Agent], Path]) -> None:
    model = agent.run(project, home_with_plugin(agent), [agent.create(project / "flow.py", WRONG)])
    assert_skills_listed(model)
    assert_told_and_held_back_once(model)


@every_program
def test_wired_for_all_and_installed_too(
    agent: Agent, project: Path, home_with_plugin: Callable[[Agent], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several hooks see the same edit then; the model is told once."""
    wire(project, monkeypatch, "--skills", "copilot,claude,codex", "--hooks")
    model = agent.run(project, home_with_plugin(agent), [agent.create(project / "flow.py", WRONG)])
    assert_told_and_held_back_once(model)


@every_program
def test_nothing_to_say(agent: Agent, project: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wire(project, monkeypatch, "--skills", agent.family, "--hooks")
    model = agent.run(project, home, [agent.create(project / "flow.py", CORRECT)])
    assert (project / "flow.py").read_text(encoding="utf-8") == CORRECT
    assert len(model.requests) == 2
    assert "determinism-lint found" not in "\n".join(model.shown(1))


def test_instructions_for_claude_beside_its_own(project: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "CLAUDE.md").write_text("Be kind.\n", encoding="utf-8")
    wire(project, monkeypatch, "--agents-md")
    model = AGENTS["claude"].run(project, home, [])
    assert "\n".join(model.shown(0)).count("load the matching skill") == 1


def test_the_plugin_is_valid(plugin: Path, home: Path) -> None:
    output = AGENTS["claude"].command("plugin", "validate", str(plugin), folder=plugin, home=home)
    assert "passed" in output, output


def test_skills_add(tmp_path: Path, plugin: Path, home: Path) -> None:
    """The installer `npx skills add`, from a local path."""
    folder = tmp_path / "empty"
    folder.mkdir()
    variables = environment(home) | {"DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1", "CI": "1"}
    arguments = ["add", str(plugin), "--skill", "*", "--yes", "--agent", "claude-code", "codex"]
    done = run_node("skills/bin/cli.mjs", *arguments, folder=folder, variables=variables)
    assert done.returncode == 0, done.stdout + done.stderr
    for installed in (folder / ".agents" / "skills", folder / ".claude" / "skills"):
        assert sorted(os.listdir(installed)) == skill_names()
        for name in skill_names():
            source, copy = plugin / ".github" / "skills" / name, installed / name
            files = [path.relative_to(source) for path in source.rglob("*") if path.is_file()]
            assert [(copy / file).read_bytes() for file in files] == [(source / file).read_bytes() for file in files]

"""What the models of real agent programs see of the skills and of the hook."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from determinism_lint.init.resources import skill_names, skills
from tests import installed
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
    """A repository that needs durable code, and has nothing to check it."""
    folder = tmp_path / "project"
    folder.mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    (folder / "requirements.txt").write_text("durabletask==1.12.0\n", encoding="utf-8")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(scope="session")
def plugin() -> Path:
    """What `make plugin` makes."""
    return installed.plugin()


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


def wire(folder: Path, *arguments: str) -> None:
    """Run the installed wheel's `init`."""
    command = [str(installed.programs() / "determinism-lint"), "init", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def assert_skills_listed(model: FakeModel, *, languages: tuple[str, ...] = ()) -> None:
    """The model sees what each skill is for, which stands in no other file."""
    first = " ".join("\n".join(model.shown(0)).split())
    purposes = {path.partition("/")[0]: purpose(text) for path, text in skills(languages).items() if "SKILL.md" in path}
    assert purposes and [name for name, text in purposes.items() if text[:60] not in first] == []


def purpose(text: bytes) -> str:
    description = yaml.safe_load(text.decode().split("---")[1])["description"]
    assert isinstance(description, str)
    return description


def assert_told_and_held_back_once(model: FakeModel) -> None:
    assert len(model.requests) == 3, "the edit, the end that is held back, the end"
    after_edit, after_end = ("\n".join(model.shown(number)) for number in (1, 2))
    assert after_edit.count(FOUND) == 1
    assert "determinism-lint found 1 replay-safety error" in after_edit
    assert "Before you finish" not in after_edit
    assert "Before you finish: determinism-lint still finds 1 replay-safety error" in after_end


@every_tool
def test_in_a_project_that_init_has_wired(agent: Agent, project: Path, home: Path) -> None:
    wire(project, "--skills", agent.family, "--hooks", "--agents-md")
    model = agent.run(project, home, [agent.create(project / "flow.py", WRONG)])
    assert_skills_listed(model, languages=("python",))
    assert "load the matching skill" in "\n".join(model.shown(0))
    assert_told_and_held_back_once(model)


@every_tool
def test_as_an_installed_plugin(agent: Agent, project: Path, home_with_plugin: Callable[[Agent], Path]) -> None:
    model = agent.run(project, home_with_plugin(agent), [agent.create(project / "flow.py", WRONG)])
    assert_skills_listed(model)
    assert_told_and_held_back_once(model)


@every_program
def test_wired_for_all_and_installed_too(
    agent: Agent, project: Path, home_with_plugin: Callable[[Agent], Path]
) -> None:
    """Several hooks see the same edit then; the model is told once."""
    wire(project, "--skills", "copilot,claude,codex", "--hooks")
    model = agent.run(project, home_with_plugin(agent), [agent.create(project / "flow.py", WRONG)])
    assert_told_and_held_back_once(model)


@every_program
def test_in_a_folder_of_a_monorepo(agent: Agent, project: Path, home: Path) -> None:
    """The agent works in a folder of the repository that `init` has wired; the code and its project are there."""
    app = project / "services" / "orders"
    app.mkdir(parents=True)
    (app / "pyproject.toml").write_text('[project]\nname = "orders"\n', encoding="utf-8")
    wire(app, "--skills", agent.family, "--hooks")
    model = agent.run(app, home, [agent.create(app / "flow.py", WRONG)])
    assert_told_and_held_back_once(model)


@every_program
def test_where_the_linter_cannot_be_had(
    agent: Agent, project: Path, home_with_plugin: Callable[[Agent], Path], tmp_path: Path
) -> None:
    """Without an index nothing can be installed: the model is told once, and held back by nothing."""
    variables = {"PIP_NO_INDEX": "1", "DETERMINISM_LINT_CACHE_DIR": str(tmp_path / "empty")}
    plan = [agent.create(project / "flow.py", WRONG), agent.create(project / "other.py", WRONG)]
    model = agent.run(project, home_with_plugin(agent), plan, variables=variables)
    assert len(model.requests) == 3
    for number in (1, 2):  # The last request repeats what was said before.
        assert "\n".join(model.shown(number)).count("determinism-lint could not be installed here") == 1


@every_program
def test_nothing_to_say(agent: Agent, project: Path, home: Path) -> None:
    wire(project, "--skills", agent.family, "--hooks")
    model = agent.run(project, home, [agent.create(project / "flow.py", CORRECT)])
    assert (project / "flow.py").read_text(encoding="utf-8") == CORRECT
    assert len(model.requests) == 2
    assert "determinism-lint found" not in "\n".join(model.shown(1))


def test_instructions_for_claude_beside_its_own(project: Path, home: Path) -> None:
    (project / "CLAUDE.md").write_text("Be kind.\n", encoding="utf-8")
    wire(project, "--agents-md")
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
    for place in (folder / ".agents" / "skills", folder / ".claude" / "skills"):
        assert sorted(os.listdir(place)) == skill_names()
        for name in skill_names():
            source, copy = plugin / ".github" / "skills" / name, place / name
            files = [path.relative_to(source) for path in source.rglob("*") if path.is_file()]
            assert [(copy / file).read_bytes() for file in files] == [(source / file).read_bytes() for file in files]

"""The script that finds the linter, run by the plain shell."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hook.projects import commit, event, git, project, told

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the launcher is a shell script")

LAUNCHER = Path(__file__).parent.parent.parent / "hooks" / "determinism-lint.sh"
TOOLS = ("cat", "git", "grep", "head", "mkdir", "sed")
"""What the launcher uses besides the shell's own commands."""
DURABLE = "import durabletask\n"


def program(path: Path, answer: str, status: int = 0) -> None:
    """Something that says its name and how it was called."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'#!/bin/sh\necho "{answer} $* $DETERMINISM_LINT_COMMAND $(cat | wc -c)" | tr -s " "\nexit {status}\n',
        encoding="utf-8",
    )
    path.chmod(0o755)


@pytest.fixture
def shell(tmp_path: Path) -> Path:
    """A folder with only the tools that are always there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in (*TOOLS, "wc", "tr"):
        (folder / tool).symlink_to(shutil.which(tool) or tool)
    return folder


def launch(folder: Path, shell: Path, name: str = "recorded/claude-write", **changes: Any) -> str:
    content = event(name, folder, **changes)
    done = subprocess.run(
        ["/bin/sh", str(LAUNCHER)], cwd=folder, input=content, capture_output=True, check=False,
        env={"PATH": str(shell), "TMPDIR": str(shell.parent)},
    )  # fmt: skip
    assert done.returncode == 0
    return done.stdout.decode().replace(f" {len(content)}\n", " whole\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = project(tmp_path / "p", flow=DURABLE)
    (found / ".gitignore").write_text(".venv\nvenv\n", encoding="utf-8")
    (found / "requirements.txt").write_text("durabletask==1.12.0\n", encoding="utf-8")
    return found


def test_the_order(folder: Path, shell: Path) -> None:
    program(shell / "pipx", "pipx")
    assert launch(folder, shell) == "pipx run determinism-lint hook pipx run determinism-lint whole\n"
    program(shell / "uvx", "uvx")
    assert launch(folder, shell) == "uvx determinism-lint hook uvx determinism-lint whole\n"
    program(shell / "determinism-lint", "path")
    assert launch(folder, shell) == "path hook determinism-lint whole\n"
    program(folder / "venv/bin/determinism-lint", "venv")
    assert launch(folder, shell) == "venv hook venv/bin/determinism-lint whole\n"
    program(folder / ".venv/bin/determinism-lint", ".venv")
    assert launch(folder, shell) == ".venv hook .venv/bin/determinism-lint whole\n"


def test_one_that_does_not_work_is_passed_over(folder: Path, shell: Path) -> None:
    program(folder / ".venv/bin/determinism-lint", "broken", 127)
    program(shell / "determinism-lint", "too old", 2)
    program(shell / "uvx", "uvx")
    assert launch(folder, shell).startswith("uvx determinism-lint hook")


def test_from_a_folder_of_the_project(folder: Path, shell: Path) -> None:
    program(folder / ".venv/bin/determinism-lint", ".venv")
    (folder / "sub").mkdir()
    assert launch(folder / "sub", shell).startswith(f".venv hook {folder}/.venv/bin/determinism-lint")


def test_a_virtual_environment_that_came_with_the_repository_is_not_run(folder: Path, shell: Path) -> None:
    program(folder / ".venv/bin/determinism-lint", "anybody's")
    git(folder, "add", "--force", ".venv")
    commit(folder)
    assert "anybody's" not in launch(folder, shell)


def test_without_a_repository(tmp_path: Path, shell: Path) -> None:
    program(tmp_path / "q/.venv/bin/determinism-lint", ".venv")
    assert launch(tmp_path / "q", shell) == ".venv hook .venv/bin/determinism-lint whole\n"


def test_nothing_is_fetched_for_other_projects(tmp_path: Path, shell: Path) -> None:
    folder = project(tmp_path / "plain", flow="x = 1\n")
    program(shell / "uvx", "uvx")
    assert launch(folder, shell) == ""
    (folder / "pyproject.toml").write_text('dependencies = ["azure-functions-durable"]\n', encoding="utf-8")
    assert launch(folder, shell).startswith("uvx")


def test_it_says_once_in_a_session_how_to_get_the_linter(folder: Path, shell: Path) -> None:
    text = told(launch(folder, shell))
    assert text.startswith("determinism-lint is not installed here")
    assert "`pip install determinism-lint`" in text
    assert len(text) < 300
    assert launch(folder, shell) == ""
    assert told(launch(folder, shell, session_id="another-1")) == text
    assert launch(folder, shell, "recorded/claude-stop", session_id="another-2") == ""
    assert launch(folder, shell, "recorded/copilot-stop", sessionId="another-3") == ""


@pytest.mark.parametrize("name", ["recorded/copilot-edit", "recorded/copilot-claude-style-edit"])
def test_it_says_so_in_the_form_of_copilot(name: str, folder: Path, shell: Path) -> None:
    assert list(json.loads(launch(folder, shell, name))) == ["additionalContext"]


def test_the_plugin_calls_it() -> None:
    data = json.loads((LAUNCHER.parent / "hooks.json").read_text(encoding="utf-8"))
    assert list(data["hooks"]) == ["PostToolUse", "Stop"]
    (command,) = {hook["command"] for groups in data["hooks"].values() for group in groups for hook in group["hooks"]}
    assert command == 'sh "${CLAUDE_PLUGIN_ROOT}/hooks/' + LAUNCHER.name + '"'

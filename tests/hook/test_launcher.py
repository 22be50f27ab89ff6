"""The program that hands an agent's event to the linter: where it finds one, and whom it does not believe."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hook.projects import commit, event, git, project, told

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")

LAUNCHER = Path(__file__).parent.parent.parent / "hooks" / "determinism-lint.py"
DURABLE = "import durabletask\n"
SOURCE = "determinism-lint @ git+https://example.org/linter@0123456789"
ANSWER = '#!/bin/sh\necho "{name} $* $(wc -c | tr -d " ")"\n'


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def launcher(tmp_path: Path) -> Path:
    """As `init` writes it."""
    text = LAUNCHER.read_text(encoding="utf-8").replace('SOURCE = ""', f'SOURCE = "{SOURCE}"')
    path = tmp_path / "written" / LAUNCHER.name
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder of programs with git only: no uv, and no linter."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("git", "sh", "wc", "tr", "mkdir"):
        (folder / tool).symlink_to(shutil.which(tool) or tool)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = project(tmp_path / "p", flow=DURABLE)
    (found / ".gitignore").write_text(".venv\nvenv\n", encoding="utf-8")
    (found / "requirements.txt").write_text("durabletask==1.12.0\n", encoding="utf-8")
    return found


def with_uv(path: Path, status: int = 0) -> Path:
    """A stand-in for uv: `uv venv … HOME` makes an environment whose Python tells how it was called."""
    log = path.parent / "uv.log"
    made = f"mkdir -p \"$last/bin\"; printf '%s' '{ANSWER.format(name='installed')}' > \"$last/bin/python\""
    script(
        path / "uv",
        f'#!/bin/sh\nfor last; do :; done\necho "$*" >> {log}\n'
        f"if [ {status} != 0 ]; then echo broken >&2; exit {status}; fi\n"
        f'if [ "$1" = venv ]; then {made}; /bin/chmod +x "$last/bin/python"; fi\n',
    )
    return log


def launch(
    folder: Path, launcher: Path, path: Path, cache: Path, name: str = "recorded/claude-write", **changes: Any
) -> str:
    content = event(name, folder, **changes)
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(launcher)], cwd=folder, input=content, capture_output=True, check=False,
        env={"PATH": str(path), "DETERMINISM_LINT_CACHE_DIR": str(cache)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode().replace(f" {len(content)}\n", " whole\n")


def test_it_installs_from_its_source_once(folder: Path, launcher: Path, path: Path, cache_folder: Path) -> None:
    log = with_uv(path)
    for _ in range(2):
        assert launch(folder, launcher, path, cache_folder) == "installed -I -m determinism_lint hook whole\n"
    first, second = log.read_text(encoding="utf-8").splitlines()
    assert first.startswith("venv ") and second.endswith(SOURCE)


def test_a_plugin_is_its_own_source(folder: Path, path: Path, cache_folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "plugin" / "hooks" / LAUNCHER.name
    own.parent.mkdir(parents=True)
    shutil.copy(LAUNCHER, own)
    log = with_uv(path)
    launch(folder, own, path, cache_folder)
    assert log.read_text(encoding="utf-8").splitlines()[-1].endswith(f" {tmp_path / 'plugin'}")
    wheel = tmp_path / "plugin" / "wheel" / "determinism_lint-1-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.touch()
    launch(folder, own, path, cache_folder)
    assert log.read_text(encoding="utf-8").splitlines()[-1].endswith(f" {wheel}")
    (own.parent / "version").write_text("another", encoding="utf-8")
    launch(folder, own, path, cache_folder)
    assert len(log.read_text(encoding="utf-8").splitlines()) == 6


@pytest.mark.parametrize(
    "changes", [{"tool_input": {"file_path": "notes.md"}, "tool_response": {}}, {"tool_input": {}, "tool_response": {}}]
)
def test_other_files_cost_nothing(
    folder: Path, launcher: Path, path: Path, cache_folder: Path, changes: dict[str, Any]
) -> None:
    log = with_uv(path)
    assert launch(folder, launcher, path, cache_folder, **changes) == ""
    assert not log.exists() and not cache_folder.exists()


def test_nothing_is_installed_for_other_projects(
    tmp_path: Path, launcher: Path, path: Path, cache_folder: Path
) -> None:
    folder = project(tmp_path / "plain", flow="x = 1\n")
    plain: dict[str, Any] = {"tool_input": {"file_path": f"{folder}/flow.py", "content": "x = 1"}, "tool_response": {}}
    log = with_uv(path)
    assert launch(folder, launcher, path, cache_folder, **plain) == ""
    assert not log.exists()
    (folder / "sub").mkdir()
    (folder / "pyproject.toml").write_text('dependencies = ["azure-functions-durable"]\n', encoding="utf-8")
    assert launch(folder / "sub", launcher, path, cache_folder, **plain).startswith("installed")


def test_a_failure_is_told_once_and_not_repeated(folder: Path, launcher: Path, path: Path, cache_folder: Path) -> None:
    log = with_uv(path, status=1)
    text = told(launch(folder, launcher, path, cache_folder))
    assert text.startswith("determinism-lint could not be installed here") and SOURCE in text
    assert launch(folder, launcher, path, cache_folder) == ""
    assert told(launch(folder, launcher, path, cache_folder, session_id="another-1")) == text
    assert launch(folder, launcher, path, cache_folder, "recorded/claude-stop", session_id="another-2") == ""
    assert len(log.read_text(encoding="utf-8").splitlines()) == 1
    (failed,) = cache_folder.glob("environments/*.failed")
    assert "broken" in failed.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["recorded/copilot-edit", "recorded/copilot-claude-style-edit"])
def test_it_says_so_in_the_form_of_copilot(
    name: str, folder: Path, launcher: Path, path: Path, cache_folder: Path
) -> None:
    with_uv(path, status=1)
    assert list(json.loads(launch(folder, launcher, path, cache_folder, name))) == ["additionalContext"]


# --- where nothing can be installed, what the project has


def environment(folder: Path, name: str = ".venv") -> Path:
    (folder / "pyvenv.cfg").parent.mkdir(parents=True, exist_ok=True)
    script(folder / "bin" / "determinism-lint", ANSWER.format(name=name))
    (folder / "pyvenv.cfg").touch()
    return folder


@pytest.mark.parametrize(("where", "start"), [(".", "."), (".", "app/deep"), ("app", "."), ("services/one", "app")])
def test_environments_up_and_down(
    where: str, start: str, folder: Path, launcher: Path, path: Path, cache_folder: Path
) -> None:
    with_uv(path, status=1)
    environment(folder / where / ".venv")
    (folder / start).mkdir(parents=True, exist_ok=True)
    assert launch(folder / start, launcher, path, cache_folder) == ".venv hook whole\n"


def committed(folder: Path) -> None:
    environment(folder / ".venv")
    git(folder, "add", "--force", ".venv")
    commit(folder)


def not_ignored(folder: Path) -> None:
    environment(folder / ".venv")
    (folder / ".gitignore").unlink()


def a_link(folder: Path) -> None:
    environment(folder / "tools")
    (folder / ".venv").symlink_to("tools")
    git(folder, "add", "--force", ".venv", "tools")
    commit(folder)


def a_link_inside(folder: Path) -> None:
    environment(folder / "tools")
    environment(folder / ".venv")
    shutil.rmtree(folder / ".venv" / "bin")
    (folder / ".venv" / "bin").symlink_to("../tools/bin")


def a_submodule(folder: Path) -> None:
    inner = project(folder / ".venv")
    environment(inner)
    git(inner, "add", "--all")
    git(inner, "commit", "--quiet", "--message", "x")
    git(folder, "-c", "protocol.file.allow=always", "add", "--force", ".venv")


def no_git(folder: Path) -> None:
    environment(folder / ".venv")
    shutil.rmtree(folder / ".git")


def a_broken_repository(folder: Path) -> None:
    environment(folder / ".venv")
    (folder / ".git" / "HEAD").write_text("nonsense", encoding="utf-8")


@pytest.mark.parametrize(
    "attack", [committed, not_ignored, a_link, a_link_inside, a_submodule, no_git, a_broken_repository]
)
def test_an_environment_that_may_be_anybodys_is_not_run(
    attack: Any, folder: Path, launcher: Path, path: Path, cache_folder: Path
) -> None:
    with_uv(path, status=1)
    attack(folder)
    assert ".venv hook" not in launch(folder, launcher, path, cache_folder)


def test_without_a_git_program_nothing_of_the_repository_is_run(
    folder: Path, launcher: Path, path: Path, cache_folder: Path
) -> None:
    with_uv(path, status=1)
    environment(folder / ".venv")
    (path / "git").unlink()
    assert ".venv hook" not in launch(folder, launcher, path, cache_folder)


def test_one_on_the_path(folder: Path, launcher: Path, path: Path, cache_folder: Path) -> None:
    with_uv(path, status=1)
    script(path / "determinism-lint", ANSWER.format(name="path"))
    assert launch(folder, launcher, path, cache_folder) == "path hook whole\n"


def test_the_plugin_calls_it() -> None:
    data = json.loads((LAUNCHER.parent / "hooks.json").read_text(encoding="utf-8"))
    assert list(data["hooks"]) == ["PostToolUse", "Stop"]
    (command,) = {hook["command"] for groups in data["hooks"].values() for group in groups for hook in group["hooks"]}
    assert command.count('"${CLAUDE_PLUGIN_ROOT}/hooks/' + LAUNCHER.name + '"') == 2
    environment = {"PATH": "/nowhere", "CLAUDE_PLUGIN_ROOT": "/nowhere"}
    done = subprocess.run(["/bin/sh", "-c", command], env=environment, input=b"{}", capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"")

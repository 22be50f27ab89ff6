"""Every file that `init` writes, written by the installed wheel, and then really used."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from determinism_lint.init.source import Source, source_of
from tests.commands.test_cli import RIGHT, WRONG
from tests.hook.projects import event, told
from tests.installed import plugin, programs, wheel
from tests.repositories import git

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the hooks' commands are for a POSIX shell")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The user's own folder: environments are made once in it."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "repository"
    found.mkdir()
    git(found, "init", "--quiet")
    (found / "flow.py").write_text(RIGHT, encoding="utf-8")
    (found / "requirements.txt").write_text("durabletask==1.12.0\n", encoding="utf-8")
    return found


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV", "GIT_"))}
    return {
        **kept, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "DETERMINISM_LINT_CACHE_DIR": str(home / "cache"), "RUNNER_TEMP": str(home / "runner"),
    }  # fmt: skip


def init(folder: Path, home: Path, *arguments: str) -> str:
    command = [str(programs() / "determinism-lint"), "init", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment(home), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_source_is_the_wheel(folder: Path, home: Path) -> None:
    output = init(folder, home, "--pre-commit", "--ci", "github")
    assert f"`determinism-lint @ {wheel().as_uri()}` is a path of this machine" in " ".join(output.split())
    assert "CI is left out" in output
    assert not (folder / ".github").exists()


def test_pre_commit_blocks_and_passes(folder: Path, home: Path) -> None:
    init(folder, home, "--pre-commit")
    for text, passes in ((WRONG, False), (RIGHT, True)):
        (folder / "flow.py").write_text(text, encoding="utf-8")
        git(folder, "add", ".")
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", "--color", "never"],
            cwd=folder, env=environment(home), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode == 0) == passes, done.stdout + done.stderr
        assert ("wall-clock" in done.stdout) != passes


def hook_commands(folder: Path) -> dict[str, str]:
    copilot = json.loads((folder / ".github/hooks/determinism-lint.json").read_text(encoding="utf-8"))
    found = {"copilot": copilot["hooks"]["postToolUse"][0]["bash"]}
    for agent, settings in (("claude", ".claude/settings.json"), ("codex", ".codex/hooks.json")):
        data = json.loads((folder / settings).read_text(encoding="utf-8"))
        found[agent] = data["hooks"]["PostToolUse"][0]["hooks"][0]["command"]
    return found


def give_time(folder: Path) -> None:
    """Lets the launcher install for as long as that takes: this machine may be slow, and no agent waits."""
    limit = re.compile(r"^INSTALL_S = \d+$", re.MULTILINE)
    launchers = [path for path in folder.rglob("*.py") if limit.search(path.read_text(encoding="utf-8"))]
    assert launchers
    for path in launchers:
        path.write_text(limit.sub("INSTALL_S = 3600", path.read_text(encoding="utf-8")), encoding="utf-8")


@pytest.mark.parametrize("name", ["recorded/claude-write", "recorded/copilot-edit", "recorded/codex-apply-patch"])
def test_the_hooks_answer(name: str, folder: Path, home: Path) -> None:
    init(folder, home, "--skills", "copilot,claude,codex", "--hooks", "--language", "python")
    (folder / "flow.py").write_text(WRONG, encoding="utf-8")
    give_time(folder)
    command = hook_commands(folder)[name.split("/")[1].split("-")[0]]
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment(home), input=event(name, folder),
        capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert "wall-clock" in told(done.stdout.decode())


def test_skills_of_the_languages_that_are_there(folder: Path, home: Path) -> None:
    init(folder, home, "--skills", "claude")
    names = {path.name for path in (folder / ".claude" / "skills").iterdir()}
    assert {"durable-task-python", "durable-functions-python", "durable-debug"} <= names
    assert not any(name.endswith(("-js", "-java", "-dotnet")) for name in names)


@pytest.mark.parametrize("text", [WRONG, RIGHT])
def test_the_steps_of_the_jobs_run(text: str, folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The steps as the services would run them; the source stands for one that they can reach."""
    from determinism_lint.init import command as module

    monkeypatch.setattr(module, "installed_from", lambda: Source(f"determinism-lint @ {wheel().as_uri()}"))
    monkeypatch.chdir(folder)
    for service in ("github", "gitlab"):
        module.init.main(["--ci", service], standalone_mode=False)
    (folder / "flow.py").write_text(text, encoding="utf-8")
    workflow = yaml.safe_load((folder / ".github/workflows/determinism-lint.yml").read_text(encoding="utf-8"))
    steps = [step["run"] for step in workflow["jobs"]["determinism-lint"]["steps"] if "run" in step]
    job = yaml.safe_load((folder / ".gitlab-ci.yml").read_text(encoding="utf-8"))["determinism-lint"]
    variables = environment(home) | {"PATH": f"{programs()}{os.pathsep}{os.environ['PATH']}"}
    variables["PIP_REQUIRE_VIRTUALENV"] = "true"  # it is the one on the path, and no other pip
    for script in ("\n".join(steps), "\n".join(job["script"])):
        done = subprocess.run(
            ["bash", "-e", "-c", script], cwd=folder, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == (text == WRONG), done.stdout + done.stderr
        assert ("wall-clock" in done.stdout) == (text == WRONG)
    report = json.loads((folder / "gl-code-quality-report.json").read_text(encoding="utf-8"))
    assert [each["check_name"] for each in report] == (["wall-clock"] if text == WRONG else [])


def test_a_baseline_is_offered_where_there_are_findings(folder: Path, home: Path) -> None:
    assert "--write-baseline" not in init(folder, home, "--pre-commit")
    init(folder, home, "--undo")
    (folder / "flow.py").write_text(WRONG, encoding="utf-8")
    assert "`determinism-lint check --write-baseline`" in " ".join(init(folder, home, "--pre-commit").split())


def test_what_the_skills_install_lies_in_the_plugin() -> None:
    named = {
        found
        for page in plugin().rglob("SKILL.md")
        for found in re.findall(r"`pip install` this plugin's `([^`]+)`", page.read_text(encoding="utf-8"))
    }
    assert [sorted(plugin().glob(pattern)) for pattern in named] == [[wheel()]]


def test_the_plugin_is_lean() -> None:
    files = [path.relative_to(plugin()).as_posix() for path in plugin().rglob("*") if path.is_file()]
    tops = {"/".join(name.split("/")[:2]) if name.startswith(".github") else name.split("/")[0] for name in files}
    assert tops == {
        ".agents", ".claude-plugin", ".codex-plugin", ".cursor-plugin", ".github/skills", "LICENSE", "hooks", "wheel",
    }  # fmt: skip


class Recorded:
    """A distribution with the metadata that an installer wrote."""

    version = "1.2.3"

    def __init__(self, data: object) -> None:
        self.data = data

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return None if self.data is None else json.dumps(self.data)


@pytest.mark.parametrize(
    ("data", "requirement", "is_local"),
    [
        (None, "determinism-lint==1.2.3", False),
        (
            {"url": "https://example.org/x.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            "determinism-lint @ git+https://example.org/x.git@abc",
            False,
        ),
        (
            {"url": "file:///srv/x", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            "determinism-lint @ git+file:///srv/x@abc",
            True,
        ),
        ({"url": "file:///srv/x", "dir_info": {"editable": True}}, "determinism-lint @ file:///srv/x", True),
        (
            {"url": "https://example.org/x.whl", "archive_info": {"hashes": {"sha256": "ff"}}},
            "determinism-lint @ https://example.org/x.whl#sha256=ff",
            False,
        ),
        ({"url": "file:///x.whl", "archive_info": {}}, "determinism-lint @ file:///x.whl", True),
    ],
)
def test_sources(data: object, requirement: str, is_local: bool) -> None:
    assert source_of(Recorded(data)) == Source(requirement, is_local)  # type: ignore[arg-type]

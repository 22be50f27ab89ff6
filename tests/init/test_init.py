"""The command, in repositories of every kind."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from determinism_lint.init import command as init_command
from determinism_lint.init import resources
from determinism_lint.init.command import init
from determinism_lint.init.record import PATH
from determinism_lint.init.source import Source

ALL = ("--skills", "copilot,claude,codex", "--hooks", "--agents-md", "--pre-commit", "--ci")
OLD = {
    "README.md": "# Shop\n",
    "AGENTS.md": "# Rules\n\nBe kind.",
    "CLAUDE.md": "Be brief.\n",
    ".claude/settings.json": '{\n    "model": "opus",\n    "hooks": {"Stop": [{"hooks": []}]}\n}',
    ".codex/hooks.json": "{}",
    ".pre-commit-config.yaml": "repos:\r\n  - repo: a\r\n    hooks: []\r\n# end\r\n",
    ".gitlab-ci.yml": "stages: [build]\nbuild:\n  script: make\n",
    ".github/copilot-instructions.md": "",
    ".github/workflows/test.yml": "on: push\n",
}
Snapshot = dict[str, bytes]
SOURCE = Source("determinism-lint @ git+https://example.org/linter@0123456789")


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init_command, "installed_from", lambda: SOURCE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "repository"
    found.mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=found, check=True)
    monkeypatch.chdir(found)
    return found


@pytest.fixture
def old(folder: Path) -> Path:
    """A repository in which everything is there already."""
    for name, text in OLD.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return folder


def run(*arguments: str) -> Result:
    done = CliRunner().invoke(init, arguments)
    assert done.exit_code == 0, done.output
    return done


def files(folder: Path) -> Snapshot:
    found = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.relative_to(folder).parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(found)}


def folders(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_dir()}


def test_everything_in_an_empty_repository(folder: Path) -> None:
    run(*ALL, "github")
    found = files(folder)
    tops = {"/".join(name.split("/")[:2]) for name in found}
    assert tops == {
        ".agents/skills", ".claude/hooks", ".claude/settings.json", ".claude/skills", ".codex/hooks",
        ".codex/hooks.json", ".github/hooks", ".github/workflows", ".pre-commit-config.yaml", "AGENTS.md", PATH,
    }  # fmt: skip
    for skills in (".agents/skills", ".claude/skills"):
        assert {name: found[f"{skills}/{name}"] for name in resources.skills()} == resources.skills()
    for agent in ("claude", "codex", "github"):
        launcher = folder / f".{agent}/hooks/determinism-lint.py"
        assert launcher.read_bytes() == resources.launcher(SOURCE.requirement)
    (job,) = yaml.safe_load(found[".github/workflows/determinism-lint.yml"])["jobs"].values()
    assert f"install --quiet '{SOURCE.requirement}'" in job["steps"][1]["run"]
    for name in resources.skill_names():
        assert f"`{name}`" in found["AGENTS.md"].decode()
    assert max(map(len, found["AGENTS.md"].decode().splitlines())) <= 120


def test_hooks_call_the_launcher(folder: Path) -> None:
    run(*ALL, "github")
    copilot = json.loads((folder / ".github/hooks/determinism-lint.json").read_text())
    assert copilot["version"] == 1
    assert list(copilot["hooks"]) == ["postToolUse", "agentStop"]
    commands = {hook["bash"] for hooks in copilot["hooks"].values() for hook in hooks}
    for settings in (".claude/settings.json", ".codex/hooks.json"):
        data = json.loads((folder / settings).read_text())["hooks"]
        assert list(data) == ["PostToolUse", "Stop"]
        commands |= {hook["command"] for groups in data.values() for group in groups for hook in group["hooks"]}
    assert len(commands) == 3
    (folder / "sub").mkdir()
    for command in commands:
        assert "determinism-lint.py" in command


def test_a_hook_never_fails(old: Path) -> None:
    """An exit status of 2, which a shell has for a script that is missing, would stop the agent."""
    run(*ALL, "github")
    texts = [(old / name).read_text() for name in (".claude/settings.json", ".codex/hooks.json")]
    for launcher in old.glob(".*/hooks/determinism-lint.py"):
        launcher.unlink()
    for command in {
        hook["command"]
        for text in texts
        for groups in json.loads(text)["hooks"].values()
        for group in groups
        for hook in group["hooks"]
    }:
        done = subprocess.run(["sh", "-c", command], cwd=old, input=b"{}", capture_output=True, check=False)
        assert (done.returncode, done.stdout) == (0, b"")


def test_what_is_there_stays(old: Path) -> None:
    run(*ALL, "gitlab")
    found = files(old)
    for name in ("AGENTS.md", "CLAUDE.md"):
        assert found[name].startswith(OLD[name].encode())
        assert found[name].count(b"begin determinism-lint") == 1
    settings = json.loads(found[".claude/settings.json"])
    assert settings["model"] == "opus"
    assert settings["hooks"]["Stop"][0] == {"hooks": []}
    assert len(settings["hooks"]["Stop"]) == 2
    hooks = found[".pre-commit-config.yaml"]
    assert b"\n" not in hooks.replace(b"\r\n", b"")
    assert [repo["repo"] for repo in yaml.safe_load(hooks)["repos"]] == ["a", "local"]
    pipeline = yaml.safe_load(found[".gitlab-ci.yml"])
    assert pipeline["build"] == {"script": "make"}
    assert pipeline["determinism-lint"]["stage"] == ".pre"


@pytest.mark.parametrize("ci", ["github", "gitlab"])
@pytest.mark.parametrize("start", ["folder", "old"])
def test_once_is_enough_and_undo_takes_it_all_back(start: str, ci: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(start)
    before, folders_before = files(folder), folders(folder)
    run(*ALL, ci)
    after = files(folder)
    assert "unchanged" in run(*ALL, ci).output
    assert files(folder) == after
    done = run("--undo")
    assert files(folder) == before
    assert folders(folder) == folders_before
    assert "left alone" not in done.output
    assert run("--undo").output.startswith("Nothing to take back")


def test_one_after_the_other(old: Path) -> None:
    before = files(old)
    for arguments in (["--agents-md"], ["--skills", "claude"], ["--hooks"], ["--ci", "github"], ["--pre-commit"], []):
        run(*arguments)
    together = files(old)
    run("--undo")
    assert files(old) == before
    run()
    assert {**files(old), PATH: b""} == {**together, PATH: b""}


def test_a_dry_run_shows_what_a_run_does(old: Path, tmp_path: Path) -> None:
    before = files(old)
    done = run(*ALL, "github", "--dry-run")
    assert files(old) == before
    assert "nothing was written" in done.stderr
    copy = tmp_path / "copy"
    shutil.copytree(old, copy)
    subprocess.run(["git", "apply"], cwd=copy, input=done.stdout_bytes, check=True)
    run(*ALL, "github")
    assert files(copy) == files(old)
    after = files(old)
    done = run("--undo", "--dry-run")
    assert files(old) == after
    subprocess.run(["git", "apply"], cwd=copy, input=done.stdout_bytes, check=True)
    assert files(copy) == before


def test_detection(folder: Path) -> None:
    assert "Pick it: --skills" in run().output
    assert files(folder) == {}
    (folder / ".claude").mkdir()
    run()
    assert {name.split("/")[0] for name in files(folder)} == {".claude", "AGENTS.md", PATH}


def test_detection_finds_all(old: Path) -> None:
    run()
    found = set(files(old))
    assert {".github/workflows/determinism-lint.yml", ".github/hooks/determinism-lint.json"} <= found
    assert ".agents/skills/durable-review/SKILL.md" in found
    assert ".claude/skills/durable-review/SKILL.md" in found
    assert not any(name.startswith(".github/skills") for name in found), "Copilot reads the others' folders"


@pytest.mark.parametrize(
    ("agent", "expected"),
    [("copilot", ".github/skills"), ("claude", ".claude/skills"), ("codex", ".agents/skills")],
)
def test_skills_for_one_agent(agent: str, expected: str, folder: Path) -> None:
    run("--skills", agent)
    assert {"/".join(name.split("/")[:2]) for name in files(folder)} == {expected, PATH}


def test_from_a_folder_of_the_repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "sub").mkdir()
    monkeypatch.chdir(folder / "sub")
    run("--agents-md")
    assert (folder / "AGENTS.md").exists()


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("--agents-md")
    assert (tmp_path / "AGENTS.md").exists()


def edit_skill(folder: Path) -> str:
    (folder / ".claude/skills/durable-review/SKILL.md").write_text("mine", encoding="utf-8")
    return ".claude/skills/durable-review/SKILL.md"


def edit_settings(folder: Path) -> str:
    path = folder / ".claude/settings.json"
    path.write_text(path.read_text().replace("Write|Edit", "Write"), encoding="utf-8")
    return ".claude/settings.json"


def edit_instructions(folder: Path) -> str:
    path = folder / "AGENTS.md"
    path.write_text(path.read_text().replace("load the matching skill", "read the book"), encoding="utf-8")
    return "AGENTS.md"


@pytest.mark.parametrize("edit", [edit_skill, edit_settings, edit_instructions])
def test_what_was_edited_since_is_left_alone(old: Path, edit: Callable[[Path], str]) -> None:
    run(*ALL, "github")
    path = edit(old)
    text = (old / path).read_bytes()
    line = run(*ALL, "github").output
    assert "left alone: was edited since" in line
    assert (old / path).read_bytes() == text
    assert "left alone: was edited since" in run("--undo").output
    assert (old / path).read_bytes() == text


def test_text_around_what_was_written_may_change(old: Path) -> None:
    run(*ALL, "github")
    path = old / "AGENTS.md"
    path.write_text("New head.\n" + path.read_text() + "New tail.\n", encoding="utf-8")
    run("--undo")
    assert path.read_text() == "New head.\n" + OLD["AGENTS.md"] + "New tail.\n"


def test_a_created_file_that_others_have_used_since(folder: Path) -> None:
    run(*ALL, "gitlab")
    path = folder / ".claude/settings.json"
    settings = json.loads(path.read_text())
    settings = {"first": 1, **settings, "last": {}}
    settings["hooks"]["Notification"] = [{"hooks": []}]
    path.write_text(json.dumps(settings, indent=4), encoding="utf-8")
    assert "unchanged" in run(*ALL, "gitlab").output
    run("--undo")
    assert list(files(folder)) == [".claude/settings.json"]
    assert json.loads(path.read_text()) == {"first": 1, "hooks": {"Notification": [{"hooks": []}]}, "last": {}}


def test_what_was_taken_away_comes_back(old: Path) -> None:
    run(*ALL, "github")
    after = files(old)
    for name in ("AGENTS.md", ".claude/settings.json", ".codex/hooks.json"):
        (old / name).write_bytes(OLD[name].encode())
    (old / ".claude/skills/durable-review/SKILL.md").unlink()
    run(*ALL, "github")
    assert files(old) == after


def test_files_of_others_are_not_overwritten(folder: Path) -> None:
    theirs = {
        ".github/workflows/determinism-lint.yml": b"on: push\n",
        ".claude/skills/durable-review/SKILL.md": b"theirs",
        ".claude/settings.json": b'{"hooks": {}} // comment',
        ".codex/hooks.json": b"\xff\xfe",
        ".pre-commit-config.yaml": b"repos: []\n",
        "AGENTS.md": b"one\r\ntwo\n",
    }
    for name, content in theirs.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    output = run(*ALL, "github").output
    for reason in ("exists, and init did not write it", "is not plain JSON", "is not UTF-8 text",
                   "has no list `repos:`", "mixes two kinds of line ends"):  # fmt: skip
        assert f"left alone: {reason}" in output
    found = files(folder)
    assert {name: found[name] for name in theirs} == theirs
    run("--undo")
    assert files(folder) == theirs


def test_a_newer_version(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(old)
    run(*ALL, "gitlab")
    newer = {"durable-review/SKILL.md": b"new text", "durable-new/SKILL.md": b"new skill"}
    monkeypatch.setattr(resources, "skills", lambda languages: newer)
    monkeypatch.setattr(init_command, "installed_from", lambda: Source("determinism-lint==99.0.0"))
    output = run(*ALL, "gitlab").output
    found = files(old)
    assert {name: found[name] for name in found if "/skills/" in name} == {
        f"{folder}/{name}": text for folder in (".claude/skills", ".agents/skills") for name, text in newer.items()
    }
    for name in (".pre-commit-config.yaml", ".gitlab-ci.yml", "AGENTS.md"):
        assert f"~ {name}: " in output
    assert found[".pre-commit-config.yaml"].count(b"determinism-lint==99.0.0") == 1
    assert found["AGENTS.md"].count(b"`durable-new`") == 1
    assert SOURCE.requirement.encode() not in found[".gitlab-ci.yml"]
    run("--undo")
    assert files(old) == before


def test_links(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / ".agents").symlink_to(outside)
    (folder / ".github").mkdir()
    (folder / ".github/skills").mkdir()
    (folder / ".claude").mkdir()
    (folder / ".claude/skills").symlink_to("../.github/skills")
    (folder / "CLAUDE.md").write_text("Be kind.\n", encoding="utf-8")
    (folder / "AGENTS.md").symlink_to("CLAUDE.md")
    before = files(folder)
    assert "a symbolic link leads out of the repository" in run("--skills", "claude,codex", "--agents-md").output
    assert list(outside.iterdir()) == []
    assert (folder / "AGENTS.md").is_symlink()
    assert (folder / "CLAUDE.md").read_text().count("begin determinism-lint") == 1
    run("--undo")
    assert files(folder) == before


def test_instructions_that_claude_reads(folder: Path) -> None:
    (folder / "CLAUDE.md").write_text("@AGENTS.md\n", encoding="utf-8")
    run("--agents-md")
    assert (folder / "CLAUDE.md").read_text() == "@AGENTS.md\n"


@pytest.mark.parametrize(
    ("text", "stage"),
    [("", "test"), ("stages: [build, test]\n", "test"), ("stages:\n- build\n- 'test'\n", "test"),
     ("stages:\n  - build\n\ntest:\n  script: x\n", ".pre"), ("stages: [ build ]\n", ".pre"),
     ("stages: [testing]\n", ".pre")],
)  # fmt: skip
def test_the_stage_of_the_job_exists(text: str, stage: str, folder: Path) -> None:
    (folder / ".gitlab-ci.yml").write_text(text, encoding="utf-8")
    run("--ci", "gitlab")
    data = yaml.safe_load((folder / ".gitlab-ci.yml").read_text())
    assert data["determinism-lint"]["stage"] == stage


def test_a_file_keeps_its_mode(folder: Path) -> None:
    (folder / "AGENTS.md").write_text("x\n", encoding="utf-8")
    (folder / "AGENTS.md").chmod(0o600)
    run("--agents-md")
    assert (folder / "AGENTS.md").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--skills", "cursor"], "no agent is called `cursor`; known are copilot, claude, codex"),
        (["--skills", ","], "name at least one agent"),
        (["--undo", "--hooks"], "--undo takes everything back"),
        (["--ci", "jenkins"], "'jenkins' is not one of 'github', 'gitlab'"),
    ],
)
def test_wrong_usage(arguments: list[str], message: str, folder: Path) -> None:
    done = CliRunner().invoke(init, arguments)
    assert done.exit_code == 2
    assert message in done.output
    assert files(folder) == {}


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2}', '{"version": 1, "files": 1}'])
def test_a_record_that_cannot_be_understood(text: str, folder: Path) -> None:
    (folder / PATH).write_text(text, encoding="utf-8")
    done = CliRunner().invoke(init, ["--agents-md"])
    assert done.exit_code == 1
    assert PATH in done.output
    assert set(files(folder)) == {PATH}


def test_a_file_that_cannot_be_written(folder: Path) -> None:
    (folder / "AGENTS.md").mkdir()
    done = CliRunner().invoke(init, ["--agents-md"])
    assert done.exit_code == 1
    assert "AGENTS.md: Is a directory" in done.output


def test_as_the_linters_command(folder: Path) -> None:
    command = [sys.executable, "-m", "determinism_lint", "init", "--skills", "claude", "--dry-run"]
    variables = {**os.environ, "PYTHONPATH": str(Path(resources.__file__).parent.parent.parent)}
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.count("+++ b/.claude/skills/") == len(resources.skills())
    assert done.stderr.startswith(f"{folder} (dry run, nothing was written):\n")


@pytest.mark.parametrize(
    "where", ["../victim/file", "/etc/hosts", "a/../../victim/file", ".git/config", "C:/x", "a\\..\\b"]
)
def test_a_record_of_a_stranger_reaches_nothing_outside(where: str, folder: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "file").write_text("mine\nkeep\n", encoding="utf-8")
    digest = hashlib.sha256((victim / "file").read_bytes()).hexdigest()
    pieces = {"part": "x", "digest": "", "pieces": ["mine\n"], "items": [], "created_as": None}
    forged = (
        {"files": {where: {"part": "x", "digest": digest}}},
        {"insertions": {where: pieces}},
        {"folders": [where]},
    )
    for data in forged:
        record = {"version": 1, "files": {}, "insertions": {}, "folders": [], **data}
        (folder / PATH).write_text(json.dumps(record), encoding="utf-8")
        done = CliRunner().invoke(init, ["--undo"])
        assert done.exit_code == 1 and "which init cannot have written" in done.output
    assert (victim / "file").read_text(encoding="utf-8") == "mine\nkeep\n"


def test_undo_follows_no_link_out_of_the_repository(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "known.txt").write_text("known", encoding="utf-8")
    (folder / "link").symlink_to(tmp_path)
    digest = hashlib.sha256(b"known").hexdigest()
    record = {
        "version": 1,
        "files": {"link/known.txt": {"part": "x", "digest": digest}},
        "insertions": {},
        "folders": [],
    }
    (folder / PATH).write_text(json.dumps(record), encoding="utf-8")
    assert "leads out of the repository" in run("--undo").output
    assert (tmp_path / "known.txt").exists()


def test_undo_remembers_what_it_had_to_leave(folder: Path) -> None:
    run("--agents-md", "--pre-commit")
    text = (folder / "AGENTS.md").read_text(encoding="utf-8")
    (folder / "AGENTS.md").write_text(text.replace("Before you touch", "BEFORE you touch"), encoding="utf-8")
    assert "was edited since" in run("--undo").output
    assert sorted(files(folder)) == [PATH, "AGENTS.md"]
    (folder / "AGENTS.md").write_text(text, encoding="utf-8")
    run("--undo")
    assert files(folder) == {}

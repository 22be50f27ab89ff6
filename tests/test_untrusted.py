"""What a repository of a stranger must not be able to do: each attack that once worked, tried again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from determinism_lint.output import formats
from determinism_lint.run.kept import project_folder
from tests.commands.test_cli import WRONG

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")
ESCAPE = "\x1b]0;owned\x07"
COMMAND = "::error title=forged::forged"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "repository"
    found.mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=found, check=True)
    (found / "flow.py").write_text(WRONG, encoding="utf-8")
    return found


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "determinism_lint", "check", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False)


def test_a_committed_cache_is_not_believed(folder: Path) -> None:
    assert check(folder).returncode == 1
    clean = folder.parent / "clean"
    clean.mkdir()
    (clean / "flow.py").write_text("import durabletask\n", encoding="utf-8")
    check(clean, ".")
    for name in (".determinism-lint-cache", ".cache/determinism-lint"):
        (folder / name).mkdir(parents=True)
        for file in Path(project_folder(str(folder))).iterdir():
            (folder / name / file.name).write_bytes(file.read_bytes())
    assert check(folder, "--no-cache").returncode == check(folder).returncode == 1


@POSIX
def test_the_cache_writes_through_no_link_of_the_repository(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / ".determinism-lint-cache").symlink_to(elsewhere)
    check(folder)
    assert list(elsewhere.iterdir()) == []


@POSIX
def test_a_link_out_shows_nothing_and_is_not_fixed(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "credentials"
    secret.write_text("[default]\naws_secret = orchestrator activity\n", encoding="utf-8")
    (folder / "helper.py").symlink_to(secret)
    flow = tmp_path / "outside.py"
    flow.write_text(WRONG, encoding="utf-8")
    (folder / "linked.py").symlink_to(flow)
    (folder / "flow.py").write_text(WRONG.replace("import", "import helper\nimport", 1), encoding="utf-8")
    done = check(folder, "--fix")
    assert b"aws_secret" not in done.stdout + done.stderr
    assert flow.read_text(encoding="utf-8") == WRONG


def test_a_baseline_stays_in_the_repository(folder: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine", encoding="utf-8")
    (folder / "determinism-lint.toml").write_text('baseline = "../victim"\n', encoding="utf-8")
    done = check(folder, "--write-baseline")
    assert done.returncode == 2 and b"leads out of the repository" in done.stderr
    assert victim.read_text(encoding="utf-8") == "mine"


def forged_lines(done: subprocess.CompletedProcess[bytes]) -> list[bytes]:
    output = done.stdout + b"\n" + done.stderr
    assert b"\x1b" not in output
    return [line for line in output.splitlines() if line.lstrip().startswith(b"::error title=forged")]


@POSIX
@pytest.mark.parametrize("output_format", formats())
def test_names_neither_steer_terminals_nor_command_ci(folder: Path, output_format: str) -> None:
    name = f"a{ESCAPE}\n{COMMAND}\n.py"
    (folder / name).write_text(WRONG, encoding="utf-8")
    assert forged_lines(check(folder, "--output-format", output_format)) == []


@POSIX
def test_the_diffs_headers_are_one_line(folder: Path) -> None:
    (folder / f"a{ESCAPE}\n{COMMAND}\n.py").write_text(WRONG, encoding="utf-8")
    assert forged_lines(check(folder, "--diff")) == []


def test_settings_and_baselines_are_quoted(folder: Path) -> None:
    key = f"a{ESCAPE}\n{COMMAND}"
    (folder / "determinism-lint.toml").write_text(f"{json.dumps(key)} = 1\n", encoding="utf-8")
    done = check(folder)
    assert done.returncode == 2 and forged_lines(done) == []
    (folder / "determinism-lint.toml").write_text('baseline = "known.json"\n', encoding="utf-8")
    known = {"version": 1, "findings": {"0": f"flow.py: wall-clock: a{ESCAPE}\n{COMMAND}"}}
    (folder / "known.json").write_text(json.dumps(known), encoding="utf-8")
    assert forged_lines(check(folder)) == []

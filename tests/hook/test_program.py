"""The program: it never disturbs the agent, and takes no time when it has nothing to do."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from determinism_lint.hook.command import hook
from tests.hook.projects import CORRECT, PURE, WRONG, event, project

ROOT = Path(__file__).parent.parent.parent
HEAVY = (
    "click",
    "libcst",
    "dataclasses",
    "subprocess",
    "determinism_lint.run.project",
    "determinism_lint.rules.catalogue",
)


def run(content: bytes, *options: str, folder: Path = ROOT) -> subprocess.CompletedProcess[bytes]:
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, *options, "-m", "determinism_lint.hook"]
    return subprocess.run(command, input=content, cwd=folder, env=variables, capture_output=True, check=False)


def test_it_answers(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow=WRONG, helpers=PURE)
    done = run(event("recorded/claude-write", folder))
    assert (done.returncode, done.stderr) == (0, b"")
    assert "wall-clock" in json.loads(done.stdout)["hookSpecificOutput"]["additionalContext"]
    assert done.stdout.count(b"\n") == 1


@pytest.mark.parametrize("content", [b"", b"no JSON", b"[1]", b"\xff\xfe\x00"])
def test_malformed_input(content: bytes) -> None:
    done = run(content)
    assert (done.returncode, done.stdout) == (0, b"")
    assert re.match(rb"determinism-lint hook: ValueError: the event is not (JSON|a JSON object)", done.stderr)
    assert done.stderr.count(b"\n") == 1


def test_wrong_settings(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow=WRONG, helpers=PURE)
    (folder / "determinism-lint.toml").write_text("unknown = 1", encoding="utf-8")
    done = run(event("recorded/claude-write", folder))
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"unknown key `unknown`" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_internal_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project(tmp_path / "p", flow=WRONG, helpers=PURE)
    monkeypatch.setattr("determinism_lint.hook.judge.judge", lambda *_: 1 / 0)
    monkeypatch.delenv("DETERMINISM_LINT_DEBUG", raising=False)
    done = CliRunner().invoke(hook, input=event("recorded/claude-write", folder), standalone_mode=False)
    assert (done.return_value, done.stdout) == (0, "")
    assert done.stderr == "determinism-lint hook: ZeroDivisionError: division by zero\n"


def test_nobody_reads_the_answer(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow=WRONG, helpers=PURE)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "determinism_lint.hook"], input=event("recorded/claude-write", folder), cwd=ROOT,
        stdout=writer, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_as_the_linters_command(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow=WRONG, helpers=PURE)
    done = subprocess.run(
        [sys.executable, "-m", "determinism_lint", "hook"], input=event("recorded/codex-apply-patch", folder), cwd=ROOT,
        capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert "wall-clock" in json.loads(done.stdout)["hookSpecificOutput"]["additionalContext"]


def test_as_a_command(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow=WRONG, helpers=PURE)
    done = CliRunner().invoke(hook, input=event("recorded/copilot-create", folder), standalone_mode=False)
    assert done.return_value == 0
    assert "wall-clock" in json.loads(done.stdout)["additionalContext"]
    assert "Claude Code" in CliRunner().invoke(hook, ["--help"]).output


@pytest.mark.parametrize(
    ("files", "changes"),
    [
        ({"flow": WRONG, "helpers": PURE}, {"tool_name": "Read"}),
        ({"flow": WRONG, "helpers": PURE}, {"tool_input": {"file_path": "README.md"}}),
        ({"flow": "x = 1\n"}, {}),
    ],
    ids=["no edit", "no source", "nothing durable"],
)
def test_nothing_heavy_is_imported_for_nothing(files: dict[str, str], changes: dict[str, Any], tmp_path: Path) -> None:
    folder = project(tmp_path / "p", **files)
    (folder / "README.md").touch()
    done = run(event("recorded/claude-write", folder, **changes), "-X", "importtime")
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines()}
    assert done.stdout == b""
    assert "determinism_lint.hook.event" in imported
    assert imported.isdisjoint(HEAVY)


def test_a_clean_project_that_is_known_needs_no_parser(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow=CORRECT, helpers=PURE, other="x = 1\n")
    run(event("recorded/claude-write", folder))
    done = run(event("recorded/claude-write", folder, tool_input={"file_path": "other.py"}), "-X", "importtime")
    assert done.stdout == b""
    assert b"determinism_lint.run.project" in done.stderr
    assert b" libcst" not in done.stderr

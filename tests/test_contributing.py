"""CONTRIBUTING.md, followed to the letter in a copy of the checkout: its example of a rule, and its commands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.environments import sdk_python
from tests.repositories import ROOT, git, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a POSIX shell")

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
GUIDE = TEXT.split("## Add a rule in five minutes\n")[1].split("\n## Before a rule is done\n")[0]
(RULE,) = re.findall(r"^````markdown\n(.*?)^````$", GUIDE, re.MULTILINE | re.DOTALL)
(NAME,) = re.findall(r"This is a whole one, `(.+)`:", GUIDE)
COMMANDS = [line.strip() for line in re.findall(r"^ +(make .*)$", GUIDE, re.MULTILINE)]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy, whose `.venv` runs this Python with the copy's modules, and which shares what is downloaded."""
    folder = tmp_path / "checkout"
    for name in git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and os.path.lexists(ROOT / name):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    (folder / ".venv" / ".ready").touch()
    (folder / ".cache").symlink_to(ROOT / ".cache")
    git(folder, "init", "--quiet")
    return folder


def follow(folder: Path, commands: Sequence[str]) -> subprocess.CompletedProcess[str]:
    hidden = {name: "" for name in os.environ if name.startswith("PYTEST")}
    return run(folder, "sh", "-c", " && ".join(commands), **hidden)


def test_the_rule_of_the_guide_is_complete(checkout: Path) -> None:
    sdk_python("durable-task-python")  # without it, nothing would be run
    (checkout / NAME).write_text(RULE, encoding="utf-8")
    done = follow(checkout, COMMANDS)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    pages = follow(checkout, [".venv/bin/python -m pytest tests/pages/test_python.py -v -k pickled-bytes"])
    for way in ("wrong_example_goes_wrong", "correct_example_runs_and_replays", "judged_by_the_linter_as_it_is_marked"):
        assert re.search(rf"{way}.*pickled-bytes.* PASSED", pages.stdout), pages.stdout


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("json.dumps(sorted(tags))", "json.dumps(undefined_name)", "undefined_name"),
        ("group: determinism-environment\n", "", r"pickled-bytes\.md: .*group"),
        ("group: determinism-environment", "group: determinism-moon", r"pickled-bytes\.md: .*determinism-moon"),
    ],
)
def test_a_mistake_in_it_is_told(checkout: Path, before: str, after: str, says: str) -> None:
    sdk_python("durable-task-python")
    assert before in RULE
    (checkout / NAME).write_text(RULE.replace(before, after), encoding="utf-8")
    done = follow(checkout, COMMANDS)
    assert done.returncode != 0
    assert re.search(says, done.stdout + done.stderr), done.stdout[-3000:] + done.stderr


def test_every_path_that_the_document_names_exists() -> None:
    for path in re.findall(r"`((?:determinism_lint|skills_src|tests)/[^` ]*)`", TEXT):
        pattern = re.sub(r"<[^>]+>", "*", path)
        if path != NAME:
            assert list(ROOT.glob(pattern.rstrip("/"))), path


def test_every_path_in_the_readme_exists() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8").split("## How it works")[1]
    linked = re.findall(r"`((?:determinism_lint|skills_src|tests)/[^` ]*)`", text)
    folders = re.findall(r"(?<!/)\b((?:run|output|fixes|analysis|checks|languages|rules)/[\w<>./]*)", text)
    for path in [*linked, *(f"determinism_lint/{each}" for each in folders if each != "rules/")]:
        assert list(ROOT.glob(re.sub(r"<[^>]+>", "*", path).rstrip("/"))), path

"""The hooks of .pre-commit-hooks.yaml, run by the real pre-commit in scratch repositories."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from determinism_lint.rules.catalogue import load_catalogue
from tests.commands.test_cli import RIGHT, WRONG
from tests.repositories import ROOT, git, run, snapshot

Commit = Callable[..., "subprocess.CompletedProcess[str]"]
HOOKS = [hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))]

HELPER = "from datetime import datetime\n\n\ndef now():\n    return datetime.now()\n"
CLEAN_HELPER = HELPER.replace("datetime.now()", "datetime.min")
CALLER = WRONG.replace("from datetime import datetime", "from helper import now").replace("datetime.now()", "now()")


@pytest.fixture(scope="module")
def linter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return snapshot(tmp_path_factory.mktemp("linter"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps the hooks' environment: it is built once, for all tests."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "flow.py").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "README.md").write_text("# datetime.now()\n", encoding="utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "x")
    return tmp_path


@pytest.fixture
def commit(repository: Path, linter: Path, home: Path) -> Commit:
    """Stage what has changed, unless told, and run one hook as `git commit` would."""

    def commit(hook: str, *, stage: bool = True) -> subprocess.CompletedProcess[str]:
        revision = git(linter, "rev-parse", "HEAD").strip()
        hooks = {"repo": str(linter), "rev": revision, "hooks": [{"id": hook}]}
        config = home / f"{hook}.yaml"
        config.write_text(yaml.safe_dump({"repos": [hooks]}), encoding="utf-8")
        if stage:
            git(repository, "add", ".")
        return run(
            repository, sys.executable, "-m", "pre_commit", "run", "--color", "never", "--config", str(config),
            PRE_COMMIT_HOME=str(home / "cache"),
        )  # fmt: skip

    return commit


def last(done: subprocess.CompletedProcess[str]) -> str:
    """What became of the hook: `Passed`, `Failed`, `Skipped`."""
    found = re.findall(r"^determinism-lint.*?\.\.+(?:\(no files to check\))?(\w+)$", done.stdout, re.MULTILINE)
    assert len(found) == 1, done.stdout + done.stderr
    return str(found[0])


def test_the_hooks_are_described() -> None:
    assert HOOKS == ["determinism-lint", "determinism-lint-fix"]


@pytest.mark.parametrize("hook", HOOKS)
def test_clean_code_passes(repository: Path, commit: Commit, hook: str) -> None:
    (repository / "flow.py").write_text(RIGHT + "\n\nx = 1\n", encoding="utf-8")
    done = commit(hook)
    assert (done.returncode, last(done)) == (0, "Passed")


def test_only_python_files_start_it(repository: Path, commit: Commit) -> None:
    (repository / "README.md").write_text("# changed\n", encoding="utf-8")
    assert last(commit("determinism-lint")) == "Skipped"


def test_a_hazard_blocks_the_commit(repository: Path, commit: Commit) -> None:
    (repository / "flow.py").write_text(WRONG, encoding="utf-8")
    done = commit("determinism-lint")
    assert (done.returncode, last(done)) == (1, "Failed")
    assert "error[wall-clock]" in done.stdout
    assert " --> flow.py:7:15\n" in done.stdout
    assert (repository / "flow.py").read_text(encoding="utf-8") == WRONG


def test_a_hazard_is_fixed_and_the_commit_waits_for_it_to_be_staged(repository: Path, commit: Commit) -> None:
    (repository / "flow.py").write_text(WRONG, encoding="utf-8")
    done = commit("determinism-lint-fix")
    assert (done.returncode, last(done)) == (1, "Failed")
    assert "- files were modified by this hook" in done.stdout
    assert "Fixed 1 finding in 1 file." in done.stdout
    assert (repository / "flow.py").read_text(encoding="utf-8") == RIGHT
    (repository / "flow.py").write_text(RIGHT + "\n\nx = 1\n", encoding="utf-8")
    assert last(commit("determinism-lint-fix")) == "Passed"


def test_a_changed_helper_is_judged_for_the_orchestrators_that_stay_as_they_are(
    repository: Path, commit: Commit
) -> None:
    (repository / "flow.py").write_text(CALLER, encoding="utf-8")
    (repository / "helper.py").write_text(CLEAN_HELPER, encoding="utf-8")
    assert last(commit("determinism-lint")) == "Passed"
    git(repository, "commit", "--quiet", "--message", "x")
    (repository / "helper.py").write_text(HELPER, encoding="utf-8")
    done = commit("determinism-lint")
    assert last(done) == "Failed"
    assert " --> helper.py:5:12\n" in done.stdout
    assert "reached from orchestrator `flow` (flow.py:6)" in done.stdout


def test_a_changed_orchestrator_is_judged_with_the_helpers_that_stay_as_they_are(
    repository: Path, commit: Commit
) -> None:
    (repository / "helper.py").write_text(HELPER, encoding="utf-8")
    assert last(commit("determinism-lint")) == "Passed"
    git(repository, "commit", "--quiet", "--message", "x")
    (repository / "flow.py").write_text(CALLER, encoding="utf-8")
    done = commit("determinism-lint-fix")
    assert last(done) == "Failed"
    assert " --> helper.py:5:12\n" in done.stdout
    assert (repository / "helper.py").read_text(encoding="utf-8") == HELPER


def test_what_is_staged_counts(repository: Path, commit: Commit) -> None:
    (repository / "flow.py").write_text(WRONG, encoding="utf-8")
    git(repository, "add", ".")
    (repository / "flow.py").write_text(RIGHT, encoding="utf-8")
    assert last(commit("determinism-lint", stage=False)) == "Failed"
    assert (repository / "flow.py").read_text(encoding="utf-8") == RIGHT
    git(repository, "add", ".")
    (repository / "flow.py").write_text(WRONG, encoding="utf-8")
    assert last(commit("determinism-lint", stage=False)) == "Skipped"


def test_every_rule_is_in_the_installed_linter(home: Path, commit: Commit, repository: Path) -> None:
    (repository / "flow.py").write_text(WRONG, encoding="utf-8")
    commit("determinism-lint")
    scripts = "Scripts" if sys.platform == "win32" else "bin"
    (program,) = (home / "cache").glob(f"repo*/py_env-*/{scripts}/determinism-lint*")
    listed = run(repository, str(program), "rules").stdout.splitlines()
    assert [line.split()[0] for line in listed] == list(load_catalogue())

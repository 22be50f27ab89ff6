"""The wheel, built from the source distribution and installed in a clean environment, does its job."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from determinism_lint.rules.catalogue import load_catalogue
from tests.commands.test_cli import WRONG
from tests.environments import create

ROOT = Path(__file__).parent.parent
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COV"))}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def run(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs the installed program, in a folder of its own unless told."""
    home = tmp_path_factory.mktemp("clean")
    create(home / "env", [str(wheel)])
    scripts = home / "env" / ("Scripts" if sys.platform == "win32" else "bin")

    def run(*arguments: str, folder: Path = home) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [shutil.which("determinism-lint", path=str(scripts)) or "", *arguments],
            cwd=folder, env=environment(), capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip

    return run


def test_what_is_in_it(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    inside = {name for name in names if name.startswith("determinism_lint/")}
    assert inside >= {f"determinism_lint/rules/{name}.md" for name in load_catalogue()}
    skills = (path.relative_to(ROOT / ".github" / "skills") for path in (ROOT / ".github" / "skills").rglob("*.md"))
    assert inside >= {f"determinism_lint/skills/{path.as_posix()}" for path in skills}
    assert "determinism_lint/init/templates/determinism-lint.py" in inside
    assert inside >= {"determinism_lint/rules/catalogue.json", "determinism_lint/py.typed"}
    assert {name.partition("/")[0] for name in names} == {
        "determinism_lint",
        wheel.name.rpartition("-py3")[0] + ".dist-info",
    }
    assert not [name for name in inside if name.endswith(("compiler.py", ".pyc")) or "__pycache__" in name]


def test_it_needs_no_yaml(run: Run, tmp_path: Path) -> None:
    done = run("rules")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(load_catalogue())


def test_explain_every_rule(run: Run) -> None:
    for name, rule in load_catalogue().items():
        done = run("explain", name)
        assert (done.returncode, done.stderr) == (0, ""), name
        assert done.stdout.startswith(rule.markdown)


def test_check(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "flow.py").write_text(WRONG, encoding="utf-8")
    done = run("check", "--output-format", "json", folder=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert [(each["rule"], each["line"]) for each in json.loads(done.stdout)["findings"]] == [("wall-clock", 7)]


def test_init_wires_a_repository_and_takes_it_back(run: Run, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    done = run("init", "--skills", "claude", "--hooks", "--agents-md", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / ".claude" / "skills" / "durable-task-python" / "SKILL.md").is_file()
    assert run("init", "--undo", folder=tmp_path).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == [".git"]

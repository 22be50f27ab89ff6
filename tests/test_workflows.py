"""zizmor, the auditor of GitHub workflows, has nothing to say of what this project has and writes."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from determinism_lint.init import resources
from tests.repositories import ROOT, run

ZIZMOR = Path(sys.executable).parent / "zizmor"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Everything that GitHub would run: the action, the project's workflows, and what `init` writes."""
    shutil.copytree(ROOT / ".github" / "workflows", tmp_path / ".github" / "workflows")
    shutil.copy(ROOT / "action.yml", tmp_path)
    written = resources.template("github.yml", requirement="determinism-lint==1.0.0")
    (tmp_path / ".github" / "workflows" / "written.yml").write_text(written, encoding="utf-8")
    return tmp_path


def test_zizmor_is_clean(folder: Path) -> None:
    done = run(folder, str(ZIZMOR), "--offline", "--no-progress", "--persona", "regular", ".")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No findings to report" in done.stdout + done.stderr


def test_the_workflows_obey_the_schema(folder: Path) -> None:
    files = [str(path) for path in (folder / ".github" / "workflows").iterdir()]
    schema = ["--builtin-schema", "vendor.github-workflows"]
    done = run(folder, sys.executable, "-m", "check_jsonschema", *schema, *files)
    assert done.returncode == 0, done.stdout

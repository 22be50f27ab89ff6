"""How the tests are shared out: `make test-core` and the workers of `make test` go by the same folders."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import LONGEST, is_of_the_linter, start, together_with

ROOT = Path(__file__).parent.parent


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_core_is_what_needs_no_other_program() -> None:
    command = ["make", "--silent", "--eval", "core: ; @echo $(CORE)", "core"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and list(path.rglob("test_*.py"))}
    expected = {f"tests/{name}" for name in folders if is_of_the_linter(f"tests/{name}/test_x.py")}
    assert set(done.stdout.split()) == expected
    assert {"tests/analysis", "tests/checks", "tests/languages"} <= expected
    assert not expected & {"tests/replay", "tests/init", "tests/agents", "tests/pages"}


@pytest.mark.parametrize(
    ("nodeid", "together"),
    [
        ("tests/analysis/test_contexts.py::test_one[a]", "tests/analysis/test_contexts.py::test_one"),
        ("tests/analysis/test_contexts.py::TestIt::test_one", "tests/analysis/test_contexts.py::TestIt::test_one"),
        ("tests/pages/test_java.py::test_one[a]", "tests/pages/test_java.py"),
        ("tests/test_main.py::test_one", "tests/test_main.py"),
    ],
)
def test_files_that_share_programs_stay_together(nodeid: str, together: str) -> None:
    assert together_with(nodeid) == together


def test_long_files_start_first_and_the_linter_s_own_last() -> None:
    assert [(ROOT / file).exists() for file in LONGEST] == [True] * len(LONGEST)
    files = ["tests/analysis/test_contexts.py", "tests/pages/test_java.py", *reversed(LONGEST)]
    assert sorted(files, key=start) == [*LONGEST, "tests/pages/test_java.py", "tests/analysis/test_contexts.py"]

"""Programs that judge the generated files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def run(name: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of the test environment; without it the test fails in CI and is skipped elsewhere."""
    beside = Path(sys.executable).parent / name
    program = str(beside) if beside.exists() else shutil.which(name)
    if program is None:
        message = f"`{name}` is not installed: nothing was checked; install the development dependencies"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return subprocess.run([program, *arguments], cwd=cwd, capture_output=True, text=True, timeout=600, check=False)

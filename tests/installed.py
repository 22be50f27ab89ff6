"""The delivered things, built once for each run of the tests: the plugin, with the wheel in it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from functools import cache
from pathlib import Path

from skills_src.plugin import build

ROOT = Path(__file__).resolve().parent.parent


@cache
def plugin() -> Path:
    """What `make plugin` makes."""
    return build(ROOT, Path(tempfile.mkdtemp(prefix="determinism-lint-plugin-")) / "durable-task")


def wheel() -> Path:
    (found,) = (plugin() / "wheel").glob("*.whl")
    return found


@cache
def programs() -> Path:
    """The folder of programs of an environment that the wheel is installed in, as a user would."""
    home = Path(tempfile.mkdtemp(prefix="determinism-lint-env-"))
    venv.create(home, with_pip=True)
    scripts = home / ("Scripts" if sys.platform == "win32" else "bin")
    command = [str(scripts / "python"), "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, str(wheel())], check=True)
    return scripts

"""Virtual environments with the SDKs that tests run against, made once and kept below `.cache/venvs`.

A test that needs an SDK asks for its interpreter: `sdk_python("durable-task-python")`. Where it cannot be had, the
test fails if CI=true, and otherwise skips and says why.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

from tests.once import made_once

Version = tuple[int, int]

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "venvs"


@dataclass(frozen=True, slots=True)
class SdkSet:
    """Packages that are installed together, and the oldest Python that they need."""

    requirements: tuple[str, ...]
    python: Version = (3, 10)


SDK_SETS = {
    "durable-task-python": SdkSet(("durabletask==1.12.0", "durabletask-azuremanaged==1.12.0", "flask==3.1.2")),
    "durable-functions-python": SdkSet(("azure-functions-durable==1.7.0",)),
    "durable-functions-python@2": SdkSet(("azure-functions-durable==2.0.0rc3",), (3, 13)),
    "csharp": SdkSet(("pythonnet==3.2.1",)),
}


class UnavailableError(Exception):
    """An environment cannot be had on this machine."""


_RESULTS: dict[str, Path | UnavailableError] = {}


def sdk_python(sdk: str) -> Path:
    """The interpreter of an environment that has an SDK installed. Skips or fails the calling test if there is none."""
    try:
        return _environment(sdk)
    except UnavailableError as error:
        unavailable(str(error))


def unavailable(reason: str) -> NoReturn:
    """Ends the calling test, which needs something that this machine lacks: a failure where CI=true, else a skip."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _environment(sdk: str) -> Path:
    """Makes the environment once, and fails once: the tests after the first that fails need not wait for it."""
    if sdk not in _RESULTS:
        try:
            _RESULTS[sdk] = _made(SDK_SETS[sdk])
        except UnavailableError as error:
            _RESULTS[sdk] = error
    result = _RESULTS[sdk]
    if isinstance(result, UnavailableError):
        raise result
    return result


def _made(wanted: SdkSet) -> Path:
    base = _find_python(wanted.python)
    if base is None:
        version = ".".join(map(str, wanted.python))
        raise UnavailableError(f"needs Python {version} or newer: there is none on PATH or in pyenv")
    try:
        folder = made_once(CACHE / _key(wanted, base), lambda draft: create(draft, wanted.requirements, base))
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout)[-800:]
        raise UnavailableError(f"no environment with {', '.join(wanted.requirements)} can be made: {said}") from error
    return _python_in(folder)


def _key(wanted: SdkSet, base: Path) -> str:
    text = "\n".join([*wanted.requirements, _full_version(base)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def create(folder: Path, requirements: Iterable[str], base: Path = Path(sys.executable)) -> None:
    """A virtual environment without a pip of its own, which would take longer to install than most packages.

    What runs a bare `pip` with its programs first on the path would install into whatever comes next there.
    """
    _run(base, "-m", "venv", "--without-pip", str(folder))
    pip = ("-I", "-m", "pip", "--python", str(_python_in(folder)), "--disable-pip-version-check")
    _run(Path(sys.executable), *pip, "install", "--quiet", *requirements)


def _python_in(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _run(python: Path, *arguments: str) -> str:
    return subprocess.run([str(python), *arguments], check=True, capture_output=True, text=True).stdout


@cache
def _find_python(oldest: Version) -> Path | None:
    for candidate in _pythons():
        if (found := _version(candidate)) is not None and found >= oldest:
            return candidate
    return None


def _pythons() -> Iterator[Path]:
    """This interpreter, those on PATH, those of pyenv."""
    yield Path(sys.executable)
    for name in ("python3.13", "python3.14", "python3", "python"):
        if found := shutil.which(name):
            yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(pyenv.glob("versions/3.1*/bin/python"))


def _version(python: Path) -> Version | None:
    try:
        major, minor = _full_version(python).split(".")[:2]
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None
    return int(major), int(minor)


@cache
def _full_version(python: Path) -> str:
    return _run(python, "-c", "import platform; print(platform.python_version())").strip()

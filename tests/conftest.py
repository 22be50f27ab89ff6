"""How tests run: at no speed in particular, and side by side.

`make test` has a worker for each core, and one more. Tests that share what is costly stay in one of them: a file is not
divided, except in the folders of the linter itself, where tests share nothing.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile("local", deadline=None, suppress_health_check=_SLOW)
settings.register_profile("ci", parent=settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI", "").lower() == "true" else "local")

ROOT = Path(__file__).parent.parent
LONGEST = ("tests/agents/test_agents.py", "tests/pages/test_python.py")
"""Files that take a minute or more, the longest first."""


@cache
def is_of_the_linter(file: str) -> bool:
    """Whether a test file mirrors a module that makes findings. Others start programs: compilers, SDKs, agents."""
    folder = Path(file).parts[1]
    return folder not in ("replay", "init") and (ROOT / "determinism_lint" / folder).is_dir()


def file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def together_with(nodeid: str) -> str:
    """What names the tests that run in the same worker as this one: its function's, or its file's."""
    function, _, _ = nodeid.partition("[")
    return function if is_of_the_linter(file_of(nodeid)) else file_of(nodeid)


def start(nodeid: str) -> tuple[bool, int]:
    """Sorts tests: the longest files start first, so that no worker is left with one of them at the end."""
    file = file_of(nodeid)
    return is_of_the_linter(file), LONGEST.index(file) if file in LONGEST else len(LONGEST)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: start(item.nodeid))


@pytest.fixture
def unmeasured() -> Iterator[None]:
    """Runs a test without branch coverage, which takes longer than the test itself where code runs over and over.

    The marker `no_cover` of pytest-cov does not: a worker has two measurements, and where one pauses the other goes on.
    """
    here, in_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    yield
    sys.settrace(here)
    threading.settrace(in_threads)


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One more than there are cores: tests that wait for timers, servers and downloads leave time for others."""
    return (yield) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Decides which tests stay together when there are several workers."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return together_with(nodeid)

    config.option.loadscopereorder = False
    return Scheduling(config, log)

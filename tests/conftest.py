"""How tests run: at no speed in particular, and side by side.

`make test` gives each core a worker. Tests that share what is costly stay in one of them: a file is not divided, except
in the folders of the linter itself, where tests share nothing.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile("local", deadline=None, suppress_health_check=_SLOW)
settings.register_profile("ci", parent=settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI", "").lower() == "true" else "local")

ROOT = Path(__file__).parent.parent


def is_of_the_linter(path: str) -> bool:
    """Whether a test file mirrors a module that makes findings. Others start programs: compilers, SDKs, agents."""
    folder = Path(path).parts[1]
    return folder not in ("replay", "init") and (ROOT / "determinism_lint" / folder).is_dir()


def together_with(nodeid: str) -> str:
    """What names the tests that run in the same worker as this one: its function's, or its file's."""
    function, _, _ = nodeid.partition("[")
    return function if is_of_the_linter(nodeid) else nodeid.partition("::")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files go first, so that no worker is left with one of them at the end."""
    items.sort(key=lambda item: is_of_the_linter(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Decides which tests stay together when there are several workers."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return together_with(nodeid)

    config.option.loadscopereorder = False
    return Scheduling(config, log)

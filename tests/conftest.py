"""Settings of Hypothesis: no test fails for want of speed, and CI tries the same examples each time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("local", deadline=None, suppress_health_check=_SLOW)
settings.register_profile("ci", parent=settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI", "").lower() == "true" else "local")


@pytest.fixture(autouse=True, scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the linter keeps what it remembers: not the user's own folder."""
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DETERMINISM_LINT_CACHE_DIR", str(folder))
        yield folder

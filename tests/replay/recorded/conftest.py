"""What the tests of recorded histories share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.replay.recorded.histories import write_histories


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a program, `flows.py`, and the histories of its instances in a folder for each form."""
    folder = tmp_path_factory.mktemp("recorded")
    write_histories(folder)
    return folder

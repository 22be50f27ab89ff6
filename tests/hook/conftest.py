from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hook's memory, out of the user's own."""
    folder = tmp_path / "user-cache"
    monkeypatch.setenv("DETERMINISM_LINT_CACHE_DIR", str(folder))
    monkeypatch.delenv("DETERMINISM_LINT_COMMAND", raising=False)
    return folder

"""What tests make once: for all runs below `.cache`, or for one run, whole or not at all, whoever needs it first."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def of_this_run(factory: pytest.TempPathFactory) -> Path:
    """A folder that the workers of this run of the tests have in common, and no other run has."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """The folder, which `make` fills where there is none. Other processes that want it wait for it.

    `make` works in a folder beside, which takes its place when it is done; if it raises, there is none. A name that
    says what is in it (a hash of the versions) makes a new folder for each content.
    """
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{os.path.realpath(folder)}.lock"):
            if not folder.exists():
                draft = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
                try:
                    make(draft)
                    draft.rename(folder)
                finally:
                    shutil.rmtree(draft, ignore_errors=True)
    return folder

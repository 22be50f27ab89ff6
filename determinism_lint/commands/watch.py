"""`check --watch`: a check for each change, until somebody interrupts it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence

from determinism_lint.run.files import find_projects, settings_files
from determinism_lint.terminal import complain

INTERVAL_S = 0.5
"""Between two looks at the files. Half a second is not noticed, and costs next to nothing."""

Seen = tuple[tuple[str, int, int], ...]


def watched(check: Callable[[], int], paths: Sequence[str]) -> int:
    """Check, and again after each change of a source file or of settings; returns only by KeyboardInterrupt."""
    before: Seen | None = None
    while True:
        now = _state(paths)
        if now != before:
            if sys.stdout is not None and sys.stdout.isatty():
                sys.stdout.write("\x1b[2J\x1b[H")
            check()
            complain(f"Watching {len(now)} files; interrupt to end.")
            before = now
        time.sleep(INTERVAL_S)


def _state(paths: Sequence[str]) -> Seen:
    """The files that decide about the result, with what tells whether they changed."""
    seen = []
    for project in find_projects(paths):
        for path in (*project.files, *settings_files(project.root)):
            try:
                status = os.stat(path)
            except OSError:
                continue
            seen.append((path, status.st_mtime_ns, status.st_size))
    return tuple(seen)

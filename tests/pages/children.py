"""Runs the jobs of the replay in children that are forked from one long-lived process for each environment.

Starting an interpreter and importing an SDK costs a hundred times what replaying a short orchestrator does.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from functools import cache
from pathlib import Path
from unittest import mock

from determinism_lint.replay import process
from determinism_lint.replay.codec import decode, encode
from determinism_lint.replay.jobs import Answer, Job

NURSERY = Path(__file__).with_name("nursery.py")
_TIMED_OUT = 124


class Nursery:
    """A process that has imported an SDK, under one hash seed, and forks a child for each job."""

    def __init__(self, python: str, hash_seed: str) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [python, str(NURSERY)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "GRPC_VERBOSITY": "NONE", "PYTHONUTF8": "1", "TZ": "UTC"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, **request: object) -> int:
        """Forks a child, and waits for its exit status."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())


@cache
def nursery(python: str, hash_seed: str = "0") -> Nursery:
    return Nursery(python, hash_seed)


def execute(job: Job, python: str, timeout: float = 60.0) -> Answer:
    """What `process.execute` does, in a forked child."""
    environment = dict(process._environment(job))
    with tempfile.TemporaryDirectory(prefix="determinism-lint-") as folder:
        question, answer, said = (Path(folder, name) for name in ("job.json", "answer.json", "said.txt"))
        question.write_text(json.dumps(encode(job)), encoding="utf-8")
        status = nursery(python, environment["PYTHONHASHSEED"]).run(
            kind="replay",
            arguments=[str(question), str(answer), timeout],
            environment=environment,
            stderr=str(said),
            timeout=timeout + 5,
        )
        text = said.read_text(encoding="utf-8", errors="replace")
        if not answer.exists():
            if "Timeout (" in text or status == _TIMED_OUT:
                raise process._timed_out(text, job, timeout)
            raise process.ChildError(text.strip()[-2000:] or f"the child ended with status {status}")
        return decode(Answer, json.loads(answer.read_text(encoding="utf-8")))


def run_file(python: str, script: Path, arguments: list[str], timeout: float = 120.0) -> tuple[int, str, str]:
    """Runs a script as the main program in a forked child: its status, and what it wrote to either stream."""
    with tempfile.TemporaryDirectory(prefix="determinism-lint-") as folder:
        written, said = Path(folder, "stdout"), Path(folder, "stderr")
        status = nursery(python).run(
            kind="script",
            arguments=[str(script), *arguments],
            environment=dict(os.environ),
            stdout=str(written),
            stderr=str(said),
            timeout=timeout,
        )
        return status, written.read_text(encoding="utf-8"), said.read_text(encoding="utf-8")


def forked() -> mock._patch[object]:
    """While this holds, the replay's jobs are done here, where the system can fork."""
    return mock.patch.object(process, "execute", execute if hasattr(os, "fork") else process.execute)

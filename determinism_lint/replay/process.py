"""Runs a job in a fresh interpreter, which may be another one than this: its environment has the program's SDK."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from determinism_lint.replay.codec import decode, encode
from determinism_lint.replay.jobs import Answer, Job
from determinism_lint.replay.load import ProgramError

CHILD = Path(__file__).with_name("__main__.py")
_FRAME = re.compile(r'File "(?P<path>[^"]+)", line (?P<line>\d+) in (?P<function>\S+)')


class TimedOutError(ProgramError):
    """The program did not come back in time. The message says where it was."""


class ChildError(ProgramError):
    """The child could not start, or died. The message is the end of what it said."""


def execute(job: Job, python: str = sys.executable, timeout: float = 60.0) -> Answer:
    """Does a job in a new process. Raises TimedOutError after `timeout` seconds, ChildError if the process breaks."""
    with tempfile.TemporaryDirectory(prefix="determinism-lint-") as folder:
        question, answer = Path(folder, "job.json"), Path(folder, "answer.json")
        question.write_text(json.dumps(encode(job)), encoding="utf-8")
        command = [python, "-X", "faulthandler", str(CHILD), str(question), str(answer), str(timeout)]
        try:
            process = subprocess.Popen(
                command,
                env=_environment(job),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            raise ChildError(f"{python} does not start: {error}") from error
        try:
            _, said = process.communicate(timeout=timeout + 5)
        except subprocess.TimeoutExpired:
            _kill(process)
            _, said = process.communicate()
            raise _timed_out(said, job, timeout) from None
        if not answer.exists():
            if "Timeout (" in said:
                raise _timed_out(said, job, timeout)
            raise ChildError(said.strip()[-2000:] or f"{python} ended with status {process.returncode}")
        return decode(Answer, json.loads(answer.read_text(encoding="utf-8")))


def _kill(process: subprocess.Popen[str]) -> None:
    """With the processes that it started: they may hold its end of the pipe."""
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _environment(job: Job) -> Mapping[str, str]:
    changes = {
        "GRPC_VERBOSITY": "NONE",
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "TZ": "UTC",
    }
    if job.circumstances is not None:
        changes |= {"PYTHONHASHSEED": str(job.circumstances.hash_seed), "TZ": job.circumstances.time_zone}
    return {**os.environ, **changes}


def _timed_out(said: str, job: Job, timeout: float) -> TimedOutError:
    """Names the program's own line in the dump of faulthandler."""
    folder = os.path.dirname(job.path)
    frames = (match for match in _FRAME.finditer(said) if match["path"].startswith(folder))
    where = next((f"{match['path']}:{match['line']} in {match['function']}" for match in frames), job.path)
    return TimedOutError(f"still running after {timeout:g} seconds at {where}")

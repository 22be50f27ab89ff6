"""Runs jobs in other interpreters, whose environments have the programs' SDKs.

A child stays as long as this process and forks for each job: importing an SDK takes many times as long as most jobs.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
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
    """Does a job in a process of its own. Raises TimedOutError after `timeout` seconds, ChildError if it breaks."""
    with tempfile.TemporaryDirectory(prefix="determinism-lint-") as name:
        folder, environment = Path(name), _environment(job)
        question = {"job": encode(job), "environment": environment, "working_directory": os.getcwd()}
        (folder / "job.json").write_text(json.dumps(question), encoding="utf-8")
        status = _child(python, environment).do(job.path, folder, timeout)
        said = (folder / "stderr").read_text("utf-8", errors="replace") if (folder / "stderr").exists() else ""
        if (folder / "answer.json").exists():
            return decode(Answer, json.loads((folder / "answer.json").read_text(encoding="utf-8")))
    if "Timeout (" in said or status is None:
        raise _timed_out(said, job, timeout)
    raise ChildError(said.strip()[-2000:] or f"{python} ended with status {status}")


def interpreter_near(path: str) -> str:
    """The project's own virtual environment, where there is one: that is where the SDK is."""
    folder = os.path.dirname(os.path.abspath(path))
    while True:
        for name in (os.path.join("bin", "python"), os.path.join("Scripts", "python.exe")):
            candidate = os.path.join(folder, ".venv", name)
            if os.path.isfile(candidate):
                return candidate
        if os.path.dirname(folder) == folder:
            return sys.executable
        folder = os.path.dirname(folder)


class _Child:
    """A process of an interpreter, with the hash seed that it was started with. Does one job at a time."""

    def __init__(self, python: str, environment: Mapping[str, str]) -> None:
        self.lock = threading.Lock()
        self._python = python
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        try:
            self._process = subprocess.Popen(
                [python, "-X", "faulthandler", str(CHILD)],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._words,
                text=True,
                start_new_session=True,
            )
        except OSError as error:
            self._words.close()
            raise ChildError(f"{python} does not start: {error}") from error

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def do(self, path: str, folder: Path, timeout: float) -> int | None:
        """Does the job in a folder; the status with which its process ended, or None where it had to be ended."""
        assert self._process.stdin is not None and self._process.stdout is not None
        errand = {"path": path, "folder": str(folder), "timeout": timeout}
        with self.lock:
            try:
                print(json.dumps(errand), file=self._process.stdin, flush=True)
                pid = int(self._process.stdout.readline())
            except (OSError, ValueError):
                self.end()
                raise ChildError(self._last_words() or f"{self._python} does not start") from None
            ended = threading.Event()

            def give_up() -> None:
                ended.set()
                _kill(pid)

            timer = threading.Timer(timeout + 5, give_up)
            timer.start()
            try:
                line = self._process.stdout.readline()
            finally:
                timer.cancel()
            if ended.is_set():
                return None
            return int(line) if line else self._process.wait()

    def end(self) -> None:
        """Ends the process. Without this it ends with the one that started it."""
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            try:
                stream.close()
            except OSError:  # It is gone, and has left something unread.
                pass
        self._process.wait()

    def _last_words(self) -> str:
        self._words.seek(0)
        return self._words.read().decode("utf-8", errors="replace").strip()[-2000:]


_children: dict[tuple[object, ...], _Child] = {}
_children_lock = threading.Lock()


def _child(python: str, environment: Mapping[str, str]) -> _Child:
    """The child of an interpreter and the settings that a running one cannot change, such as its hash seed."""
    key = (python, *sorted(item for item in environment.items() if item[0].startswith("PYTHON")))
    with _children_lock:
        if key not in _children or not _children[key].is_alive:
            if not _children:
                atexit.register(_end_all)
            _children[key] = _Child(python, environment)
        return _children[key]


def _end_all() -> None:
    while _children:
        _children.popitem()[1].end()


def _kill(pid: int) -> None:
    """With the processes that it started: they may work on."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGTERM)
    except OSError:  # It has just ended.
        pass


def _environment(job: Job) -> Mapping[str, str]:
    changes = {
        "GRPC_ENABLE_FORK_SUPPORT": "0",  # nothing of gRPC runs where the process forks
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

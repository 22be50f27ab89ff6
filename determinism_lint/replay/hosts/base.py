"""What the rest of the package knows about a host."""

from __future__ import annotations

from types import CodeType
from typing import Protocol

from determinism_lint.replay.model import Episode, History, RunRequest, RunResult, Trace
from determinism_lint.replay.recorded.model import Recording


class Host(Protocol):
    """Runs the orchestrators of one loaded program. Make a new one for each run."""

    def orchestrators(self) -> tuple[str, ...]:
        """The names under which the program's orchestrators can be started."""

    def code(self, orchestrator: str) -> CodeType | None:
        """The code of an orchestrator, for its coverage."""

    def run(self, request: RunRequest) -> RunResult:
        """Runs an instance until nothing more can happen."""

    def replay(self, history: History, episode: Episode) -> Trace:
        """Executes the orchestrator once more on the history of an episode."""

    def rerun(self, orchestrator: str, recording: Recording) -> Trace:
        """Executes an orchestrator on a history that was recorded elsewhere; the ids of the actions are those of its
        events. Raises ProgramError where that cannot be done.
        """


class InjectedFailureError(Exception):
    """Raised in place of an activity where the request says so."""


class Failures:
    """Decides which executions of activities fail."""

    def __init__(self, request: RunRequest) -> None:
        self._left = dict(request.failures)
        self._first = request.fail_first

    def check(self, name: str) -> None:
        """Raises InjectedFailureError if this execution of the activity is to fail."""
        if self._first or self._left.get(name, 0) > 0:
            self._first = False
            self._left[name] = self._left.get(name, 0) - 1
            raise InjectedFailureError(f"the replay host lets {name} fail")

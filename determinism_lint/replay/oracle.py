"""Runs an orchestrator, replays its histories in other processes, and judges. The public functions are here."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from determinism_lint.replay import process
from determinism_lint.replay.jobs import Answer, Job, JobKind
from determinism_lint.replay.load import ProgramError
from determinism_lint.replay.model import (
    Capture,
    Confidence,
    Difference,
    Event,
    Instance,
    Json,
    Outcome,
    RunResult,
    Sdk,
    Status,
    Trace,
    Verdict,
)
from determinism_lint.replay.perturb import circumstances
from determinism_lint.replay.recorded.model import Recording
from determinism_lint.replay.verdict import judge_capture

Path = str | os.PathLike[str]

_JUDGED_EPISODES = 120  # of each scenario: enough to see an eternal orchestration start over a few times


class _Missing:
    """No input was given: a stand-in takes its place."""


MISSING: Final = _Missing()


def orchestrators(
    path: Path, *, stand_ins: bool = False, python: Path = sys.executable, timeout: float = 60
) -> tuple[str, ...]:
    """The names under which the orchestrators in a file can be run. Raises ProgramError if it does not load.

    With `stand_ins` the world outside is refused to it, as `run` says.
    """
    return _ask(Job(JobKind.LIST, os.path.realpath(path), stand_ins=stand_ins), python, timeout).orchestrators


def run(
    path: Path,
    orchestrator: str | None = None,
    *,
    input: Json | _Missing = MISSING,
    events: Sequence[Event] = (),
    entities: Mapping[str, Json] | None = None,
    failures: Mapping[str, int] | None = None,
    results: Mapping[str, Json] | None = None,
    stand_ins: bool = False,
    version: str | None = None,
    instance_id: str = "instance-1",
    max_episodes: int = 500,
    python: Path = sys.executable,
    timeout: float = 60,
) -> RunResult:
    """Runs one orchestrator of a file in virtual time, in a process of its own.

    `orchestrator` may be left out where the file holds only one. `entities` are states by "name@key"; `failures` says
    how many first executions of an activity fail; `results` are given for activities by name, in place of running them,
    and with `stand_ins` no other activity is run either: a value of the type that it is annotated to return stands in,
    and the network, other processes and writing outside a folder for the time of the run are refused to the program.
    `python` is the interpreter whose environment has the SDK. Code that does not come back within `timeout` real
    seconds gives a result with status HANG. Raises ProgramError where the program cannot be run at all.
    """
    job = Job(
        JobKind.RUN,
        os.path.realpath(path),
        orchestrator,
        None if input is MISSING else input,
        input is not MISSING,
        tuple(events),
        entities or {},
        failures or {},
        version,
        instance_id,
        max_episodes,
        results or {},
        stand_ins,
    )
    try:
        result = _ask(job, python, timeout).result
    except process.TimedOutError as error:
        return RunResult(Instance(instance_id, orchestrator or "", Status.HANG, error=str(error)))
    assert result is not None
    return result


def rerun(
    path: Path,
    recording: Recording,
    orchestrator: str | None = None,
    *,
    python: Path = sys.executable,
    timeout: float = 60,
) -> tuple[Trace, Sdk]:
    """Executes an orchestrator of a file on a history that was recorded elsewhere; it is found by its name there.

    The network, other processes and writing are refused to it, as `run` says. Raises ProgramError where the program
    cannot be run at all, and TimedOutError where it does not come back within `timeout` real seconds.
    """
    name = orchestrator or recording.orchestrator
    job = Job(JobKind.RERUN, os.path.realpath(path), name, stand_ins=True, recording=recording)
    answer = _ask(job, python, timeout)
    assert answer.trace is not None and answer.sdk is not None
    return answer.trace, answer.sdk


def judge(
    path: Path,
    orchestrator: str | None = None,
    *,
    input: Json | _Missing = MISSING,
    events: Sequence[Event] = (),
    entities: Mapping[str, Json] | None = None,
    failures: Mapping[str, int] | None = None,
    results: Mapping[str, Json] | None = None,
    stand_ins: bool = False,
    version: str | None = None,
    python: Path = sys.executable,
    timeout: float = 60,
) -> Verdict:
    """Runs an orchestrator under several scenarios, replays every execution under other circumstances, and compares.

    The parameters are those of `run`. Without `events`, every event that the orchestrator waits for is sent in one
    scenario and none in another. Never raises for what the program does: the verdict says it.
    """
    job = Job(
        JobKind.CAPTURE,
        os.path.realpath(path),
        orchestrator,
        None if input is MISSING else input,
        input is not MISSING,
        tuple(events),
        entities or {},
        failures or {},
        version,
        max_episodes=_JUDGED_EPISODES,
        results=results or {},
        stand_ins=stand_ins,
    )
    name = orchestrator or os.path.basename(path)
    try:
        capture = _ask(job, python, timeout).capture
    except process.TimedOutError as error:
        return Verdict(Outcome.HANG, Confidence.HIGH, name, f"its code does not come back: {error}")
    except ProgramError as error:
        return Verdict(Outcome.ERROR, Confidence.LOW, name, str(error))
    assert capture is not None
    try:
        return judge_capture(capture, _replay(job, capture, python, timeout))
    except process.TimedOutError as error:
        reason = f"its first run ends, but a replay does not come back: {error}"
        return Verdict(Outcome.HANG, Confidence.HIGH, name, reason, scenarios=capture.scenarios)
    except ProgramError as error:
        reason = f"its replay fails: {error}"
        return Verdict(Outcome.ERROR, Confidence.LOW, name, reason, scenarios=capture.scenarios)


def _replay(captured: Job, capture: Capture, python: Path, timeout: float) -> list[Difference]:
    """Replays in several processes at the same time."""
    jobs = [
        Job(
            JobKind.REPLAY,
            captured.path,
            capture.orchestrator,
            stand_ins=captured.stand_ins,
            scenarios=capture.scenarios,
            circumstances=here,
        )
        for here in circumstances(capture.environment, os.environ)
    ]
    with ThreadPoolExecutor(len(jobs)) as pool:
        answers = list(pool.map(lambda job: _ask(job, python, timeout), jobs))
    return [difference for answer in answers for difference in answer.differences]


def _ask(job: Job, python: Path, timeout: float) -> Answer:
    answer = process.execute(job, os.fspath(python), timeout)
    if answer.error is not None:
        raise ProgramError(answer.error)
    return answer

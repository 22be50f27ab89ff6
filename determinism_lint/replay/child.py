"""Does a job inside the child process."""

from __future__ import annotations

import contextlib
import io
import os
import random
import sys
from collections.abc import Iterator
from typing import TextIO

from determinism_lint.replay import perturb
from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.compare import compare
from determinism_lint.replay.hosts.base import Host
from determinism_lint.replay.jobs import Answer, Job
from determinism_lint.replay.load import ProgramError, unload
from determinism_lint.replay.model import (
    Capture,
    Coverage,
    Difference,
    Event,
    RunRequest,
    RunResult,
    Scenario,
    Sdk,
)
from determinism_lint.replay.observe import Observer
from determinism_lint.replay.programs import Program, open_program
from determinism_lint.replay.stand_in import StandIn

_MOST_EPISODES = 60  # of a scenario that are replayed


def perform(job: Job) -> Answer:
    """Never raises for what the program does: that is an Answer with `error`."""
    clock = VirtualClock()
    observer = Observer(os.path.dirname(job.path), clock)
    clock.install()
    _apply(job.circumstances)
    try:
        with _captured_output() as output:
            program = open_program(job.path, clock, observer)
            answer = _ACTIONS[job.kind](job, program, observer, clock)
    except ProgramError as error:
        return Answer(error=str(error))
    if answer.result is not None and not answer.result.stdout:
        answer = _with_output(answer, output.getvalue())
    return answer

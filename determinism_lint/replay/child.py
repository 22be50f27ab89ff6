"""Does a job inside the child process."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import logging
import os
import tempfile

from determinism_lint.replay.capture import capture, choose, run_once
from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.confine import confine
from determinism_lint.replay.jobs import Answer, Job, JobKind
from determinism_lint.replay.load import ProgramError
from determinism_lint.replay.observe import Observer
from determinism_lint.replay.programs import Program, open_program
from determinism_lint.replay.project import Project
from determinism_lint.replay.repeat import repeat


def start_clock() -> VirtualClock:
    """The clock of this process. To be called before an SDK is imported, which may keep functions that read it."""
    clock = VirtualClock()
    clock.install()
    return clock


def perform(job: Job, clock: VirtualClock) -> Answer:
    """Never raises for what a program does: that is an Answer with `error`."""
    project = Project.of(job.path, os.getcwd())
    observer = Observer(project, clock)
    logging.getLogger().setLevel(logging.DEBUG)  # a silent logger would hide that replay repeats its calls
    logging.getLogger().addHandler(logging.NullHandler())
    if job.stand_ins:
        confine(tempfile.gettempdir(), observer.note_refusal)
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            answer = _do(job, open_program(project, clock, observer), observer, clock)
    except ProgramError as error:
        return Answer(error=str(error))
    return _with_output(answer, output.getvalue())


def _do(job: Job, program: Program, observer: Observer, clock: VirtualClock) -> Answer:
    if job.kind is JobKind.LIST:
        return Answer(orchestrators=program.host().orchestrators(), sdk=program.sdk)
    if job.kind is JobKind.RUN:
        return Answer(result=run_once(job, program))
    if job.kind is JobKind.CAPTURE:
        return Answer(capture=capture(job, program, observer))
    if job.recording is not None:
        host = program.host()
        return Answer(trace=host.rerun(choose(job, host), job.recording), sdk=program.sdk)
    assert job.circumstances is not None
    return Answer(differences=repeat(job.scenarios, job.circumstances, program, clock))


def _with_output(answer: Answer, output: str) -> Answer:
    if answer.result is not None:
        return dataclasses.replace(answer, result=dataclasses.replace(answer.result, stdout=output))
    return answer

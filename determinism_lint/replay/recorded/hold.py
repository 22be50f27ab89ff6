"""Holds today's code against recorded histories."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from determinism_lint.replay.load import ProgramError
from determinism_lint.replay.oracle import Path, rerun
from determinism_lint.replay.recorded.model import HistoryError, Recording
from determinism_lint.replay.recorded.reader import files, read
from determinism_lint.replay.recorded.verdict import Outcome, Verdict, judge


def hold(
    program: str, known: Sequence[str], function: str | None, paths: Sequence[str], *, python: Path, timeout: float
) -> Iterator[Verdict]:
    """The verdicts on the histories in files and folders. `known` are the orchestrators of the program.

    `function` takes the place of the orchestrator that a file names: it may have another name today. Of a folder only
    the histories of the program's orchestrators are taken, or of `function`.
    """
    for given in paths:
        for path in files([given]):
            try:
                recording = read(path)
            except HistoryError as error:
                yield Verdict(Outcome.UNREADABLE, path, today=str(error), note=error.help)
                continue
            name = function or recording.orchestrator
            if os.path.isdir(given) and recording.orchestrator not in ([function] if function else known):
                continue
            if function is None and name not in known:
                yield Verdict(Outcome.UNKNOWN, path, name, recording.instance)
            else:
                yield hold_one(program, recording, name, python=python, timeout=timeout)


def hold_one(program: Path, recording: Recording, orchestrator: str, *, python: Path, timeout: float) -> Verdict:
    """The verdict on one history."""
    try:
        trace, sdk = rerun(program, recording, orchestrator, python=python, timeout=timeout)
    except ProgramError as error:
        said = str(error).splitlines()[-1]  # of a traceback, what was raised
        return Verdict(Outcome.FAILS, recording.path, orchestrator, recording.instance, today=said)
    return replace(judge(recording, trace, sdk), orchestrator=orchestrator)

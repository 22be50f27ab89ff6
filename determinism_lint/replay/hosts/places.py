"""Which line of the program asks for something, or waits."""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType, GeneratorType
from typing import Any

from determinism_lint.replay.model import Place

Owns = Callable[[str], bool]
"""Whether a file's code is the program's own."""


def caller(frame: FrameType | None, owns: Owns) -> Place | None:
    """The nearest line of the program's own code. None where the SDK acts by itself."""
    while frame is not None and not owns(frame.f_code.co_filename):
        frame = frame.f_back
    return Place(frame.f_code.co_filename, frame.f_lineno) if frame is not None else None


def waiting_at(generator: Any, owns: Owns) -> Place | None:
    """The line at which a suspended orchestrator waits, inside the helper that it waits in."""
    place = None
    while isinstance(generator, GeneratorType) and generator.gi_frame is not None:
        if owns(generator.gi_code.co_filename):
            place = Place(generator.gi_code.co_filename, generator.gi_frame.f_lineno)
        generator = generator.gi_yieldfrom
    return place


def raised_at(error: BaseException, owns: Owns) -> Place | None:
    """The program's innermost line that an exception came through."""
    place, traceback = None, error.__traceback__
    while traceback is not None:
        if owns(traceback.tb_frame.f_code.co_filename):
            place = Place(traceback.tb_frame.f_code.co_filename, traceback.tb_lineno)
        traceback = traceback.tb_next
    return place

"""Runs Python orchestrators in virtual time and replays their histories under other circumstances.

result = run("order.py", "process_order", input={"id": 1}, python=interpreter_with_the_sdk)
verdict = judge("order.py", "process_order", python=interpreter_with_the_sdk)
"""

from __future__ import annotations

from determinism_lint.replay.load import ProgramError
from determinism_lint.replay.model import (
    Confidence,
    Event,
    Outcome,
    RunResult,
    Status,
    Verdict,
)
from determinism_lint.replay.oracle import judge, orchestrators, run

__all__ = [
    "Confidence",
    "Event",
    "Outcome",
    "ProgramError",
    "RunResult",
    "Status",
    "Verdict",
    "judge",
    "orchestrators",
    "run",
]

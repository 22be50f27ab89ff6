"""The unsafe fix for I/O: it moves into an activity, and the orchestrator schedules that.

Only where everything is in one file, and what goes in and comes out is JSON as far as one can tell. `helper` makes an
activity of a function that does the I/O; `inline` makes one of an expression or statements of the orchestrator.
"""

from __future__ import annotations

from determinism_lint.analysis.moves import Move, Project
from determinism_lint.languages.python.extraction.helper import is_mentioned, to_activity
from determinism_lint.languages.python.extraction.inline import to_new_activity
from determinism_lint.model import Fix

IO_RULES = frozenset({"network-io", "file-io", "subprocess"})


def extract(move: Move, project: Project) -> Fix | None:
    """The fix for I/O: in the orchestrator itself, or in a helper that no other file of the project uses."""
    if move.rule not in IO_RULES:
        return None
    if move.place is not None:
        return to_new_activity(move.place, move.calls, project.may_have)
    name, path, call = move.function.name, move.module.path, move.call
    fix = to_activity(move.function, call) if call is not None and call.module is move.module else None
    if fix is None or not project.may_have(name, move.function):
        return None
    others = (other for other in project.files if other != path and other.endswith(".py"))
    return None if any(is_mentioned(name, path, project.text(other) or b"") for other in others) else fix

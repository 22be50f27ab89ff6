"""`hash` and the like, whose results differ between processes."""

from __future__ import annotations

from determinism_lint.analysis.events import Called
from determinism_lint.analysis.values import External, literal


def harmless(event: Called) -> bool:
    """Whether it is a number that is hashed: that gives the same in every process."""
    hashed = event.argument(0) if External("hash") in event.callee else None
    return hashed is not None and isinstance(literal(hashed[1]), (int, float))

"""Reading and writing files."""

from __future__ import annotations

from determinism_lint.analysis.events import Called
from determinism_lint.analysis.values import Instance

_IN_MEMORY = frozenset({"io.StringIO", "io.BytesIO"})


def harmless(event: Called) -> bool:
    """Whether the file is in memory."""
    return any(isinstance(v, Instance) and v.name in _IN_MEMORY for _, values in event.arguments for v in values)

"""Code that is known only when it runs."""

from __future__ import annotations

from determinism_lint.analysis.events import Called
from determinism_lint.analysis.values import External, text
from determinism_lint.languages.python.library import IMPORTERS


def harmless(event: Called) -> bool:
    """Whether a module is imported whose name is written there."""
    written = event.argument(0, "name")
    return bool(IMPORTERS & {v.name for v in event.callee if isinstance(v, External)}) and (
        written is not None and text(written[1]) is not None
    )

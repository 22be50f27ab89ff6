"""Fixes of C#: what is written instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from determinism_lint.analysis.events import Called, Problem
from determinism_lint.model import Fix, Refusal

FIXES: Mapping[str, Callable[[Any, Problem], Fix | Refusal | None]] = {}


def substitution(template: str, called: Called) -> Fix | Refusal | None:
    """Replaces a call by the template that a rule's table has for it."""
    return None

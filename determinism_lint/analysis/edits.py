"""Changes of a module's text, from which fixes are made."""

from __future__ import annotations

from determinism_lint.analysis import syntax as s
from determinism_lint.model import Edit, Span


def insertion(module: s.Module, offset: int, text: str) -> Edit:
    """Insert text before the character at `offset`."""
    line, column = module.position(offset)
    return Edit(Span(line, column, line, column), text)


def replacement(module: s.Module, start: int, end: int, text: str) -> Edit:
    return Edit(Span(*module.position(start), *module.position(end)), text)

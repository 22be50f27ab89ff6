"""One module per language: `parse(path, data) -> syntax.Module`, and what is particular to its imports."""

from __future__ import annotations


class ParseError(Exception):
    """The source cannot be read as its language; `line` and `column` are 1-based."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column

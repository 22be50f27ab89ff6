"""What a person has to correct."""

from __future__ import annotations


class MistakeError(Exception):
    """Settings, a command line or a rule file are wrong. The message names the place and, if it can, the remedy."""


class ConfigError(MistakeError):
    """The configuration or a command's options are wrong."""


class CatalogueError(MistakeError):
    """A rule file is wrong. The message names the file and what is wrong in it."""


class ParseError(Exception):
    """The source cannot be read as its language; `line` and `column` are 1-based."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column

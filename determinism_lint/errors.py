"""What a person has to correct."""

from __future__ import annotations


class MistakeError(Exception):
    """Settings, a command line or a rule file are wrong. The message names the place and, if it can, the remedy."""


class ConfigError(MistakeError):
    """The configuration or a command's options are wrong."""


class CatalogueError(MistakeError):
    """A rule file is wrong. The message names the file and what is wrong in it."""

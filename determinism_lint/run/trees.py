"""Syntax trees, kept in memory from one analysis to the next: an editor asks again with every letter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from determinism_lint.analysis import syntax as s

Parse: TypeAlias = Callable[[str, bytes], s.Module]


class Trees:
    """Parses what it has not parsed before, as told by the content of the files."""

    def __init__(self, parse: Parse) -> None:
        self._parse = parse
        self._before: dict[tuple[str, bytes], s.Module] = {}
        self._used: dict[tuple[str, bytes], s.Module] = {}

    def parse(self, path: str, data: bytes) -> s.Module:
        """The tree of a source file. Raises `ParseError`."""
        key = path, data
        module = self._used.get(key) or self._before.get(key) or self._parse(path, data)
        self._used[key] = module
        return module

    def settle(self) -> None:
        """Keep what was used since the last time, and nothing else."""
        self._before, self._used = self._used, {}

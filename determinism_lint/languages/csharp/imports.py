"""Where the name of a type leads: to a file of the project, or outside it."""

from __future__ import annotations

from collections.abc import Callable

FREE = "?"
"""Begins the name of what a file does not declare: `?Own.Space,System,System.IO:File`."""


class Importer:
    """Resolves names of types against the files of the project."""

    def __init__(self, files: frozenset[str], read: Callable[[str], bytes]) -> None:
        self._read = read

    def resolve(self, module: str, level: int, importer: str) -> str | None:
        """The file that declares a type; None for whatever is not in the project."""
        return None

    def submodule(self, package: str, name: str) -> str | None:
        return None

    def is_external(self, name: str) -> bool:
        return False


def qualified(owner: str, name: str | None) -> str:
    """The qualified name of what a type has under a name, or of the type that an import names."""
    return owner if name is None else f"{owner}.{name}"

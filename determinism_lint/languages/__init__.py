"""The languages: a folder each, which holds all that only this one needs. The folders are walked, there is no registry.

A folder's `__init__.py` defines `LANGUAGE`, its `frontend.py` defines `FRONTEND`.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from determinism_lint.analysis.language import Language
    from determinism_lint.analysis.syntax import Module

_found: dict[str, Language] = {}


def languages() -> tuple[Language, ...]:
    """All languages, by name."""
    return tuple(dict.fromkeys(_by_suffix().values()))


def language_of(path: str) -> Language | None:
    """The language that a file's name tells."""
    return _by_suffix().get(os.path.splitext(path)[1])


def language_named(name: str) -> Language:
    """The language with an id."""
    return next(language for language in languages() if language.id == name)


def parse(path: str, data: bytes) -> Module:
    """The tree of a source file. Raises `ParseError`."""
    language = language_of(path)
    assert language is not None, path
    return language.frontend.parse(path, data)


def _by_suffix() -> dict[str, Language]:
    if not _found:
        for folder in sorted(os.listdir(__path__[0])):
            if os.path.isfile(os.path.join(__path__[0], folder, "__init__.py")):
                name = f"{__name__}.{folder}"
                __import__(name)
                language = sys.modules[name].LANGUAGE
                _found.update(dict.fromkeys(language.suffixes, language))
    return _found

"""Small projects in memory, for tests of the core."""

from __future__ import annotations

import json
from collections.abc import Mapping
from textwrap import dedent
from typing import Any

from determinism_lint.analysis.analyzer import Analysis, analyze
from determinism_lint.languages import language_of
from determinism_lint.rules.catalogue import load_catalogue

ROOT = "/project/"


def analyzed(files: Mapping[str, Any]) -> Analysis:
    """Analyze files of one language given by their relative path; a dict is written as JSON."""
    contents = {ROOT + name: _encoded(content) for name, content in files.items()}

    def read(path: str) -> bytes:
        try:
            return contents[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    candidates = [path for path in contents if language_of(path) is not None]
    (language,) = {language_of(path) for path in candidates}
    assert language is not None
    return analyze(candidates, frozenset(contents), read, load_catalogue(), language.frontend)


def _encoded(content: str | dict[str, object] | bytes) -> bytes:
    if isinstance(content, bytes):
        return content
    return (dedent(content) if isinstance(content, str) else json.dumps(content)).encode()

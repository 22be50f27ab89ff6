"""The documents at the top of the repository, as they are read."""

from __future__ import annotations

import pytest

from determinism_lint.languages import languages
from determinism_lint.rules.text import SECTIONS
from tests.repositories import ROOT

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "AGENTS.md")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_line_is_longer_than_one_of_code(name: str) -> None:
    """Rows of tables cannot be wrapped."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert lines
    assert [line for line in lines if len(line) > 120 and not line.startswith("|")] == []


def test_every_language_that_is_judged_is_named() -> None:
    editors = (ROOT / "README.md").read_text(encoding="utf-8").partition("### Where it runs")[2]
    judged = (ROOT / "AGENTS.md").read_text(encoding="utf-8").partition("which judges ")[2].partition("and fix")[0]
    titles = {language: title for title, language in SECTIONS.items()}
    for language in languages():
        assert any(f'"{name}"' in editors for name in language.fences), language.id
        assert titles[language.id] in judged

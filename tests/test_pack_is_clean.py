"""The linter has nothing to say about the code that the skills teach, and sees the orchestrators in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from determinism_lint.rules.catalogue import load_catalogue
from determinism_lint.run.documents import lint_documents
from determinism_lint.run.files import read
from determinism_lint.run.project import lint

SOURCES = Path(__file__).parent.parent / "skills_src"
PROGRAMS = sorted([*SOURCES.glob("patterns/*/*-python.py"), *SOURCES.glob("minimal/*-python.py")])
JAVASCRIPT = sorted([*SOURCES.glob("patterns/*/*-js.[cm]js"), *SOURCES.glob("minimal/*-js.[cm]js")])
PAGES = sorted(SOURCES.glob("topics/*/*-python.md"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: "/".join(path.parts[-2:]))
def test_program(program: Path, tmp_path: Path) -> None:
    alone = tmp_path / "program.py"
    alone.write_bytes(program.read_bytes())
    report = lint([str(alone)], folder=str(tmp_path))
    assert report.findings == ()
    assert report.orchestrators


@pytest.mark.parametrize("program", JAVASCRIPT, ids=lambda path: "/".join(path.parts[-2:]))
def test_program_in_javascript(program: Path, tmp_path: Path) -> None:
    """What is only worth knowing, as that an SDK cannot keep events, the program itself tells."""
    alone = tmp_path / program.name
    alone.write_bytes(program.read_bytes())
    report = lint([str(alone)], folder=str(tmp_path))
    assert [finding for finding in report.findings if finding.severity != "info"] == []
    assert report.orchestrators


@pytest.mark.parametrize("page", PAGES, ids=lambda path: "/".join(path.parts[-2:]))
def test_page(page: Path) -> None:
    found = lint_documents([str(page)], read, load_catalogue())
    assert [(finding.rule, finding.span.line, finding.message) for finding in found.findings] == []


def test_there_is_something_to_check() -> None:
    assert len(PROGRAMS) >= 2 * 13
    assert len(JAVASCRIPT) >= 2 * 12
    assert len(PAGES) >= 12

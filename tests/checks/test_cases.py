"""Edge cases: what each rule must catch and must not, beyond the examples that its text shows.

`tests/cases/<rule>.md` has the form of a rule's text. Real code that the linter once misjudged becomes a case here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from determinism_lint.rules.catalogue import load_catalogue
from determinism_lint.rules.text import Example, parse_text
from determinism_lint.run.project import lint

FOLDER = Path(__file__).parents[1] / "cases"
CATALOGUE = load_catalogue()


def _cases() -> list[object]:
    found: list[object] = []
    for path in sorted(FOLDER.glob("*.md")):
        text = parse_text(path.read_text(encoding="utf-8"), str(path))
        found.extend(pytest.param(path, example, id=f"{path.stem}:{example.line}") for example in text.examples)
    return found


@pytest.mark.parametrize(("path", "example"), _cases())
def test_case(path: Path, example: Example, tmp_path: Path) -> None:
    for name, text in example.files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    report = lint([str(tmp_path)], folder=str(tmp_path), catalogue=CATALOGUE)
    found = {(finding.path, finding.span.line, finding.severity, finding.rule) for finding in report.findings}
    expected = {(name, line, severity, path.stem) for name, line, severity in example.marks}
    assert found == expected, f"{path}:{example.line}"


def test_every_case_file_is_named_after_a_rule() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} <= set(CATALOGUE)

"""The linter has nothing to say of the C# programs that the skills print as right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.projects import analyzed

SKILLS = Path(__file__).parents[2] / ".github" / "skills"
FENCE = re.compile(r"^```csharp[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ABOUT_RULES = ("contracts-", "determinism-", "linter-findings")
"""Pages that print wrong code, too; the rules' own tests judge it."""
PAGES = [
    path
    for path in sorted(SKILLS.glob("durable-*-dotnet/**/*.md"))
    if not path.name.startswith(ABOUT_RULES) and FENCE.search(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_programs_are_silent(path: Path) -> None:
    for code in FENCE.findall(path.read_text(encoding="utf-8")):
        findings = [each for each in analyzed({"A.cs": code}).findings if each.rule != "syntax-error"]
        assert findings == [], "snippets need not be whole files, but what is judged is right"


def test_orchestrators_are_among_them() -> None:
    texts = [code for path in PAGES for code in FENCE.findall(path.read_text(encoding="utf-8"))]
    assert sum(len(analyzed({"A.cs": code}).orchestrators) for code in texts) > 30

"""The searches of durable-review find what the printed wrong examples do wrong."""

from __future__ import annotations

import re

import pytest

from tests.pages.printed import Printed, printed
from tests.skills.generated import pack

PAGE = "references/searches.md"
LANGUAGES = {"C#": ("csharp",), "Java": ("java",), "JavaScript and TypeScript": ("javascript", "typescript")}


def searches(heading: str) -> dict[str, str]:
    """Rule -> pattern, as the page prints them."""
    (fence,) = [it for it in printed() if it.skill == "durable-review" and it.page == PAGE and it.heading == heading]
    assert fence.language == "text"
    return dict(line.split(" ", 1) for line in fence.text.splitlines())


def wrong(heading: str) -> list[Printed]:
    about_the_linter = {name for group in pack().groups if group.about == "linter" for name in group.rules}
    found = [it for it in printed() if it.language in LANGUAGES[heading] and it.kind == "wrong"]
    return [it for it in found if it.heading not in about_the_linter]


@pytest.mark.parametrize(
    ("heading", "fence"), [(heading, it) for heading in LANGUAGES for it in wrong(heading)], ids=str
)
def test_a_search_finds_the_wrong_code(heading: str, fence: Printed) -> None:
    """Or, where the compiler finds it anyhow, there is no search."""
    patterns = searches(heading)
    if heading == "C#" and fence.heading == "sdk-signature":
        assert "sdk-signature" not in patterns  # it does not compile
        return
    code = [re.sub(r"// (error|warning|info).*", "", line) for line in fence.text.splitlines()]
    assert any(re.search(patterns[fence.heading], line) for line in code)


@pytest.mark.parametrize("heading", LANGUAGES)
def test_each_search_is_of_a_rule(heading: str) -> None:
    rules = {fence.heading for fence in wrong(heading)}
    assert set(searches(heading)) <= rules

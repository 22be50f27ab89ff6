"""Every form in which public code declares orchestrators is found, and nothing else is taken for one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.projects import analyzed

SECTION = re.compile(r"^## (.+?)\n(.+?)^Found: (.+?) \((\S+)\)$", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```\w+ file=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FORMS = SECTION.findall((Path(__file__).parent / "discovery.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("body", "names", "sdk"), [pytest.param(*form[1:], id=form[0]) for form in FORMS])
def test_form(body: str, names: str, sdk: str) -> None:
    files = dict(FENCE.findall(body))
    assert files, "the section has no file"
    found = {(orchestrator.name, orchestrator.runtime) for orchestrator in analyzed(files).orchestrators}
    assert found == {(name, sdk) for name in re.findall(r"`(\w+)`", names)}

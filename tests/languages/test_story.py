"""The same story in every language, an order saga with one hazard two files away: one finding, in the same words."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from determinism_lint.languages import languages
from determinism_lint.output.concise import line
from determinism_lint.run.project import lint

STORY = Path(__file__).parent / "story"


@pytest.mark.parametrize("language", [language.id for language in languages()])
def test_one_finding_in_the_same_words(language: str, tmp_path: Path) -> None:
    folder = shutil.copytree(STORY / language, tmp_path / language)  # a project of its own, not a part of this one
    (finding,) = lint([str(folder)], folder=str(folder)).findings
    assert Path(finding.path).stem.lower() == "numbering"
    names_left_out = re.sub(r"`[^`]+`(?: \((?:`[^`]+`|a str)\))?", "NAME", line(finding, color=False))
    assert re.sub(r"[\w.]+:\d+(?::\d+)?", "PLACE", names_left_out) == (
        "PLACE: error[random-id]: NAME creates a random id in an orchestrator; help: NAME; "
        "not fixed: NAME does not have the context; via NAME (PLACE) -> NAME (PLACE) -> NAME (PLACE)"
    )

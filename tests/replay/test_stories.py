"""The command `replay` gives every orchestrator of the stories the verdict that is written beside it."""

from __future__ import annotations

import json

import pytest

from determinism_lint.commands.cli import run
from determinism_lint.replay import Outcome
from determinism_lint.replay.model import WORDS
from tests.environments import sdk_python
from tests.replay.labels import STORIES, Label, labels

LABELS = list(labels(STORIES))


@pytest.mark.parametrize("label", LABELS, ids=str)
def test_verdict_is_the_one_in_the_file(label: Label, capsys: pytest.CaptureFixture[str]) -> None:
    given = [] if label.input is None else ["--input", json.dumps(label.input)]
    target = f"{label.path}:{label.name}"
    status = run(["replay", target, "--python", str(sdk_python(label.sdk)), "--output-format", "json", *given])
    (verdict,) = json.loads(capsys.readouterr().out)["verdicts"]
    assert verdict["outcome"] == WORDS[label.outcome].replace(" ", "-"), verdict["reason"]
    assert status == (0 if label.outcome is Outcome.DETERMINISTIC else 1)


def test_half_of_the_stories_are_right() -> None:
    right = sum(label.outcome is Outcome.DETERMINISTIC for label in LABELS)
    assert len(LABELS) >= 40
    assert 0.4 < right / len(LABELS) < 0.6

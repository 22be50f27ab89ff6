"""Every orchestrator of the corpus gets the verdict that is written beside it."""

from __future__ import annotations

import pytest

from determinism_lint.replay import Outcome, judge
from tests.environments import sdk_python
from tests.replay.labels import CORPUS, SDK_OF_FOLDER, labels

LABELS = list(labels(CORPUS))


@pytest.mark.parametrize("label", LABELS, ids=str)
def test_verdict_is_the_one_in_the_file(label):
    verdict = judge(label.path, label.name, input=label.input, python=sdk_python(label.sdk), timeout=label.timeout)
    assert verdict.outcome is label.outcome, str(verdict)


def test_corpus_has_every_outcome_for_every_sdk():
    for folder, sdk in SDK_OF_FOLDER.items():
        assert {label.outcome for label in LABELS if label.sdk == sdk} == set(Outcome), folder

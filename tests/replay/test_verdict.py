from __future__ import annotations

import pytest

from determinism_lint.replay.model import (
    Action,
    Capture,
    Confidence,
    Coverage,
    Difference,
    Effect,
    Episode,
    History,
    Instance,
    Outcome,
    RunResult,
    Scenario,
    Sdk,
    Severity,
    Status,
    Trace,
)
from determinism_lint.replay.verdict import judge_capture

EFFECT = Effect("reads the wall clock", "time.time", "a.py", 3, "work")
HARD = Difference(Severity.HARD, "as given", "i", 2, "activity 'a'", "activity 'b'", "a day later")
SOFT = Difference(Severity.SOFT, "as given", "i", 1, "1", "2", "a day later")


def capture(status=Status.COMPLETED, *, effects=(), executed=(2, 3), error=None, episodes=(), has_input=True):
    result = RunResult(
        Instance("i", "work", status, error=error),
        instances=(Instance("i", "work", status),),
        histories=(History("i", "work", 0, ()),),
        episodes=episodes,
    )
    scenarios = (Scenario("as given", result),)
    coverage = Coverage("a.py", (2, 3), executed)
    return Capture("work", Sdk.DURABLETASK, scenarios, effects, coverage, has_input=has_input)


@pytest.mark.parametrize(
    ("seen", "differences", "outcome", "reason"),
    [
        (capture(), [], Outcome.DETERMINISTIC, "decided the same on every replay"),
        (capture(Status.WAITING), [], Outcome.DETERMINISTIC, "decided the same on every replay"),
        (capture(effects=(EFFECT,)), [], Outcome.IMPURE, "a.py:3: work calls time.time (reads the wall clock)"),
        (capture(Status.FAILED, error="ValueError: no"), [], Outcome.ERROR, "it fails by itself: ValueError: no"),
        (capture(Status.FAILED, error="no", effects=(EFFECT,)), [], Outcome.IMPURE, "it fails by itself: no"),
        (capture(effects=(EFFECT,)), [SOFT], Outcome.NONDET_SOFT, "first asked for 1"),
        (capture(Status.FAILED, error="no"), [SOFT], Outcome.NONDET_SOFT, "gave 2"),
        (capture(Status.HANG), [SOFT], Outcome.HANG, "can never continue"),
        (capture(Status.HANG), [SOFT, HARD], Outcome.NONDET_HARD, "replayed a day later"),
    ],
)
def test_worst_evidence_decides(seen, differences, outcome, reason):
    verdict = judge_capture(seen, differences)
    assert verdict.outcome is outcome
    assert reason in verdict.reason
    assert str(verdict).startswith(outcome.value)


def test_first_run_is_evidence_too():
    actions = [Action("activity", 1, name) for name in ("a", "b")]
    episodes = tuple(Episode(0, 0, 1, Trace((action,))) for action in actions)
    verdict = judge_capture(capture(episodes=episodes), [])
    assert verdict.outcome is Outcome.NONDET_HARD
    assert "in the same process" in verdict.reason


@pytest.mark.parametrize(
    ("seen", "differences", "confidence"),
    [
        (capture(), [], Confidence.HIGH),
        (capture(executed=(2,)), [], Confidence.LOW),
        (capture(Status.WAITING), [], Confidence.LOW),
        (capture(executed=()), [HARD], Confidence.HIGH),
    ],
)
def test_clean_verdict_is_worth_what_was_executed(seen, differences, confidence):
    assert judge_capture(seen, differences).confidence is confidence


def test_missed_lines_are_named():
    assert judge_capture(capture(executed=(2,)), []).reason.endswith("not reached: lines 3")


def test_missing_input_is_mentioned():
    verdict = judge_capture(capture(Status.FAILED, error="no", has_input=False), [])
    assert "give a real one with --input" in verdict.reason

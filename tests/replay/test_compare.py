from __future__ import annotations

import pytest

from determinism_lint.replay.compare import compare, compare_prefix, successive
from determinism_lint.replay.model import Action, Episode, History, Instance, RunResult, Severity, Status, Trace


def activity(number=1, name="work", **payload):
    return Action("activity", number, name, payload)


TIMER = Action("timer", 1, "", {"fire at": "2024"})
DONE = Action("complete", 2, "COMPLETED", {"result": "1"})


def trace(*actions, status=None):
    return Trace(actions, status)


def test_equal_traces_do_not_differ():
    assert compare(trace(activity(input="1"), status="a"), trace(activity(input="1"), status="a")) is None


@pytest.mark.parametrize(
    ("before", "after", "texts"),
    [
        (trace(activity()), trace(activity(name="other")), ("activity 'work'", "activity 'other'")),
        (trace(activity()), trace(TIMER), ("activity 'work'", "timer")),
        (trace(activity()), trace(activity(number=2)), ("activity 'work'", "activity 'work'")),
        (trace(activity()), trace(), ("activity 'work'", "nothing more")),
        (trace(), trace(activity()), ("nothing more", "activity 'work'")),
        (
            trace(DONE),
            trace(Action("complete", 2, "FAILED", {"error": "NonDeterminismError: no"})),
            ("complete 'COMPLETED'", "complete 'FAILED' (NonDeterminismError: no)"),
        ),
    ],
)
def test_what_the_runtime_compares_is_hard(before, after, texts):
    divergence = compare(before, after)
    assert divergence is not None
    assert (divergence.severity, divergence.before, divergence.after) == (Severity.HARD, *texts)


@pytest.mark.parametrize(
    ("before", "after", "texts"),
    [
        (
            trace(activity(input="1")),
            trace(activity(input="2")),
            ("activity 'work' with input 1", "activity 'work' with input 2"),
        ),
        (
            trace(activity()),
            trace(activity(input=[2])),
            ("activity 'work' with input null", "activity 'work' with input [2]"),
        ),
        (trace(status="1"), trace(status=None), ("custom status 1", "custom status null")),
    ],
)
def test_payloads_are_soft(before, after, texts):
    divergence = compare(before, after)
    assert divergence is not None
    assert (divergence.severity, divergence.before, divergence.after) == (Severity.SOFT, *texts)


def test_hard_difference_outweighs_an_earlier_soft_one():
    divergence = compare(trace(activity(input="1"), TIMER), trace(activity(input="2"), DONE))
    assert divergence is not None
    assert divergence.severity is Severity.HARD


def test_long_payloads_are_cut():
    divergence = compare(trace(activity(input="a" * 1000)), trace(activity(input="b" * 1000)))
    assert divergence is not None
    assert len(divergence.before) < 250


def test_later_execution_may_go_on():
    assert compare_prefix(trace(activity(), DONE), trace(activity(), TIMER)) is None
    assert compare_prefix(trace(activity()), trace(TIMER, TIMER)) is not None
    assert compare_prefix(trace(activity()), trace()) is not None


def test_executions_are_paired_within_a_generation():
    histories = (History("i", "work", 0, ()), History("i", "work", 1, ()))
    episodes = tuple(Episode(index, 0, 0, trace()) for index in (0, 0, 1, 1, 1))
    result = RunResult(Instance("i", "work", Status.COMPLETED), histories=histories, episodes=episodes)
    assert [(history.generation, number) for history, number, _, _ in successive(result)] == [(0, 2), (1, 4), (1, 5)]

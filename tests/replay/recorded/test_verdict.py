"""Holding a trace against a history, where no real one shows it."""

from __future__ import annotations

from typing import Any

from determinism_lint.replay.model import Action, Sdk, Trace
from determinism_lint.replay.recorded.model import Recording
from determinism_lint.replay.recorded.verdict import Outcome, judge

STARTED = {"eventId": -1, "executionStarted": {"name": "flow"}}
CHARGE = {"eventId": 1, "taskScheduled": {"name": "charge", "input": "1"}}
CHARGED = {"eventId": -1, "taskCompleted": {"taskScheduledId": 1}}
ENDED = {
    "eventId": -1,
    "executionCompleted": {"orchestrationStatus": "ORCHESTRATION_STATUS_COMPLETED", "result": "3"},
}
BEGIN, END = {"eventId": -1, "orchestratorStarted": {}}, {"eventId": -1, "orchestratorCompleted": {}}


def recording(*events: Any, **options: Any) -> Recording:
    return Recording("h.json", "i", "flow", events, tuple(range(1, len(events) + 1)), **options)


def trace(*actions: Action, **options: Any) -> Trace:
    return Trace(actions, **options)


ASKED = Action("activity", 1, "charge", {"input": "1"})
TIMER = Action("timer", 2)
DONE = Action("complete", 3, "COMPLETED", {"result": "3"})
OTHER = Action("complete", 3, "COMPLETED", {"result": "4"})
WHOLE = (STARTED, CHARGE, CHARGED, ENDED)


def test_a_timer_that_was_cancelled_before_the_runtime_heard_of_it_is_nothing_more() -> None:
    verdict = judge(recording(*WHOLE), trace(ASKED, TIMER, DONE, unsent=(3,)), Sdk.DURABLETASK)
    assert (verdict.outcome, verdict.note) == (Outcome.REPLAYS, "the instance is COMPLETED")
    verdict = judge(recording(*WHOLE), trace(ASKED, TIMER, OTHER, unsent=(3,)), Sdk.DURABLETASK)
    assert (verdict.outcome, verdict.today) == (Outcome.SILENT, "gives the output 4")


def test_what_follows_the_end_is_told_and_no_divergence() -> None:
    verdict = judge(recording(*WHOLE), trace(ASKED, TIMER, unsent=(2,), awaited=(2,)), Sdk.DURABLETASK)
    assert (verdict.outcome, verdict.note) == (Outcome.REPLAYS, "it goes on with timer where the instance had ended")


def test_a_step_that_lost_a_race_is_not_waited_for() -> None:
    events = (STARTED, CHARGE, {"eventId": 2, "timerCreated": {}})
    verdict = judge(recording(*events), trace(ASKED, TIMER, awaited=(1,)), Sdk.DURABLETASK)
    assert verdict.note == "the instance waits for activity 'charge'"


def test_events_that_no_execution_has_seen_yet_may_end_it() -> None:
    said = (BEGIN, STARTED, CHARGE, END, BEGIN, CHARGED)
    assert judge(recording(*said), trace(ASKED, DONE), Sdk.DURABLETASK).outcome is Outcome.REPLAYS
    assert judge(recording(*said, END), trace(ASKED, DONE), Sdk.DURABLETASK).outcome is Outcome.SILENT


def test_the_runtimes_differ_on_code_that_ends_early_and_on_case() -> None:
    """DurableTask.Core compares on, where durabletask drops its error; and it takes `Charge` for `charge`."""
    waiting = recording(STARTED, CHARGE)
    assert judge(waiting, trace(DONE), Sdk.DURABLETASK).outcome is Outcome.SILENT
    assert judge(waiting, trace(DONE), Sdk.FUNCTIONS_V1).outcome is Outcome.LOUD
    shouted = trace(Action("activity", 1, "Charge", {"input": "1"}))
    assert judge(waiting, shouted, Sdk.DURABLETASK).outcome is Outcome.LOUD
    assert judge(waiting, shouted, Sdk.FUNCTIONS_V1).outcome is Outcome.REPLAYS


def test_the_sdk_has_the_last_word() -> None:
    verdict = judge(recording(STARTED, CHARGE), trace(ASKED, mismatch="in what it alone compares"), Sdk.DURABLETASK)
    assert (verdict.outcome, verdict.today) == (Outcome.LOUD, "fails: in what it alone compares")


def test_a_terminated_instance_has_no_output() -> None:
    ended = {"eventId": -1, "executionTerminated": {"input": '"why"'}}
    verdict = judge(recording(STARTED, CHARGE, ended), trace(ASKED, awaited=(1,)), Sdk.DURABLETASK)
    assert (verdict.outcome, verdict.note) == (Outcome.REPLAYS, "the instance is TERMINATED")


def test_redacted_payloads_are_not_compared() -> None:
    said = recording(*WHOLE, redacted=True, lacks=("the payloads, which were redacted",))
    other = Action("activity", 1, "charge", {"input": "7"})
    assert judge(said, trace(other, OTHER), Sdk.DURABLETASK).outcome is Outcome.REPLAYS
    verdict = judge(said, trace(TIMER), Sdk.DURABLETASK)
    assert (verdict.outcome, verdict.note) == (Outcome.UNJUDGED, "the file lacks the payloads, which were redacted")

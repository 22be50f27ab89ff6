"""The durabletask host against the SDK: what orchestrations, timers, events, children and entities do."""

from __future__ import annotations

from pathlib import Path

import pytest

from determinism_lint.replay import Event, ProgramError, Status, orchestrators, run
from tests.environments import sdk_python

PROGRAMS = Path(__file__).parent.parent / "corpus" / "programs"


def start(orchestrator, *, program="behaviors.py", **options):
    options.setdefault("input", None)
    return run(PROGRAMS / program, orchestrator, python=sdk_python("durable-task-python"), **options)


def test_activities_run_in_order():
    result = start("chain", input=5)
    assert (result.status, result.output, result.custom_status) == (Status.COMPLETED, 20, "doubling")
    assert [(call.name, call.input, call.output) for call in result.calls] == [("double", 5, 10), ("double", 10, 20)]
    assert len(result.episodes) == 3


def test_time_is_virtual():
    result = start("waits_a_month")
    assert result.output == 30
    assert result.seconds == pytest.approx(30 * 86_400, abs=1)


def test_input_is_typed():
    assert start("typed", input={"id": "o-1"}).output == ["Order", "o-1", 1]


def test_children_take_their_time_and_know_their_parent():
    result = start("parent")
    assert result.output == ["instance-1", "instance-1"]
    assert {instance.id for instance in result.instances} == {"instance-1", "kid-1", "kid-2"}


def test_failure_without_a_message_is_a_failure():
    assert "ValueError" in (start("lets_a_failure_through").error or "")
    assert "ValueError" in start("parent_of_a_failure").output


def test_retries_wait_in_virtual_time():
    assert start("retries").output == [3, 180]


def test_failures_can_be_injected():
    result = start("chain", input=1, failures={"double": 1})
    assert result.status is Status.FAILED
    assert "double" in (result.error or "")


@pytest.mark.parametrize(
    ("events", "output"),
    [
        ((Event("APPROVAL", {"by": "eve"}, after=3600),), {"by": "eve"}),
        ((Event("approval", "early", after=0),), "early"),
        ((Event("approval", "late", after=25 * 3600),), "expired"),
        ((), "expired"),
    ],
)
def test_events_race_timers(events, output):
    assert start("waits_for_approval", events=events).output == output


def test_events_are_kept_over_a_restart():
    events = [Event("item", number, after=1) for number in range(3)]
    assert start("gathers", input={"items": []}, events=events).output == [0, 1, 2]


def test_timers_of_an_earlier_generation_do_not_fire():
    assert start("leaves_a_timer_behind", input=0).output == 5


def test_eternal_orchestration_is_cut_off():
    result = start("eternal", input=0, max_episodes=10)
    assert (result.status, len(result.episodes)) == (Status.RUNNING, 10)


@pytest.mark.parametrize("orchestrator", ["waits_for_ever", "waits_for_a_waiting_child"])
def test_waiting_for_an_event_is_no_hang(orchestrator):
    assert start(orchestrator).status is Status.WAITING


def test_entities_are_called_and_signaled():
    result = start("uses_entities", entities={"account@alice": 100})
    assert result.output == [115, 7, True]
    assert result.entities == {"account@alice": 115, "counter@c": 7}
    assert result.activities == (
        "account@alice.deposit",
        "account@alice.deposit",
        "counter@c.add",
        "account@alice.close",
    )


def test_lock_keeps_others_out():
    result = start("deposits_meanwhile", entities={"account@alice": 1})
    assert result.output == [[1, 1], 101]


def test_version_reaches_the_orchestrator():
    assert start("tells_its_version", version="1.2.3").output == "1.2.3"


def test_rejected_version_stays_pending():
    accepted = start("versioned", program="strict_version.py", version="2.0.0")
    assert (accepted.status, accepted.output) == (Status.COMPLETED, "2.0.0")
    assert start("versioned", program="strict_version.py", version="1.0.0").status is Status.PENDING


def test_fragment_runs_on_stand_ins():
    result = run(PROGRAMS / "fragment.py", python=sdk_python("durable-task-python"))
    assert (result.status, result.error) == (Status.COMPLETED, None)
    assert result.output["first"] == "price of input[items][0]"
    assert result.activities == ("price", "price", "send_receipt")


def test_orchestrators_are_listed_by_name():
    names = orchestrators(PROGRAMS / "behaviors.py", python=sdk_python("durable-task-python"))
    assert {"chain", "parent", "eternal"} <= set(names)
    assert "double" not in names


def test_ambiguous_and_unknown_orchestrators_are_refused():
    with pytest.raises(ProgramError, match="several orchestrators"):
        start(None)
    with pytest.raises(ProgramError, match="no orchestrator 'nobody'"):
        start("nobody")

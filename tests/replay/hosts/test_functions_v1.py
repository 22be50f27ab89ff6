"""The host for azure-functions-durable 1.x against the SDK."""

from __future__ import annotations

from pathlib import Path

import pytest

from determinism_lint.replay import Event, Status, orchestrators, run
from tests.environments import sdk_python

PROGRAMS = Path(__file__).parent.parent / "corpus" / "programs"


def start(orchestrator, *, program="functions_v1_behaviors.py", **options):
    options.setdefault("input", None)
    return run(PROGRAMS / program, orchestrator, python=sdk_python("durable-functions-python"), **options)


@pytest.mark.parametrize("name", ["Chain", "chain"])
def test_activities_run_by_name_and_by_function(name):
    result = start(name, input=5)
    assert (result.status, result.output, result.custom_status) == (Status.COMPLETED, 30, "doubling")
    assert result.activities == ("double", "TripleIt")


def test_time_is_virtual():
    result = start("waits_a_month")
    assert result.output == 30
    assert result.seconds == pytest.approx(30 * 86_400, abs=1)


def test_retries_wait_in_virtual_time():
    assert start("retries").output == [3, 120]


def test_retries_give_up():
    result = start("gives_up")
    assert result.output is True
    assert result.activities == ("fails", "fails", "fails")


def test_children_take_their_time_and_know_their_parent():
    assert start("parent").output == [["kid-2", "instance-1"], ["kid-1", "instance-1"]]


def test_failure_of_a_child_reaches_its_parent():
    assert start("parent_of_a_failure").output is True


def test_failures_can_be_injected():
    result = start("Chain", input=1, failures={"TripleIt": 1})
    assert result.status is Status.FAILED
    assert "lets TripleIt fail" in (result.error or "")


@pytest.mark.parametrize(
    ("events", "output"),
    [
        ((Event("Approval", {"by": "eve"}, after=3600),), {"by": "eve"}),
        ((Event("Approval", "early", after=0),), "early"),
        ((Event("approval", "of another name"),), "expired"),
        ((), "expired"),
    ],
)
def test_events_race_timers(events, output):
    assert start("waits_for_approval", events=events).output == output


def test_instance_lives_until_its_timers_are_fired_or_cancelled():
    events = (Event("Approval", "yes", after=60),)
    assert start("waits_for_approval", events=events).seconds == pytest.approx(60, abs=1)
    assert start("forgets_its_timer", events=events).seconds == pytest.approx(86_400, abs=1)


def test_events_are_kept_over_a_restart():
    events = [Event("item", number, after=1 + number) for number in range(3)]
    assert start("gathers", input=[], events=events).output == [0, 1, 2]


def test_eternal_orchestration_is_cut_off():
    result = start("eternal", input=0, max_episodes=10)
    assert (result.status, len(result.episodes)) == (Status.RUNNING, 10)


def test_what_is_not_yielded_never_runs():
    result = start("forgets_to_yield")
    assert [(call.name, call.input) for call in result.calls] == [("double", 2)]


def test_entities_are_called_signaled_and_deleted():
    result = start("uses_entities", entities={"account@alice": 100, "account@bob": 1})
    assert result.output == [115, True]
    assert result.entities == {"account@alice": 115}


def test_web_is_not_asked():
    assert start("asks_the_web").output == 200


def test_version_reaches_the_orchestrator():
    assert start("tells_its_version", version="1.2.3").output == "1.2.3"


def test_app_of_folders():
    result = start("Greet", program="functions_v1_folders/Greet/__init__.py")
    assert result.output == ["Hello Ada", "Hello Grace"]


def test_orchestrators_are_listed_by_their_registered_names():
    names = orchestrators(PROGRAMS / "functions_v1_behaviors.py", python=sdk_python("durable-functions-python"))
    assert {"Chain", "waits_a_month"} <= set(names)

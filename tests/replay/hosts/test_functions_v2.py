"""The host for azure-functions-durable 2.x against the SDK: what it adds to the durabletask host."""

from __future__ import annotations

from pathlib import Path

import pytest

from determinism_lint.replay import Event, Status, orchestrators, run
from tests.environments import sdk_python

PROGRAM = Path(__file__).parent.parent / "corpus" / "programs" / "functions_v2_behaviors.py"


def start(orchestrator, **options):
    options.setdefault("input", None)
    return run(PROGRAM, orchestrator, python=sdk_python("durable-functions-python@2"), **options)


@pytest.mark.parametrize("orchestrator", ["Chain", "native_chain"])
def test_both_styles_run(orchestrator):
    result = start(orchestrator, input=5)
    assert (result.status, result.output, result.custom_status) == (Status.COMPLETED, 30, "doubling")
    assert result.activities == ("double", "TripleIt")


def test_retries_wait_in_virtual_time():
    assert start("retries").output == [3, 2]


@pytest.mark.parametrize(("events", "output"), [((Event("approval", "yes", after=60),), "yes"), ((), "expired")])
def test_events_race_timers(events, output):
    assert start("waits_for_approval", events=events).output == output


def test_events_are_kept_over_a_restart():
    events = [Event("item", number, after=1 + number) for number in range(3)]
    assert start("gathers", input=[], events=events).output == [0, 1, 2]


def test_entities_of_both_styles():
    result = start("uses_entities", entities={"account@alice": 100})
    assert result.output == [110, 7]
    assert result.entities == {"account@alice": 110, "counter@c": 7}


def test_children_and_locks():
    assert start("parent").output == [5, "instance-1"]


def test_web_is_not_asked():
    assert start("asks_the_web").output == 200


def test_built_in_functions_are_not_the_program_s():
    names = orchestrators(PROGRAM, python=sdk_python("durable-functions-python@2"))
    assert not [name for name in names if name.startswith("BuiltIn")]

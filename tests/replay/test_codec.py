from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from determinism_lint.replay.codec import decode, encode
from determinism_lint.replay.jobs import Answer, Job, JobKind
from determinism_lint.replay.model import (
    Action,
    Capture,
    Coverage,
    Difference,
    Effect,
    Episode,
    Event,
    History,
    Instance,
    RunResult,
    Scenario,
    Sdk,
    Severity,
    Status,
    Trace,
)
from determinism_lint.replay.perturb import circumstances

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def through_json(value):
    return decode(type(value), json.loads(json.dumps(encode(value))))


@given(JSON, JSON)
def test_json_values_survive(first, second):
    action = Action("activity", 3, "work", {"input": first})
    episode = Episode(0, 1, 2, Trace((action,), second))
    assert through_json(episode) == episode


def test_whole_answer_survives():
    result = RunResult(
        Instance("i-1", "work", Status.FAILED, error="no", seconds=1.5),
        entities={"account@alice": 3},
        histories=(History("i-1", "work", 0, ("e1", "e2"), "parent"),),
    )
    answer = Answer(
        capture=Capture(
            "work",
            Sdk.FUNCTIONS_V1,
            (Scenario("as given", result),),
            (Effect("reads the wall clock", "time.time", "a.py", 3, "work"),),
            Coverage("a.py", (1, 2), (1,)),
            ("REGION",),
        ),
        differences=(Difference(Severity.SOFT, "as given", "i-1", 1, "a", "b", "later"),),
    )
    assert through_json(answer) == answer


def test_whole_job_survives():
    job = Job(
        JobKind.REPLAY,
        "a.py",
        input={"a": [1]},
        events=(Event("go", None, 2.0),),
        circumstances=circumstances(["REGION"], {"REGION": "west"})[0],
    )
    assert through_json(job) == job


def test_what_does_not_fit_is_an_error():
    with pytest.raises(TypeError):
        decode(Event, {"nme": "go"})

from __future__ import annotations

import json

from determinism_lint.replay.clock import START
from determinism_lint.replay.hosts import functions_v1_protocol as protocol
from determinism_lint.replay.hosts.functions_v1_protocol import ActionKind, EventKind
from determinism_lint.replay.model import Action

ACTIVITY = {"actionType": 0, "functionName": "work", "input": "1"}
TIMER = {"actionType": 5, "fireAt": "2024-01-01T00:00:05Z", "isCanceled": False}


def test_request_marks_what_was_played():
    events = [
        protocol.event(EventKind.ORCHESTRATOR_STARTED, START),
        protocol.event(EventKind.EXECUTION_STARTED, START, Name="flow", Input='{"a": 1}'),
        protocol.event(EventKind.ORCHESTRATOR_STARTED, START),
    ]
    request = json.loads(protocol.context_json(events, 2, "i-1", "parent"))
    assert [event["IsPlayed"] for event in request["history"]] == [True, True, False]
    assert (request["instanceId"], request["parentInstanceId"]) == ("i-1", "parent")
    assert request["input"] == '{"a": 1}'
    assert request["history"][0]["Timestamp"] == "2024-01-01T00:00:00.000000Z"


def test_failure_carries_its_state():
    state = {"isDone": False, "actions": [[ACTIVITY]], "error": "no"}
    error = Exception(f"no\n\n$OutOfProcData$:{json.dumps(state)}")
    assert protocol.state_of_failure(error) == state
    assert protocol.state_of_failure(ValueError("bare"))["error"] == "bare"
    assert protocol.state_of_failure(ValueError())["error"] == "ValueError"


def test_compound_actions_come_before_their_parts():
    compound = {"actionType": int(ActionKind.WHEN_ALL), "compoundActions": [ACTIVITY, TIMER]}
    state = {"isDone": False, "actions": [[compound, ACTIVITY]]}
    assert [(action.kind, action.name) for action in protocol.trace(state).actions] == [
        ("all of", "2"),
        ("activity", "work"),
        ("timer", ""),
        ("activity", "work"),
    ]


def test_cancelling_a_timer_is_no_difference():
    cancelled = {**TIMER, "isCanceled": True}
    traces = [protocol.trace({"isDone": False, "actions": [[timer]]}) for timer in (TIMER, cancelled)]
    assert traces[0] == traces[1]


def test_endings_are_actions():
    done = protocol.trace({"isDone": True, "actions": [[]], "output": 3, "customStatus": "late"})
    assert done.actions == (Action("complete", 0, "COMPLETED", {"result": 3}),)
    assert done.custom_status == "late"
    failed = protocol.trace({"isDone": False, "actions": [[ACTIVITY]], "error": "<object at 0x7f00>"})
    assert failed.actions[-1] == Action("complete", 1, "FAILED", {"error": "<object at 0x…>"})

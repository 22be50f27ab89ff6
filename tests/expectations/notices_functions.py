"""What the Functions host does when code changes under a waiting instance: `{change: outcome}` as JSON.

The SDK 1.x replays a history and reports its actions. The host gives them numbers in order and compares them with what
the history scheduled, by number, kind and name (DurableTask.Core, TaskOrchestrationContext: HandleTaskScheduledEvent,
HandleTimerCreatedEvent and HandleSubOrchestrationCreatedEvent), whose NonDeterministicOrchestrationException fails the
instance. The story is that of skills_src/notices.py. Runs in an environment that has the SDK and nothing of this
project.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from datetime import datetime, timedelta, timezone
from typing import Any

import azure.durable_functions as df

Call = Callable[[Any], Any]
START = datetime(2024, 1, 1, tzinfo=timezone.utc)
STAMP = "2024-01-01T00:00:00.000000Z"
SCHEDULED = {4: "activity", 7: "child", 10: "timer"}
KINDS = {0: "activity", 2: "child", 5: "timer"}


def activity(name: str, value: str) -> Call:
    return lambda context: context.call_activity(name, value)


def timer(seconds: int) -> Call:
    return lambda context: context.create_timer(START + timedelta(seconds=seconds))


def children(name: str) -> Call:
    return lambda context: context.call_sub_orchestrator(name, None, "child-1")


def story(*calls: Call, event: str = "Go") -> Any:
    def orchestrator(context: df.DurableOrchestrationContext) -> Generator[Any, Any, Any]:
        results = []
        for call in calls:
            results.append((yield call(context)))
        yield context.wait_for_external_event(event)
        return results

    return orchestrator


FIRST, SECOND = activity("A", "x"), activity("B", "y")
AFTER: dict[str, Any] = {
    "renamed-activity": story(activity("C", "x"), SECOND),
    "swapped-steps": story(SECOND, FIRST),
    "added-step": story(activity("C", "z"), FIRST, SECOND),
    "removed-step": story(SECOND),
    "other-kind": story(timer(1), SECOND),
    "other-payload": story(activity("A", "other"), SECOND),
    "other-timer": story(timer(2), SECOND),
    "renamed-child": story(children("other"), SECOND),
    "renamed-event": story(FIRST, SECOND, event="Stop"),
}
BEFORE = {"other-timer": story(timer(1), SECOND), "renamed-child": story(children("child"), SECOND)}


def history(change: str) -> list[dict[str, Any]]:
    """Of the old code: A (or what stands in its place) and B are done, and Go has come."""
    first: list[tuple[int, dict[str, Any]]] = [
        (4, {"EventId": 0, "Name": "A"}),
        (5, {"TaskScheduledId": 0, "Result": '"ax"'}),
    ]
    if change == "other-timer":
        first = [
            (10, {"EventId": 0, "FireAt": "2024-01-01T00:00:01.000000Z"}),
            (11, {"TimerId": 0, "FireAt": "2024-01-01T00:00:01.000000Z"}),
        ]
    if change == "renamed-child":
        first = [
            (7, {"EventId": 0, "Name": "child", "InstanceId": "child-1"}),
            (8, {"TaskScheduledId": 0, "Result": '"child"'}),
        ]
    turns = [
        [(12, {}), (0, {"Name": "story", "Version": None, "Input": "null"}), first[0], (13, {})],
        [(12, {}), first[1], (4, {"EventId": 1, "Name": "B"}), (13, {})],
        [(12, {}), (5, {"TaskScheduledId": 1, "Result": '"by"'}), (13, {})],
        [(12, {}), (15, {"Name": "Go", "Input": "null"})],
    ]
    return [
        {"EventId": -1, "IsPlayed": number < 3, "Timestamp": STAMP, **details, "EventType": kind}
        for number, turn in enumerate(turns)
        for kind, details in turn
    ]


def replay(code: Any, events: list[dict[str, Any]]) -> dict[str, Any]:
    context = df.DurableOrchestrationContext.from_json(
        json.dumps(
            {
                "history": events,
                "input": "null",
                "instanceId": "i",
                "isReplaying": True,
                "parentInstanceId": None,
                "upperSchemaVersion": 2,
            }
        )
    )
    state = json.loads(df.Orchestrator(code).handle(context))
    assert isinstance(state, dict)
    return state


def flat(actions: Any) -> list[dict[str, Any]]:
    """The actions in their order, those of compound ones too."""
    if isinstance(actions, list):
        return [action for item in actions for action in flat(item)]
    return flat(actions["compoundActions"]) if "compoundActions" in actions else [actions]


def outcome(change: str, code: Any) -> str:
    events = history(change)
    expected = replay(BEFORE.get(change, story(FIRST, SECOND)), events)
    assert expected["isDone"], expected
    state = replay(code, events)
    decided = [
        (KINDS[it["actionType"]], it.get("functionName")) for it in flat(state["actions"]) if it["actionType"] in KINDS
    ]
    for event in events:
        kind = SCHEDULED.get(event["EventType"])
        if kind and decided[event["EventId"] : event["EventId"] + 1] != [(kind, event.get("Name"))]:
            return "fails"
    if not state["isDone"]:
        return "hangs"
    return "recorded" if state["output"] == expected["output"] else "wrong"


if __name__ == "__main__":
    print(json.dumps({change: outcome(change, code) for change, code in AFTER.items()}))

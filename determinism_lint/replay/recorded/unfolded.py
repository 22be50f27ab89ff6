"""Undoes what the status query of Durable Functions does to a history, as far as it can be undone.

`GetDurableOrchestrationStatusAsync` in the extension's DurableClient.cs takes the ids of events away, folds what
scheduled a step into what ended it, and leaves out where the orchestrator's executions began; without
`showHistoryOutput` also results, without `showInput` also inputs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from determinism_lint.replay.model import Json
from determinism_lint.replay.recorded import typed
from determinism_lint.replay.recorded.protobuf import kind_of

_BEGUN_BY = {
    "taskCompleted": "taskScheduled",
    "taskFailed": "taskScheduled",
    "subOrchestrationInstanceCompleted": "subOrchestrationInstanceCreated",
    "subOrchestrationInstanceFailed": "subOrchestrationInstanceCreated",
}
_BEGINNINGS = (*dict.fromkeys(_BEGUN_BY.values()), "timerCreated", "eventSent")
_WAKING = (*_BEGUN_BY, "executionStarted", "timerFired", "eventRaised", "executionTerminated")
_ORDER, _INPUT, _RESULTS, _EVENTS = (
    "the order of steps that were scheduled at the same moment",
    "the orchestrator's input (ask with showInput=true)",
    "results (ask with showHistoryOutput=true)",
    "the data of events (ask with showInput=true)",
)

Numbered = tuple[int, Json]
"""An event, and the number (from 1) of the status's event that tells of it."""


def unfolded(items: Sequence[Mapping[str, Json]], given: Json) -> tuple[list[Numbered], tuple[str, ...]]:
    """The events as they were recorded, and what is lacking. `given` is the input that the status tells, or None."""
    told = [(number, _event(item, given)) for number, item in enumerate(items, 1)]
    begun = [_begun(number, event, items[number - 1]) for number, event in told]
    begun += [(number, event) for number, event in told if kind_of(event) in _BEGINNINGS]
    beginnings = sorted(filter(None, begun), key=lambda each: _moment(each[1]["timestamp"]))
    for step, (_, event) in enumerate(beginnings):
        event["eventId"] = step
    steps = {number: event["eventId"] for number, event in beginnings}
    timers = [event for _, event in beginnings if kind_of(event) == "timerCreated"]
    found: list[Numbered] = []
    for number, event in told:
        kind = kind_of(event)
        if kind in _BEGINNINGS:
            continue
        while beginnings and (steps.get(number, -1) >= _id(beginnings[0]) or _is_before(beginnings[0][1], event)):
            found.append(beginnings.pop(0))
        if kind in _BEGUN_BY:
            event[kind]["taskScheduledId"] = steps.get(number, -1)
        elif kind == "timerFired":
            event[kind]["timerId"] = _timer(timers, event[kind].get("fireAt"))
        if kind in _WAKING:
            found.append((number, {"eventId": -1, "timestamp": event["timestamp"], "orchestratorStarted": {}}))
        found.append((number, event))
    return found + beginnings, tuple(_lacking(items, [event for _, event in found + beginnings]))


def _event(item: Mapping[str, Json], given: Json) -> Json:
    """Results are told as the values that they stand for, not as text; those of failed tasks are none."""
    event = typed.event(item)
    kind = kind_of(event)
    assert kind is not None
    body, values = event[kind], {typed.flat(key): value for key, value in item.items()}
    body.pop("scheduledTime", None)  # of the step that was folded into this event
    if "result" in values and not kind.endswith("Failed"):
        body["result"] = json.dumps(values["result"])
    if kind == "executionStarted":
        body["name"] = values.get("functionname", "")
        if "input" not in body and given is not None:
            body["input"] = json.dumps(given)
    return event


def _begun(number: int, event: Json, item: Mapping[str, Json]) -> Numbered | None:
    """What scheduled the step that this event ended."""
    beginning = _BEGUN_BY.get(kind_of(event) or "")
    values = {typed.flat(key): value for key, value in item.items()}
    if beginning is None or "scheduledtime" not in values:
        return None
    body = {"name": values.get("functionname", "")}
    if values.get("input") is not None:
        body["input"] = values["input"]
    return number, {"timestamp": values["scheduledtime"], beginning: body}


def _timer(timers: list[Json], fire_at: str | None) -> int:
    """The timer that fired: the first one with this time that has not."""
    for timer in timers:
        if timer["timerCreated"].get("fireAt") == fire_at:
            timers.remove(timer)
            return int(timer["eventId"])
    return -1


def _id(beginning: Numbered) -> int:
    return int(beginning[1]["eventId"])


def _is_before(beginning: Json, event: Json) -> bool:
    return _moment(beginning["timestamp"]) < _moment(event["timestamp"])


def _moment(timestamp: str) -> tuple[str, str]:
    """For comparing: .NET leaves zeros at the end of a fraction out, and Python knows no more than six digits."""
    whole, _, fraction = timestamp.rstrip("Z").partition(".")
    return whole, fraction.ljust(9, "0")


def _lacking(items: Sequence[Mapping[str, Json]], events: Sequence[Json]) -> list[str]:
    lacking = []
    keys = [(kind_of(typed.event(item)), {typed.flat(key) for key in item}) for item in items]
    shows_input = any("input" in names for _, names in keys)
    if not shows_input and not any("input" in event.get("executionStarted", ()) for event in events):
        lacking.append(_INPUT)
    if any(kind in _BEGUN_BY and not kind.endswith("Failed") and "result" not in names for kind, names in keys):
        lacking.append(_RESULTS)
    if not shows_input and any(kind in ("eventRaised", "eventSent") for kind, _ in keys):
        lacking.append(_EVENTS)
    moments: dict[tuple[str, str], set[str]] = {}
    for event in events:
        kind = kind_of(event)
        if kind in _BEGINNINGS:
            moments.setdefault(_moment(event["timestamp"]), set()).add(f"{kind} {event[kind].get('name')}")
    if any(len(names) > 1 for names in moments.values()):
        lacking.append(_ORDER)
    return lacking

"""Undoes what the status query of Durable Functions does to a history, as far as it can be undone.

`GetDurableOrchestrationStatusAsync` in the extension's DurableClient.cs takes the ids of events away, folds what
scheduled a step into what ended it, and leaves out where the orchestrator's executions began; without
`showHistoryOutput` also results, without `showInput` also inputs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

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


def with_text(item: Mapping[str, Json]) -> Mapping[str, Json]:
    """An event of the status with its result as text, as it was recorded: it is told as the value."""
    return {key: json.dumps(value) if typed.flat(key) == "result" else value for key, value in item.items()}


def unfolded(told: Sequence[Json], given: Json) -> tuple[list[Numbered], tuple[str, ...]]:
    """The events as they were recorded, and what is lacking. `given` is the input that the status tells, or None."""
    events = [(number, _event(event, given)) for number, event in enumerate(told, 1)]
    begun = [_begun(number, event) for number, event in events]
    begun += [(number, event) for number, event in events if kind_of(event) in _BEGINNINGS]
    beginnings = sorted(filter(None, begun), key=lambda each: _moment(each[1]))
    for step, (_, event) in enumerate(beginnings):
        event["eventId"] = step
    steps = {number: event["eventId"] for number, event in beginnings}
    timers = [event for _, event in beginnings if kind_of(event) == "timerCreated"]
    found: list[Numbered] = []
    for number, event in events:
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
            found.append((number, {"eventId": -1, "timestamp": event.get("timestamp", ""), "orchestratorStarted": {}}))
        found.append((number, event))
    return found + beginnings, tuple(_lacking([event for _, event in found + beginnings]))


def _event(told: Json, given: Json) -> Json:
    """With the input that only the status has, where the event tells none."""
    kind = kind_of(told) or ""
    body = dict(told[kind])
    if kind == "executionStarted":
        body["name"] = body.get("functionName", "")
        if "input" not in body and given is not None:
            body["input"] = json.dumps(given)
    return {**told, kind: body}


def _begun(number: int, event: Json) -> Numbered | None:
    """What scheduled the step that this event ended."""
    kind = kind_of(event) or ""
    body = event[kind]
    if kind not in _BEGUN_BY or "scheduledTime" not in body:
        return None
    folded = {"name": body.pop("functionName", ""), **({"input": body.pop("input")} if "input" in body else {})}
    return number, {"timestamp": body.pop("scheduledTime"), _BEGUN_BY[kind]: folded}


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
    return _moment(beginning) < _moment(event)


def _moment(event: Json) -> tuple[str, str]:
    """For comparing: .NET leaves zeros at the end of a fraction out, and Python knows no more than six digits."""
    whole, _, fraction = event.get("timestamp", "").rstrip("Z").partition(".")
    return whole, fraction.ljust(9, "0")


def _lacking(events: Sequence[Json]) -> Iterator[str]:
    bodies = [(kind, event[kind]) for event in events if (kind := kind_of(event)) is not None]
    shows_input = any("input" in body for _, body in bodies)
    if not shows_input:
        yield _INPUT
    if any(kind in _BEGUN_BY and not kind.endswith("Failed") and "result" not in body for kind, body in bodies):
        yield _RESULTS
    if not shows_input and any(kind in ("eventRaised", "eventSent") for kind, _ in bodies):
        yield _EVENTS
    moments: dict[tuple[str, str], set[str]] = {}
    for event in events:
        kind = kind_of(event) or ""
        if kind in _BEGINNINGS:
            moments.setdefault(_moment(event), set()).add(f"{kind} {event[kind].get('name')}")
    if any(len(names) > 1 for names in moments.values()):
        yield _ORDER

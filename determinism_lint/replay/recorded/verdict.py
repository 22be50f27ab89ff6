"""Holds what today's code asks for on a recorded history against what the history says. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from determinism_lint.replay.compare import described, shortened
from determinism_lint.replay.model import Action, Place, Trace
from determinism_lint.replay.recorded.model import Recording
from determinism_lint.replay.recorded.steps import asked, ending, value_of


class Outcome(str, Enum):
    """What became of a history, worst last."""

    REPLAYS = "replays"
    UNJUDGED = "cannot be judged"  # it diverges, but perhaps by what the file does not hold
    SILENT = "diverges silently"  # the runtime does not notice
    LOUD = "diverges loudly"  # the runtime fails the instance
    UNREADABLE = "cannot be read"
    UNKNOWN = "finds no orchestrator"  # of the name that the history has


@dataclass(frozen=True, slots=True)
class Verdict:
    """On one history."""

    outcome: Outcome
    path: str
    """Of the history."""
    orchestrator: str = ""
    instance: str = ""
    event: int = 0
    """The number (from 1) of the file's event at which the two part; 0 where there is none."""
    recorded: str = ""
    """What the history says there."""
    today: str = ""
    """What the code asks for instead."""
    place: Place | None = None
    """The line that did it, where one is known."""
    note: str = ""
    """Where the instance stands, what the file lacks, or what to do."""


@dataclass(frozen=True, slots=True)
class _Parting:
    outcome: Outcome
    event: int
    recorded: str
    today: str
    place: Place | None


def judge(recording: Recording, trace: Trace) -> Verdict:
    """The verdict on a history, on which the code's execution decided `trace`."""
    partings = sorted(_partings(recording, trace), key=lambda each: each.outcome is not Outcome.LOUD)
    if not partings:
        return Verdict(Outcome.REPLAYS, recording.path, recording.orchestrator, recording.instance,
                       note=_standing(recording, trace))  # fmt: skip
    first = partings[0]
    return Verdict(
        Outcome.UNJUDGED if recording.lacks else first.outcome,
        recording.path, recording.orchestrator, recording.instance,
        first.event, first.recorded, first.today, first.place,
        f"the file lacks {' and '.join(recording.lacks)}" if recording.lacks else "",
    )  # fmt: skip


_ENTITY_MESSAGES = ("call entity", "signal entity", "lock entities", "unlock entity")
_UNCOMPARED = ("complete", "wait for event", "unlock entity")


def _partings(recording: Recording, trace: Trace) -> Iterator[_Parting]:
    """Where history and code part: the first point that the runtime notices, and what it does not before that."""
    open_actions = _by_id(trace.actions)
    for step in asked(recording):
        actions = open_actions[step.action.id]
        today = actions.popleft() if actions else None
        if today is None or not _same(step.action, today):
            instead = today or _instead(trace)
            yield _Parting(Outcome.LOUD, step.place, _step(step.action), _told(instead), _place(instead, trace))
            return
        for key in step.action.payload.keys() & today.payload.keys():
            before, after = step.action.payload[key], today.payload[key]
            if value_of(before) != value_of(after):
                yield _Parting(
                    Outcome.SILENT, step.place,
                    f"{_step(step.action)} with {key} {shortened(before)}",
                    f"{_step(today)} with {key} {shortened(after)}", today.place,
                )  # fmt: skip
    completion = _completion(trace)
    if completion is not None and _is_mismatch(completion):  # by names that differ in case alone, for example
        yield _Parting(Outcome.LOUD, recording.places[-1], "otherwise", _told(completion), trace.stands)
        return
    yield from _endings(recording, trace, any(open_actions.values()))


def _endings(recording: Recording, trace: Trace, goes_on: bool) -> Iterator[_Parting]:
    end, completion = ending(recording), _completion(trace)
    last = recording.places[-1]
    if end is None:
        if completion is not None and completion.name != "CONTINUED_AS_NEW":
            waits = "that the instance waits" if any(step.state == "open" for step in asked(recording)) else "no end"
            yield _Parting(_of(completion), last, waits, _told(completion), _place(completion, trace))
    elif end.status == "TERMINATED" or goes_on:
        return
    elif completion is None:
        yield _Parting(Outcome.SILENT, end.place, f"complete {end.status!r}", _told(_instead(trace)), trace.stands)
    elif completion.name != end.status:
        yield _Parting(_of(completion), end.place, f"complete {end.status!r}", _told(completion), trace.stands)
    elif end.status == "COMPLETED" and value_of(completion.payload.get("result")) != end.result:
        before, after = shortened(end.result), shortened(value_of(completion.payload.get("result")))
        yield _Parting(Outcome.SILENT, end.place, f"the output {before}", f"the output {after}", trace.stands)


def _of(completion: Action) -> Outcome:
    return Outcome.LOUD if completion.name == "FAILED" else Outcome.SILENT


def _standing(recording: Recording, trace: Trace) -> str:
    end = ending(recording)
    more = [action for action in trace.actions if action.kind not in _UNCOMPARED][len(asked(recording)) :]
    if end is not None:
        return f"it goes on with {more[0]} where the instance had ended" if more else f"the instance is {end.status}"
    waits = [_step(step.action) for step in asked(recording) if step.state == "open"]
    waits += [f"event {action.name!r}" for action in _waits(trace)]
    text = f"the instance waits for {', '.join(waits)}" if waits else "the instance had not ended"
    return f"{text}; it goes on with {more[0]}" if more else text


def _waits(trace: Trace) -> Sequence[Action]:
    """For external events, where nothing else was asked for since."""
    tail: list[Action] = []
    for action in reversed(trace.actions):
        if action.kind != "wait for event":
            break
        tail.insert(0, action)
    return tail


def _by_id(actions: Sequence[Action]) -> defaultdict[int, deque[Action]]:
    """A step that is tried again keeps its id with some SDKs."""
    found: defaultdict[int, deque[Action]] = defaultdict(deque)
    for action in actions:
        if action.kind not in _UNCOMPARED:
            found[action.id].append(action)
    return found


def _same(before: Action, after: Action) -> bool:
    """What runtimes compare. A history of the Functions extension does not tell entity messages apart."""
    if before.kind == "entity message" or after.kind == "entity message":
        return {before.kind, after.kind} <= {"entity message", *_ENTITY_MESSAGES}
    return (before.kind, before.name.casefold()) == (after.kind, after.name.casefold())


def _completion(trace: Trace) -> Action | None:
    return next((action for action in trace.actions if action.kind == "complete"), None)


def _instead(trace: Trace) -> Action | None:
    """What the code does where it asks for nothing more."""
    completion = _completion(trace)
    if completion is not None and not _is_mismatch(completion):
        return completion
    waits = _waits(trace)
    return waits[0] if waits else None


def _is_mismatch(completion: Action) -> bool:
    return str(completion.payload.get("error")).startswith("NonDeterminismError")


def _place(action: Action | None, trace: Trace) -> Place | None:
    return action.place if action is not None and action.place is not None else trace.stands


def _told(action: Action | None) -> str:
    return described(action) if action is not None else "nothing"


def _step(action: Action) -> str:
    return str(action)


def words(verdict: Verdict) -> Mapping[str, str]:
    """The verdict as plain text, for JSON."""
    return {
        "history": verdict.path,
        "instance": verdict.instance,
        "orchestrator": verdict.orchestrator,
        "outcome": verdict.outcome.value.replace(" ", "-"),
        "recorded": verdict.recorded,
        "today": verdict.today,
        "note": verdict.note,
    }

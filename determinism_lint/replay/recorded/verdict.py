"""Holds what today's code asks for on a recorded history against what the history says. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from determinism_lint.replay.codec import decoded
from determinism_lint.replay.compare import shortened
from determinism_lint.replay.model import Action, Place, Sdk, Trace
from determinism_lint.replay.recorded.model import Recording
from determinism_lint.replay.recorded.protobuf import kind_of
from determinism_lint.replay.recorded.steps import asked, ending


class Outcome(str, Enum):
    """What became of a history, worst last."""

    REPLAYS = "replays"
    UNJUDGED = "cannot be judged"  # it diverges, but perhaps by what the file does not hold
    SILENT = "diverges silently"  # the runtime does not notice
    LOUD = "diverges loudly"  # the runtime fails the instance
    UNREADABLE = "cannot be read"
    FAILS = "cannot be replayed"  # the program does not load, or does not come back
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
    """What that event does: `schedules activity 'charge'`."""
    today: str = ""
    """What the code does instead: `asks for activity 'pay'`."""
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


def judge(recording: Recording, trace: Trace, sdk: Sdk) -> Verdict:
    """The verdict on a history, on which the code's execution by an SDK decided `trace`."""
    known = Verdict(Outcome.REPLAYS, recording.path, recording.orchestrator, recording.instance)
    partings = list(_partings(recording, trace, sdk))
    if not partings:
        return replace(known, note=_standing(recording, trace))
    first = next((each for each in partings if each.outcome is Outcome.LOUD), partings[0])
    outcome = Outcome.UNJUDGED if recording.lacks else first.outcome
    note = f"the file lacks {' and '.join(recording.lacks)}" if recording.lacks else ""
    return replace(
        known, outcome=outcome, event=first.event, recorded=first.recorded, today=first.today, place=first.place,
        note=note,
    )  # fmt: skip


_ENTITY_MESSAGES = ("call entity", "signal entity", "lock entities")
_UNCOMPARED = ("complete", "wait for event", "unlock entity")


def _partings(recording: Recording, trace: Trace, sdk: Sdk) -> Iterator[_Parting]:
    """Where history and code part: what the runtime does not notice, and the first point that it does."""
    open_actions = _by_id(trace.actions)
    for step in asked(recording):
        actions = open_actions[step.action.id]
        today = actions.popleft() if actions else None
        if today is None or not _same(step.action, today, sdk):
            completion = None if today is not None else _completion(trace)
            instead = _asks(today) if today is not None else _instead(trace)
            place = today.place if today is not None else None
            yield _Parting(
                _noticed(completion, sdk), step.place, f"schedules {step.action}", instead, place or trace.stands
            )
            return
        for key in () if recording.redacted else step.action.payload.keys() & today.payload.keys():
            before, after = decoded(step.action.payload[key]), decoded(today.payload[key])
            if before != after:
                said = f"schedules {step.action} with {key} {shortened(before)}"
                instead = f"asks for {today} with {key} {shortened(after)}"
                yield _Parting(Outcome.SILENT, step.place, said, instead, today.place)
    if trace.mismatch:  # as the SDK found, whatever it compares
        yield _Parting(Outcome.LOUD, recording.places[-1], "follows other steps", f"fails: {trace.mismatch}", None)
    else:
        yield from _endings(recording, trace)


def _endings(recording: Recording, trace: Trace) -> Iterator[_Parting]:
    end, completion, place = ending(recording), _completion(trace), trace.stands
    outcome = Outcome.LOUD if completion is not None and completion.name == "FAILED" else Outcome.SILENT
    if end is None:
        if completion is not None and completion.name != "CONTINUED_AS_NEW" and not _is_under_way(recording):
            said = "is the last, and the instance has not ended"
            yield _Parting(outcome, recording.places[-1], said, _instead(trace), place)
    elif end.status == "TERMINATED" or _more(recording, trace):
        return
    elif completion is None or completion.name != end.status:
        yield _Parting(outcome, end.place, f"ends the instance as {end.status}", _instead(trace), place)
    elif end.status == "COMPLETED" and not recording.redacted:
        output = decoded(completion.payload.get("result"))
        if output != end.result:
            said = f"ends the instance with the output {shortened(end.result)}"
            yield _Parting(Outcome.SILENT, end.place, said, f"gives the output {shortened(output)}", place)


def _noticed(completion: Action | None, sdk: Sdk) -> Outcome:
    """Once the code has ended, durabletask's worker drops its own NonDeterminismError, and the instance ends too."""
    ended = completion is not None and completion.name != "FAILED" and sdk is not Sdk.FUNCTIONS_V1
    return Outcome.SILENT if ended else Outcome.LOUD


def _is_under_way(recording: Recording) -> bool:
    """Whether it ends with events for which the orchestrator had yet to be executed."""
    kinds = [
        kind for kind in map(kind_of, recording.events) if kind in ("orchestratorStarted", "orchestratorCompleted")
    ]
    return "orchestratorCompleted" in kinds and kinds[-1] == "orchestratorStarted"


def _standing(recording: Recording, trace: Trace) -> str:
    steps, end = asked(recording), ending(recording)
    more = _more(recording, trace)
    if end is not None:
        return f"it goes on with {more[0]} where the instance had ended" if more else f"the instance is {end.status}"
    waits = [str(step.action) for step in steps if step.state == "open" and step.action.id in trace.awaited]
    waits += [f"event {action.name!r}" for action in _waits(trace)]
    text = f"the instance waits for {', '.join(waits)}" if waits else "the instance had not ended"
    return f"{text}; it goes on with {more[0]}" if more else text


def _more(recording: Recording, trace: Trace) -> Sequence[Action]:
    """What the code goes on with behind the history."""
    known = {step.action.id for step in asked(recording)}
    return [
        action
        for action in trace.actions
        if action.kind not in _UNCOMPARED and action.id in trace.unsent and action.id not in known
    ]


def _waits(trace: Trace) -> Sequence[Action]:
    """For external events, where nothing else was asked for since."""
    actions = [action for action in trace.actions if action.kind != "complete"]
    others = [number for number, action in enumerate(actions, 1) if action.kind != "wait for event"]
    return actions[others[-1] if others else 0 :]


def _by_id(actions: Sequence[Action]) -> defaultdict[int, deque[Action]]:
    """A step that is tried again keeps its id with some SDKs."""
    found: defaultdict[int, deque[Action]] = defaultdict(deque)
    for action in actions:
        if action.kind not in _UNCOMPARED:
            found[action.id].append(action)
    return found


def _same(before: Action, after: Action, sdk: Sdk) -> bool:
    """What the runtime compares. The histories of the Functions extension do not tell entity messages apart."""
    if "entity message" in (before.kind, after.kind):
        return {before.kind, after.kind} <= {"entity message", *_ENTITY_MESSAGES}
    if sdk is Sdk.FUNCTIONS_V1:
        return (before.kind, before.name.casefold()) == (after.kind, after.name.casefold())
    return (before.kind, before.name) == (after.kind, after.name)


def _completion(trace: Trace) -> Action | None:
    return next((action for action in trace.actions if action.kind == "complete"), None)


def _instead(trace: Trace) -> str:
    """What the code does where it asks for nothing more."""
    completion = _completion(trace)
    if completion is not None and not trace.mismatch:
        error = completion.payload.get("error")
        return f"fails ({shortened(error)})" if error else f"ends as {completion.name}"
    waits = _waits(trace)
    return _asks(waits[0]) if waits else "asks for nothing"


def _asks(action: Action) -> str:
    return f"waits for event {action.name!r}" if action.kind == "wait for event" else f"asks for {action}"


def parted(verdict: Verdict) -> str:
    """Where history and code part, in one sentence."""
    return f"event {verdict.event} of instance {verdict.instance!r} {verdict.recorded}, the code {verdict.today}"


def words(verdict: Verdict) -> Mapping[str, str | int]:
    """The verdict as plain text, for JSON."""
    return {
        "history": verdict.path,
        "instance": verdict.instance,
        "orchestrator": verdict.orchestrator,
        "outcome": verdict.outcome.value.replace(" ", "-"),
        "event": verdict.event,
        "recorded": verdict.recorded,
        "today": verdict.today,
        "note": verdict.note,
    }

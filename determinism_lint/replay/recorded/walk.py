"""Which way through an orchestrator's plan a recorded run took, and where it stands. Pure.

Of the ways through the plan, the longest whose steps are those of the history, one by one, is the one that was taken.
"""

from __future__ import annotations

import itertools
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from determinism_lint.plan import Branch, End, Part, Plan, Repeat, Step, StepState
from determinism_lint.replay.model import Action
from determinism_lint.replay.recorded.model import Recording
from determinism_lint.replay.recorded.steps import Asked, Ending, asked, ending, raised
from determinism_lint.run.ways import Machine, machine_of


@dataclass(frozen=True, slots=True)
class Walk:
    """A run on a plan."""

    plan: Plan
    """With the states of its steps."""
    instance: str
    status: str
    """How the instance ended, or RUNNING."""
    stands: tuple[str, ...]
    """What it waits for: `activity 'charge'`, `external event 'approval'`."""
    unmatched: int
    """The last steps of the history, as many as have no place in the plan."""


_KINDS = {
    "activity": ("activity", "HTTP call"),
    "sub-orchestration": ("sub-orchestration",),
    "timer": ("timer",),
    "call entity": ("entity call",),
    "signal entity": ("signal",),
    "lock entities": ("entity lock",),
    "entity message": ("entity call", "signal", "entity lock"),
    "send event": ("signal",),
}
"""Of each kind of step in a history, the kinds in a plan."""
_WAITS = ("all", "any")
_UNSEEN = (*_WAITS, "external event", "continue as new")
"""Kinds that ask for nothing that a history holds at their place."""
_WORST: tuple[StepState, ...] = ("", "done", "dropped", "failed", "open")


def walk(plan: Plan, recording: Recording) -> Walk:
    """The way of the run that a history is of."""
    end, steps, machine = ending(recording), asked(recording), machine_of(plan)
    behind = {target: step for found in machine.steps.values() for step, target in found}
    events = Counter(raised(recording))
    search = _Search(machine, behind, steps, events, end)
    way, reached = search.longest()
    if reached < len(steps) or (end is not None and way[-1][0] not in machine.ends):
        search.passes_timers = True  # what is cancelled in the same execution is never asked for
        way, reached = search.longest()
    states = _states(behind, way, steps, events, end is not None)
    waits = [behind[state] for state, found in states.items() if found == "open" and behind[state].kind not in _WAITS]
    return Walk(
        tuple(_marked(plan, {id(behind[state]): found for state, found in states.items()})),
        recording.instance,
        end.status if end is not None else "RUNNING",
        tuple(_name(step) for step in waits),
        len(steps) - reached,
    )


_Point = tuple[int, int]
"""A state of the machine, and how many steps of the history led there."""


@dataclass(slots=True)
class _Search:
    machine: Machine
    behind: Mapping[int, Step]
    """What led to a state that a step leads to."""
    steps: Sequence[Asked]
    events: Counter[str]
    end: Ending | None
    passes_timers: bool = False

    def longest(self) -> tuple[list[_Point], int]:
        """The way, and how many steps of the history are on it."""
        came: dict[_Point, _Point | None] = {(1, 0): None}
        queue: deque[_Point] = deque(came)
        while queue:
            point = queue.popleft()
            for following in self._following(point):
                if following not in came:
                    came[following] = point
                    queue.append(following)
        reached = max(count for _, count in came)
        last: _Point | None = self._last([point for point in came if point[1] == reached])
        way = []
        while last is not None:
            way.append(last)
            last = came[last]
        return way[::-1], reached

    def _last(self, points: Sequence[_Point]) -> _Point:
        """Where it stands: at the end, if it has ended; else at the first thing that may keep it waiting."""
        is_there = self._is_end if self.end is not None else self._keeps_waiting
        return next((point for point in points if is_there(point[0])), points[0])

    def _is_end(self, state: int) -> bool:
        return state in self.machine.ends

    def _keeps_waiting(self, state: int) -> bool:
        step = self.behind.get(state)
        if step is None:
            return False
        return step.kind in _WAITS or (step.kind == "external event" and not self.events[step.name.casefold()])

    def _following(self, point: _Point) -> Iterator[_Point]:
        state, count = point
        for target, _ in self.machine.jumps.get(state, ()):
            yield target, count
        for step, target in self.machine.steps.get(state, ()):
            if step.kind in _UNSEEN and (step.kind != "continue as new" or self._restarts):
                yield target, count
            elif count < len(self.steps) and self._is(step, self.steps[count].action):
                yield target, count + 1
            if step.kind == "timer" and self.passes_timers:
                yield target, count
        if self._is_tried_again(point):
            yield state, count + 2

    @property
    def _restarts(self) -> bool:
        return self.end is not None and self.end.status == "CONTINUED_AS_NEW"

    def _is_tried_again(self, point: _Point) -> bool:
        """Between two attempts of a step with retries the history has a timer that the plan does not show."""
        state, count = point
        step = self.behind.get(state)
        if step is None or step.kind in _UNSEEN or step.kind == "timer" or count + 1 >= len(self.steps):
            return False
        return self.steps[count].action.kind == "timer" and self._is(step, self.steps[count + 1].action)

    def _is(self, step: Step, action: Action) -> bool:
        if step.kind not in _KINDS.get(action.kind, ()):
            return False
        if not action.name or not step.is_known or step.kind in ("HTTP call", "signal"):
            return True
        return action.name.casefold() == step.name.casefold()


def _states(
    behind: Mapping[int, Step], way: Sequence[_Point], steps: Sequence[Asked], events: Counter[str], has_ended: bool
) -> dict[int, StepState]:
    """Of the steps on the way, by the states they lead to; the worst of a step that was passed several times."""
    found: dict[int, StepState] = {}
    arrived = Counter(events)
    named = {step.name.casefold() for step in behind.values() if step.kind == "external event"}
    unnamed = sum(number for name, number in events.items() if name not in named)  # their names are no constants
    unanswered: StepState = "dropped" if has_ended else "open"
    for (last, before), (state, count) in itertools.pairwise(way):
        step = behind.get(state)
        became: StepState = "done"
        if step is None:
            continue
        if count > before:
            answer = steps[count - 1].state
            became = unanswered if answer == "open" else answer
        elif step.kind == "external event":
            name = step.name.casefold()
            arrived[name] -= 1
            unnamed -= arrived[name] < 0
            became = unanswered if arrived[name] < 0 and unnamed < 0 else "done"
        elif step.kind == "timer":
            continue
        elif step.kind in _WAITS and (state, count) == way[-1] and not has_ended:
            became = "open"
        elif step.kind == "any":  # what lost is not waited for any more
            found = {each: "dropped" if known == "open" else known for each, known in found.items()}
        is_again = state == last  # a later attempt
        found[state] = became if is_again else max(found.get(state, became), became, key=_WORST.index)
    return found


def _marked(plan: Plan, states: Mapping[int, StepState]) -> Iterator[Part]:
    """The same plan, its steps marked. They are told apart by identity: a helper's are equal wherever it is called."""
    for part in plan:
        match part:
            case Step():
                yield replace(part, state=states.get(id(part), ""))
            case Branch():
                yield replace(part, ways=tuple((word, tuple(_marked(way, states))) for word, way in part.ways))
            case Repeat():
                yield replace(part, body=tuple(_marked(part.body, states)))
            case End():
                yield part


def _name(step: Step) -> str:
    return f"{step.kind} {step.name!r}" if step.name else step.kind

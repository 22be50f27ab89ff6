"""Which way through an orchestrator's plan a recorded run took, and where it stands. Pure.

The plan becomes a graph of its steps. The longest way through it whose steps are those of the history, one by one, is
the one that was taken.
"""

from __future__ import annotations

import itertools
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from determinism_lint.plan import Branch, End, Part, Plan, Repeat, Step, StepState
from determinism_lint.replay.model import Action
from determinism_lint.replay.recorded.model import Recording
from determinism_lint.replay.recorded.steps import Asked, asked, ending, raised


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
    end = ending(recording)
    steps = asked(recording)
    graph = _Graph()
    exits = graph.add(plan, [0])
    graph.link(exits, None)
    events = Counter(raised(recording))
    taken, reached = _Way(graph, steps, events, end is not None).longest()
    states = _states(graph, taken, steps, events, end is not None)
    marked = tuple(_marked(plan, iter([states.get(node, "") for node in graph.steps])))
    waits = (graph.nodes[node] for node, state in states.items() if state == "open")
    stands = tuple(_name(step) for step in waits if step is not None and step.kind not in _WAITS)
    status = end.status if end is not None else "RUNNING"
    return Walk(marked, recording.instance, status, stands, len(steps) - reached)


@dataclass(slots=True)
class _Graph:
    """Nodes are steps; those without one only join ways. The first is the start."""

    nodes: list[Step | None] = field(default_factory=lambda: [None])
    after: list[list[int]] = field(default_factory=lambda: [[]])
    steps: list[int] = field(default_factory=list)
    """The nodes of the plan's steps in the order of the plan."""
    ends: set[int] = field(default_factory=set)
    loops: list[tuple[int, list[int]]] = field(default_factory=list)
    """The loops around: the head of each, and the nodes that leave it."""

    def link(self, before: Iterable[int], step: Step | None) -> int:
        node = len(self.nodes)
        self.nodes.append(step)
        self.after.append([])
        for each in before:
            self.after[each].append(node)
        if step is not None:
            self.steps.append(node)
        return node

    def add(self, plan: Plan, before: list[int]) -> list[int]:
        """Adds a plan behind some nodes; returns those that it leads on from."""
        for part in plan:
            before = self._add_part(part, before)
        return before

    def _add_part(self, part: Part, before: list[int]) -> list[int]:
        match part:
            case Step():
                return [self.link(before, part)]
            case Branch(test="", ways=((_, tried), *caught)):
                first = len(self.nodes)
                leaving = self.add(tried, before)
                failing = [*before, *range(first, len(self.nodes))]  # whatever is tried may fail
                return leaving + [end for _, way in caught for end in self.add(way, [self.link(failing, None)])]
            case Branch():
                return [end for _, way in part.ways for end in self.add(way, [self.link(before, None)])]
            case Repeat():
                head = self.link(before, None)
                self.loops.append((head, [head]))
                for node in self.add(part.body, [head]):
                    self.after[node].append(head)
                return self.loops.pop()[1]
            case End(how="break") if self.loops:
                self.loops[-1][1].extend(before)
            case End(how="continue") if self.loops:
                for node in before:
                    self.after[node].append(self.loops[-1][0])
            case End():
                self.ends.add(self.link(before, None))
        return []


_Point = tuple[int, int]
"""A node, and how many steps of the history were taken when it is left."""


@dataclass(slots=True)
class _Way:
    graph: _Graph
    steps: Sequence[Asked]
    events: Counter[str]
    has_ended: bool

    def longest(self) -> tuple[list[_Point], int]:
        """The way, and how many steps of the history are on it."""
        came: dict[_Point, _Point | None] = {(0, 0): None}
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
        if self.has_ended:
            last = len(self.graph.nodes) - 1
            return next((point for point in reversed(points) if point[0] in self.graph.ends or point[0] == last),
                        points[-1])  # fmt: skip
        return next((point for point in points if self._keeps_waiting(self.graph.nodes[point[0]])), points[0])

    def _keeps_waiting(self, step: Step | None) -> bool:
        if step is None:
            return False
        return step.kind in _WAITS or (step.kind == "external event" and not self.events[step.name.casefold()])

    def _following(self, point: _Point) -> Iterator[_Point]:
        node, count = point
        for following in self.graph.after[node]:
            step = self.graph.nodes[following]
            if step is None or step.kind in _UNSEEN:
                yield following, count
            elif count < len(self.steps) and self._is(step, self.steps[count].action):
                yield following, count + 1
        if self._is_tried_again(point):
            yield node, count + 2

    def _is_tried_again(self, point: _Point) -> bool:
        """Between two attempts of a step with retries the history has a timer that the plan does not show."""
        node, count = point
        step = self.graph.nodes[node]
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
    graph: _Graph, way: Sequence[_Point], steps: Sequence[Asked], events: Counter[str], has_ended: bool
) -> dict[int, StepState]:
    """Of each node on the way, the worst where it was passed several times."""
    found: dict[int, StepState] = {}
    arrived = Counter(events)
    named = {step.name.casefold() for step in graph.nodes if step is not None and step.kind == "external event"}
    unnamed = sum(number for name, number in events.items() if name not in named)  # their names are no constants
    unanswered: StepState = "dropped" if has_ended else "open"
    for (last, before), (node, count) in itertools.pairwise(way):
        step, is_last = graph.nodes[node], (node, count) == way[-1]
        state: StepState = "done"
        if step is None:
            continue
        if count > before:
            answer = steps[count - 1].state
            state = unanswered if answer == "open" else answer
        elif step.kind == "external event":
            name = step.name.casefold()
            arrived[name] -= 1
            unnamed -= arrived[name] < 0
            state = unanswered if arrived[name] < 0 and unnamed < 0 else "done"
        elif step.kind in _WAITS and is_last:
            state = unanswered
        elif step.kind == "any":  # what lost is not waited for any more
            found = {each: "dropped" if known == "open" else known for each, known in found.items()}
        is_again = node == last  # a later attempt
        found[node] = state if is_again else max(found.get(node, state), state, key=_WORST.index)
    return found


def _marked(plan: Plan, states: Iterator[StepState]) -> Iterator[Part]:
    """The same plan, its steps marked one by one."""
    for part in plan:
        match part:
            case Step():
                yield replace(part, state=next(states))
            case Branch():
                yield replace(part, ways=tuple((word, tuple(_marked(way, states))) for word, way in part.ways))
            case Repeat():
                yield replace(part, body=tuple(_marked(part.body, states)))
            case End():
                yield part


def _name(step: Step) -> str:
    return f"{step.kind} {step.name!r}" if step.name else step.kind

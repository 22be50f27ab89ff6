"""The ways through an orchestration, held against those of another version of it.

A plan is a machine: each step leads from one state to the next, branches and loops lead on without one. A history is a
way through it. `unmatched` walks every way of one plan and tells where the other has no such way.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from determinism_lint.plan import Branch, End, Plan, Repeat, Step

_MOST_STATES = 20_000
"""Of both machines together; code with more ways is not told apart way by way."""
_FOREVER = ("True", "true", "1")
"""Conditions of loops that only a `break` leaves."""

Key = Callable[[Step], Hashable]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A place to which one plan leads, and from where the other does not lead on in the same way."""

    step: Step | None
    """The next one of the plan that was walked; None where it ends."""
    instead: frozenset[Step]
    """What the other plan has there."""


@dataclass(slots=True)
class _Machine:
    steps: dict[int, list[tuple[Step, int]]] = field(default_factory=dict)
    """What leads on from a state, and where to."""
    jumps: dict[int, list[int]] = field(default_factory=dict)
    """Where a state leads without a step."""
    ends: set[int] = field(default_factory=set)
    count: int = 0

    def state(self, *sources: int) -> int:
        """A new one, to which these lead."""
        self.count += 1
        for source in sources:
            self.jumps.setdefault(source, []).append(self.count)
        return self.count

    def closure(self, states: Iterable[int]) -> frozenset[int]:
        """With all that they lead to without a step."""
        found: set[int] = set()
        left = list(states)
        while left:
            state = left.pop()
            if state not in found:
                found.add(state)
                left += self.jumps.get(state, ())
        return frozenset(found)


@dataclass(slots=True)
class _Builder:
    """Makes the machine of a plan, generously or with those ways only of which nobody doubts that they are taken."""

    counts: Callable[[Step], bool]
    rounds: int = 0
    """How often a loop runs at most; 0 for any number of times, none included."""
    failures: bool = True
    """Whether tasks fail."""
    machine: _Machine = field(default_factory=_Machine)

    def build(self, plan: Plan) -> _Machine:
        end = self._plan(plan, self.machine.state(), None)
        if end is not None:
            self.machine.ends.add(end)
        return self.machine

    def _plan(self, plan: Plan, at: int | None, loop: tuple[int, int] | None) -> int | None:
        """The state behind a plan that starts at one; `loop` is where `continue` and `break` lead."""
        machine, last = self.machine, at
        for part in plan:
            last = last if at is None else at
            if isinstance(part, Branch):
                at = self._branch(part, at, last, loop)
            elif at is not None:
                match part:
                    case Step() if self.counts(part):
                        behind = machine.state()
                        machine.steps.setdefault(at, []).append((part, behind))
                        at = behind
                    case Repeat():
                        at = self._loop(part, at)
                    case End(how="continue" | "break" as how) if loop is not None:
                        machine.jumps.setdefault(at, []).append(loop[how == "break"])
                        at = None
                    case End():
                        if part.how == "return" or not self.rounds:
                            machine.ends.add(at)
                        at = None
        return at

    def _branch(self, branch: Branch, at: int | None, last: int | None, loop: tuple[int, int] | None) -> int | None:
        open_ends = []
        for number, (_, way) in enumerate(branch.ways):
            start = at
            if not branch.test and number:  # What is done on a failure, of any step before it; also behind a `return`.
                if last is None or not self.failures:
                    continue
                start = self.machine.state(*((last,) if self.rounds else range(1, self.machine.count + 1)))
            if start is not None:
                open_ends.append(self._plan(way, start, loop))
        ends = [end for end in open_ends if end is not None]
        return self.machine.state(*ends) if ends else None

    def _loop(self, loop: Repeat, at: int) -> int:
        machine = self.machine
        behind = machine.state(*(() if self.rounds else (at,)))
        for _ in range(self.rounds):
            following = machine.state()
            end = self._plan(loop.body, at, (following, behind))
            if end is not None:
                machine.jumps.setdefault(end, []).append(following)
            if loop.subject.strip("() ") not in _FOREVER:
                machine.jumps.setdefault(following, []).append(behind)
            at = following
        if not self.rounds:
            head = machine.state(at)
            end = self._plan(loop.body, head, (head, behind))
            if end is not None:
                machine.jumps.setdefault(end, []).append(head)
            machine.jumps.setdefault(head, []).append(behind)
        return behind


def catches(plan: Plan) -> bool:
    """Whether it does something where a task fails."""
    return any(
        (isinstance(part, Branch) and (not part.test or any(catches(way) for _, way in part.ways)))
        or (isinstance(part, Repeat) and catches(part.body))
        for part in plan
    )


def unmatched(
    walked: Plan, other: Plan, key: Key, counts: Callable[[Step], bool], odd: Mapping[Step, bool], *, is_newer: bool
) -> list[Mismatch] | None:
    """Where the other plan does not have the ways of the one that is walked; None where there are too many ways.

    Of the newer plan, what follows where the older may end is no mismatch, but an end is one where the older goes on.
    A loop counts as run once there, and twice in the older plan: how often, only data knows. Only steps that count are
    compared, by their keys. `odd` steps are known to have no equal in the other plan: with whether each stands in the
    place of another.
    """
    first = _Builder(counts, 1 if is_newer else 2, not is_newer or catches(other)).build(walked)
    second = _Builder(counts).build(other)
    start = (1, second.closure((1,)))
    seen, left, found = {start}, [start], dict[Mismatch, None]()
    while left:
        if len(seen) > _MOST_STATES:
            return None
        state, there = left.pop()
        following = [(each, there) for each in first.jumps.get(state, ())]
        may_end = not there.isdisjoint(second.ends)
        ahead = [pair for each in there for pair in second.steps.get(each, ())]
        if is_newer and state in first.ends and not may_end:
            found[Mismatch(None, frozenset(step for step, _ in ahead))] = None
        for step, behind in first.steps.get(state, ()):
            same = second.closure(target for each, target in ahead if key(each) == key(step))
            if same:
                following.append((behind, same))
            elif not (is_newer and may_end):  # Else it is new behind all that there was.
                found[Mismatch(step, frozenset(each for each, _ in ahead))] = None
                beyond = second.closure(target for _, target in ahead)
                following.append((behind, {None: there | beyond, False: there, True: beyond or there}[odd.get(step)]))
        left += [each for each in following if each not in seen]
        seen.update(following)
    return list(found)

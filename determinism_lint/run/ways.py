"""The ways through an orchestration, held against those of another version of it.

A plan is a machine: each step leads from one state to the next, branches and loops lead on without one. A history is a
way through it. `unmatched` walks every way of one plan and tells where the other has no such way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from determinism_lint.plan import Branch, End, Plan, Repeat, Step

_MOST_STATES = 10_000
"""Of both machines together; code with more ways is not told apart way by way."""
Key = Callable[[Step], Hashable]
Answer = tuple[str, str]
"""A question of a branch, and the way that it led to."""
_FAILED: Answer = ("", "yes")
"""That a step failed: where none did, no handler is reached."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A place to which one plan leads, and from where the other does not lead on in the same way."""

    step: Step | None
    """The next one of the plan that was walked; None where it ends."""
    instead: frozenset[Step]
    """What the other plan has there."""


@dataclass(slots=True)
class Machine:
    """The ways through a plan. They start in state 1, and each step leads to a state of its own."""

    steps: dict[int, list[tuple[Step, int]]] = field(default_factory=dict)
    """What leads on from a state, and where to."""
    jumps: dict[int, list[tuple[int, Answer | None]]] = field(default_factory=dict)
    """Where a state leads without a step, and what has to be the answer to a question."""
    ends: set[int] = field(default_factory=set)
    count: int = 0

    def state(self, *sources: int) -> int:
        """A new one, to which these lead."""
        self.count += 1
        for source in sources:
            self.jump(source, self.count)
        return self.count

    def jump(self, source: int, target: int, answer: Answer | None = None) -> None:
        self.jumps.setdefault(source, []).append((target, answer))

    def closure(self, states: Iterable[int], answers: Collection[Answer]) -> set[int]:
        """With all that they lead to without a step, where some questions have an answer."""
        known = dict(answers)
        found: set[int] = set()
        left = list(states)
        while left:
            state = left.pop()
            if state not in found:
                found.add(state)
                left += [
                    target for target, answer in self.jumps.get(state, ())
                    if answer is None or known.get(answer[0], None if answer is _FAILED else answer[1]) == answer[1]
                ]  # fmt: skip
        return found

    def catches(self, states: Iterable[int]) -> bool:
        """Whether something is done about the failure of the step that led to one of these."""
        return any(answer is _FAILED for state in states for _, answer in self.jumps.get(state, ()))


@dataclass(slots=True)
class _Builder:
    """Makes the machine of a plan, generously or with those ways only of which nobody doubts that they are taken."""

    counts: Callable[[Step], bool]
    rounds: int = 0
    """How often a loop runs at most; 0 for any number of times, none included."""
    machine: Machine = field(default_factory=Machine)

    def build(self, plan: Plan) -> Machine:
        end = self._plan(plan, self.machine.state(), None)
        if end is not None:
            self.machine.ends.add(end)
        return self.machine

    def _plan(self, plan: Plan, at: int, loop: tuple[int, int] | None) -> int | None:
        """The state behind a plan that starts at one; `loop` is where `continue` and `break` lead."""
        machine, here = self.machine, at
        for part in plan:
            behind: int | None = here
            match part:
                case Step() if self.counts(part):
                    behind = machine.state()
                    machine.steps.setdefault(here, []).append((part, behind))
                case Repeat():
                    behind = self._loop(part, here)
                case Branch(test=""):
                    behind = self._tried(part, here, loop)
                case Branch() if self._matters(part):
                    behind = self._joined(
                        self._plan(way, self._answered(here, (part.test, word)), loop) for word, way in part.ways
                    )
                case End(how="continue" | "break" as how) if loop is not None:
                    machine.jump(here, loop[how == "break"])
                    return None
                case End():
                    if part.how == "return" or not self.rounds:
                        machine.ends.add(here)
                    return None
            if behind is None:
                return None
            here = behind
        return here

    def _matters(self, branch: Branch) -> bool:
        """Whether its ways differ in what is compared."""
        return any(
            isinstance(part, End | Repeat)
            or (isinstance(part, Step) and self.counts(part))
            or (isinstance(part, Branch) and self._matters(part))
            for _, way in branch.ways
            for part in way
        )

    def _answered(self, at: int, answer: Answer) -> int:
        state = self.machine.state()
        self.machine.jump(at, state, answer)
        return state

    def _joined(self, ends: Iterable[int | None]) -> int | None:
        open_ends = [end for end in ends if end is not None]
        return self.machine.state(*open_ends) if open_ends else None

    def _tried(self, branch: Branch, at: int, loop: tuple[int, int] | None) -> int | None:
        """Each step that is tried may fail; without any, it is other code that does."""
        (_, tried), *caught = branch.ways
        first = self.machine.count + 1
        ends = [self._plan(tried, at, loop)]
        behind = {target for each in self.machine.steps.values() for _, target in each if target >= first}
        failed = self.machine.state()
        for each in sorted(behind) or [at]:
            self.machine.jump(each, failed, _FAILED)
        return self._joined([*ends, *(self._plan(way, self.machine.state(failed), loop) for _, way in caught)])

    def _loop(self, loop: Repeat, at: int) -> int:
        machine = self.machine
        behind = machine.state()
        for _ in range(self.rounds):
            following = machine.state()
            end = self._plan(loop.body, at, (following, behind))
            if end is not None:
                machine.jump(end, following)
            if loop.subject:
                machine.jump(following, behind)
            at = following
        if not self.rounds:
            head = machine.state(at)
            end = self._plan(loop.body, head, (head, behind))
            if end is not None:
                machine.jump(end, head)
            machine.jump(head, behind)
        return behind


def machine_of(plan: Plan) -> Machine:
    """All ways through a plan, with all of its steps."""
    return _Builder(lambda step: True).build(plan)


def unmatched(
    walked: Plan, other: Plan, key: Key, counts: Callable[[Step], bool], odd: Mapping[Step, bool], *, is_newer: bool
) -> list[Mismatch] | None:
    """Where the other plan does not have the ways of the one that is walked; None where there are too many ways.

    Of the newer plan, what follows where the older may end is no mismatch, but an end is one where the older goes on.
    A loop counts as run once there, and twice in the older plan: how often, only data knows. A question that both plans
    ask between two steps, in the same words, has one answer. Only steps that count are compared, by their keys. `odd`
    steps are known to have no equal in the other plan: with whether each stands in the place of another.
    """
    first = _Builder(counts, 1 if is_newer else 2).build(walked)
    second = _Builder(counts).build(other)
    start = (1, frozenset((1,)), frozenset[Answer]())
    seen, left, found = {start}, [start], dict[Mismatch, None]()
    while left:
        if len(seen) > _MOST_STATES:
            return None
        state, reached, answers = left.pop()
        following = [
            (target, reached, answers if answer is None else answers | {answer})
            for target, answer in first.jumps.get(state, ())
            if answer is None or dict(answers).get(answer[0], answer[1]) == answer[1]
        ]
        there = second.closure(reached, answers)
        ahead = [pair for each in there for pair in second.steps.get(each, ())]
        is_lost = _FAILED in answers and not second.catches(there)  # The failure ended the instance.
        may_end = is_lost or not there.isdisjoint(second.ends)
        if is_newer and state in first.ends and not may_end:
            found[Mismatch(None, frozenset(step for step, _ in ahead))] = None
        for step, behind in first.steps.get(state, ()):
            same = frozenset(target for each, target in ahead if key(each) == key(step))
            if not same:
                if is_newer and may_end:
                    continue  # It is new behind all that there was.
                skipped: frozenset[Step] = frozenset()
                if step in odd:
                    beyond = frozenset(target for _, target in ahead)
                    same = (beyond or reached) if odd[step] else reached
                else:
                    skipped, same = _resumed(second, there, key, step)
                found[Mismatch(step, skipped or frozenset(each for each, _ in ahead))] = None
            if same:
                following.append((behind, same, frozenset()))
        left += [each for each in following if each not in seen]
        seen.update(following)
    return list(found)


def _resumed(machine: Machine, start: Iterable[int], key: Key, step: Step) -> tuple[frozenset[Step], frozenset[int]]:
    """The fewest steps that lead to a step, and the states behind it; nothing where none do."""
    left: deque[tuple[int, tuple[Step, ...]]] = deque((state, ()) for state in start)
    seen, fewest, found = set(start), tuple[Step, ...](), set[int]()
    while left:
        state, way = left.popleft()
        if found and len(way) > len(fewest):
            break
        for each, behind in machine.steps.get(state, ()):
            if key(each) == key(step):
                fewest = fewest if found else way
                found.add(behind)
            for target in machine.closure((behind,), ()) - seen:
                seen.add(target)
                left.append((target, (*way, each)))
    return frozenset(fewest), frozenset(found)

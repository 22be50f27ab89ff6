"""What a change of the code means for instances that are running: two plans of one orchestrator, held side by side.

A running instance replays its old history with the new code, step by step. What is added behind all that there was is
safe; what comes before, or between, is another step with the number of an old one. What the runtime makes of that was
recorded by running it (see the pages on versioning in the skills): most compare kind and name with the history and
fail, Java's takes the result that has the number.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from determinism_lint.model import Orchestrator
from determinism_lint.plan import Branch, End, Part, Plan, Repeat, Step
from determinism_lint.run.ways import unmatched

Found = tuple[Orchestrator, Plan]
Change = Literal["added", "removed", "renamed", "moved", "other kind", "skipped", "gone"]
Outcome = Literal["fails", "wrong data", "hangs", "never runs", "none"]

_MOST_GUARDS = 6
_UNNAMED = frozenset({"timer", "external event"})
"""Steps whose name the history does not have at their place."""
_BY_NUMBER = frozenset({"java"})
"""Languages whose SDKs take the result that has a step's number, whatever it is of."""
_NO_HISTORY = frozenset({"all", "any"})
"""Steps that only wait for others."""

VERSION_IT = (
    "keep the old way for old instances behind a check of the version, deploy it under another orchestrator name, or "
    "let running instances end first"
)
OUTCOMES: dict[Outcome, str] = {
    "fails": "running instances fail with a non-determinism error",
    "wrong data": "running instances go on with the results of other steps",
    "hangs": "running instances wait for ever",
    "never runs": "running instances find no orchestrator of that name",
    "none": "running instances are not affected",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One change between two versions of an orchestrator."""

    orchestrator: Orchestrator
    change: Change
    step: Step | None
    """In the new code, or, of what was removed, in the old."""
    before: Step | None
    outcome: Outcome
    guarded: bool = False
    """Whether a branch on the version keeps the old way for old instances."""

    @property
    def is_breaking(self) -> bool:
        return self.outcome != "none" and not self.guarded


@dataclass(frozen=True, slots=True)
class _Token:
    """A step, and whether it stands in a loop: what is added there comes between old steps whatever follows."""

    step: Step
    looped: bool


def _key(step: Step) -> tuple[str, str]:
    return step.kind, "" if step.kind == "timer" else step.name


def differences(before: Sequence[Found], after: Sequence[Found]) -> Iterator[Difference]:
    """The changes that matter to running instances, orchestrator by orchestrator."""
    names = set(map(_name, after))
    for old, now in _paired(before, after):
        if now is not None:
            yield from _compared(now[0], old[1], now[1])
        elif _name(old) not in names:
            yield Difference(old[0], "gone", None, None, "never runs")


def _paired(before: Sequence[Found], after: Sequence[Found]) -> Iterator[tuple[Found, Found | None]]:
    """Each old orchestrator with the new one of its name; where more have that name, with the one most like it.

    Apps beside each other use the same names, and so do orchestrators that are made in functions of one file.
    """
    left, free = list(before), list(after)
    for likeness in (_steps, _place, _name):
        known: dict[Hashable, deque[Found]] = defaultdict(deque)
        for each in free:
            known[likeness(each)].append(each)
        pairs = [(old, known[likeness(old)].popleft() if known[likeness(old)] else None) for old in left]
        yield from ((old, now) for old, now in pairs if now is not None)
        left = [old for old, now in pairs if now is None]
        free = [each for rest in known.values() for each in rest]
    yield from ((old, None) for old in left)


def _name(found: Found) -> tuple[Hashable, ...]:
    return found[0].runtime.partition("@")[0], found[0].name


def _place(found: Found) -> tuple[Hashable, ...]:
    return *_name(found), found[0].path


def _steps(found: Found) -> tuple[Hashable, ...]:
    return *_place(found), *(_key(token.step) for token in _flat(found[1]))


def _compared(orchestrator: Orchestrator, before: Plan, after: Plan) -> list[Difference]:
    """The changes; if the old steps are still there behind a question about the version, they are guarded ones."""
    whole = list(_changes(orchestrator, before, after))
    if all(each.outcome == "none" for each in whole):
        return whole
    guards = [part for part in _branches(after) if part.by_version][:_MOST_GUARDS]
    for chosen in itertools.product(*(range(len(guard.ways)) for guard in guards)) if guards else ():
        ways = {id(guard): way for guard, way in zip(guards, chosen, strict=True)}
        if not any(each.is_breaking for each in _changes(orchestrator, before, _along(after, ways))):
            return [replace(each, guarded=True) for each in whole]
    return whole


def _branches(plan: Plan) -> Iterator[Branch]:
    for part in plan:
        if isinstance(part, Branch):
            yield part
            for _, way in part.ways:
                yield from _branches(way)
        elif isinstance(part, Repeat):
            yield from _branches(part.body)


def _along(plan: Plan, ways: Mapping[int, int]) -> Plan:
    """The plan where some branches, by their identities, have only one way."""
    parts: list[Part] = []
    for part in plan:
        match part:
            case Branch() if id(part) in ways:
                parts += _along(part.ways[ways[id(part)]][1], ways)
                if parts and isinstance(parts[-1], End):
                    break
            case Branch():
                parts.append(replace(part, ways=tuple((word, _along(way, ways)) for word, way in part.ways)))
            case Repeat():
                parts.append(replace(part, body=_along(part.body, ways)))
            case _:
                parts.append(part)
    return tuple(parts)


def _flat(plan: Plan, looped: bool = False) -> Iterator[_Token]:
    """The steps in the order of the code."""
    for part in plan:
        match part:
            case Step() if _counts(part):
                yield _Token(part, looped)
            case Repeat():
                yield from _flat(part.body, True)
            case Branch():
                for _, way in part.ways:
                    yield from _flat(way, looped)


def _counts(step: Step) -> bool:
    return step.kind not in _NO_HISTORY


def _changes(orchestrator: Orchestrator, before: Plan, after: Plan) -> Iterator[Difference]:
    """The changes, line by line; which of them matter, the ways through both plans tell."""
    pairs = list(_unequal(list(_flat(before)), list(_flat(after))))
    told = list(_told(orchestrator, pairs))
    gone = {was.step: now is not None for was, now, _ in pairs if was is not None}
    new = {now.step: was is not None for was, now, _ in pairs if now is not None}
    lost = unmatched(before, after, _key, _counts, gone, is_newer=False)
    came = unmatched(after, before, _key, _counts, new, is_newer=True)
    if lost is None or came is None:
        yield from told
        return
    mismatched = {step for each in (*lost, *came) for step in (each.step, *each.instead) if step is not None}
    keys = set(map(_key, mismatched))
    for each in told:
        if each.change == "added" and each.step not in mismatched:
            yield replace(each, outcome="none")
        elif any(_key(step) in keys for step in (each.step, each.before) if step is not None):
            yield each
    if any(each.change == "moved" for each in told):
        return  # What was moved makes others look skipped.
    skipped = [step for each in came if each.step not in new for step in each.instead]
    skipped += [each.step for each in lost if each.step is not None and each.instead.isdisjoint(new)]
    explained = set(map(_key, gone))
    for step in dict.fromkeys(skipped):
        outcome = _outcome(orchestrator, step, None)
        if _key(step) not in explained and outcome != "none":
            yield Difference(orchestrator, "skipped", step, step, outcome)


_Pair = tuple["_Token | None", "_Token | None", bool]
"""What was, what is in its place, and whether that is behind all that was."""


def _unequal(old: Sequence[_Token], new: Sequence[_Token]) -> Iterator[_Pair]:
    """What has no equal in the other version, in the order of the code."""
    before, after = ([_key(token.step) for token in tokens] for tokens in (old, new))
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from ((was, now, i == len(old)) for was, now in itertools.zip_longest(old[i:j], new[k:m]))


def _told(orchestrator: Orchestrator, pairs: Sequence[_Pair]) -> Iterator[Difference]:
    removed = Counter(_key(was.step) for was, _, _ in pairs if was is not None)
    fewer = removed - Counter(_key(now.step) for _, now, _ in pairs if now is not None)
    for was, now, is_last in pairs:
        if was is not None and now is not None:
            same_kind = was.step.kind == now.step.kind
            change: Change = "moved" if _key(now.step) in removed else "renamed" if same_kind else "other kind"
            yield Difference(orchestrator, change, now.step, was.step, _outcome(orchestrator, was.step, now.step))
        elif now is not None:
            moved = _key(now.step) in removed
            is_safe = is_last and not now.looped and not moved
            outcome: Outcome = "none" if is_safe else _outcome(orchestrator, None, now.step)
            yield Difference(orchestrator, "moved" if moved else "added", now.step, None, outcome)
        elif was is not None and fewer[_key(was.step)] > 0:  # What was moved is told where it is now.
            yield Difference(orchestrator, "removed", was.step, was.step, _outcome(orchestrator, was.step, None))


def _outcome(orchestrator: Orchestrator, was: Step | None, now: Step | None) -> Outcome:
    """What the runtime makes of it."""
    kinds = {step.kind for step in (was, now) if step is not None}
    if was is not None and now is not None and len(kinds) == 1 and kinds <= _UNNAMED:
        return "none" if kinds == {"timer"} else "hangs"
    if kinds == {"external event"} and now is None:
        return "none"  # A wait is no action of the history.
    return "wrong data" if orchestrator.language in _BY_NUMBER else "fails"

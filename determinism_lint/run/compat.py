"""What a change of the code means for instances that are running: two plans of one orchestrator, held side by side.

A running instance replays its old history with the new code, step by step. What is added behind all that there was is
safe; what comes before, or between, is another step with the number of an old one. What the runtime makes of that was
recorded by running it (see the pages on versioning in the skills): most compare kind and name with the history and
fail, Java's takes the result that has the number.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from determinism_lint.model import Orchestrator
from determinism_lint.plan import Branch, End, Plan, Repeat, Step

Change = Literal["added", "removed", "renamed", "moved", "other kind", "gone"]
Outcome = Literal["fails", "wrong data", "hangs", "never runs", "none"]

_MOST_GUARDS = 6
_UNNAMED = frozenset({"timer", "external event"})
"""Steps whose name the history does not have at their place."""
_BY_NUMBER = frozenset({"java"})
"""Languages whose SDKs take the result that has a step's number, whatever it is of."""
_NO_HISTORY = frozenset({"all", "any"})
"""Steps that only wait for others."""

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

    @property
    def key(self) -> tuple[str, str]:
        return self.step.kind, "" if self.step.kind == "timer" else self.step.name


def differences(
    before: Sequence[tuple[Orchestrator, Plan]], after: Sequence[tuple[Orchestrator, Plan]]
) -> Iterator[Difference]:
    """The changes that matter to running instances, orchestrator by orchestrator."""
    known = {_identity(each): (each, plan) for each, plan in after}
    for old, plan in before:
        found = known.get(_identity(old))
        if found is None:
            yield Difference(old, "gone", None, None, "never runs")
        else:
            yield from _compared(found[0], plan, found[1])


def _identity(orchestrator: Orchestrator) -> tuple[str, str]:
    return orchestrator.runtime.partition("@")[0], orchestrator.name


def _compared(orchestrator: Orchestrator, before: Plan, after: Plan) -> list[Difference]:
    """The changes; if the old steps are still there behind a question about the version, they are guarded ones."""
    old = list(_flat(before, False, {}))
    whole = list(_changes(orchestrator, old, list(_flat(after, False, {}))))
    if not any(each.is_breaking for each in whole):
        return whole
    guards = [part for part in _branches(after) if part.by_version][:_MOST_GUARDS]
    for chosen in itertools.product(*(range(len(guard.ways)) for guard in guards)) if guards else ():
        ways = {id(guard): way for guard, way in zip(guards, chosen, strict=True)}
        if not any(each.is_breaking for each in _changes(orchestrator, old, list(_flat(after, False, ways)))):
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


def _flat(plan: Plan, looped: bool, ways: dict[int, int]) -> Iterator[_Token]:
    """The steps in the order of the code; of a branch in `ways` only the way that is given."""
    for part in plan:
        match part:
            case Step() if part.kind not in _NO_HISTORY:
                yield _Token(part, looped)
            case Repeat():
                yield from _flat(part.body, True, ways)
            case Branch():
                chosen = part.ways if id(part) not in ways else (part.ways[ways[id(part)]],)
                for _, way in chosen:
                    yield from _flat(way, looped, ways)
                if id(part) in ways and chosen[0][1] and isinstance(chosen[0][1][-1], End):
                    return


def _changes(orchestrator: Orchestrator, old: Sequence[_Token], new: Sequence[_Token]) -> Iterator[Difference]:
    matcher = SequenceMatcher(None, [token.key for token in old], [token.key for token in new], autojunk=False)
    removed = [key for tag, i, j, _, _ in matcher.get_opcodes() if tag in ("delete", "replace")
               for key in (token.key for token in old[i:j])]  # fmt: skip
    fewer = Counter(token.key for token in old)
    fewer.subtract(token.key for token in new)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            continue
        pairs = itertools.zip_longest(old[i:j], new[k:m])
        for was, now in pairs:
            if was is not None and now is not None:
                same_kind = was.step.kind == now.step.kind
                moved = now.key in removed
                change: Change = "moved" if moved else "renamed" if same_kind else "other kind"
                yield Difference(orchestrator, change, now.step, was.step, _outcome(orchestrator, was.step, now.step))
            elif now is not None:
                appended = i == len(old) and not now.looped
                moved = now.key in removed
                outcome: Outcome = "none" if appended and not moved else _outcome(orchestrator, None, now.step)
                yield Difference(orchestrator, "moved" if moved else "added", now.step, None, outcome)
            elif was is not None and fewer[was.key] > 0:  # What was moved is told where it is now.
                yield Difference(orchestrator, "removed", was.step, was.step, _outcome(orchestrator, was.step, None))


def _outcome(orchestrator: Orchestrator, was: Step | None, now: Step | None) -> Outcome:
    """What the runtime makes of it."""
    kinds = {step.kind for step in (was, now) if step is not None}
    if was is not None and now is not None and len(kinds) == 1 and kinds <= _UNNAMED:
        return "none" if kinds == {"timer"} else "hangs"
    if kinds == {"external event"} and now is None:
        return "none"  # A wait is no action of the history.
    return "wrong data" if orchestrator.language in _BY_NUMBER else "fails"

"""What a runtime does when a replay no longer matches its history: the words, and the sentences made of them.

Each `sdks/<sdk>.yaml` has a table `notices` from every change to an outcome. The tests of the SDK run each row: an
orchestrator `a = A("x"); b = B("y"); wait for the event Go; return {a, b}` has called A and B and waits; then its code
is changed, and Go is raised. For timers and child orchestrations such a call stands in the place of A.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

CHANGES: Mapping[str, str] = {
    "renamed-activity": "another activity is called",
    "swapped-steps": "two calls swap their places",
    "added-step": "a call is added before a recorded one",
    "removed-step": "a recorded call is left out",
    "other-kind": "a timer stands where an activity was called",
    "other-payload": "a call gets another input",
    "other-timer": "a timer is due at another time",
    "renamed-child": "another child orchestration is called",
    "renamed-event": "another event is awaited",
    "renamed-orchestrator": "the orchestrator is registered under another name",
}
"""Change -> how a sentence that begins with "if" names it."""

OUTCOMES: Mapping[str, str] = {
    "fails": "the instance fails with a non-determinism error",
    "wrong": "the instance completes with wrong data, and nothing reports it",
    "recorded": "the recorded call counts, and nothing reports the difference",
    "hangs": "the instance waits for ever",
    "unregistered": "the instance fails, since no orchestrator of the recorded name is registered",
}
"""Outcome -> how a sentence states it."""


def sentences(changes: Iterable[str], notices: Mapping[str, str]) -> str:
    """What the runtime does about some changes, one sentence for each outcome; empty where nothing is known."""
    by_outcome: dict[str, list[str]] = {}
    for change in changes:
        if change in notices:
            by_outcome.setdefault(notices[change], []).append(CHANGES[change])
    return " ".join(f"If {_either(clauses)}, {OUTCOMES[outcome]}." for outcome, clauses in by_outcome.items())


def table(notices: Mapping[str, str]) -> str:
    """All changes with their outcomes, as a Markdown table; empty where nothing is known."""
    if not notices:
        return ""
    rows = [f"| {clause} | {OUTCOMES[notices[change]]} |" for change, clause in CHANGES.items() if change in notices]
    return "\n".join(["| if, at replay, | then |", "|---|---|", *rows])


def matrix(sdks: Mapping[str, Mapping[str, str]]) -> str:
    """Which runtime does what: a row for each change, a column for the SDKs that do the same throughout."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for sdk, notices in sdks.items():
        if notices:
            alike.setdefault(tuple(notices[change] for change in CHANGES), []).append(sdk)
    head = "| if, at replay, | " + " | ".join(", ".join(f"`{sdk}`" for sdk in group) for group in alike.values()) + " |"
    rows = [
        f"| {clause} | " + " | ".join(column[number] for column in alike) + " |"
        for number, clause in enumerate(CHANGES.values())
    ]
    words = "; ".join(f"*{outcome}*: {text}" for outcome, text in OUTCOMES.items())
    return "\n".join([head, "|---" * (len(alike) + 1) + "|", *rows, "", f"{words}."])


def _either(clauses: list[str]) -> str:
    return " or ".join([", ".join(clauses[:-1]), clauses[-1]] if clauses[:-1] else clauses)

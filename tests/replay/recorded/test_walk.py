"""Which way through a plan a recorded run took, and where it stands."""

from __future__ import annotations

from typing import Any

import pytest

from determinism_lint.plan import Branch, End, Part, Plan, Repeat, Step
from determinism_lint.replay.recorded.model import Recording
from determinism_lint.replay.recorded.walk import walk


def activity(name: str) -> Step:
    return Step("activity", name, "flow.py", 1)


def wait(name: str) -> Step:
    return Step("external event", name, "flow.py", 1)


TIMER = Step("timer", "timedelta(1)", "flow.py", 1)
ALL, ANY = Step("all", "tasks", "flow.py", 1), Step("any", "tasks", "flow.py", 1)
RESTART = Step("continue as new", "", "flow.py", 1)
COMPLETED = "ORCHESTRATION_STATUS_COMPLETED"


def choice(**ways: Plan) -> Branch:
    return Branch("x > 1", tuple(ways.items()), False, 1)


def attempt(*tried: Part, caught: Plan) -> Branch:
    return Branch("", (("tried", tried), ("on Exception", caught)), False, 1)


def recording(said: str) -> Recording:
    """`a b!` schedules a, which succeeds, and b, which fails; `c?` is open; `t` is a timer; `+go` is an event that
    arrives; `.` ends it.
    """
    events: list[Any] = [{"eventId": -1, "executionStarted": {"name": "flow"}}]
    for number, word in enumerate(said.split(), 1):
        name = word.rstrip("!?")
        if word == ".":
            events.append({"eventId": -1, "executionCompleted": {"orchestrationStatus": COMPLETED}})
        elif word.startswith("+"):
            events.append({"eventId": -1, "eventRaised": {"name": word[1:]}})
        elif name == "t":
            events.append({"eventId": number, "timerCreated": {}})
            events += [] if "?" in word else [{"eventId": -1, "timerFired": {"timerId": number}}]
        else:
            events.append({"eventId": number, "taskScheduled": {"name": name}})
            kind = "taskFailed" if "!" in word else "taskCompleted"
            events += [] if "?" in word else [{"eventId": -1, kind: {"taskScheduledId": number}}]
    return Recording("h.json", "i", "flow", tuple(events), tuple(range(1, len(events) + 1)))


def states(plan: Plan) -> list[str]:
    found = []
    for part in plan:
        match part:
            case Step():
                found.append(f"{part.name or part.kind} {part.state}".strip())
            case Branch():
                found += [state for _, way in part.ways for state in states(way)]
            case Repeat():
                found += states(part.body)
    return found


A, B, C = activity("a"), activity("b"), activity("c")


@pytest.mark.parametrize(
    ("plan", "said", "expected", "stands", "unmatched"),
    [
        ((A, B, C), "a b?", ["a done", "b open", "c"], ["activity 'b'"], 0),
        ((A, B, C), "a b c .", ["a done", "b done", "c done"], [], 0),
        ((A, choice(yes=(B,), no=(C,)), activity("a")), "a c a?", ["a done", "b", "c done", "a open"],
         ["activity 'a'"], 0),
        ((choice(yes=(A, End("return", 1)), no=()), B), "a .", ["a done", "b"], [], 0),
        ((Repeat("items", (A,), 1, True), ALL, B), "a a? a", ["a open", "tasks open", "b"], ["activity 'a'"], 0),
        ((Repeat("items", (A, B), 1, True), C), "a b a b c?", ["a done", "b done", "c open"], ["activity 'c'"], 0),
        ((Repeat("items", (A,), 1, True), B), "b .", ["a", "b done"], [], 0),
        ((A, wait("go"), B), "a", ["a done", "go open", "b"], ["external event 'go'"], 0),
        ((A, wait("Go"), B), "a +go b?", ["a done", "Go done", "b open"], ["activity 'b'"], 0),
        ((wait("f'{n}'"), wait("go"), A), "+7 a .", ["f'{n}' done", "go dropped", "a done"], [], 0),
        ((wait("go"), TIMER, ANY, A), "t?", ["go open", "timedelta(1) open", "tasks open", "a"],
         ["external event 'go'", "timer 'timedelta(1)'"], 0),
        ((wait("go"), TIMER, ANY, A), "t? +go a?", ["go done", "timedelta(1) dropped", "tasks done", "a open"],
         ["activity 'a'"], 0),
        ((wait("go"), TIMER, ANY, A), "t a .", ["go dropped", "timedelta(1) done", "tasks done", "a done"], [], 0),
        ((wait("go"), TIMER, ANY, A), "+go a .", ["go done", "timedelta(1)", "tasks done", "a done"], [], 0),
        ((A, choice(yes=(RESTART, End("return", 1)), no=()), B), "a .", ["a done", "continue as new", "b"], [], 0),
        ((attempt(A, B, caught=(C,)),), "a b! c?", ["a done", "b failed", "c open"], ["activity 'c'"], 0),
        ((wait("go"), TIMER, ANY, A), "+go a .", ["go done", "timedelta(1)", "tasks done", "a done"], [], 0),
        ((A, choice(yes=(RESTART, End("return", 1)), no=()), B), "a .", ["a done", "continue as new", "b"], [], 0),
        ((attempt(A, B, caught=(C,)),), "a! c .", ["a failed", "b", "c done"], [], 0),
        ((attempt(A, caught=(End("return", 1),)), B), "a! .", ["a failed", "b"], [], 0),
        ((Repeat("", (A, choice(yes=(End("break", 1),), no=()), B), 1, False), C), "a b a c?",
         ["a done", "b done", "c open"], ["activity 'c'"], 0),
        ((Repeat("", (A, choice(yes=(End("continue", 1),), no=()), B), 1, False), C), "a a b c?",
         ["a done", "b done", "c open"], ["activity 'c'"], 0),
        ((A, B), "a! t a! t a b?", ["a done", "b open"], ["activity 'b'"], 0),
        ((A, B), "a! t? ", ["a failed", "b"], [], 1),
        ((A, B), "a x y", ["a done", "b"], [], 2),
        ((Step("activity", "name", "flow.py", 1, is_known=False), B), "x b?", ["name done", "b open"],
         ["activity 'b'"], 0),
        ((), ".", [], [], 0),
    ],
)  # fmt: skip
def test_ways(plan: Plan, said: str, expected: list[str], stands: list[str], unmatched: int) -> None:
    found = walk(plan, recording(said))
    assert states(found.plan) == expected
    assert sorted(found.stands) == sorted(stands)
    assert found.unmatched == unmatched
    assert found.status == ("COMPLETED" if said.endswith(".") else "RUNNING")


def test_a_long_history_takes_time_in_proportion() -> None:
    """Every event meets each step at most once."""
    plan = (Repeat("items", (attempt(choice(yes=(A,), no=(B,)), caught=(C,)),), 1, True), ALL)
    found = walk(plan, recording("a b " * 2000))
    assert states(found.plan) == ["a done", "b done", "c", "tasks open"] and found.unmatched == 0

"""The ways through plans: what the pairs of `compat` do not reach."""

from __future__ import annotations

from determinism_lint.plan import Branch, Plan, Repeat, Step
from determinism_lint.run.ways import unmatched


def step(name: str, line: int = 1) -> Step:
    return Step("activity", name, "app.py", line)


def nested(depth: int) -> Plan:
    """A loop in a branch in a loop …"""
    if not depth:
        return (step("inner"),)
    ways = (("yes", (step(f"at {depth}"), *nested(depth - 1))), ("no", (Repeat("items", nested(depth - 1), 1, True),)))
    return (Branch(f"question {depth}", ways, False, depth),)


def compared(old: Plan, new: Plan) -> list[str] | None:
    found = unmatched(new, old, lambda each: each.name, lambda each: each.kind == "activity", {}, is_newer=True)
    return None if found is None else sorted(each.step.name for each in found if each.step is not None)


def test_many_branches_one_behind_the_other() -> None:
    old = tuple(Branch(f"question {n}", (("yes", (step(f"s{n}"),)), ("no", ())), False, n) for n in range(60))
    assert compared(old, old) == []
    assert compared(old, (*old, step("more"))) == []
    assert compared((*old, step("last")), (*old, step("more"), step("last"))) == ["more"]


def test_a_branch_that_decides_nothing_is_no_way() -> None:
    idle = tuple(
        Branch(f"question {n}", (("yes", (Step("all", "", "app.py", n),)), ("no", ())), False, n) for n in range(40)
    )
    assert compared((*idle, step("a")), (*idle, step("a"))) == []


def test_too_many_ways_are_not_told_apart() -> None:
    assert compared(nested(9), nested(9)) is None

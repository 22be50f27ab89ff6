"""The work grows with the code that replay reaches, whatever its shape. Steps are counted, no time is measured."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from determinism_lint.analysis.analyzer import Analysis
from determinism_lint.analysis.interpreter import machine
from tests.projects import analyzed

pytestmark = pytest.mark.usefixtures("unmeasured")

HEAD = "import datetime, functools\nfrom durabletask import task\n\n"
FLOW = "\ndef flow(ctx: task.OrchestrationContext, given):\n{}    yield ctx.call_activity('a', input=x)\n"


def flow(lines: str) -> str:
    return FLOW.format("".join(f"    {line}\n" for line in lines.split("\n")))


def chain(size: int) -> str:
    """Each function calls the next one."""
    steps = "".join(f"def f{i}(ctx, a):\n    return f{i + 1}(ctx, a + {i})\n" for i in range(size))
    return steps + f"def f{size}(ctx, a):\n    return a\n" + flow("x = f0(ctx, 1)")


def recursion(size: int) -> str:
    """Functions that call each other in circles."""
    steps = "".join(
        f"def f{i}(ctx, d):\n    if d:\n        return f{(i + 1) % size}(ctx, d - 1)\n"
        f"    return f{i * 7 % size}(ctx, d)\n"
        for i in range(size)
    )
    return steps + flow("x = f0(ctx, 5)")


def dispatch(size: int) -> str:
    """A table of functions, of which one is called."""
    steps = "".join(f"def f{i}(ctx, v):\n    return v + {i}\n" for i in range(size))
    table = "TABLE = {" + ", ".join(f"'k{i}': f{i}" for i in range(size)) + "}\n"
    return steps + table + "def run(ctx, k):\n    return TABLE[k](ctx, k)\n" + flow("x = [run(ctx, k) for k in TABLE]")


def deep_classes(size: int) -> str:
    """Each class extends the one before, and its methods call theirs."""
    classes = "class C0:\n    def __init__(self, a):\n        self.a = a\n    def m0(self):\n        return self.a\n"
    for i in range(1, size):
        classes += (
            f"class C{i}(C{i - 1}):\n    def __init__(self, a):\n        super().__init__(a)\n        self.a{i} = a\n"
        )
        classes += f"    def m{i}(self):\n        return self.m{i - 1}()\n"
    return classes + flow(f"x = C{size - 1}(1).m{size - 1}()")


def diamonds(size: int) -> str:
    """Each class extends two that extend the one before."""
    classes = "class C0:\n    def m(self):\n        self.x = 1\n        return self.x\n"
    for i in range(1, size):
        for side in "LR":
            classes += f"class {side}{i}(C{i - 1}):\n    def {side}(self):\n        self.{side}{i} = self.m()\n"
        classes += (
            f"class C{i}(L{i}, R{i}):\n    def j{i}(self):\n        self.c{i} = self.m()\n        return self.c{i}\n"
        )
    return classes + flow(f"x = C{size - 1}().j{size - 1}()")


def literals(size: int) -> str:
    """One wide table."""
    table = ", ".join(f"'k{i}': [{i}, 'v{i}', {{'a': {i}}}]" for i in range(10 * size))
    return f"TABLE = {{{table}}}\n" + flow("x = TABLE['k1']")


def orchestrators(size: int) -> str:
    """Many orchestrators that share helpers."""
    shared = (
        "".join(f"def f{i}(ctx, v):\n    return f{i + 1}(ctx, v)\n" for i in range(20))
        + "def f20(ctx, v):\n    return v\n"
    )
    return shared + "".join(flow(f"x = f{i % 20}(ctx, {i})").replace("flow", f"flow{i}") for i in range(size))


def partials(size: int) -> str:
    """Partial objects of partial objects."""
    return "def p(*a):\n    return a\n" + flow("x = p\n" + "x = functools.partial(x, x)\n" * size + "x = x(1) and 1")


def generators(size: int) -> str:
    """Generators that are passed to generators."""
    return "def g(a, b):\n    yield a\n    yield b\n" + flow("x = g(1, 2)\n" + "x = g(x, x)\n" * size + "x = list(x)")


def class_chain(size: int) -> str:
    """Objects that hold the next one."""
    classes = "class C0:\n    def go(self):\n        return 1\n"
    for i in range(1, size):
        classes += f"class C{i}:\n    def __init__(self):\n        self.next = C{i - 1}()\n"
        classes += "    def go(self):\n        return self.next.go()\n"
    return classes + flow(f"x = C{size - 1}().go()")


def wrappers(size: int) -> str:
    """Objects that are passed to the next one."""
    classes = "class W:\n    def __init__(self, inner):\n        self.inner = inner\n"
    classes += "    def go(self):\n        return self.inner.go()\n"
    classes += "".join(f"class W{i}(W):\n    pass\n" for i in range(size))
    return classes + flow("x = None\n" + "\n".join(f"x = W{i}(x)" for i in range(size)) + "\nx = x.go()")


def closures(size: int) -> str:
    """Functions in functions."""
    lines = [" " * i + f"def f{i}(a):" for i in range(size)] + [" " * size + "return a"]
    lines += [" " * i + f"return f{i}(a)" for i in range(size - 1, 0, -1)]
    return "\n".join(lines) + "\n" + flow("x = f0(given)")


def mesh(size: int) -> str:
    """Functions that all call each other with data that is never the same."""
    calls = ("".join(f"    f{j}(ctx, 'x{i}-{j}')\n" for j in range(size)) for i in range(size))
    return "".join(f"def f{i}(ctx, s):\n{body}    return s\n" for i, body in enumerate(calls)) + flow(
        "x = f0(ctx, 'a')"
    )


def helpers_that_get_functions(size: int) -> str:
    """Functions that are handed to one that calls them, through an object."""
    steps = "".join(f"def f{i}(ctx):\n    return {i}\n" for i in range(size))
    runner = "class R:\n    def __init__(self, f):\n        self.f = f\n"
    runner += "    def run(self, ctx):\n        return self.f(ctx)\n"
    return steps + runner + flow("\n".join(f"x = R(f{i}).run(ctx)" for i in range(size)))


SHAPES: dict[Callable[[int], str], int] = {
    chain: 25, recursion: 10, dispatch: 25, deep_classes: 15, diamonds: 8, literals: 40, orchestrators: 25,
    partials: 15, generators: 15, class_chain: 25, wrappers: 15, closures: 6, mesh: 5,
    helpers_that_get_functions: 25,
}  # fmt: skip
"""Shape -> its smallest size."""


def analyzed_shape(shape: Callable[[int], str], size: int) -> tuple[int, Analysis]:
    """How many words of code there are, and what was found."""
    source = HEAD + shape(size)
    return len(source.split()), analyzed({"flow.py": source})


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_steps_grow_with_the_code(shape: Callable[[int], str]) -> None:
    sizes = [SHAPES[shape] * factor for factor in (1, 2, 4, 8)]
    words, found = zip(*(analyzed_shape(shape, size) for size in sizes), strict=True)
    steps = [each.steps for each in found]
    assert all(each.orchestrators and not each.coarse for each in found)
    # what is bounded by a constant, such as the ways in which one function is run, has reached its bound by then
    assert steps[3] / steps[2] <= 1.25 * words[3] / words[2], list(zip(words, steps, strict=True))


WRONG = "def late(f):\n    return datetime.datetime.now()\n" + flow("x = late(1)")


def test_a_spent_budget_is_told_and_every_function_is_still_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    source = (
        HEAD + mesh(20).replace("x = f0(ctx, 'a')", "x = f0(ctx, 'a')\n    late(1)") + WRONG.partition("\ndef flow")[0]
    )
    whole = analyzed({"flow.py": source})
    monkeypatch.setattr(machine, "BUDGET", 500)
    coarse = analyzed({"flow.py": source})
    assert not whole.coarse
    assert [path.rsplit("/", 1)[-1] for path in coarse.coarse] == ["flow.py"]
    assert coarse.steps < whole.steps / 5
    assert [each.rule for each in coarse.findings] == [each.rule for each in whole.findings] == ["wall-clock"]

"""How often a function is run with other arguments."""

from __future__ import annotations

from collections import Counter

import pytest

from determinism_lint.analysis.interpreter.statements import Activation
from determinism_lint.analysis.values import Values
from tests.projects import analyzed

HEAD = "import time\nfrom durabletask import task\n\n\ndef flow(ctx: task.OrchestrationContext, x):\n"
MANY = range(40)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    counted: Counter[str] = Counter()
    run = Activation.run

    def counting(self: Activation) -> Values:
        counted[self.function.name] += self.flags.judged
        return run(self)

    monkeypatch.setattr(Activation, "run", counting)
    return counted


def test_ever_other_data_comes_to_an_end(runs: Counter[str]) -> None:
    calls = "".join(f"    helper({number})\n" for number in MANY)
    [finding] = analyzed({"a.py": HEAD + calls + "\n\ndef helper(n):\n    return n * time.time()\n"}).findings
    assert finding.rule == "wall-clock"
    assert 1 < runs["helper"] < 20


def test_ever_other_functions_are_all_run(runs: Counter[str]) -> None:
    calls = "".join(f"    helper({number}, lambda: time.time())\n" for number in MANY)
    findings = analyzed({"a.py": HEAD + calls + "\n\ndef helper(n, function):\n    return n * function()\n"}).findings
    assert [finding.span.line for finding in findings] == [6 + number for number in MANY]
    assert runs["helper"] == len(MANY)


def test_methods_keep_their_object(runs: Counter[str]) -> None:
    calls = "    clock = Clock()\n" + "".join(f"    clock.at({number})\n" for number in MANY)
    clock = "\n\nclass Clock:\n    def at(self, n):\n        return self.now(n)\n"
    clock += "\n    def now(self, n):\n        return time.time()\n"
    [finding] = analyzed({"a.py": HEAD + calls + clock}).findings
    assert [hop.function for hop in finding.trace] == ["flow", "at", "now"]
    assert 1 < runs["at"] < 20

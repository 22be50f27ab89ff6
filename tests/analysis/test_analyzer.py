"""The core from the outside: what it does when something goes wrong, and what it remembers."""

from __future__ import annotations

import pytest

from determinism_lint.analysis import stack
from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.analyzer import analyze
from determinism_lint.analysis.callgraph import CallGraph
from determinism_lint.languages.python.frontend import FRONTEND
from determinism_lint.rules.catalogue import load_catalogue
from tests.projects import analyzed

HEAD = "import time\nfrom durabletask import task\n\n\ndef flow(ctx: task.OrchestrationContext, x):\n"


def test_an_error_in_the_analysis_reaches_the_caller() -> None:
    def read(path: str) -> bytes:
        raise ZeroDivisionError(path)

    with pytest.raises(ZeroDivisionError):
        analyze(["/a.py"], frozenset({"/a.py"}), read, load_catalogue(), FRONTEND)


def test_a_file_that_vanishes_is_passed_over() -> None:
    def read(path: str) -> bytes:
        raise FileNotFoundError(path)

    assert analyze(["/a.py"], frozenset({"/a.py"}), read, load_catalogue(), FRONTEND).findings == ()


def test_a_broken_file_that_vanishes_is_reported_without_its_text() -> None:
    contents = iter([b"def f(:\n"])

    def read(path: str) -> bytes:
        for content in contents:
            return content
        raise FileNotFoundError(path)

    [finding] = analyze(["/a.py"], frozenset({"/a.py"}), read, load_catalogue(), FRONTEND).findings
    assert (finding.rule, finding.excerpt.lines) == ("syntax-error", ())


def test_calls_that_go_too_deep_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "_RECURSION_LIMIT", 0)
    helpers = "".join(f"\n\ndef f{i}(x):\n    return f{i + 1}(x)\n" for i in range(400))
    result = analyzed({"a.py": HEAD + "    time.sleep(1)\n    return f0(x)\n" + helpers})
    assert [finding.rule for finding in result.findings] == ["syntax-error", "blocking-sleep"]
    assert "nested too deeply to be analyzed to the end" in result.findings[0].message


def test_a_module_whose_top_level_goes_too_deep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "_RECURSION_LIMIT", 0)
    source = "x = " + "not " * 600 + "a\n"
    result = analyzed({"deep.py": source, "a.py": HEAD + "    return time.time()\n"})
    assert {finding.rule for finding in result.findings} == {"syntax-error", "wall-clock"}


def test_every_orchestrator_that_reaches_a_place_is_named() -> None:
    source = HEAD + "    return stamp()\n\n\ndef other(ctx: task.OrchestrationContext, x):\n    return between()\n"
    source += "\n\ndef between():\n    return stamp()\n\n\ndef stamp():\n    return time.time()\n"
    [finding] = analyzed({"a.py": source}).findings
    assert [orchestrator.name for orchestrator in finding.orchestrators] == ["flow", "other"]
    assert [(hop.function, hop.line) for hop in finding.trace] == [("flow", 5), ("stamp", 6)]


def test_a_function_that_nothing_reaches_has_no_trace() -> None:
    assert CallGraph().trace(s.Function(0, 0, "f", (), ()), {0}) == ((), ())


MESSAGES = {
    # what is written: what the message begins with
    "time.time()": "`time.time` reads",
    "now()": "`now` (`datetime.datetime.now`) reads",
    "clock.datetime.now()": "`clock.datetime.now` reads",
    "clock . datetime . now()": "`clock.datetime.now` reads",
    "getattr(time, 'time')()": "`time.time` reads",
}


@pytest.mark.parametrize("written", MESSAGES)
def test_a_message_names_what_is_called_as_it_is_written(written: str) -> None:
    imports = "import datetime as clock\nfrom datetime import datetime\nnow = datetime.now\n"
    [finding] = analyzed({"a.py": imports + HEAD + f"    return {written}\n"}).findings
    assert finding.message.startswith(MESSAGES[written])


def test_a_longer_finding_at_the_same_place_wins() -> None:
    source = (
        HEAD
        + "    return time.time().real\n\n\ndef again(ctx: task.OrchestrationContext, x):\n    return flow(ctx, x)\n"
    )
    assert len(analyzed({"a.py": source}).findings) == 1


def test_a_long_value_that_decides_is_not_quoted() -> None:
    source = "import os\nLIMIT = int(os.environ['A'])\n" + HEAD
    source += "    if (\n        LIMIT > 5\n        and x\n    ):\n        yield ctx.call_activity('a')\n"
    [finding] = analyzed({"a.py": source}).findings
    assert finding.message.startswith("this value comes from `os.environ`")

"""`graph --history`: real runs on the graph of their code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from determinism_lint.commands.cli import run
from tests.replay.recorded.histories import FLOWS

Graph = Callable[..., str]


@pytest.fixture
def graph(recorded: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Graph:
    def graph(*arguments: str, status: int = 0) -> str:
        monkeypatch.chdir(recorded)
        assert run(["graph", *arguments]) == status
        captured = capsys.readouterr()
        return captured.err if status else captured.out

    return graph


def steps(plan: list[Any]) -> list[str]:
    found = []
    for part in plan:
        if "step" in part:
            found.append(f"{part['name'] if part['step'] in ('activity', 'external event') else part['step']}: "
                         f"{part.get('state', '')}")  # fmt: skip
        for way in part.get("ways", ()):
            found += steps(way["plan"])
        found += steps(part["plan"]) if "repeat" in part else []
    return found


@pytest.mark.parametrize(
    ("history", "run", "expected"),
    [
        ("export/o-1.json", {"instance": "o-1", "status": "completed", "waits_for": [], "unmatched": 0},
         ["price: done", "charge: done", "timer: done", "approval: done", "charge: done", "all: done"]),
        ("lines/o-2.jsonl.gz",
         {"instance": "o-2", "status": "running", "waits_for": ["external event 'approval'"], "unmatched": 0},
         ["price: done", "charge: done", "timer: done", "approval: open", "charge: ", "all: "]),
        ("list/stubborn.json", {"instance": "stubborn", "status": "completed", "waits_for": [], "unmatched": 0},
         ["flaky: done"]),
        ("list/doomed.json", {"instance": "doomed", "status": "failed", "waits_for": [], "unmatched": 0},
         ["timer: dropped", "go: done", "any: done", "broken: failed"]),
        ("list/bank.json", {"instance": "bank", "status": "completed", "waits_for": [], "unmatched": 0},
         ["signal: done", "entity call: done", "entity lock: done", "entity call: done"]),
        ("list/parent.json", {"instance": "parent", "status": "completed", "waits_for": [], "unmatched": 0},
         ["sub-orchestration: done", "continue as new: ", "signal: done"]),
    ],
)  # fmt: skip
def test_the_way_of_a_run(graph: Graph, history: str, run: dict[str, Any], expected: list[str]) -> None:
    (drawn,) = json.loads(graph("flows.py", "--history", history, "--output-format", "json"))["orchestrators"]
    assert drawn["run"] == run
    assert steps(drawn["plan"]) == expected


def test_markdown(graph: Graph) -> None:
    text = graph("flows.py", "--history", "list/o-2.json")
    assert "instance 'o-2' is running, waits for external event 'approval'\n\n```mermaid" in text
    assert '["price"]:::done' in text and '>"external event approval"]:::open' in text
    assert "    classDef open fill:" in text and "classDef failed" not in text
    assert text.count("## ") == 1


def test_page(graph: Graph) -> None:
    page = graph("flows.py", "--history", "list/doomed.json", "--output-format", "html")
    assert "instance &#x27;doomed&#x27; is failed" in page
    assert "<section class=walked>" in page
    assert '<div class="step activity is-failed"' in page and '<div class="step timer is-dropped"' in page


def test_code_that_has_no_place_for_it(graph: Graph, tmp_path: Path) -> None:
    changed = tmp_path / "flows.py"
    changed.write_text(FLOWS.replace("ctx.call_activity(charge, input=total)", "ctx.call_activity(broken)"), "utf-8")
    assert "the code has no place for the last 5 steps" in graph(str(changed), "--history", "list/o-1.json")


def test_which_orchestrator(graph: Graph, tmp_path: Path) -> None:
    renamed = tmp_path / "flows.py"
    renamed.write_text(FLOWS.replace("def order(", "def orders("), encoding="utf-8")
    said = graph(str(renamed), "--history", "list/o-1.json", status=2)
    assert "is of `order`, and no orchestrator of that name is here: say --orchestrator NAME" in said
    text = graph(str(renamed), "--history", "list/o-1.json", "--orchestrator", "orders")
    assert "## orders" in text and ":::done" in text
    (tmp_path / "broken.json").write_text("{}", encoding="utf-8")
    said = graph("flows.py", "--history", str(tmp_path / "broken.json"), status=2)
    assert "there is no list of events; give what `determinism-lint record` writes" in said

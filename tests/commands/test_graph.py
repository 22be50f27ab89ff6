"""`graph`: what an orchestration does, as text, as data and as a page."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from determinism_lint.__main__ import main
from tests.environments import unavailable

SAGA = Path(__file__).parents[2] / "skills_src" / "patterns" / "saga"
FLOW = """\
from durabletask import task

from helpers import charge


def order(ctx: task.OrchestrationContext, order):
    if order["total"] > 100:
        yield ctx.wait_for_external_event("approval")
    tasks = [ctx.call_activity("reserve", input=item) for item in order["items"]]
    yield task.when_all(tasks)
    try:
        yield from charge(ctx, order)
    except task.TaskFailedError:
        yield ctx.call_activity("release", input=order)
        return "failed"
    yield ctx.call_sub_orchestrator("ship", input=order)
    return "done"
"""
HELPERS = "def charge(ctx, order):\n    yield ctx.call_activity('charge', input=order['total'])\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "flow.py").write_text(FLOW, encoding="utf-8")
    (tmp_path / "helpers.py").write_text(HELPERS, encoding="utf-8")
    return tmp_path


Graph = Callable[..., str]


@pytest.fixture
def graph(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Graph:
    """Runs the command in a folder; returns what it printed."""

    def graph(folder: Path, *arguments: str) -> str:
        monkeypatch.chdir(folder)
        assert main(["graph", *arguments]) == 0
        return capsys.readouterr().out

    return graph


def test_data(graph: Graph, project: Path) -> None:
    (order,) = json.loads(graph(project, "--output-format", "json"))["orchestrators"]
    assert (order["name"], order["path"], order["line"]) == ("order", "flow.py", 6)
    branch, each, wait, caught, ship, end = order["plan"]
    assert branch["branch"] == 'order["total"] > 100'
    assert [[(step["step"], step["name"], step["line"]) for step in way["plan"]] for way in branch["ways"]] == [
        [("external event", "approval", 8)], []
    ]  # fmt: skip
    assert (each["repeat"], each["plan"][0]["name"], wait["step"]) == ('order["items"]', "reserve", "all")
    assert [way["on"] for way in caught["ways"]] == ["tried", "on task.TaskFailedError"]
    (charge,) = caught["ways"][0]["plan"]
    assert (charge["name"], charge["path"], charge["line"]) == ("charge", "helpers.py", 2)
    assert (ship["step"], ship["name"], end) == ("sub-orchestration", "ship", {"end": "return", "line": 17})


def test_markdown(graph: Graph, project: Path) -> None:
    text = graph(project)
    assert text.startswith("## order\n\nflow.py:6 (durable-task-python)\n\n```mermaid\nflowchart TD\n")
    assert 'n3>"external event approval"]' in text
    assert 'n2 -->|"yes"| n3' in text


@pytest.mark.parametrize("name", ["durable-task-python.py", "durable-task-js.mjs"])
def test_every_language_that_the_linter_reads(graph: Graph, name: str, tmp_path: Path) -> None:
    shutil.copy(SAGA / name, tmp_path)  # a project of its own, not a part of this one
    (orchestration,) = json.loads(graph(tmp_path, name, "--output-format", "json"))["orchestrators"]
    assert any("repeat" in part for part in orchestration["plan"])


LEAVING = """\
from durabletask import task


def poll(ctx: task.OrchestrationContext, _):
    for _ in range(5):
        if (yield ctx.call_activity("ready")):
            break
    try:
        yield ctx.call_activity("fetch")
        return "fetched"
    except task.TaskFailedError:
        yield ctx.call_activity("tell")
"""


def test_what_a_break_and_a_failure_lead_to(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(LEAVING, encoding="utf-8")
    drawn = graph(tmp_path).splitlines()
    names = {shape.strip('"'): node for node, _, shape in (line.strip().partition("[") for line in drawn) if shape}
    ready, fetch, tell = (
        next(names[each] for each in names if each.startswith(name)) for name in ("ready", "fetch", "tell")
    )
    arrows = {tuple(re.findall(r"\bn\d+\b", line)) for line in drawn if "-->" in line}
    asked = next(target for source, target in arrows if source == ready)
    assert (asked, fetch) in arrows  # The break leads on, not to an end.
    question = next(source for source, target in arrows if target == tell)
    assert (fetch, question) in arrows


def test_only_one(graph: Graph, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "## order" in graph(project, "--orchestrator", "order")
    assert main(["graph", "--orchestrator", "nobody"]) == 2
    assert "no orchestrator is called `nobody`" in capsys.readouterr().err


def test_nothing_to_draw(graph: Graph, project: Path) -> None:
    (project / "flow.py").unlink()
    assert graph(project).startswith("No orchestrator found in 1 file,")


def test_open(graph: Graph, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("click.launch", opened.append)
    path = Path(graph(project, "--open").strip())
    assert opened == [path.as_uri()]
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    path.unlink()


class Tags(HTMLParser):
    """The classes of a page's elements, and whether it loads anything."""

    def __init__(self) -> None:
        super().__init__()
        self.classes: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name == "class" and value:
                self.classes += value.split()
            if name in ("src", "href"):
                self.loads.append(value or "")


def test_the_page_needs_nothing_else(graph: Graph, project: Path) -> None:
    (project / "flow.py").write_text(FLOW.replace('"ship"', '"<script>alert(1)</script>"'), encoding="utf-8")
    page = graph(project, "--output-format", "html")
    tags = Tags()
    tags.feed(page)
    assert {"step", "branch", "repeat", "way", "end", "sub-orchestration"} <= set(tags.classes)
    assert tags.loads == [] and "<script" not in page


def test_a_browser_shows_the_page(graph: Graph, project: Path, tmp_path: Path) -> None:
    """In a real browser, every step is on the page, below the one before it."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        unavailable("the page is drawn by Chromium, which is not installed")
    places = "[...document.querySelectorAll('section>.plan>*')].map(e=>e.getBoundingClientRect().top|0).join()"
    probe = f"<script>document.title={places}</script>"
    page = tmp_path / "page.html"
    page.write_text(graph(project, "--output-format", "html").replace("</html>", probe + "</html>"), encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}"]  # fmt: skip
    done = subprocess.run([browser, *flags, "--dump-dom", page.as_uri()], capture_output=True, text=True, check=False)
    found = re.search(r"<title>([\d,]+)</title>", done.stdout)
    assert found is not None, done.stderr[-800:]
    tops = [int(number) for number in found[1].split(",")]
    assert len(tops) == 7 and tops == sorted(set(tops))


def test_loops_are_told_apart(tmp_path: Path, graph: Graph) -> None:
    (tmp_path / "flow.js").write_text(
        """\
const df = require("durable-functions");
df.app.orchestration("flow", function* (context) {
  for (const item of context.df.getInput()) yield context.df.callActivity("pack", item);
  let tries = 0;
  while (tries < 3) tries += yield context.df.callActivity("ship");
  for (;;) yield context.df.callActivity("ask");
});
""",
        encoding="utf-8",
    )
    loops = re.findall(r'\{\{"(.*)"\}\}', graph(tmp_path, "flow.js"))
    assert loops == ["for each of context.df.getInput()", "while tries #lt; 3", "for ever"]

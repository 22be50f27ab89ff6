"""Every way by which replay comes to an expression, times a few hazards: `contexts.md` holds the ways.

Each context is a small project with a hole. The same project is judged with hazards in the hole, with harmless
expressions that look alike, and as an activity, which is not replayed. It is also run, so that no context claims what
Python does not do.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from inspect import isgenerator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import cast
from unittest.mock import MagicMock

import pytest

from determinism_lint.model import Finding
from skills_src.markdown import Fence, Prose, blocks
from tests.projects import ROOT, analyzed

TEXT = (Path(__file__).parent / "contexts.md").read_text(encoding="utf-8")

HAZARDS = {
    # what is put into the hole: the rules that flag it
    "time.time()": ("wall-clock",),
    'os.environ["X"]': ("environment-read",),
    'requests.Session().get("u")': ("network-io",),
    '(time.sleep(1), *map(lambda _: random.random(), "a"), *map(random.seed, "a"))[1]': (
        "blocking-sleep",
        "random-value",
        "random-value",
    ),
}
HARMLESS = ("time.gmtime(0)", 'requests.Request("GET", "u")', '[*map(lambda _: 7, "a"), *map(ord, "a")]')
IMPORTS = "import os, random, requests, time\n"
HEAD = "def flow(ctx, x):\n"


@dataclass(frozen=True, slots=True)
class Form:
    """What makes `flow` something that an SDK runs."""

    before: str
    head: str
    after: str = ""
    work: str = ""
    """Registers the activity `work`, for a context that has a use for it."""


TASK = Form(
    "from durabletask import task, worker\nhost = worker.TaskHubGrpcWorker()\n",
    "def flow(ctx: task.OrchestrationContext, x):\n",
    "host.add_orchestrator(flow)\n",
    "def work(ctx: task.ActivityContext, x):\n    return x\n\nhost.add_activity(work)\n",
)
FUNCTIONS = Form(
    "import azure.durable_functions as df\napp = df.DFApp()\n",
    '@app.orchestration_trigger(context_name="ctx")\n'
    "def flow(ctx: df.DurableOrchestrationContext):\n    x = ctx.get_input()\n",
    work='@app.activity_trigger(input_name="x")\ndef work(x):\n    return x\n',
)
ACTIVITIES = (
    Form(TASK.before, "def flow(ctx: task.ActivityContext, x):\n", "host.add_activity(flow)\n"),
    Form(FUNCTIONS.before, '@app.activity_trigger(input_name="x")\ndef flow(x):\n'),
)
PLAIN = Form("", HEAD)

Place = tuple[str, int, str]
"""Path, line, rule."""


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """One way to an expression."""

    title: str
    files: Mapping[str, str]
    hazards: Mapping[str, tuple[str, ...]]
    harmless: tuple[str, ...]
    own: bool
    """It has hazards of its own, and imports what they need."""
    notes: Mapping[str, str]
    """`Silent`, `At import`, `Only`, `Not run`, `Gap`, `False alarm`: see the beginning of the Markdown."""

    def project(self, form: Form, expression: str, imports: str = IMPORTS) -> dict[str, str]:
        """The files with an expression in the hole and `flow` in the form that an SDK wants."""
        files = {}
        for name, text in self.files.items():
            start = "from __future__ import annotations\n"
            if "HOLE" in text and not self.own:
                start += imports
            if HEAD in text:
                work = form.work if '"work"' in text else ""
                text = f"{form.before}{text.replace(HEAD, form.head)}\n{work}{form.after}"
            files[name] = start + text.replace("HOLE", expression)
        return files

    @property
    def judged(self) -> Iterator[tuple[Form, str]]:
        """Every hazard with one SDK, the first one also with the other."""
        yield from ((TASK, hazard) for hazard in self.hazards)
        if self.notes.get("Only") != "durable-task":
            yield FUNCTIONS, next(iter(self.hazards))


def contexts() -> Iterator[Context]:
    for section in re.split(r"^### ", TEXT, flags=re.M)[1:]:
        title, rest = re.split(r"^## ", section, flags=re.M)[0].split("\n", 1)
        parts = list(blocks(rest, title))
        files = {part.words[-1].partition("=")[2] or "app.py": part.text for part in parts if isinstance(part, Fence)}
        own = re.findall(r"^# (\S+): (.+)$", "".join(files.values()), flags=re.M)
        words = "".join(part.text for part in parts if isinstance(part, Prose))
        notes = dict(re.findall(r"^([A-Z][a-z ]+): (.+)$", words, flags=re.M))
        hazards = {code: (rule,) for rule, code in own if rule != "harmless"}
        harmless = tuple(code for rule, code in own if rule == "harmless")
        yield Context(title, files, hazards or HAZARDS, harmless or HARMLESS, bool(own), notes)


CONTEXTS = list(contexts())


def titled(found: list[Context], known: str = "") -> list[object]:
    """The contexts as parameters; those that have the note `known` are expected to fail, for the reason it gives."""
    return [
        pytest.param(
            context,
            id=context.title,
            marks=[pytest.mark.xfail(strict=True, reason=context.notes[known])] if known in context.notes else [],
        )
        for context in found
    ]


@pytest.mark.parametrize("context", titled(CONTEXTS, "Gap"))
def test_a_hazard_is_found_once_where_it_is(context: Context) -> None:
    assert [fault for form, hazard in context.judged for fault in faults(context, form, hazard)] == []


@pytest.mark.usefixtures("unmeasured")  # runs what the test above runs
@pytest.mark.parametrize("context", titled(CONTEXTS, "False alarm"))
def test_what_is_harmless_or_in_an_activity_is_not_reported(context: Context) -> None:
    files = context.project(TASK, f"({', '.join(context.harmless)},)[0]")
    assert places(analyzed(files).findings) == announced(files)
    if all("ctx." not in text for text in context.files.values()):
        for form in ACTIVITIES:
            assert places(analyzed(context.project(form, next(iter(context.hazards)))).findings) == []


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("context", titled([c for c in CONTEXTS if "Not run" not in c.notes]))
def test_python_comes_to_the_hole_on_replay(context: Context, tmp_path: Path) -> None:
    for name, text in context.project(PLAIN, "hit()", "").items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("\n", "\nfrom probe import hit\n", 1), encoding="utf-8")
    main = next(name for name, text in context.files.items() if HEAD in text)
    with _probed(tmp_path) as hits:
        flow = importlib.import_module(main.removesuffix(".py").replace("/", ".")).flow
        at_import = len(hits)
        for replaying in (True, False):
            try:
                _drive(flow(MagicMock(is_replaying=replaying), 3))
            except Exception:
                if len(hits) == at_import and "Silent" not in context.notes:
                    raise  # not the consequence of what the hole gave
    assert (at_import > 0) == ("At import" in context.notes)
    assert (len(hits) > at_import) == ("Silent" not in context.notes and "At import" not in context.notes)


def test_each_context_has_one_hole_and_a_title_of_its_own() -> None:
    assert len({context.title for context in CONTEXTS}) == len(CONTEXTS) == TEXT.count("\n### ")
    for context in CONTEXTS:
        code = "".join(context.files.values())
        assert code.count("HOLE") == code.count(HEAD) == 1, context.title
        assert context.notes.keys() <= {"Silent", "At import", "Only", "Not run", "Gap", "False alarm"}, context.title


# --- what is expected of the linter


def faults(context: Context, form: Form, hazard: str) -> Iterator[str]:
    """In what the answer to a hazard differs from one finding, at the hole, with a trace from `flow` to it."""
    files = context.project(form, hazard)
    path, line, function = hole(context, form)
    expected = [] if "Silent" in context.notes else [(path, line, rule) for rule in context.hazards[hazard]]
    findings = analyzed(files).findings
    if places(findings) != sorted([*expected, *announced(files)]):
        yield f"{hazard}: found {places(findings)} instead of {expected}"
        return
    for finding in findings:
        traced = [hop.function for hop in finding.trace]
        last = traced[-2:] if "lambda" in hazard else traced[-1:]
        if traced[:1] != ["flow"] or [orchestrator.name for orchestrator in finding.orchestrators] != ["flow"]:
            yield f"{hazard}: the trace {traced} does not begin at the orchestrator"
        if places((finding,))[0] in expected and function not in (None, *last):
            yield f"{hazard}: the trace {traced} does not end in {function}"


def places(findings: tuple[Finding, ...]) -> list[Place]:
    return sorted((finding.path.removeprefix(ROOT), finding.span.line, finding.rule) for finding in findings)


def announced(files: Mapping[str, str]) -> list[Place]:
    """What comments such as `# also global-state` say is reported whatever is in the hole."""
    return sorted(
        (name, number, mark[1])
        for name, text in files.items()
        for number, line in enumerate(text.split("\n"), 1)
        if (mark := re.search(r"# also (\S+)$", line))
    )


@lru_cache
def hole(context: Context, form: Form) -> tuple[str, int, str | None]:
    """Where the hole is: file, line, and the function that runs it, if it is in the body of one."""
    for name, text in context.project(form, "HOLE").items():
        if "HOLE" in text:
            for function, node in _names(ast.parse(text), None):
                if node.id == "HOLE":
                    return name, node.lineno, function
    raise ValueError("a context has a hole")


def _names(node: ast.AST, function: str | None) -> Iterator[tuple[str | None, ast.Name]]:
    """The names below a node, each with the innermost function or lambda whose body it is in."""
    if isinstance(node, ast.Name):
        yield function, node
    for field, value in ast.iter_fields(node):
        inner = function
        if field == "body" and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inner = node.name
        elif field == "body" and isinstance(node, ast.Lambda):
            inner = "<lambda>"
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _names(child, inner)


# --- what Python does


def _drive(result: object) -> None:
    """Run an orchestrator to its end, if it is a generator; every task that it yields gives None."""
    if isgenerator(result):
        for _ in result:
            pass


@contextmanager
def _probed(folder: Path) -> Iterator[list[None]]:
    """Projects in the folder can be imported; each run of `hit()` in them adds to the list."""
    hits: list[None] = []

    def hit() -> object:
        hits.append(None)
        return MagicMock()

    libraries = {
        "probe": SimpleNamespace(hit=hit),
        "requests": SimpleNamespace(Session=type("Session", (), {"get": str})),
    }
    names = {path.stem for path in folder.iterdir()} | libraries.keys()
    hidden = _forgotten(names)
    sys.modules.update(cast("dict[str, ModuleType]", libraries))
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield hits
    finally:
        sys.path.remove(str(folder))
        _forgotten(names)
        sys.modules.update(hidden)


def _forgotten(names: set[str]) -> dict[str, ModuleType]:
    """Take modules of these names, and what lies in them, out of the imported ones."""
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] in names}

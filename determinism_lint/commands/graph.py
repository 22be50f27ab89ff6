"""The command `graph`: what an orchestration does, to look at."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from determinism_lint.commands.check import config_of, known
from determinism_lint.languages import language_of
from determinism_lint.model import Orchestrator
from determinism_lint.plan import Branch, End, Part, Plan, Repeat, Step
from determinism_lint.rules.catalogue import load_catalogue
from determinism_lint.run.files import absolute, find_projects
from determinism_lint.run.project import plans
from determinism_lint.terminal import write
from determinism_lint.wording import counted, nothing_found

if TYPE_CHECKING:
    from determinism_lint.replay.recorded.walk import Walk

Found = Sequence[tuple[Orchestrator, Plan]]
FORMATS = ("mermaid", "json", "html")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True), metavar="[PATHS]...")
@click.option("--orchestrator", multiple=True, metavar="NAME", help="Only this one (may be repeated).")
@click.option("--output-format", type=click.Choice(FORMATS), default="mermaid", show_default=True,
              help="Markdown with Mermaid diagrams, JSON, or a page of its own.")  # fmt: skip
@click.option("--history", type=click.Path(exists=True, dir_okay=False), metavar="FILE", help="Mark the path that the "
              "run in this recorded history took, and where it stands.")  # fmt: skip
@click.option("--open", "show", is_flag=True, help="Open the page in a browser.")
def graph(
    paths: tuple[str, ...], orchestrator: tuple[str, ...], output_format: str, history: str | None, show: bool
) -> int:
    """Draw the steps of orchestrators.

    It shows steps, branches, loops and fan-outs, across helpers and files.
    """
    catalogue = load_catalogue()
    wanted = known(paths or (".",))
    found: Found = plans(wanted, lambda root: config_of(root, catalogue), absolute("."))
    if orchestrator:
        names = {each.name for each, _ in found}
        for name in orchestrator:
            if name not in names:
                raise click.UsageError(f"no orchestrator is called `{name}`")
        found = [(each, plan) for each, plan in found if each.name in orchestrator]
    run: Walk | None = None
    if history is not None:
        found, run = _walked(history, found, is_chosen=bool(orchestrator))
    if not found:
        return write(nothing_found(_count(wanted)) + "\n", 0)
    if show:
        handle, name = tempfile.mkstemp(prefix="determinism-lint-", suffix=".html")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(page(found, run))
        click.launch(Path(name).as_uri())
        return write(f"{name}\n", 0)
    text = {"mermaid": markdown, "json": data, "html": page}[output_format](found, run)
    return write(text, 0)


def _count(paths: Sequence[str]) -> int:
    """How many files of source were asked about."""
    return sum(
        project.asked_about(path) and language_of(path) is not None
        for project in find_projects(paths)
        for path in project.files
    )


def _walked(history: str, found: Found, *, is_chosen: bool) -> tuple[Found, Walk]:
    """The orchestrator that a history is of, or the chosen one, with the way that the run took."""
    from determinism_lint.replay.recorded.model import HistoryError
    from determinism_lint.replay.recorded.reader import read
    from determinism_lint.replay.recorded.walk import walk

    try:
        recording = read(history)
    except HistoryError as error:
        raise click.ClickException(f"{error}; {error.help}") from None
    of = [(each, plan) for each, plan in found if is_chosen or each.name == recording.orchestrator]
    if len(of) != 1:
        known = "several orchestrators have that name" if of else "no orchestrator of that name is here"
        raise click.ClickException(f"{history} is of `{recording.orchestrator}`, and {known}: say --orchestrator NAME")
    run = walk(of[0][1], recording)
    return [(of[0][0], run.plan)], run


def standing(run: Walk) -> str:
    """Where a run stands, in a sentence without a period."""
    status = run.status.replace("_", " ").lower()
    text = f"instance {run.instance!r} is {status}" + (f", waits for {', '.join(run.stands)}" if run.stands else "")
    return f"{text}; the code has no place for the last {counted(run.unmatched, 'step')}" if run.unmatched else text


# --- Mermaid


def markdown(found: Found, run: Walk | None) -> str:
    """A heading and a diagram for each orchestrator, as GitHub draws them."""
    said = f"{standing(run)}\n\n" if run is not None else ""
    return "\n".join(
        f"## {each.name}\n\n{each.path}:{each.line} ({each.runtime})\n\n{said}```mermaid\n{_Mermaid().draw(plan)}```\n"
        for each, plan in found
    )


class _Mermaid:
    """Draws one plan; numbers the nodes."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._lines: list[str] = []
        self._loops: list[tuple[str, list[tuple[str, str]]]] = []
        """The loops around: the head of each, and the ends that leave it."""
        self._last: list[tuple[str, str]] = []
        """What led to the latest part."""
        self._states: set[str] = set()

    def draw(self, plan: Plan) -> str:
        start = self._node('(["start"])')
        for end, label in self._plan(plan, [(start, "")]):
            self._arrow(end, label, self._node('(["end"])'))
        self._lines += [f"classDef {state} {style}" for state, style in _STATES.items() if state in self._states]
        return "flowchart TD\n" + "".join(f"    {line}\n" for line in self._lines)

    def _node(self, shape: str) -> str:
        name = f"n{next(self._numbers)}"
        self._lines.append(name + shape)
        return name

    def _arrow(self, source: str, label: str, target: str) -> None:
        self._lines.append(f"{source} -->{f'|{_quoted(label)}|' if label else ''} {target}")

    def _plan(self, plan: Plan, ends: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Draw a plan behind some open ends, each a node and what leads on from it; returns the new open ends."""
        for part in plan:
            if not ends:
                break  # What follows is never reached.
            self._last = ends
            ends = self._part(part, ends)
        return ends

    def _part(self, part: Part, ends: list[tuple[str, str]]) -> list[tuple[str, str]]:
        match part:
            case Step():
                shape = _SHAPES.get(part.kind, "[{}]").format(_quoted(_label(part)))
                self._states.add(part.state)
                return [(self._joined(ends, shape + (f":::{part.state}" if part.state else "")), "")]
            case Branch(test="", ways=((_, tried), *caught)):
                ends = self._plan(tried, ends)
                question = self._joined(ends or self._last, '{"did it fail?"}')
                failed = [end for word, way in caught for end in self._plan(way, [(question, word)])]
                return [*([(question, "no")] if ends else []), *failed]
            case Branch():
                question = self._joined(ends, f"{{{_quoted(part.test)}}}")
                return [end for word, way in part.ways for end in self._plan(way, [(question, word)])]
            case Repeat():
                head = self._joined(ends, f"{{{{{_quoted(part.title)}}}}}")
                self._loops.append((head, [(head, "done")]))
                for end, label in self._plan(part.body, [(head, "next")]):
                    self._arrow(end, label, head)
                return self._loops.pop()[1]
            case End(how="break") if self._loops:
                self._loops[-1][1].extend(ends)
            case End(how="continue") if self._loops:
                for end, label in ends:
                    self._arrow(end, label, self._loops[-1][0])
            case End():
                self._joined(ends, f"([{_quoted(part.how)}])")
        return []

    def _joined(self, ends: list[tuple[str, str]], shape: str) -> str:
        node = self._node(shape)
        for end, label in ends:
            self._arrow(end, label, node)
        return node


_STATES = {
    "done": "fill:#dafbe1,stroke:#1a7f37",
    "failed": "fill:#ffebe9,stroke:#cf222e",
    "open": "fill:#fff8c5,stroke:#9a6700,stroke-width:3px",
    "dropped": "stroke-dasharray:4",
}
_SHAPES = {
    "sub-orchestration": "[[{}]]",
    "timer": "([{}])",
    "external event": ">{}]",
    "entity call": "[({})]",
    "entity lock": "[({})]",
    "signal": "[({})]",
    "all": "(({}))",
    "any": "(({}))",
}


def _label(step: Step) -> str:
    if step.kind in ("all", "any"):
        return f"wait for {step.kind}"
    return step.name if step.kind == "activity" else f"{step.kind} {step.name}".strip()


def _quoted(text: str) -> str:
    """Text that Mermaid takes as text."""
    for character, entity in (("&", "#amp;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("`", "#96;")):
        text = text.replace(character, entity)
    return f'"{" ".join(text.split())}"'


# --- JSON


def data(found: Found, run: Walk | None) -> str:
    described = [
        {
            "name": each.name, "path": each.path, "line": each.line, "language": each.language, "runtime": each.runtime,
            **({} if run is None else {"run": _run(run)}), "plan": [_part(part) for part in plan],
        }
        for each, plan in found
    ]  # fmt: skip
    return json.dumps({"version": 1, "orchestrators": described}, indent=2) + "\n"


def _run(run: Walk) -> dict[str, Any]:
    status = run.status.lower().replace("_", "-")
    return {"instance": run.instance, "status": status, "waits_for": run.stands, "unmatched": run.unmatched}


def _part(part: Part) -> dict[str, Any]:
    match part:
        case Step():
            state = {"state": part.state} if part.state else {}
            return {"step": part.kind, "name": part.name, "path": part.path, "line": part.line, **state}
        case Branch():
            ways = [{"on": word, "plan": [_part(each) for each in way]} for word, way in part.ways]
            return {"branch": part.test, "by_version": part.by_version, "line": part.line, "ways": ways}
        case Repeat():
            return {"repeat": part.subject, "line": part.line, "plan": [_part(each) for each in part.body]}
        case End():
            return {"end": part.how, "line": part.line}


# --- HTML


def page(found: Found, run: Walk | None) -> str:
    """A page that needs nothing else: boxes in boxes, top to bottom."""
    said = f"<p class=run>{escape(standing(run))}</p>" if run is not None else ""
    sections = "\n".join(
        f"<section{' class=walked' if run is not None else ''}><h2>{escape(each.name)}</h2>"
        f"<p class=where>{escape(each.path)}:{each.line} · {escape(each.runtime)}</p>{said}{_boxes(plan)}</section>"
        for each, plan in found
    )
    return (
        "<!doctype html>\n<html lang=en><meta charset=utf-8><title>Orchestrations</title>\n"
        f"<style>{_STYLE}</style>\n<h1>Orchestrations</h1>\n{sections}\n</html>\n"
    )


def _boxes(plan: Plan) -> str:
    return "<div class=plan>" + "".join(_box(part) for part in plan) + "</div>"


def _box(part: Part) -> str:
    match part:
        case Step():
            kind = escape(part.kind.replace(" ", "-")) + (f" is-{part.state}" if part.state else "")
            where = f"{escape(part.path)}:{part.line}"
            label = f"<b>{escape(part.name or _label(part))}</b><small>{escape(part.kind)}</small>"
            return f'<div class="step {kind}" title="{where}">{label}</div>'
        case Branch(test="", ways=((_, tried), *caught)):
            return "".join(map(_box, tried)) + _box(replace(part, test="if it failed", ways=tuple(caught)))
        case Branch():
            ways = "".join(f"<div class=way><em>{escape(word)}</em>{_boxes(way)}</div>" for word, way in part.ways)
            question = escape(part.test) + (" (version)" if part.by_version else "")
            return f"<div class=branch><i>{question}</i><div class=ways>{ways}</div></div>"
        case Repeat():
            return f"<div class=repeat><i>{escape(part.title)}</i>{_boxes(part.body)}</div>"
        case End():
            return f"<div class=end>{escape(part.how)}</div>"


_STYLE = """
body{font:15px/1.4 system-ui,sans-serif;margin:2rem;color:#1b1f24;background:#fff}
h2{margin:2rem 0 0}.where{color:#57606a;margin:0 0 1rem}
.plan{display:flex;flex-direction:column;align-items:center;gap:.6rem}
.step{border:1px solid #57606a;border-radius:6px;padding:.35rem .8rem;background:#f6f8fa;text-align:center}
.step small{display:block;color:#57606a}.timer,.external-event{border-radius:1.2rem;background:#fff8c5}
.sub-orchestration{border-style:double;border-width:3px}.entity-call,.entity-lock,.signal{background:#ddf4ff}
.all,.any{border-radius:50%;background:#eee}.run{font-weight:600}
.is-done{background:#dafbe1;border-color:#1a7f37}.is-failed{background:#ffebe9;border-color:#cf222e}
.is-open{background:#fff8c5;border-color:#9a6700;outline:3px solid #d4a72c}.is-dropped{border-style:dashed}
.walked .step:not([class*=is-]){background:#f6f8fa;opacity:.55}
.continue-as-new{background:#ffebe9}
.branch,.repeat{border:1px dashed #8c959f;border-radius:8px;padding:.6rem;text-align:center}
.repeat{border-style:solid;border-left-width:6px}.ways{display:flex;gap:1rem;justify-content:center;margin-top:.5rem}
.way{border-top:2px solid #8c959f;padding:.4rem}
.end{border-radius:1rem;background:#1b1f24;color:#fff;padding:.1rem .8rem}
""".replace("\n", "")

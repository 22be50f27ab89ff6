"""Code inside documents: fenced blocks of Markdown files and code cells of Jupyter notebooks.

Every fence is a small program of its own; the cells of a notebook are one program. What does not parse is passed over,
for documents show fragments.
"""

from __future__ import annotations

import json
import os
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from determinism_lint.analysis.analyzer import Analysis, analyze
from determinism_lint.analysis.language import Language
from determinism_lint.languages import language_named, languages
from determinism_lint.model import Excerpt, Finding, Orchestrator, Span
from determinism_lint.rules.catalogue import Catalogue
from determinism_lint.run.files import DOCUMENTS, NEVER, absolute, run_git, shown
from determinism_lint.run.ignores import apply_ignores

MAX_BYTES = 8 << 20
"""Of a document; what is larger holds pictures or data."""
_NOWHERE = Span(1, 1, 1, 1)
_NO_LINES = Excerpt(1, ())


@dataclass(frozen=True, slots=True)
class Snippet:
    """One program found in a document."""

    language: Language
    text: str
    before: int = 0
    """The lines of the document before it; the lines of a notebook count through its cells."""
    columns: int = 0
    """How far the document indents it."""
    cells: tuple[int, ...] = ()
    """For a notebook: the line before which each cell begins."""


@dataclass(frozen=True, slots=True)
class Documents:
    """What was found in documents."""

    snippets: int
    orchestrators: tuple[Orchestrator, ...]
    findings: tuple[Finding, ...]
    ignored: int
    coarse: tuple[str, ...] = ()


def lint_documents(paths: Iterable[str], read: Callable[[str], bytes], catalogue: Catalogue) -> Documents:
    """Judge the code in documents. Fixes are left out: a document is edited by hand."""
    snippets: dict[str, tuple[str, Snippet]] = {}
    findings: list[Finding] = []
    severities = {rule.name: rule.severity for rule in catalogue.values()}
    for path in paths:
        try:
            content = read(path)
        except OSError:
            continue
        if len(content) > MAX_BYTES:
            message = f"is larger than {MAX_BYTES >> 20} MiB and was not analyzed"
            findings.append(Finding("syntax-error", severities["syntax-error"], message, path, _NOWHERE, _NO_LINES))
            continue
        for number, snippet in enumerate(snippets_of(path, content)):
            snippets[f"{path}#{number}{snippet.language.suffixes[0]}"] = (path, snippet)
    texts = {name: snippet.text for name, (_, snippet) in snippets.items()}
    orchestrators: list[Orchestrator] = []
    ignored = 0
    coarse: dict[str, None] = {}
    for name, text in texts.items():
        result = _analyzed(name, snippets[name][1].language, text, catalogue)
        coarse.update({snippets[name][0]: None} if result.coarse else {})
        orchestrators.extend(_declared(each, *snippets[name]) for each in result.orchestrators)
        kept = [finding for finding in result.findings if finding.rule != "syntax-error"]
        kept, count = apply_ignores(kept, {name: text}, severities)
        ignored += count
        findings.extend(_placed(finding, *snippets[name]) for finding in kept)
    findings.sort(key=lambda finding: finding.sort_key)
    return Documents(len(snippets), tuple(orchestrators), tuple(findings), ignored, tuple(coarse))


def _analyzed(name: str, language: Language, text: str, catalogue: Catalogue) -> Analysis:
    def read(path: str) -> bytes:
        if path != name:
            raise FileNotFoundError(path)
        return text.encode("utf-8", "replace")

    return analyze([name], frozenset({name}), read, catalogue, language.frontend)


def find_documents(paths: Iterable[str], excluded: Callable[[str, bool], bool] | None = None) -> list[str]:
    """The documents among files and in folders, as they are shown: those that git would show, or else all.

    What is `excluded`, by its absolute path, is still taken when it is named.
    """
    here = absolute(".")
    found: dict[str, None] = {}
    for path in paths:
        if not os.path.isdir(path):
            if path.endswith(DOCUMENTS):
                found[shown(absolute(path), here)] = None
            continue
        listed = run_git(path, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        # Somebody who names a folder of which git shows nothing wants what is there.
        for name in sorted(listed.split("\0") if listed else _walk(path)):
            place = absolute(os.path.join(path, name))
            if not name.endswith(DOCUMENTS) or not NEVER.isdisjoint(name.split("/")):
                continue
            if excluded is None or not excluded(place, False):
                found[shown(place, here)] = None
    return list(found)


def _walk(folder: str) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in NEVER)
        yield from (os.path.relpath(os.path.join(parent, name), folder).replace(os.sep, "/") for name in files)


def snippets_of(path: str, content: bytes) -> Iterator[Snippet]:
    """The programs in a document."""
    text = content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    yield from _cells(text) if path.endswith(".ipynb") else _fences(text)


_FENCE = re.compile(r"^([ \t]*)(`{3,}(?!.*`)|~{3,})[ \t]*([\w+-]*)")


def _fences(text: str) -> Iterator[Snippet]:
    opened: tuple[str, str, Language | None] | None = None
    lines: list[str] = []
    before = 0
    known = {name: language for language in languages() for name in language.fences}
    for number, line in enumerate(text.split("\n")):
        match = _FENCE.match(line)
        if opened is None:
            if match is not None:
                opened = (match[1], match[2], known.get(match[3].lower()))
                lines, before = [], number + 1
        elif match is not None and match[2].startswith(opened[1]) and not line.strip().strip(opened[1][0]):
            if opened[2] is not None:
                yield Snippet(opened[2], "\n".join(lines) + "\n", before, len(opened[0]))
            opened = None
        else:
            indent = opened[0]
            lines.append(line[len(indent) :] if line.startswith(indent) else line.lstrip())


def _cells(text: str) -> Iterator[Snippet]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return
    lines: list[str] = []
    starts: list[int] = []
    cells = data.get("cells") if isinstance(data, Mapping) else None
    for cell in cells if isinstance(cells, list) else ():
        if not isinstance(cell, Mapping) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", "")
        source = "".join(map(str, source)) if isinstance(source, list) else str(source)
        starts.append(len(lines))
        if source.startswith("%%"):  # the cell is in another language, or passed to a command
            source = ""
        lines.extend(_without_magic(line) for line in source.split("\n"))
    if starts:
        yield Snippet(language_named("python"), "\n".join(lines) + "\n", cells=tuple(starts))


def _without_magic(line: str) -> str:
    """IPython's own commands are no Python."""
    code = line.lstrip()
    return line[: len(line) - len(code)] + "pass" if code.startswith(("%", "!", "?")) else line


def _declared(orchestrator: Orchestrator, path: str, snippet: Snippet) -> Orchestrator:
    place, start = _cell(path, snippet, orchestrator.line)
    return replace(orchestrator, path=place, line=orchestrator.line - start)


def document_of(place: str) -> str:
    """The document that a finding's path names, without the cell."""
    return re.sub(r"(?<=\.ipynb):cell \d+$", "", place)


def _cell(path: str, snippet: Snippet, line: int) -> tuple[str, int]:
    """How a line's place is called, and the lines before it that do not count there."""
    if not snippet.cells:
        return path, -snippet.before
    cell = bisect_left(snippet.cells, line) - 1
    return f"{path}:cell {cell + 1}", snippet.cells[cell]


def _placed(finding: Finding, path: str, snippet: Snippet) -> Finding:
    """A finding where a person finds it in the document."""
    span, indent = finding.span, snippet.columns
    place, start = _cell(path, snippet, span.line)
    trace = []
    for hop in finding.trace:
        there, before = _cell(path, snippet, hop.line)
        trace.append(replace(hop, path=there, line=hop.line - before))
    return replace(
        finding,
        path=place,
        span=Span(span.line - start, span.column + indent, span.end_line - start, span.end_column + indent),
        trace=tuple(trace),
        orchestrators=tuple(_declared(each, path, snippet) for each in finding.orchestrators),
        excerpt=_excerpt(finding.excerpt, snippet, start),
        fix=None,
    )


def _excerpt(excerpt: Excerpt, snippet: Snippet, start: int) -> Excerpt:
    """As the document shows it: indented, and without the lines of other cells."""
    stop = min((cell - start for cell in snippet.cells if cell > start), default=None)
    lines = [
        (number, " " * snippet.columns + line if line else line)
        for number, line in enumerate(excerpt.lines, excerpt.first_line - start)
        if number > 0 and (stop is None or number <= stop)
    ]
    return Excerpt(lines[0][0] if lines else 1, tuple(line for _, line in lines))

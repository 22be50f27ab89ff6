"""Code inside documents: fenced blocks of Markdown files and code cells of Jupyter notebooks.

Every fence is a small program of its own; the cells of a notebook are one program. What does not parse is passed over,
for documents show fragments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from determinism_lint.analysis import Analysis, analyze
from determinism_lint.catalogue import Catalogue
from determinism_lint.ignores import apply_ignores
from determinism_lint.model import Finding, Span

SUFFIXES = (".md", ".markdown", ".ipynb")


@dataclass(frozen=True, slots=True)
class Snippet:
    """One program found in a document."""

    text: str
    """Padded with empty lines, so that its lines are those of the document (Markdown) or count through the cells."""
    columns: int = 0
    """How far the document indents it."""
    cells: tuple[int, ...] = ()
    """For a notebook: the line before which each cell begins."""


@dataclass(frozen=True, slots=True)
class Documents:
    """What was found in documents."""

    snippets: int
    orchestrators: int
    findings: tuple[Finding, ...]
    ignored: int


def lint_documents(paths: Iterable[str], read: Callable[[str], bytes], catalogue: Catalogue) -> Documents:
    """Judge the Python code in documents. Fixes are left out: a document is edited by hand."""
    snippets: dict[str, tuple[str, Snippet]] = {}
    for path in paths:
        try:
            content = read(path)
        except OSError:
            continue
        for number, snippet in enumerate(snippets_of(path, content)):
            snippets[f"{path}#{number}.py"] = (path, snippet)
    texts = {name: snippet.text for name, (_, snippet) in snippets.items()}
    findings: list[Finding] = []
    orchestrators = ignored = 0
    for name, text in texts.items():
        result = _analyzed(name, text, catalogue)
        orchestrators += len(result.orchestrators)
        kept = [finding for finding in result.findings if finding.rule != "syntax-error"]
        kept, count = apply_ignores(kept, {name: text}, catalogue)
        ignored += count
        findings.extend(_placed(finding, *snippets[name]) for finding in kept)
    findings.sort(key=lambda finding: finding.sort_key)
    return Documents(len(snippets), orchestrators, tuple(findings), ignored)


def _analyzed(name: str, text: str, catalogue: Catalogue) -> Analysis:
    def read(path: str) -> bytes:
        if path != name:
            raise FileNotFoundError(path)
        return text.encode("utf-8", "replace")

    return analyze([name], frozenset({name}), read, catalogue)


def snippets_of(path: str, content: bytes) -> Iterator[Snippet]:
    """The programs in a document."""
    text = content.decode("utf-8", "replace")
    yield from _cells(text) if path.endswith(".ipynb") else _fences(text)


_FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})[ \t]*([\w+-]*)")
_PYTHON = frozenset({"python", "py", "python3"})


def _fences(text: str) -> Iterator[Snippet]:
    opened: tuple[str, str, bool] | None = None
    lines: list[str] = []
    for number, line in enumerate(text.splitlines()):
        match = _FENCE.match(line)
        if opened is None:
            if match is not None:
                opened = (match[1], match[2], match[3].lower() in _PYTHON)
                lines = [""] * (number + 1)
        elif match is not None and match[2].startswith(opened[1]) and not line.strip().strip(opened[1][0]):
            if opened[2]:
                yield Snippet("\n".join(lines) + "\n", len(opened[0]))
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
    for cell in data.get("cells", ()) if isinstance(data, Mapping) else ():
        if not isinstance(cell, Mapping) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", "")
        source = "".join(map(str, source)) if isinstance(source, list) else str(source)
        starts.append(len(lines))
        if source.startswith("%%"):  # the cell is in another language, or passed to a command
            source = ""
        lines.extend(_without_magic(line) for line in source.split("\n"))
    if starts:
        yield Snippet("\n".join(lines) + "\n", cells=tuple(starts))


def _without_magic(line: str) -> str:
    """IPython's own commands are no Python."""
    code = line.lstrip()
    return line[: len(line) - len(code)] + "pass" if code.startswith(("%", "!", "?")) else line


def _placed(finding: Finding, path: str, snippet: Snippet) -> Finding:
    """A finding where a person finds it in the document."""
    span = finding.span
    if not snippet.cells:
        shifted = Span(span.line, span.column + snippet.columns, span.end_line, span.end_column + snippet.columns)
        return _moved(finding, path, shifted, 0)
    cell = max(index for index, start in enumerate(snippet.cells) if start < span.line)
    start = snippet.cells[cell]
    shifted = Span(span.line - start, span.column, span.end_line - start, span.end_column)
    return _moved(finding, f"{path}:cell {cell + 1}", shifted, start)


def _moved(finding: Finding, path: str, span: Span, lines: int) -> Finding:
    trace = tuple(replace(hop, path=path, line=max(1, hop.line - lines)) for hop in finding.trace)
    orchestrators = tuple(replace(each, path=path, line=max(1, each.line - lines)) for each in finding.orchestrators)
    excerpt = replace(finding.excerpt, first_line=finding.excerpt.first_line - lines)
    return replace(
        finding, path=path, span=span, trace=trace, orchestrators=orchestrators, excerpt=excerpt, fix=None
    )

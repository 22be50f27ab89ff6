"""For people: the source with the place marked, the way that leads there, and what to write instead."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from determinism_lint.wording import painted, printable, summary

if TYPE_CHECKING:
    from determinism_lint.model import Finding, Report
    from determinism_lint.rules.catalogue import Catalogue

_WIDTH = 160
"""Columns of source that are shown; minified code has lines of megabytes."""
_OTHERS = 3
"""Further orchestrators that are named."""


def render(report: Report, catalogue: Catalogue, *, color: bool, quiet: bool = False) -> str:
    blocks = ["\n".join(_block(finding, color)) + "\n" for finding in report.findings]
    rules = [rule for rule in dict.fromkeys(finding.rule for finding in report.findings) if rule in catalogue]
    if quiet:
        return "\n".join(blocks)
    text = "\n".join([*blocks, summary(report, color)])
    if rules:
        others = f" (or {', '.join(rules[1:])})" if rules[1:] else ""
        text += f"To learn more: determinism-lint explain {rules[0]}{others}\n"
    return text


def _block(finding: Finding, color: bool) -> Iterator[str]:
    head = painted(f"{finding.severity}[{finding.rule}]", finding.severity, color)
    yield f"{head}{painted(': ' + printable(finding.message), 'bold', color)}"
    excerpt, span = finding.excerpt, finding.span
    width = len(str(max(excerpt.first_line + len(excerpt.lines) - 1, span.line)))
    margin = " " * width
    yield f"{margin}{painted('-->', 'gutter', color)} {printable(finding.path)}:{span.line}:{span.column}"
    bar = painted("|", "gutter", color)
    if excerpt.lines:
        yield f"{margin} {bar}"
        offset = max(0, span.column - 1 - _WIDTH // 2) if len(_line(finding, span.line)) > _WIDTH else 0
        for number, line in enumerate(excerpt.lines, excerpt.first_line):
            code = _widened(line[offset : offset + _WIDTH].rstrip())
            yield f"{painted(f'{number:>{width}} |', 'gutter', color)} {code}".rstrip()
            if span.line <= number <= span.end_line:
                start = span.column - 1 if number == span.line else len(line) - len(line.lstrip())
                end = span.end_column - 1 if number == span.end_line else len(line.rstrip())
                before = _columns(line[offset:start])
                carets = "^" * min(max(1, _columns(line[start:end])), _WIDTH)
                yield f"{margin} {bar} {' ' * before}{painted(carets, finding.severity, color)}"
        yield f"{margin} {bar}"
    for label, first, *rest in _notes(finding):
        yield f"{margin} {painted('=', 'gutter', color)} {painted(label + ':', 'bold', color)} {printable(first)}"
        for line in rest:
            yield f"{margin}   {' ' * len(label)}  {printable(line)}"


def _notes(finding: Finding) -> Iterator[list[str]]:
    """Label and lines."""
    trace, orchestrators = finding.trace, finding.orchestrators
    if trace:
        first, *deeper = trace
        lead = "reached from" if deeper else "in"
        lines = [f"{lead} orchestrator `{first.function}` ({first.path}:{first.line})"]
        lines += [f"-> `{hop.function}`, called at {hop.path}:{hop.line}" for hop in deeper]
        yield ["note", *lines]
        others = [each for each in orchestrators if (each.path, each.line) != (first.path, first.line)]
        if others:
            named = ", ".join(f"`{each.name}` ({each.path}:{each.line})" for each in others[:_OTHERS])
            rest = f" and {len(others) - _OTHERS} more" if len(others) > _OTHERS else ""
            yield ["note", f"also reached from {named}{rest}"]
    if finding.help:
        yield ["help", *finding.help.split("\n")]
    if finding.fix:
        yield ["fix", f"{finding.fix.title} ({finding.fix.safety})"]


def _line(finding: Finding, number: int) -> str:
    index = number - finding.excerpt.first_line
    return finding.excerpt.lines[index] if 0 <= index < len(finding.excerpt.lines) else ""


def _widened(line: str) -> str:
    """As the terminal shall show it: tabs are four columns, control characters are spelled out."""
    return printable(line).replace("\t", "    ")


def _columns(text: str) -> int:
    """How wide a terminal draws the text."""
    return sum(
        2 if unicodedata.east_asian_width(character) in "WF" else 0 if unicodedata.combining(character) else 1
        for character in _widened(text)
    )

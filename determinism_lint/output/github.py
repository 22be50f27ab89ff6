"""Workflow commands, which GitHub Actions shows as annotations of the changed lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from determinism_lint.wording import printable, summary

if TYPE_CHECKING:
    from determinism_lint.model import Finding, Report
    from determinism_lint.rules.catalogue import Catalogue

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def render(report: Report, catalogue: Catalogue, *, color: bool, quiet: bool = False) -> str:
    lines = [_annotation(finding) for finding in report.findings]
    if quiet:
        return "".join(line + "\n" for line in lines)
    if not report.orchestrators:
        lines.append(f"::notice title=determinism-lint::{_data(summary(report, False).strip())}")
    else:
        lines.append(summary(report, False).strip())
    return "\n".join(lines) + "\n"


def _annotation(finding: Finding) -> str:
    span = finding.span
    properties = {"title": f"determinism-lint ({finding.rule})", "file": finding.path, "line": str(span.line)}
    properties["endLine"] = str(span.end_line)
    if span.line == span.end_line:  # GitHub refuses columns of a range over several lines.
        properties |= {"col": str(span.column), "endColumn": str(span.end_column)}
    text = finding.message
    if len(finding.trace) > 1:
        text += "\nreached through " + " -> ".join(f"{hop.function} ({hop.path}:{hop.line})" for hop in finding.trace)
    if finding.help:
        text += f"\nhelp: {finding.help}"
    shown = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    # The second half is for the log, where the properties are not shown.
    return f"::{_COMMANDS[finding.severity]} {shown}::{_data(f'{finding.path}:{span.line}:{span.column}: {text}')}"


def _data(text: str) -> str:
    text = "\n".join(map(printable, text.split("\n")))
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

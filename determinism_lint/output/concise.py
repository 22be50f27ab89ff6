"""One self-contained line per finding, for editors, scripts and AI agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from determinism_lint.wording import painted, printable, summary

if TYPE_CHECKING:
    from determinism_lint.model import Finding, Report
    from determinism_lint.rules.catalogue import Catalogue


def render(report: Report, catalogue: Catalogue, *, color: bool, quiet: bool = False) -> str:
    return "".join(line(finding, color) + "\n" for finding in report.findings) + (
        "" if quiet else summary(report, color)
    )


def line(finding: Finding, color: bool) -> str:
    """path:line:column: severity[rule]: message; help: …; via orchestrator (path:line) -> function (path:line)"""
    span = finding.span
    head = painted(f"{finding.severity}[{finding.rule}]", finding.severity, color)
    text = finding.message
    if finding.help:
        text += f"; help: {finding.help}"
    if finding.trace:
        hops = " -> ".join(f"`{hop.function}` ({hop.path}:{hop.line})" for hop in finding.trace)
        text += f"; {'via' if len(finding.trace) > 1 else 'in'} {hops}"
    return f"{printable(finding.path)}:{span.line}:{span.column}: {head}: {printable(text)}"

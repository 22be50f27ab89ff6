"""The public, versioned interface for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from determinism_lint.model import Finding, Orchestrator, Report, Span
    from determinism_lint.rules.catalogue import Catalogue

VERSION = 1


def render(report: Report, catalogue: Catalogue, *, color: bool, quiet: bool = False) -> str:
    data = {
        "version": VERSION,
        "summary": {
            "files": report.files,
            "parsed": report.parsed,
            "orchestrators": len(report.orchestrators),
            "errors": report.count("error"),
            "warnings": report.count("warning"),
            "infos": report.count("info"),
            "fixable": report.fixable,
            "coarse": len(report.coarse),
        },
        "orchestrators": [orchestrator(each) for each in report.orchestrators],
        "findings": [_finding(finding) for finding in report.findings],
    }
    return json.dumps(data, indent=2) + "\n"


def orchestrator(each: Orchestrator) -> dict[str, Any]:
    return {
        "name": each.name,
        "path": each.path,
        "line": each.line,
        "language": each.language,
        "runtime": each.runtime,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "path": finding.path,
        **_span(finding.span),
        "orchestrators": [{"name": each.name, "path": each.path, "line": each.line} for each in finding.orchestrators],
        "trace": [{"function": hop.function, "path": hop.path, "line": hop.line} for hop in finding.trace],
        "fix": finding.fix
        and {
            "safety": finding.fix.safety,
            "title": finding.fix.title,
            "edits": [{**_span(edit.span), "text": edit.text} for edit in finding.fix.edits],
        },
    }


def _span(span: Span) -> dict[str, int]:
    return {"line": span.line, "column": span.column, "end_line": span.end_line, "end_column": span.end_column}

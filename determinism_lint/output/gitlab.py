"""GitLab's code quality report, which merge requests show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from determinism_lint.fingerprints import fingerprints

if TYPE_CHECKING:
    from determinism_lint.model import Report
    from determinism_lint.rules.catalogue import Catalogue

_SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}


def render(report: Report, catalogue: Catalogue, *, color: bool, quiet: bool = False) -> str:
    issues = [
        {
            "description": _unicode(finding.message + (f"; help: {finding.help}" if finding.help else "")),
            "check_name": finding.rule,
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[finding.severity],
            "location": {
                "path": _unicode(finding.path),
                "lines": {"begin": finding.span.line, "end": finding.span.end_line},
            },
        }
        for fingerprint, finding in zip(fingerprints(report.findings), report.findings, strict=True)
    ]
    return json.dumps(issues, indent=2) + "\n"


def _unicode(text: str) -> str:
    """GitLab refuses a report with lone surrogates, which stand for the bytes of a path that is not text."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

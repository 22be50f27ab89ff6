"""SARIF 2.1.0, for code scanning and other dashboards."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from determinism_lint import __version__
from determinism_lint.fingerprints import fingerprints
from determinism_lint.rules.address import address_of
from determinism_lint.wording import printable

if TYPE_CHECKING:
    from determinism_lint.model import Finding, Fix, Report, Span
    from determinism_lint.rules.catalogue import Catalogue, Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LINK = re.compile(r"\[[^\]]*\]\(")
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def render(report: Report, catalogue: Catalogue, *, color: bool, quiet: bool = False) -> str:
    used = sorted({finding.rule for finding in report.findings if finding.rule in catalogue})
    marks = fingerprints(report.findings)
    results = [_result(finding, used, mark) for finding, mark in zip(report.findings, marks, strict=True)]
    run = {
        "tool": {
            "driver": {
                "name": "determinism-lint",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(catalogue[name]) for name in used],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The directory that the linter ran in."}}},
        "results": results,
        "properties": {
            "files": report.files,
            "parsed": report.parsed,
            "orchestrators": len(report.orchestrators),
            "ignored": report.ignored,
            "coarse": list(report.coarse),
        },
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    address = address_of(rule.name)
    return {
        "id": rule.name,
        "name": rule.title,
        "shortDescription": {"text": f"{rule.title}: {rule.summary}"},
        "fullDescription": {"text": rule.why or rule.summary},
        "help": {"text": rule.markdown, "markdown": rule.markdown},
        **({"helpUri": address} if address else {}),
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["determinism", "replay"]},
    }


def _result(finding: Finding, rules: list[str], fingerprint: str) -> dict[str, Any]:
    text = finding.message + (f"; help: {finding.help}" if finding.help else "")
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": _plain(text)},
        "locations": [_location(finding.path, _region(finding.span))],
        "partialFingerprints": {"determinismLint/v1": fingerprint},
    }
    if finding.rule in rules:
        result["ruleIndex"] = rules.index(finding.rule)
    if finding.trace:
        steps = [
            _location(hop.path, {"startLine": hop.line}, f"calls {hop.function}" if index else f"{hop.function} starts")
            for index, hop in enumerate(finding.trace)
        ]
        steps.append(_location(finding.path, _region(finding.span), finding.message))
        result["codeFlows"] = [{"threadFlows": [{"locations": [{"location": step} for step in steps]}]}]
    if finding.fix:
        result["fixes"] = [_fix(finding.path, finding.fix)]
    return result


def _fix(path: str, fix: Fix) -> dict[str, Any]:
    replacements = [{"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}} for edit in fix.edits]
    return {
        "description": {"text": f"{fix.title} ({fix.safety})"},
        "artifactChanges": [{"artifactLocation": _artifact(path), "replacements": replacements}],
    }


def _location(path: str, region: dict[str, Any], message: str | None = None) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(path), "region": region}}
    if message:
        location["message"] = {"text": _plain(message)}
    return location


def _plain(text: str) -> str:
    """A message without links of the repository's making: in SARIF, `[text](address)` is one."""
    lines = "\n".join(map(printable, text.split("\n")))
    return _LINK.sub(lambda match: match[0].replace("[", "\\[").replace("]", "\\]"), lines)


def _artifact(path: str) -> dict[str, str]:
    uri = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    if path.startswith("/"):
        return {"uri": f"file://{uri}"}
    return {"uri": uri, "uriBaseId": "SRCROOT"}


def _region(span: Span) -> dict[str, Any]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }

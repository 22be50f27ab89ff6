"""JUnit's XML, which nearly every CI system shows: a test case for each finding, or a single passed one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from determinism_lint.wording import printable, summary

if TYPE_CHECKING:
    from determinism_lint.model import Finding, Report
    from determinism_lint.rules.catalogue import Catalogue

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, catalogue: Catalogue, *, color: bool, quiet: bool = False) -> str:
    cases = [_case(finding) for finding in report.findings]
    if not cases:
        cases = [f'    <testcase name={_attribute(summary(report, False).strip())} classname="determinism-lint"/>']
    counts = f'tests="{len(cases)}" failures="{len(report.findings)}" errors="0"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="determinism-lint" {counts}>',
        f'  <testsuite name="determinism-lint" {counts}>',
        *cases,
        "  </testsuite>",
        "</testsuites>",
    ]
    # In ASCII it is well-formed whatever encoding standard output has.
    return "\n".join(lines).encode("ascii", "xmlcharrefreplace").decode("ascii") + "\n"


def _case(finding: Finding) -> str:
    place = f"{finding.path}:{finding.span.line}:{finding.span.column}"
    text = [f"{printable(place)}: {finding.severity}[{finding.rule}]: {finding.message}"]
    text.extend(printable(f"  {hop.function} ({hop.path}:{hop.line})") for hop in finding.trace)
    if finding.help:
        text.append(f"help: {finding.help}")
    return "\n".join(
        (
            f"    <testcase name={_attribute(f'{finding.rule} at {place}')} classname={_attribute(finding.path)}>",
            f"      <failure type={_attribute(finding.rule)} message={_attribute(finding.message)}>"
            f"{escape(_clean(chr(10).join(text)))}</failure>",
            "    </testcase>",
        )
    )


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """XML has no way to write some control characters and lone surrogates."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)

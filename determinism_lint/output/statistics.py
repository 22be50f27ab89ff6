"""How often each rule fired, most frequent first."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from determinism_lint.wording import painted, summary

if TYPE_CHECKING:
    from determinism_lint.model import Report
    from determinism_lint.rules.catalogue import Catalogue


def render(report: Report, catalogue: Catalogue, *, color: bool, quiet: bool = False) -> str:
    counts = Counter((finding.rule, finding.severity) for finding in report.findings)
    width = len(str(max(counts.values(), default=0)))
    lines = [
        f"{number:>{width}}  {painted(f'{severity}[{rule}]', severity, color)}"
        for (rule, severity), number in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return "".join(line + "\n" for line in lines) + ("" if quiet else summary(report, color))

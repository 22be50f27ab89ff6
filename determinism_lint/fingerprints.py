"""Tells findings apart by what they are about, not by the line they happen to be on."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

from determinism_lint.model import Finding


def fingerprints(findings: Iterable[Finding]) -> list[str]:
    """One for each finding, in their order; the same finding twice in a file is numbered."""
    seen: Counter[str] = Counter()
    result = []
    for finding in findings:
        fingerprint = _fingerprint(finding)
        seen[fingerprint] += 1
        result.append(f"{fingerprint}:{seen[fingerprint]}")
    return result


def _fingerprint(finding: Finding) -> str:
    """Of what stays when code moves up or down: the rule, the file, the message and the text at the place."""
    index = finding.span.line - finding.excerpt.first_line
    lines = finding.excerpt.lines
    code = "".join(lines[index].split()) if 0 <= index < len(lines) else ""
    text = "\0".join((finding.rule, finding.path, finding.message, code))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]

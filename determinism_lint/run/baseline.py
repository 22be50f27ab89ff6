"""A baseline: findings that a project knows of and lives with, so that only new ones count.

The file is meant to be committed and reviewed: it names each finding in words and tells it by content, so that moving
code does not bring it back.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from determinism_lint.errors import ConfigError
from determinism_lint.fingerprints import fingerprints
from determinism_lint.model import Finding, Report
from determinism_lint.run.files import absolute, shown

VERSION = 1


@dataclass(frozen=True, slots=True)
class Compared:
    """A report without the findings that the baseline knows."""

    report: Report
    known: int
    fixed: Mapping[str, str]
    """Entries of the baseline that nothing matches any more."""


def read(path: str) -> Mapping[str, str]:
    """The entries of a baseline file: fingerprint -> the finding in words.

    Raises:
        ConfigError: the file cannot be read or is no baseline.
    """
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise ConfigError(f"{path}: is not a baseline: it is not JSON") from None
    entries = data.get("findings") if isinstance(data, dict) and data.get("version") == VERSION else None
    if not isinstance(entries, dict) or not all(isinstance(text, str) for text in entries.values()):
        raise ConfigError(f"{path}: is not a baseline of this version; write it anew with --write-baseline")
    return entries


def write(path: str, findings: Sequence[Finding], kept: Mapping[str, str] | None = None) -> None:
    """Record findings, and the entries that are to be `kept`, in one step.

    Raises:
        ConfigError: the file cannot be written.
    """
    placed = _placed(path, findings)
    entries = {**(kept or {}), **dict(zip(fingerprints(placed), map(_words, placed), strict=True))}
    entries = dict(sorted(entries.items(), key=lambda entry: entry[::-1]))
    text = json.dumps({"version": VERSION, "findings": entries}, indent=2, ensure_ascii=False) + "\n"
    target = os.path.realpath(path)
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".determinism-lint-")
        # What UTF-8 cannot write, a path that is no text, becomes an escape that JSON knows too.
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except OSError as error:
        if temporary is not None:
            os.unlink(temporary)
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None


def compare(report: Report, path: str, entries: Mapping[str, str], complete: bool = True, folder: str = "") -> Compared:
    """Take what the baseline at `path` knows out of a report, whose paths begin at `folder`: the working directory.

    With `complete`, entries that match nothing count as fixed; a run over part of a project cannot tell.
    """
    known = set()
    fresh = []
    marks = fingerprints(_placed(path, report.findings, folder))
    for fingerprint, finding in zip(marks, report.findings, strict=True):
        if fingerprint in entries:
            known.add(fingerprint)
        else:
            fresh.append(finding)
    fixed = {mark: text for mark, text in entries.items() if complete and mark not in known}
    return Compared(replace(report, findings=tuple(fresh)), len(known), fixed)


_ENTRY = re.compile(r"(.*?)(?::cell \d+)?: ([a-z0-9-]+): ", re.DOTALL)


def subject(path: str, text: str) -> tuple[str, str]:
    """The file, absolute, and the rule that an entry of the baseline at `path` is about."""
    match = _ENTRY.match(text)
    name, rule = match.groups() if match else ("", "")
    return absolute(os.path.join(os.path.dirname(path), name)), rule


def _placed(path: str, findings: Sequence[Finding], folder: str = "") -> list[Finding]:
    """The findings with paths relative to the baseline's folder, wherever the linter runs."""
    home = absolute(os.path.dirname(path))
    return [replace(finding, path=shown(absolute(os.path.join(folder, finding.path)), home)) for finding in findings]


def _words(finding: Finding) -> str:
    return f"{finding.path}: {finding.rule}: {finding.message}"

"""Applies fixes to the files of a project, or shows what that would change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from determinism_lint.fixes.edits import diff, fix_file, write
from determinism_lint.model import Finding, Report
from determinism_lint.run.files import absolute, read

_ROUNDS = 10
"""A fix may make room for another one, which overlapped with it; nothing needs more rounds than this."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the fixes."""

    report: Report
    """The findings that are left."""
    fixed: int
    files: int
    unsafe: bool
    """Whether a fix was applied that instances in flight do not survive."""
    failures: tuple[str, ...]
    """Files that could not be written, and why."""
    refused: tuple[str, ...] = ()
    """Findings whose fix could not be applied, and why."""


def apply(lint: Callable[[], Report], concerns: Callable[[str], bool], *, unsafe: bool) -> Outcome:
    """Lint, apply the fixes in the files that the run `concerns`, and lint again until no fix is left."""
    fixed, files, failures = 0, set(), {}
    used_unsafe = False
    refused: dict[str, None] = {}
    report = lint()
    for _ in range(_ROUNDS):
        changed = False
        refused.clear()
        for path, findings in _by_file(report.findings, concerns):
            if path in failures:
                continue
            try:
                before = read(path)
                result = fix_file(before, findings, unsafe=unsafe)
                if result.content != before:
                    write(path, result.content)
            except OSError as error:
                failures[path] = f"{path}: cannot be fixed: {error.strerror}"
                continue
            refused.update(dict.fromkeys(_refusals(result.refused)))
            if result.content != before:
                changed = True
                files.add(path)
                fixed += len(result.applied)
                used_unsafe |= any(each.fix is not None and each.fix.safety == "unsafe" for each in result.applied)
        if not changed:
            break
        report = lint()
    return Outcome(report, fixed, len(files), used_unsafe, tuple(failures.values()), tuple(refused))


def _refusals(refused: Iterable[tuple[Finding, str]]) -> Iterator[str]:
    for finding, reason in refused:
        yield f"{finding.path}:{finding.span.line}: {finding.rule} is not fixed: {reason}"


def preview(report: Report, concerns: Callable[[str], bool], *, unsafe: bool) -> tuple[str, tuple[str, ...]]:
    """The changes that the fixes would make, as a unified diff, and the findings whose fix could not be applied."""
    parts, refused = [], list[str]()
    for path, findings in _by_file(report.findings, concerns):
        try:
            before = read(path)
        except OSError:  # It vanished a moment ago, and with it what there was to change.
            continue
        result = fix_file(before, findings, unsafe=unsafe)
        parts.append(diff(path, before, result.content))
        refused.extend(_refusals(result.refused))
    return "".join(parts), tuple(refused)


def _by_file(findings: Iterable[Finding], concerns: Callable[[str], bool]) -> Sequence[tuple[str, list[Finding]]]:
    """The findings that have a fix, for each file. One that has several names counts under one of them."""
    files: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.fix is not None and concerns(absolute(finding.path)):
            files.setdefault(finding.path, []).append(finding)
    names: dict[str, str] = {}
    for path in sorted(files, key=lambda path: (os.path.islink(path), path)):
        names.setdefault(os.path.realpath(path), path)
    return [(path, files[path]) for path in sorted(names.values())]

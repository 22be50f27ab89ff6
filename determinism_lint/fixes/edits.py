"""Applies fixes to text: whole fixes that do not overlap, and only if the result still parses."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from io import StringIO
from typing import TYPE_CHECKING

from determinism_lint.analysis.stack import with_deep_stack
from determinism_lint.analysis.syntax import line_starts
from determinism_lint.errors import ParseError
from determinism_lint.languages import language_of
from determinism_lint.model import Edit, Finding, Fix
from determinism_lint.wording import printable

if TYPE_CHECKING:
    from determinism_lint.analysis.frontend import Frontend


@dataclass(frozen=True, slots=True)
class Fixed:
    """One file after its fixes."""

    content: bytes
    applied: tuple[Finding, ...]
    refused: tuple[tuple[Finding, str], ...] = ()
    """Those that cannot be applied, now or after others, and why."""


def fix_file(content: bytes, findings: Iterable[Finding], *, unsafe: bool = False) -> Fixed:
    """Apply the fixes of one file's findings to its content.

    Overlapping fixes are left for a second run, and a fix after which the file would not parse is refused. The file's
    encoding, byte order mark and line endings stay.
    """
    findings = list(findings)
    return with_deep_stack(lambda: _fixed(content, findings, unsafe)) if findings else Fixed(content, ())


def _fixed(content: bytes, findings: Sequence[Finding], unsafe: bool) -> Fixed:
    frontend = _frontend(findings[0].path)
    text, encoding = frontend.decode(content), frontend.encoding_of(content)
    chosen = _without_overlap(text, findings, unsafe)
    result = _applied(text, encoding, chosen, frontend)
    if isinstance(result, bytes):
        return Fixed(result, tuple(finding for finding, _ in chosen))
    kept: list[tuple[Finding, Fix]] = []
    refused: list[tuple[Finding, str]] = []
    for each in chosen:
        result = _applied(text, encoding, [*kept, each], frontend)
        if isinstance(result, str):
            refused.append((each[0], result))
        else:
            kept.append(each)
            content = result
    return Fixed(content, tuple(finding for finding, _ in kept), tuple(refused))


def _without_overlap(text: str, findings: Iterable[Finding], unsafe: bool) -> list[tuple[Finding, Fix]]:
    chosen: list[tuple[Finding, Fix]] = []
    taken: list[tuple[int, int, str]] = []
    starts = line_starts(text)
    seen: set[Edit] = set()
    for finding in sorted(findings, key=lambda finding: finding.sort_key):
        fix = finding.fix
        if fix is None or (fix.safety == "unsafe" and not unsafe):
            continue
        ranges = [(*_range(edit, starts), edit.text) for edit in fix.edits if edit not in seen]
        if any(_collide(*new, *old) for new in ranges for old in taken):
            continue
        seen.update(fix.edits)
        taken.extend(ranges)
        chosen.append((finding, fix))
    return chosen


def _collide(begin: int, stop: int, text: str, start: int, end: int, other: str) -> bool:
    """Whether an edit must wait for the next run because of another one. Whole lines at one place go together."""
    if begin == stop == start == end:
        both = (text, other)
        return not (all(each.endswith("\n") for each in both) or all(each.startswith(("\n", "\r\n")) for each in both))
    return (start < stop and begin < end) or (begin == stop and start <= begin <= end)


def _frontend(path: str) -> Frontend:
    language = language_of(path)
    assert language is not None, path
    return language.frontend


def _applied(text: str, encoding: str, fixes: Sequence[tuple[Finding, Fix]], frontend: Frontend) -> bytes | str:
    """The file with these fixes, or why they cannot be applied."""
    changed = apply_edits(text, tuple({edit for _, fix in fixes for edit in fix.edits}))
    try:
        content = changed.encode(encoding)
        frontend.parse("", content)
    except ParseError as error:
        return f"with the fix the file {error.message}" if error.message.startswith("is ") else _UNPARSABLE
    except UnicodeEncodeError:
        return f"the encoding {encoding} lacks a character of it"
    return content


_UNPARSABLE = "with the fix the file could not be parsed"


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """Replace the edits' ranges, last one first, so that positions stay true. At one place texts go in their order."""
    starts = line_starts(text)
    for edit in sorted(edits, key=lambda edit: (edit.span, edit.text), reverse=True):
        begin, end = _range(edit, starts)
        text = text[:begin] + edit.text + text[end:]
    return text


def _range(edit: Edit, starts: Sequence[int]) -> tuple[int, int]:
    span = edit.span
    return starts[span.line - 1] + span.column - 1, starts[span.end_line - 1] + span.end_column - 1


def diff(path: str, before: bytes, after: bytes) -> str:
    """A unified diff of one file, empty when nothing changes."""
    # Only \n ends a line of a patch; str.splitlines knows many more ends.
    decode = _frontend(path).decode
    old, new = (list(StringIO(decode(content), newline="\n")) for content in (before, after))
    lines = list(unified_diff(old, new, printable(f"a/{path}"), printable(f"b/{path}")))
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)


def write(path: str, content: bytes) -> None:
    """Replace a file's content at once, keeping its mode; a symbolic link stays one.

    Raises:
        OSError: the file or its folder cannot be written; the file is then as it was.
    """
    target = os.path.realpath(path)
    mode = os.stat(target).st_mode
    if not os.access(target, os.W_OK):  # Somebody protects it, though its folder would let us replace it.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".determinism-lint-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, mode & 0o7777)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise

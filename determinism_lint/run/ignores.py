"""Comments that suppress findings: `# determinism-lint: ignore[rule, rule] reason`, and `ignore-file[rule]`.

An `ignore` concerns the findings whose span holds the comment's line; alone on its line, also those that the next
line of code belongs to. Only comments count, never text in a string that looks like one.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from determinism_lint.languages import language_of
from determinism_lint.model import Excerpt, Finding, Severity, Span
from determinism_lint.run.config import nearest

UNUSED = "unused-ignore"
UNKNOWN = "unknown-ignore"

_DIRECTIVE = re.compile(r"(?:#|//|/\*)\s*determinism-lint:\s*(?P<verb>[\w-]*)\s*(?:\[(?P<rules>[^\]\n]*)\])?")
_C_LIKE = re.compile(
    r"""
      (?P<comment> //[^\n]* | /\*.*?(?:\*/|\Z) )
    | \"{3,} .*? (?:\"{3,}|\Z)                  # C#'s raw strings, Java's text blocks
    | \$?@\$?" (?: "" | [^"] )* (?:"|\Z)        # C#'s verbatim strings
    | " (?: \\. | [^"\\\n] )* "?
    | ' (?: \\. | [^'\\\n] )* '?
    | ` (?: \\. | [^`\\] )* `?                  # JavaScript's templates
    """,
    re.VERBOSE | re.DOTALL,
)
_PYTHON = re.compile(
    r"""
      (?P<comment> \#[^\n]* )
    | (?P<quotes> \"{3} | '{3} ) (?: \\. | [^\\] )*? (?: (?P=quotes) | \Z )
    | " (?: \\. | [^"\\\n] )* "?
    | ' (?: \\. | [^'\\\n] )* '?
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Ignore:
    """One comment addressed to the linter."""

    span: Span
    rules: tuple[str, ...]
    lines: frozenset[int] | None
    """The lines it concerns; None for the whole file."""
    problem: str | None = None
    """Why it suppresses nothing, when it is malformed."""


def decode(content: bytes) -> str:
    """A source file's text with `\\n` for every line end. Never fails: comments need no more than their ASCII parts."""
    return content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")


def find_ignores(path: str, text: str) -> list[Ignore]:
    """The comments for the linter in a source text, as `decode` gives it."""
    if "determinism-lint:" not in text:
        return []
    lines = text.split("\n")
    found = []
    language = language_of(path)
    for row, column, comment in _comments(None if language is None else language.id, text):
        for match in _DIRECTIVE.finditer(comment):
            before = comment[: match.start()]
            line = row + before.count("\n")
            first = match.start() - (before.rfind("\n") + 1) + (column if "\n" not in before else 0)
            span = Span(line, first + 1, line, first + 1 + len(match[0].rstrip()))
            found.append(_ignore(match, span, lines))
    return found


def _ignore(match: re.Match[str], span: Span, lines: list[str]) -> Ignore:
    verb, listed = match["verb"], match["rules"]
    rules = tuple(rule for part in (listed or "").split(",") if (rule := part.strip()))
    if verb not in ("ignore", "ignore-file"):
        hint = nearest(verb, ("ignore", "ignore-file"))
        return Ignore(span, (), None, f"`determinism-lint: {verb}` means nothing{hint}")
    if not rules:
        return Ignore(span, (), None, f"`{verb}` names no rule; write `{verb}[rule] reason`")
    return Ignore(span, rules, None if verb == "ignore-file" else frozenset(_concerned(span, lines)))


def _concerned(span: Span, lines: list[str]) -> Iterator[int]:
    yield span.line
    if not lines[span.line - 1][: span.column - 1].strip():
        for number in range(span.line + 1, len(lines) + 1):
            code = lines[number - 1].strip()
            if not code:
                return
            yield number
            if not code.startswith(("#", "//")):
                return


def _comments(language: str | None, text: str) -> Iterable[tuple[int, int, str]]:
    """(1-based line, 0-based column, text) of each comment."""
    if language != "python":
        return _scan(_C_LIKE, text)
    import tokenize

    try:
        # The tokenizer knows everything about strings; it gives up on text that is no Python.
        return [
            (*token.start, token.string)
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type == tokenize.COMMENT
        ]
    except (tokenize.TokenError, SyntaxError):
        return _scan(_PYTHON, text)


def _scan(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int, str]]:
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    for match in pattern.finditer(text):
        if match["comment"]:
            line = bisect_right(starts, match.start())
            yield line, match.start() - starts[line - 1], match["comment"]


def apply_ignores(
    findings: Iterable[Finding], texts: Mapping[str, str], rules: Mapping[str, Severity]
) -> tuple[list[Finding], int]:
    """The findings that no comment suppresses, with findings about the comments, and how many were suppressed.

    `texts` holds the decoded text of every file that has a comment for the linter; `rules` all rules' severities.
    """
    findings = list(findings)
    ignores = {path: find_ignores(path, text) for path, text in texts.items()}
    used: set[tuple[str, Ignore, str]] = set()
    kept = []
    for finding in findings:
        lines = range(finding.span.line, finding.span.end_line + 1)
        hits = [
            (finding.path, ignore, finding.rule)
            for ignore in ignores.get(finding.path, ())
            if finding.rule in ignore.rules and (ignore.lines is None or not ignore.lines.isdisjoint(lines))
        ]
        used.update(hits)
        if not hits:
            kept.append(finding)
    suppressed = len(findings) - len(kept)
    unread = {finding.path for finding in findings if finding.rule == "syntax-error"}
    for path, comments in ignores.items():
        lines_of_file = texts[path].split("\n")
        for ignore in comments:
            for rule, message, help_line in _complaints(path, ignore, used, rules):
                if not (rule == UNUSED and path in unread):
                    excerpt = _excerpt(lines_of_file, ignore.span.line)
                    kept.append(
                        Finding(rule, rules.get(rule, "warning"), message, path, ignore.span, excerpt, help_line)
                    )
    return kept, suppressed


def _complaints(
    path: str, ignore: Ignore, used: set[tuple[str, Ignore, str]], known: Iterable[str]
) -> Iterator[tuple[str, str, str | None]]:
    if ignore.problem:
        yield UNKNOWN, ignore.problem, None
    for rule in ignore.rules:
        if rule not in known:
            hint = nearest(rule, sorted(known))
            yield UNKNOWN, f"no rule is called `{rule}`{hint}", "`determinism-lint rules` lists the rules"
        elif (path, ignore, rule) not in used:
            where = "in this file" if ignore.lines is None else "here"
            yield UNUSED, f"`{rule}` finds nothing to ignore {where}", f"remove `{rule}` from the comment"


def _excerpt(lines: list[str], line: int) -> Excerpt:
    first = max(1, line - 1)
    return Excerpt(first, tuple(lines[first - 1 : line + 1]))

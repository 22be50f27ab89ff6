"""The frozen types that travel between the parts: what was asked, what was found.

Lines and columns are 1-based everywhere, columns count characters (not bytes), and an end column points one past
the last character, as editors and SARIF count them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

Language = Literal["python", "csharp", "java", "javascript"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range of source text."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `text`; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that removes a finding.

    A *safe* fix keeps the durable operations, their order, every side effect, and the type of each value: histories of
    running instances stay valid. An *unsafe* fix adds, moves or removes a durable operation or a wait, or may change
    their order, so instances in flight must be versioned.
    """

    safety: Literal["safe", "unsafe"]
    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no fix here, though other findings of the rule have one: a clause that follows "not fixed:"."""

    reason: str


@dataclass(frozen=True, slots=True, order=True)
class Orchestrator:
    """A function that a durable runtime replays."""

    path: str
    line: int
    name: str
    language: Language
    runtime: str
    """SDK id, with a generation where it matters: `durable-task-python`, `durable-functions-python@1`."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a trace: `function` starts or is called at `path`:`line`."""

    function: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Source lines around a finding, so that output needs no file access."""

    first_line: int
    lines: tuple[str, ...]

    def code_of(self, line: int) -> Span:
        """What stands on one of the lines, without the space around it."""
        text = self.lines[line - self.first_line] if line - self.first_line < len(self.lines) else ""
        begin = len(text) - len(text.lstrip()) + 1
        return Span(line, begin, line, max(begin, len(text.rstrip()) + 1))


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule fires.

    `trace` leads from the orchestrator to the function that contains the hazard: its first hop is the orchestrator's
    declaration, each further hop the call that leads one function deeper. Rules that concern no orchestrator (syntax
    errors, ignores) leave `orchestrators` and `trace` empty.
    """

    rule: str
    severity: Severity
    message: str
    path: str
    span: Span
    excerpt: Excerpt
    help: str | None = None
    orchestrators: tuple[Orchestrator, ...] = ()
    trace: tuple[Hop, ...] = ()
    fix: Fix | None = None

    @property
    def sort_key(self) -> tuple[str, Span, str]:
        return (self.path, self.span, self.rule)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run found. Paths are as they are shown: relative to the working directory, with `/`."""

    files: int
    """Source files that were looked at, in every language the linter knows."""
    parsed: int
    """Files that were parsed, because they hold orchestrators or are reached from one."""
    orchestrators: tuple[Orchestrator, ...]
    findings: tuple[Finding, ...]
    ignored: int = 0
    """Findings that a comment or the configuration suppressed."""
    elsewhere: int = 0
    """Orchestrators of the same projects outside the paths that were asked about. What they reach inside is judged."""
    notices: tuple[str, ...] = ()
    """What a person should know of the settings, one sentence each without a period."""
    coarse: tuple[str, ...] = ()
    """Files whose code reaches so much that each function was judged once only; hazards may be missed."""

    def count(self, severity: Severity) -> int:
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def fixable(self) -> int:
        return sum(finding.fix is not None for finding in self.findings)

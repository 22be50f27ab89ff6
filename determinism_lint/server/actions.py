"""Code actions: fixes and ignores, as edits of exactly the text that was judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lsprotocol import types as lsp
from pygls.workspace import TextDocument

from determinism_lint.fixes.edits import fix_file
from determinism_lint.languages import language_of
from determinism_lint.model import Edit, Finding, Fix, Span

SOURCE = "determinism-lint"


@dataclass(frozen=True, slots=True)
class Page:
    """One open document as it was judged."""

    path: str
    document: TextDocument
    """Its text and version then; never changed."""
    findings: tuple[Finding, ...]

    def range(self, span: Span) -> lsp.Range:
        """The client's coordinates: 0-based, and by default in UTF-16 units."""
        return client_range(self.document, span)


def client_range(document: TextDocument, span: Span) -> lsp.Range:
    wanted = lsp.Range(
        lsp.Position(span.line - 1, span.column - 1), lsp.Position(span.end_line - 1, span.end_column - 1)
    )
    return document.position_codec.range_to_client_units(document.lines, wanted)


def code_actions(
    page: Page, at: Sequence[Finding], diagnostic: Callable[[Finding], lsp.Diagnostic], *, versioned: bool
) -> list[lsp.CodeAction]:
    """What can be done about the findings `at` a place, and all safe fixes of the document at once.

    With `versioned` each edit names the version that it is for, and the client refuses it for any other.
    """
    actions = []
    for finding in at:
        if finding.fix is not None:
            actions.append(_fix(page, finding, finding.fix, diagnostic(finding), versioned))
        actions.append(_ignore(page, finding, diagnostic(finding), versioned))
    safe = [finding for finding in page.findings if finding.fix and finding.fix.safety == "safe"]
    if safe:
        actions.append(_fix_all(page, safe, versioned))
    return actions


def _fix(page: Page, finding: Finding, fix: Fix, diagnostic: lsp.Diagnostic, versioned: bool) -> lsp.CodeAction:
    title = fix.title if fix.safety == "safe" else f"{fix.title} (unsafe)"
    return lsp.CodeAction(
        title=title[0].upper() + title[1:],
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        is_preferred=fix.safety == "safe",
        edit=_workspace_edit(page, fix.edits, versioned),
    )


def _ignore(page: Page, finding: Finding, diagnostic: lsp.Diagnostic, versioned: bool) -> lsp.CodeAction:
    lines = page.document.lines
    line = lines[finding.span.line - 1] if finding.span.line <= len(lines) else ""
    indent = line[: len(line) - len(line.lstrip())]
    ending = "\r\n" if line.endswith("\r\n") else "\n"
    language = language_of(finding.path)
    marker = "//" if language is None else language.comment
    start = Span(finding.span.line, 1, finding.span.line, 1)
    text = f"{indent}{marker} {SOURCE}: ignore[{finding.rule}] TODO: say why this is safe{ending}"
    return lsp.CodeAction(
        title=f"Ignore {finding.rule} here",
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        edit=_workspace_edit(page, (Edit(start, text),), versioned),
    )


def _fix_all(page: Page, findings: Sequence[Finding], versioned: bool) -> lsp.CodeAction:
    together = fix_file(page.document.source.encode(), findings).applied
    edits = dict.fromkeys(edit for finding in together if finding.fix is not None for edit in finding.fix.edits)
    return lsp.CodeAction(
        title="Apply all safe fixes of determinism-lint",
        kind=lsp.CodeActionKind.SourceFixAll,
        edit=_workspace_edit(page, tuple(edits), versioned),
    )


def _workspace_edit(page: Page, edits: Sequence[Edit], versioned: bool) -> lsp.WorkspaceEdit:
    changes = [lsp.TextEdit(page.range(edit.span), edit.text) for edit in edits]
    uri = page.document.uri
    if not versioned:
        return lsp.WorkspaceEdit(changes={uri: changes})
    identity = lsp.OptionalVersionedTextDocumentIdentifier(uri, page.document.version)
    return lsp.WorkspaceEdit(document_changes=[lsp.TextDocumentEdit(identity, changes)])

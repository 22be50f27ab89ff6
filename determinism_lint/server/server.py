"""A language server: findings while you type, the rule on hover, fixes and ignores as code actions.

The open documents stand for their files, so unsaved text is what is judged, together with the whole project around it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path
from pygls.workspace import TextDocument

from determinism_lint import __version__
from determinism_lint.commands.check import config_of
from determinism_lint.errors import MistakeError
from determinism_lint.fixes.edits import fix_file
from determinism_lint.languages import language_of, parse
from determinism_lint.model import Edit, Finding, Fix, Hop, Span
from determinism_lint.rules.catalogue import Catalogue, load_catalogue
from determinism_lint.run.files import absolute
from determinism_lint.run.project import lint
from determinism_lint.run.trees import Trees

SOURCE = "determinism-lint"
DELAY = 0.3
"""Seconds without a key stroke before the text is judged."""

_SEVERITIES = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "info": lsp.DiagnosticSeverity.Information,
}


class Server(LanguageServer):
    """Keeps what was found last, by file."""

    def __init__(self) -> None:
        super().__init__(SOURCE, __version__)
        self.catalogue: Catalogue = load_catalogue()
        self._trees = Trees(parse)
        self.findings: dict[str, list[Finding]] = {}
        self._pending: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    def schedule(self, delay: float = DELAY) -> None:
        """Judge the open documents soon, unless something changes before."""
        if self._pending is not None:
            self._pending.cancel()
        self._pending = asyncio.get_running_loop().create_task(self._later(delay))

    async def _later(self, delay: float) -> None:
        await asyncio.sleep(delay)
        async with self._lock:
            await asyncio.shield(self._refresh())

    async def _refresh(self) -> None:
        documents = self.open_documents()
        overlays = {path: document.source.encode() for path, document in documents.items()}
        found: Sequence[Finding] = ()
        if overlays:
            try:
                found = await asyncio.to_thread(self._lint, overlays)
            except MistakeError as error:
                self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, f"{SOURCE}: {error}"))
        by_file: dict[str, list[Finding]] = {path: [] for path in (*self.findings, *documents)}
        for finding in found:
            by_file.setdefault(finding.path, []).append(finding)
        for path, findings in by_file.items():
            self._publish(path, findings)
        self.findings = {path: findings for path, findings in by_file.items() if findings}

    def _lint(self, overlays: Mapping[str, bytes]) -> Sequence[Finding]:
        folder = os.getcwd()
        report = lint(
            list(overlays),
            lambda root: config_of(root, self.catalogue),
            overlays=overlays,
            trees=self._trees,
            folder=folder,
            catalogue=self.catalogue,
        )
        self._trees.settle()
        return [_absolute(finding, folder) for finding in report.findings]

    def open_documents(self) -> dict[str, TextDocument]:
        """The open documents in languages that the linter knows, by absolute path."""
        documents = {}
        for uri, document in self.workspace.text_documents.items():
            path = to_fs_path(uri)
            if path is not None and language_of(path) is not None:
                documents[absolute(path)] = document
        return documents

    def document(self, path: str) -> TextDocument:
        return self.workspace.get_text_document(_uri(path))

    def _publish(self, path: str, findings: Sequence[Finding]) -> None:
        diagnostics = [self._diagnostic(finding) for finding in findings]
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(_uri(path), diagnostics))

    def _diagnostic(self, finding: Finding) -> lsp.Diagnostic:
        return lsp.Diagnostic(
            range=self.range(finding.path, finding.span),
            message=finding.message + (f"\n{finding.help}" if finding.help else ""),
            severity=_SEVERITIES[finding.severity],
            code=finding.rule,
            source=SOURCE,
            related_information=[self._related(hop) for hop in finding.trace] or None,
        )

    def _related(self, hop: Hop) -> lsp.DiagnosticRelatedInformation:
        span = Span(hop.line, 1, hop.line, 1)
        return lsp.DiagnosticRelatedInformation(lsp.Location(_uri(hop.path), self.range(hop.path, span)), hop.function)

    def range(self, path: str, span: Span) -> lsp.Range:
        """The client's coordinates: 0-based, and by default in UTF-16 units."""
        document = self.document(path)
        wanted = lsp.Range(
            lsp.Position(span.line - 1, span.column - 1), lsp.Position(span.end_line - 1, span.end_column - 1)
        )
        return document.position_codec.range_to_client_units(document.lines, wanted)

    def findings_at(self, path: str, wanted: lsp.Range) -> list[Finding]:
        """The findings of a file that touch a range in the client's coordinates."""
        return [
            finding
            for finding in self.findings.get(path, [])
            if (there := self.range(path, finding.span)).start <= wanted.end and wanted.start <= there.end
        ]


def make_server() -> Server:
    """The server with its features."""
    server = Server()

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(_: lsp.DidOpenTextDocumentParams) -> None:
        server.schedule(0)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(_: lsp.DidSaveTextDocumentParams) -> None:
        server.schedule(0)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(_: lsp.DidCloseTextDocumentParams) -> None:
        server.schedule(0)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(_: lsp.DidChangeTextDocumentParams) -> None:
        server.schedule()

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        path = _path(params.text_document.uri)
        found = server.findings_at(path, lsp.Range(params.position, params.position))
        if not found:
            return None
        text = server.catalogue[found[0].rule].markdown
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text), server.range(path, found[0].span))

    options = lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.SourceFixAll])

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, options)
    def code_actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        path = _path(params.text_document.uri)
        actions = []
        for finding in server.findings_at(path, params.range):
            if finding.fix is not None:
                actions.append(_fix_action(server, finding, finding.fix))
            actions.append(_ignore_action(server, finding))
        safe = [finding for finding in server.findings.get(path, []) if finding.fix and finding.fix.safety == "safe"]
        if safe:
            actions.append(_fix_all_action(server, path, safe))
        return [action for action in actions if _wanted(action, params.context.only)]

    return server


def _fix_action(server: Server, finding: Finding, fix: Fix) -> lsp.CodeAction:
    title = fix.title if fix.safety == "safe" else f"{fix.title} (unsafe)"
    return lsp.CodeAction(
        title=title[0].upper() + title[1:],
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[server._diagnostic(finding)],
        is_preferred=fix.safety == "safe",
        edit=_workspace_edit(server, finding.path, fix.edits),
    )


def _ignore_action(server: Server, finding: Finding) -> lsp.CodeAction:
    document = server.document(finding.path)
    line = document.lines[finding.span.line - 1] if finding.span.line <= len(document.lines) else ""
    indent = line[: len(line) - len(line.lstrip())]
    ending = "\r\n" if line.endswith("\r\n") else "\n"
    language = language_of(finding.path)
    marker = "//" if language is None else language.comment
    start = Span(finding.span.line, 1, finding.span.line, 1)
    text = f"{indent}{marker} {SOURCE}: ignore[{finding.rule}] {ending}"
    return lsp.CodeAction(
        title=f"Ignore {finding.rule} here",
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[server._diagnostic(finding)],
        edit=_workspace_edit(server, finding.path, (Edit(start, text),)),
    )


def _fix_all_action(server: Server, path: str, findings: Sequence[Finding]) -> lsp.CodeAction:
    together = fix_file(server.document(path).source.encode(), findings).applied
    edits = dict.fromkeys(edit for finding in together if finding.fix is not None for edit in finding.fix.edits)
    return lsp.CodeAction(
        title="Apply all safe fixes of determinism-lint",
        kind=lsp.CodeActionKind.SourceFixAll,
        edit=_workspace_edit(server, path, tuple(edits)),
    )


def _workspace_edit(server: Server, path: str, edits: Sequence[Edit]) -> lsp.WorkspaceEdit:
    changes = [lsp.TextEdit(server.range(path, edit.span), edit.text) for edit in edits]
    return lsp.WorkspaceEdit({_uri(path): changes})


def _wanted(action: lsp.CodeAction, only: Sequence[str] | None) -> bool:
    """Whether the client asked for this kind, or for one that includes it."""
    return only is None or any(_name(action.kind).startswith(_name(kind)) for kind in only)


def _name(kind: lsp.CodeActionKind | str | None) -> str:
    return kind.value if isinstance(kind, lsp.CodeActionKind) else kind or ""


def _absolute(finding: Finding, folder: str) -> Finding:
    """A finding with the paths that the editor knows files by, instead of those that people are shown."""
    trace = tuple(replace(hop, path=absolute(os.path.join(folder, hop.path))) for hop in finding.trace)
    return replace(finding, path=absolute(os.path.join(folder, finding.path)), trace=trace)


def _uri(path: str) -> str:
    return from_fs_path(path) or ""


def _path(uri: str) -> str:
    return absolute(to_fs_path(uri) or "")

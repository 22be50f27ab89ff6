"""A language server: findings while you type, the rule on hover, fixes and ignores as code actions.

The open documents stand for their files, so unsaved text is what is judged, together with the whole project around it.
What was found belongs to one version of a document: diagnostics and edits name it, and an answer for a newer version
waits for the next look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path
from pygls.workspace import TextDocument

from determinism_lint import __version__
from determinism_lint.languages import language_of, languages
from determinism_lint.model import Finding, Hop, Span
from determinism_lint.rules.address import address_of
from determinism_lint.rules.catalogue import Catalogue, load_catalogue
from determinism_lint.run.files import BINDINGS, OWN_SETTINGS, SHARED_SETTINGS, absolute
from determinism_lint.server.actions import SOURCE, Page, client_range, code_actions
from determinism_lint.server.worker import Judged, judge, make_worker

DELAY_S = 0.3
"""Without a key stroke, before the text is judged."""
_LOOKS = 4
"""How often a request for code actions has the text judged that has changed meanwhile, before it gives up."""

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
        self.pages: dict[str, Page] = {}
        """The open documents as they were judged last, by absolute path."""
        self._shown: set[str] = set()
        """Files that have diagnostics at the client."""
        self._told: tuple[str, ...] = ()
        self._worker = make_worker()
        self._pending: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    # --- judging

    def schedule(self, delay: float = DELAY_S) -> None:
        """Judge the open documents soon, unless something changes before."""
        if self._pending is not None:
            self._pending.cancel()
        self._pending = asyncio.get_running_loop().create_task(self._later(delay))

    async def _later(self, delay: float) -> None:
        await asyncio.sleep(delay)
        await asyncio.shield(self.refresh())

    async def refresh(self) -> None:
        """Judge the open documents as they are now, and tell the client."""
        async with self._lock:
            documents = self._snapshot()
            texts = {path: document.source.encode() for path, document in documents.items()}
            judged = await self._judged(texts) if texts else Judged((), ())
            self._tell(judged.mistakes)
            by_file: dict[str, list[Finding]] = {path: [] for path in (*self._shown, *documents)}
            for finding in judged.findings:
                by_file.setdefault(finding.path, []).append(finding)
            self.pages = {
                path: Page(path, document, tuple(by_file.get(path, ()))) for path, document in documents.items()
            }
            for path, findings in by_file.items():
                self._publish(path, findings)
            self._shown = {path for path, findings in by_file.items() if findings}

    async def _judged(self, texts: dict[str, bytes]) -> Judged:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._worker, judge, texts)
        except BrokenProcessPool:
            # Whatever ended it, the next look starts anew.
            self._worker.shutdown(wait=False)
            self._worker = make_worker()
            return Judged((), ())

    def _snapshot(self) -> dict[str, TextDocument]:
        """Copies of the open documents in languages that the linter knows, by absolute path."""
        documents = {}
        for uri, document in self.workspace.text_documents.items():
            path = to_fs_path(uri)
            if path is not None and language_of(path) is not None:
                documents[absolute(path)] = TextDocument(
                    uri, document.source, document.version, position_codec=document.position_codec
                )
        return documents

    def _tell(self, mistakes: tuple[str, ...]) -> None:
        """Say what is wrong with settings once, and again only when something else is."""
        for mistake in mistakes:
            if mistake not in self._told:
                self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, f"{SOURCE}: {mistake}"))
        self._told = mistakes

    def close(self) -> None:
        self._worker.shutdown(wait=False, cancel_futures=True)

    # --- showing

    def _document(self, path: str) -> TextDocument:
        page = self.pages.get(path)
        return page.document if page is not None else self.workspace.get_text_document(_uri(path))

    def _publish(self, path: str, findings: Sequence[Finding]) -> None:
        page = self.pages.get(path)
        diagnostics = [self.diagnostic(finding) for finding in findings]
        uri, version = (page.document.uri, page.document.version) if page is not None else (_uri(path), None)
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, diagnostics, version))

    def diagnostic(self, finding: Finding) -> lsp.Diagnostic:
        address = address_of(finding.rule)
        return lsp.Diagnostic(
            range=client_range(self._document(finding.path), finding.span),
            message=finding.message + (f"\n{finding.help}" if finding.help else ""),
            severity=_SEVERITIES[finding.severity],
            code=finding.rule,
            code_description=lsp.CodeDescription(address) if address else None,
            source=SOURCE,
            related_information=[self._related(hop) for hop in finding.trace] or None,
        )

    def _related(self, hop: Hop) -> lsp.DiagnosticRelatedInformation:
        where = client_range(self._document(hop.path), Span(hop.line, 1, hop.line, 1))
        return lsp.DiagnosticRelatedInformation(lsp.Location(_uri(hop.path), where), hop.function)

    def findings_at(self, path: str, wanted: lsp.Range) -> list[Finding]:
        """The findings of a document, as it was judged last, that touch a range in the client's coordinates."""
        page = self.pages.get(path)
        if page is None:
            return []
        placed = ((finding, page.range(finding.span)) for finding in page.findings)
        return [finding for finding, there in placed if there.start <= wanted.end and wanted.start <= there.end]

    async def present_page(self, uri: str) -> Page | None:
        """A document, judged as it is now; None when it is not open, or changes faster than it can be judged."""
        for _ in range(_LOOKS):
            document, page = self.workspace.text_documents.get(uri), self.pages.get(_path(uri))
            if document is None or language_of(_path(uri)) is None:
                return None
            if page is not None and (page.document.version, page.document.source) == (
                document.version, document.source
            ):  # fmt: skip
                return page
            await self.refresh()
        return None

    def hover(self, finding: Finding) -> str:
        """The rule in a few lines, and where to read on."""
        rule = self.catalogue[finding.rule]
        lines = [f"**{rule.title}** (`{rule.name}`, {finding.severity})", finding.message]
        if finding.help:
            lines.append(f"Instead: {finding.help}")
        address = address_of(rule.name)
        command = f"`determinism-lint explain {rule.name}`"
        lines.append(f"[Why, with examples]({address}), or {command}" if address else f"Why, with examples: {command}")
        return "\n\n".join(lines)


def make_server() -> Server:
    """The server with its features."""
    server = Server()

    @server.feature(lsp.INITIALIZED)
    def initialized(_: lsp.InitializedParams) -> None:
        _watch(server)

    @server.feature(lsp.SHUTDOWN)
    def shut_down(_: None) -> None:
        server.close()

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

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def changed_outside(_: lsp.DidChangeWatchedFilesParams) -> None:
        server.schedule()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(_: lsp.DidChangeWorkspaceFoldersParams) -> None:
        server.schedule()

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        path = _path(params.text_document.uri)
        found = server.findings_at(path, lsp.Range(params.position, params.position))
        if not found:
            return None
        content = lsp.MarkupContent(lsp.MarkupKind.Markdown, server.hover(found[0]))
        return lsp.Hover(content, server.pages[path].range(found[0].span))

    options = lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.SourceFixAll])

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, options)
    async def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        page = await server.present_page(params.text_document.uri)
        if page is None:
            return []
        at = server.findings_at(page.path, params.range)
        workspace = server.client_capabilities.workspace
        known = workspace.workspace_edit if workspace is not None else None
        versioned = bool(known and known.document_changes)
        found = code_actions(page, at, server.diagnostic, versioned=versioned)
        return [action for action in found if _wanted(action, params.context.only)]

    return server


def _watch(server: Server) -> None:
    """Ask the client to tell of changes by others: of sources, settings and bindings."""
    workspace = server.client_capabilities.workspace
    watching = workspace.did_change_watched_files if workspace is not None else None
    if watching is None or not watching.dynamic_registration:
        return
    suffixes = sorted(suffix for language in languages() for suffix in language.suffixes)
    names = [*(f"*{suffix}" for suffix in suffixes), OWN_SETTINGS, SHARED_SETTINGS, BINDINGS, "*.json"]
    watchers = [lsp.FileSystemWatcher(f"**/{name}") for name in names]
    registration = lsp.Registration(
        "determinism-lint-files",
        lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES,
        lsp.DidChangeWatchedFilesRegistrationOptions(watchers),
    )
    server.client_register_capability(lsp.RegistrationParams([registration]))


def _wanted(action: lsp.CodeAction, only: Sequence[str] | None) -> bool:
    """Whether the client asked for this kind, or for one that includes it."""
    return only is None or any(_name(action.kind).startswith(_name(kind)) for kind in only)


def _name(kind: lsp.CodeActionKind | str | None) -> str:
    return kind.value if isinstance(kind, lsp.CodeActionKind) else kind or ""


def _uri(path: str) -> str:
    return from_fs_path(path) or ""


def _path(uri: str) -> str:
    return absolute(to_fs_path(uri) or "")

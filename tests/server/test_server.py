"""The language server, driven by a real client over its standard streams."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pytest_lsp import ClientServerConfig, LanguageClient

SOURCE = """\
import time
import uuid
from durabletask import task


def orchestrator(ctx: task.OrchestrationContext, _):
    note = "日本🎈"; seconds = time.time()
    return [note, seconds, str(uuid.uuid4())]
"""
ENTRY = "from determinism_lint.server.server import make_server; make_server().start_io()"


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[sys.executable, "-c", ENTRY]))
async def client(lsp_client: LanguageClient, tmp_path: Path) -> AsyncIterator[None]:
    parameters = lsp.InitializeParams(
        capabilities=lsp.ClientCapabilities(), workspace_folders=[lsp.WorkspaceFolder(tmp_path.as_uri(), "project")]
    )
    await lsp_client.initialize_session(parameters)
    yield
    await lsp_client.shutdown_session()


async def opened(client: LanguageClient, path: Path, text: str) -> list[lsp.Diagnostic]:
    """Open a document and wait for what the server says of it."""
    path.write_text("", encoding="utf-8")  # what is unsaved counts, not what is on disk
    item = lsp.TextDocumentItem(path.as_uri(), "python", 1, text)
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
    return await published(client, path)


async def published(client: LanguageClient, path: Path) -> list[lsp.Diagnostic]:
    await asyncio.wait_for(client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS), 20)
    return list(client.diagnostics.get(path.as_uri(), []))


def applied(text: str, edits: list[lsp.TextEdit]) -> str:
    lines = text.splitlines(keepends=True)
    for edit in sorted(edits, key=lambda edit: edit.range.start, reverse=True):
        start, end = edit.range.start, edit.range.end
        assert start.line == end.line
        lines[start.line] = lines[start.line][: start.character] + edit.new_text + lines[start.line][end.character :]
    return "".join(lines)


@pytest.mark.asyncio
async def test_findings_appear_change_and_go(client: LanguageClient, tmp_path: Path) -> None:
    path = tmp_path / "flow.py"
    diagnostics = await opened(client, path, SOURCE)
    assert [(d.code, d.range.start.line, d.severity) for d in diagnostics] == [
        ("wall-clock", 6, lsp.DiagnosticSeverity.Error),
        ("random-id", 7, lsp.DiagnosticSeverity.Error),
    ]
    clock = diagnostics[0].range
    assert (clock.start.character, clock.end.character) == (29, 40), "UTF-16 units: the balloon counts twice"
    change = lsp.TextDocumentContentChangeWholeDocument(SOURCE.replace("time.time()", "1"))
    identity = lsp.VersionedTextDocumentIdentifier(2, path.as_uri())
    client.text_document_did_change(lsp.DidChangeTextDocumentParams(identity, [change]))
    assert [d.code for d in await published(client, path)] == ["random-id"]
    client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(path.as_uri())))
    assert await published(client, path) == []


@pytest.mark.asyncio
async def test_unsaved_text_of_two_files_is_judged_together(client: LanguageClient, tmp_path: Path) -> None:
    helper, flow = tmp_path / "helper.py", tmp_path / "flow.py"
    await opened(client, helper, "import time\n\n\ndef stamp():\n    return time.time()\n")
    text = SOURCE.replace("time.time()", "stamp()").replace("import time", "from helper import stamp")
    await opened(client, flow, text)
    while not client.diagnostics.get(helper.as_uri()):
        await published(client, helper)
    (finding,) = client.diagnostics[helper.as_uri()]
    assert [info.location.uri for info in finding.related_information or []] == [flow.as_uri(), flow.as_uri()]
    assert [info.message for info in finding.related_information or []] == ["orchestrator", "stamp"]


@pytest.mark.asyncio
async def test_hover_shows_the_rule(client: LanguageClient, tmp_path: Path) -> None:
    path = tmp_path / "flow.py"
    await opened(client, path, SOURCE)
    identity = lsp.TextDocumentIdentifier(path.as_uri())
    hover = await client.text_document_hover_async(lsp.HoverParams(identity, lsp.Position(6, 33)))
    assert hover is not None
    assert isinstance(hover.contents, lsp.MarkupContent)
    assert hover.contents.value.startswith("# Wall clock")
    assert await client.text_document_hover_async(lsp.HoverParams(identity, lsp.Position(0, 0))) is None


@pytest.mark.asyncio
async def test_code_actions_fix_and_ignore(client: LanguageClient, tmp_path: Path) -> None:
    path = tmp_path / "flow.py"
    diagnostics = await opened(client, path, SOURCE)
    identity = lsp.TextDocumentIdentifier(path.as_uri())

    async def actions(where: lsp.Range, only: list[lsp.CodeActionKind] | None = None) -> dict[str, lsp.CodeAction]:
        context = lsp.CodeActionContext([], only)
        found = await client.text_document_code_action_async(lsp.CodeActionParams(identity, where, context))
        return {action.title: action for action in found or [] if isinstance(action, lsp.CodeAction)}

    found = await actions(diagnostics[1].range)
    assert list(found) == [
        "Replace with `ctx.new_uuid()`",
        "Ignore random-id here",
        "Apply all safe fixes of determinism-lint",
    ]
    fixed = found["Replace with `ctx.new_uuid()`"].edit
    assert fixed is not None and fixed.changes is not None
    assert applied(SOURCE, list(fixed.changes[path.as_uri()])) == SOURCE.replace("uuid.uuid4()", "ctx.new_uuid()")
    ignored = found["Ignore random-id here"].edit
    assert ignored is not None and ignored.changes is not None
    (edit,) = ignored.changes[path.as_uri()]
    assert edit == lsp.TextEdit(
        lsp.Range(lsp.Position(7, 0), lsp.Position(7, 0)), "    # determinism-lint: ignore[random-id] \n"
    )
    everywhere = lsp.Range(lsp.Position(0, 0), lsp.Position(9, 0))
    assert list(await actions(everywhere, [lsp.CodeActionKind.SourceFixAll])) == [
        "Apply all safe fixes of determinism-lint"
    ]

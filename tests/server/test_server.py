"""The language server, driven by a real client over its standard streams."""

from __future__ import annotations

import asyncio
import subprocess
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
REGISTERED: list[lsp.Registration] = []
"""What the server asked the client last to tell it of."""
ENTRY = "from determinism_lint.server.server import make_server; make_server().start_io()"


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[sys.executable, "-c", ENTRY]))
async def client(lsp_client: LanguageClient, tmp_path: Path) -> AsyncIterator[None]:
    @lsp_client.feature(lsp.CLIENT_REGISTER_CAPABILITY)
    def registered(parameters: lsp.RegistrationParams) -> None:
        REGISTERED[:] = parameters.registrations

    capabilities = lsp.ClientCapabilities(
        workspace=lsp.WorkspaceClientCapabilities(
            workspace_edit=lsp.WorkspaceEditClientCapabilities(document_changes=True),
            did_change_watched_files=lsp.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
        )
    )
    parameters = lsp.InitializeParams(
        capabilities=capabilities, workspace_folders=[lsp.WorkspaceFolder(tmp_path.as_uri(), "project")]
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


def edits_of(action: lsp.CodeAction) -> tuple[int | None, list[lsp.TextEdit]]:
    """The version that an action's edits are for, and the edits."""
    assert action.edit is not None and action.edit.changes is None and action.edit.document_changes is not None
    (change,) = action.edit.document_changes
    assert isinstance(change, lsp.TextDocumentEdit)
    return change.text_document.version, [edit for edit in change.edits if isinstance(edit, lsp.TextEdit)]


def change(client: LanguageClient, path: Path, version: int, text: str) -> None:
    identity = lsp.VersionedTextDocumentIdentifier(version, path.as_uri())
    whole = lsp.TextDocumentContentChangeWholeDocument(text)
    client.text_document_did_change(lsp.DidChangeTextDocumentParams(identity, [whole]))


@pytest.mark.asyncio
async def test_a_fix_is_for_the_text_as_it_is_now(client: LanguageClient, tmp_path: Path) -> None:
    """A line is typed above the finding, and the fix is asked for before the pause after which text is judged."""
    path = tmp_path / "flow.py"
    await opened(client, path, SOURCE)
    longer = SOURCE.replace("import time\n", "import time\nimport json\n")
    change(client, path, 2, longer)
    everywhere = lsp.Range(lsp.Position(0, 0), lsp.Position(99, 0))
    context = lsp.CodeActionContext([], [lsp.CodeActionKind.SourceFixAll])
    identity = lsp.TextDocumentIdentifier(path.as_uri())
    found = await client.text_document_code_action_async(lsp.CodeActionParams(identity, everywhere, context))
    (action,) = found or []
    assert isinstance(action, lsp.CodeAction)
    version, edits = edits_of(action)
    assert version == 2
    assert applied(longer, edits) == longer.replace("uuid.uuid4()", "ctx.new_uuid()")


@pytest.mark.asyncio
async def test_settings_count_as_on_the_command_line(client: LanguageClient, tmp_path: Path) -> None:
    settings = tmp_path / "determinism-lint.toml"
    settings.write_text('exclude = ["flow.py"]', encoding="utf-8")
    path = tmp_path / "flow.py"
    assert await opened(client, path, SOURCE) == []
    settings.write_text('baseline = "known.json"', encoding="utf-8")
    path.write_text(SOURCE, encoding="utf-8")
    command = [sys.executable, "-m", "determinism_lint", "check", "--write-baseline"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    change(client, path, 2, SOURCE + "# more\n")
    assert await published(client, path) == []
    settings.unlink()
    changed = [lsp.FileEvent(settings.as_uri(), lsp.FileChangeType.Deleted)]
    client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(changed))
    assert [d.code for d in await published(client, path)] == ["wall-clock", "random-id"]


@pytest.mark.asyncio
async def test_wrong_settings_are_told_once(client: LanguageClient, tmp_path: Path) -> None:
    (tmp_path / "determinism-lint.toml").write_text("unknown = 1", encoding="utf-8")
    path = tmp_path / "flow.py"
    await opened(client, path, SOURCE)
    for version in (2, 3):
        change(client, path, version, SOURCE + "#" * version)
        await published(client, path)
    assert [message.message.count("unknown key") for message in client.messages] == [1]


@pytest.mark.asyncio
async def test_a_helper_that_changes_on_disk(client: LanguageClient, tmp_path: Path) -> None:
    helper, flow = tmp_path / "helper.py", tmp_path / "flow.py"
    helper.write_text("import time\n\n\ndef stamp():\n    return time.time()\n", encoding="utf-8")
    text = SOURCE.replace("time.time()", "stamp()").replace("import time", "from helper import stamp")
    await opened(client, flow, text)
    while helper.as_uri() not in client.diagnostics:
        await published(client, helper)
    assert client.diagnostics[helper.as_uri()]
    helper.write_text("def stamp():\n    return 1\n", encoding="utf-8")
    changed = [lsp.FileEvent(helper.as_uri(), lsp.FileChangeType.Changed)]
    client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(changed))
    while client.diagnostics[helper.as_uri()]:
        await published(client, helper)


@pytest.mark.asyncio
async def test_it_asks_to_be_told_of_changes(client: LanguageClient, tmp_path: Path) -> None:
    await opened(client, tmp_path / "flow.py", SOURCE)
    (registration,) = REGISTERED
    assert registration.method == lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES
    text = str(registration.register_options)
    for name in ("*.py", "determinism-lint.toml", "pyproject.toml", "function.json"):
        assert f"**/{name}" in text


@pytest.mark.asyncio
async def test_projects_of_two_folders(client: LanguageClient, tmp_path: Path) -> None:
    for name, text in (("one", 'ignore = ["wall-clock"]'), ("two", 'ignore = ["random-id"]')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "determinism-lint.toml").write_text(text, encoding="utf-8")
    one, two = tmp_path / "one" / "flow.py", tmp_path / "two" / "flow.py"
    assert [d.code for d in await opened(client, one, SOURCE)] == ["random-id"]
    await opened(client, two, SOURCE)
    while not client.diagnostics.get(two.as_uri()):
        await published(client, two)
    assert [d.code for d in client.diagnostics[two.as_uri()]] == ["wall-clock"]
    assert [d.code for d in client.diagnostics[one.as_uri()]] == ["random-id"]


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
    lines = hover.contents.value.split("\n\n")
    assert lines[0] == "**Wall clock** (`wall-clock`, error)"
    assert lines[-1] == "Why, with examples: `determinism-lint explain wall-clock`"
    assert len(hover.contents.value) < 500
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
    version, fixed = edits_of(found["Replace with `ctx.new_uuid()`"])
    assert version == 1
    assert applied(SOURCE, fixed) == SOURCE.replace("uuid.uuid4()", "ctx.new_uuid()")
    _, (edit,) = edits_of(found["Ignore random-id here"])
    assert edit == lsp.TextEdit(
        lsp.Range(lsp.Position(7, 0), lsp.Position(7, 0)),
        "    # determinism-lint: ignore[random-id] TODO: say why this is safe\n",
    )
    everywhere = lsp.Range(lsp.Position(0, 0), lsp.Position(9, 0))
    assert list(await actions(everywhere, [lsp.CodeActionKind.SourceFixAll])) == [
        "Apply all safe fixes of determinism-lint"
    ]

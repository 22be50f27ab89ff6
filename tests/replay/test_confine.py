"""The world outside is refused to a program whose activities are stand-ins, and what was refused is told."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from determinism_lint.commands.cli import run as command
from determinism_lint.replay import Outcome, judge, run
from tests.environments import sdk_python

FLOW = """\
import os, pathlib, shutil, socket, sqlite3, subprocess, tempfile, urllib.request
import durabletask
HERE = pathlib.Path({folder!r})


def flow(ctx, _):
    yield from ()
    try:
        {statement}
    except Exception as error:
        return type(error).__name__ + str(error)
    return "done"
"""


def outcome(tmp_path: Path, statement: str, *, stand_ins: bool = True) -> str:
    path = tmp_path / "program.py"
    path.write_text(FLOW.format(folder=str(tmp_path), statement=statement), encoding="utf-8")
    return str(run(path, "flow", stand_ins=stand_ins, python=sdk_python("durable-task-python")).output)


@pytest.mark.parametrize(
    ("statement", "event"),
    [
        ("urllib.request.urlopen('http://127.0.0.1:9/')", "socket."),
        ("socket.create_connection(('127.0.0.1', 9))", "socket."),
        ("socket.socket().bind(('127.0.0.1', 9999))", "socket.bind"),
        ("socket.socket().bind(('0.0.0.0', 0))", "socket.bind"),
        ("subprocess.run(['true'])", "subprocess.Popen"),
        ("os.system('true')", "os.system"),
        ("os.fork()", "os.fork"),
        ("(HERE / 'new').write_text('x')", "open"),
        ("(HERE / 'kept').open('a')", "open"),
        ("os.open(HERE / 'new', os.O_CREAT | os.O_WRONLY)", "open"),
        ("(HERE / 'kept').unlink()", "os.remove"),
        ("(HERE / 'kept').rename(HERE / 'other')", "os.rename"),
        ("shutil.move(HERE / 'kept', tempfile.gettempdir())", "os.remove"),  # it copies first
        ("(HERE / 'new').mkdir()", "os.mkdir"),
        ("(HERE / 'new').symlink_to(HERE)", "os.symlink"),
        ("shutil.rmtree(HERE / 'folder')", "shutil.rmtree"),
        ("sqlite3.connect(HERE / 'new')", "sqlite3.connect"),
    ],
)
def test_outside_is_refused(statement: str, event: str, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("as it was", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    said = outcome(tmp_path, statement)
    assert f"replay refuses {event}" in said, said
    assert (tmp_path / "kept").read_text(encoding="utf-8") == "as it was"
    assert {each.name for each in tmp_path.iterdir()} == {"kept", "folder", "program.py"}


@pytest.mark.parametrize(
    "statement",
    [
        "pathlib.Path(__file__).read_text()",
        "tempfile.NamedTemporaryFile().write(b'x')",
        "tempfile.TemporaryDirectory().cleanup()",
        "open(os.devnull, 'w').close()",
        "sqlite3.connect(':memory:').close()",
        "socket.socketpair()[0].close()",
        "socket.socket().bind(('127.0.0.1', 0))",
        "os.path.exists(HERE)",
    ],
)
def test_what_stays_inside_is_allowed(statement: str, tmp_path: Path) -> None:
    assert outcome(tmp_path, statement) == "done"


def test_nothing_is_refused_where_activities_are_run(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        assert outcome(tmp_path, f"socket.create_connection({address!r}).close()", stand_ins=False) == "done"
    assert outcome(tmp_path, "(HERE / 'new').write_text('x')", stand_ins=False) == "done"


LOADING = """\
import platform
import subprocess
from durabletask import task

platform.uname().processor  # as libraries do
try:
    subprocess.run(["true"])
except OSError:
    pass


def flow(ctx: task.OrchestrationContext, _):
    yield ctx.call_activity("one")
"""


def test_what_is_refused_while_loading_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, python = tmp_path / "program.py", sdk_python("durable-task-python")
    path.write_text(LOADING, encoding="utf-8")
    assert command(["replay", str(path), "--python", str(python), "--output-format", "json"]) == 0
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["rule"], finding["line"], finding["severity"]) == ("replay-refused", 7, "warning")
    assert "`subprocess.Popen` was refused" in finding["message"]


def test_what_an_orchestrator_is_refused_is_its_effect(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(
        "import durabletask, socket\ndef flow(ctx, _):\n    yield from ()\n    socket.create_connection(('h', 1))\n",
        encoding="utf-8",
    )
    verdict = judge(path, "flow", stand_ins=True, python=sdk_python("durable-task-python"))
    assert verdict.outcome is Outcome.IMPURE
    assert "replay refuses socket.getaddrinfo" in verdict.reason
    assert set(verdict.refusals) <= set(verdict.effects)

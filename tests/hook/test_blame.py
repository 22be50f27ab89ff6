"""An edit answers for what it did: what was there before holds nobody back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from determinism_lint.hook import answer
from determinism_lint.hook.before import contents_before
from tests.hook.projects import CORRECT, HELPERS, PURE, WRONG, commit, event, project, told

MORE = WRONG.replace("    return", "    later = datetime.utcnow()\n    return")


def edited(folder: Path, old: str, new: str, session: str = "s1", name: str = "flow.py") -> str:
    """What the model is told after Claude Code's edit of a file from `old` to `new`."""
    (folder / name).write_text(new, encoding="utf-8")
    path = str(folder / name)
    response = {"filePath": path, "originalFile": old}
    content = event("recorded/claude-edit", folder, session_id=session, tool_response=response,
                    tool_input={"file_path": path, "old_string": old, "new_string": new})  # fmt: skip
    return told(answer(content))


def stop(folder: Path, session: str = "s1") -> str:
    return told(answer(event("recorded/claude-stop", folder, session_id=session)))


def test_a_comment_in_an_old_file(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow=WRONG, helpers=HELPERS)
    assert edited(folder, WRONG, "# what this is\n" + WRONG) == ""
    assert stop(folder) == ""


def test_only_what_is_new(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow=WRONG, helpers=HELPERS)
    found = edited(folder, WRONG, MORE)
    assert "found 1 replay-safety error that this edit made" in found
    assert "flow.py:10:13: error[wall-clock]" in found
    assert edited(folder, MORE, "# a comment\n" + MORE) == ""
    held = stop(folder)
    assert "still finds 1 replay-safety error" in held and "flow.py:11:13" in held


def test_what_is_newly_reached(tmp_path: Path) -> None:
    idle = CORRECT.replace("    return label(started)", "    return started")
    folder = project(tmp_path / "p", flow=idle, helpers=HELPERS)
    found = edited(folder, idle, CORRECT)
    assert "helpers.py:5:" in found and "error[random-id]" in found


def test_what_was_mended_is_forgotten(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow=CORRECT, helpers=PURE)
    assert edited(folder, CORRECT, WRONG)
    assert edited(folder, WRONG, CORRECT) == ""
    assert stop(folder) == ""
    assert edited(folder, CORRECT, WRONG)


def test_a_shell_that_touched_an_old_file(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow=WRONG, helpers=PURE)
    commit(folder)
    (folder / "flow.py").write_text("# moved\n" + WRONG, encoding="utf-8")
    assert told(answer(event("recorded/claude-stop", folder, session_id="", transcript_path="",
                             stop_hook_active=False))) == ""  # fmt: skip


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("recorded/claude-edit", "x=1\n", "x=2\n"),
        ("recorded/claude-write", "", "x=1\n"),
        ("recorded/copilot-edit", "a\nx=1\n", "a\nx=2\n"),
        ("recorded/copilot-create", "", "x=1\n"),
        ("recorded/copilot-claude-style-edit", "x=1\n", "x=2\n"),
        ("recorded/codex-apply-patch", "", "x=1\n"),
        ("documented/vscode-apply-patch", "x=1\n", "x=2\n"),
        ("documented/vscode-replace-string", "x=1\n", "x=2\n"),
        ("documented/vscode-multi-replace", "x=1\n", "x=2\n"),
        ("documented/claude-multi-edit", "x=1\n", "x=2\n"),
    ],
)
def test_what_a_file_held_before(name: str, old: str, new: str, tmp_path: Path) -> None:
    path = tmp_path / "flow.py"
    path.write_text(new, encoding="utf-8")
    data: dict[str, Any] = json.loads(event(name, tmp_path))
    assert contents_before([str(path)], data) == {str(path): old.encode()}


def test_without_a_word_git_tells(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow=WRONG)
    commit(folder)
    (folder / "flow.py").write_text("x = 1\n", encoding="utf-8")
    path = str(folder / "flow.py")
    assert contents_before([path], {"tool_input": {"file_path": path}}) == {path: WRONG.encode()}

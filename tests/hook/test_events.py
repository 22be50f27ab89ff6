"""Events of every agent, in every shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from determinism_lint.hook import answer
from determinism_lint.hook.event import parse_event
from tests.hook.projects import CORRECT, PURE, WRONG, event, event_names, project

EDITS = event_names("write", "edit", "create", "patch", "replace")
STOPS = [name for name in event_names("stop") if "again" not in name]


def test_they_are_all_there() -> None:
    assert len(EDITS) + len(STOPS) + len(event_names("again", "read-file", "shell")) == len(event_names(""))


@pytest.mark.parametrize("name", EDITS)
def test_edited_files_are_found(name: str, tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow="", other="")
    parsed = parse_event(event(name, folder))
    assert (parsed.kind, parsed.files) == ("edit", ((folder / "flow.py").as_posix(),))
    assert parsed.folder == folder.as_posix()
    assert parsed.session


@pytest.mark.parametrize("name", EDITS)
def test_the_answer_has_the_one_form_that_the_model_sees(name: str, tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow=WRONG, helpers=PURE)
    data = json.loads(answer(event(name, folder)))
    if "copilot" in name:
        text = data.pop("additionalContext")
    else:
        text = data["hookSpecificOutput"].pop("additionalContext")
        assert data.pop("hookSpecificOutput") == {"hookEventName": "PostToolUse"}
    assert data == {}
    assert "flow.py:9:15: error[wall-clock]" in text


@pytest.mark.parametrize("name", EDITS)
def test_silence_is_the_answer_to_correct_code(name: str, tmp_path: Path) -> None:
    assert answer(event(name, project(tmp_path / "p", flow=CORRECT, helpers=PURE))) == ""


@pytest.mark.parametrize("name", STOPS)
def test_the_end_of_a_turn_is_blocked(name: str, tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow=WRONG, helpers=PURE)
    home = tmp_path / "home"
    for transcript in ("t.jsonl", "transcript.json"):
        home.mkdir(exist_ok=True)
        (home / transcript).write_text('{"timestamp":"2020-01-01T00:00:00.000Z"}\n', encoding="utf-8")
    changes: dict[str, Any] = {"transcriptPath" if "copilot-stop" in name else "transcript_path": str(home / "t.jsonl")}
    data = json.loads(answer(event(name, folder, home, **changes)))
    inner = data.pop("hookSpecificOutput", None)
    assert set(data) == {"decision", "reason"}
    assert data["decision"] == "block"
    assert "flow.py:9:15: error[wall-clock]" in data["reason"]
    assert inner == ({"hookEventName": "Stop", **data} if "vscode" in name else None)


@pytest.mark.parametrize("name", event_names("again", "read-file", "shell"))
def test_what_is_no_edit_is_let_pass(name: str, tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow=WRONG, helpers=PURE)
    assert answer(event(name, folder)) == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"hook_event_name": "PreToolUse"},
        {"hook_event_name": "SubagentStop", "stop_hook_active": False},
        {"hook_event_name": 7},
        {"tool_name": "Read"},
        {"tool_name": None},
        {"tool_input": None},
        {"tool_input": "flow.py"},
        {"tool_input": {"file_path": 7}},
        {"tool_input": {"file_path": "missing.py"}},
        {"tool_input": {"file_path": "flow.py\0"}},
        {"tool_input": {"file_path": "."}},
        {"tool_input": {"content": "flow.py"}},
        {"tool_name": "str_replace_editor", "tool_input": {"command": "view", "path": "flow.py"}},
        {"tool_result": {"result_type": "failure"}},
    ],
)
def test_events_that_concern_no_file(changes: dict[str, Any], tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow=WRONG, helpers=PURE)
    assert answer(event("recorded/claude-write", folder, **changes)) == ""


@pytest.mark.parametrize(
    "arguments",
    [
        {"path": "flow.py", "command": "create"},
        {"file_path": "./sub/../flow.py"},
        {"files": [{"path": "flow.py"}, {"path": "missing.py"}]},
        {"uri": "@URI@"},
        {"input": "*** Begin Patch\n*** Update File: old.py\n*** Move to: flow.py\n*** End Patch"},
        {"command": ["apply_patch", "*** Begin Patch\n*** Add File: flow.py\n+x\n*** End Patch"]},
        '{"path": "flow.py"}',
    ],
)
def test_other_shapes_of_arguments(arguments: Any, tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow="")
    if isinstance(arguments, dict) and "uri" in arguments:
        arguments = {"uri": (folder / "flow.py").as_uri()}
    parsed = parse_event(event("recorded/claude-edit", folder, tool_input=arguments))
    assert parsed.files == ((folder / "flow.py").as_posix(),)


@pytest.mark.parametrize("tool", ["Bash", "exec_command", "shell"])
def test_a_patch_in_a_shell_command(tool: str, tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow="")
    command = "apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: flow.py\n+x\n*** End Patch\nEOF"
    parsed = parse_event(event("recorded/codex-shell", folder, tool_name=tool, tool_input={"cmd": command}))
    assert parsed.files == ((folder / "flow.py").as_posix(),)


def test_a_byte_order_mark(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", flow="")
    assert parse_event(b"\xef\xbb\xbf" + event("recorded/claude-write", folder)).files


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000])
def test_what_is_no_event(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"^the event is "):
        parse_event(content)


_keys = st.sampled_from(
    ["hook_event_name", "hookEventName", "tool_name", "toolName", "tool_input", "toolArgs", "toolResult", "cwd", "path",
     "files", "session_id", "command", "stop_hook_active", "transcript_path"]
)  # fmt: skip
_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.sampled_from(["flow.py", "Write", "PostToolUse", "Stop"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | _keys, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(_keys, _values))
def test_any_object_is_an_event(data: dict[str, Any]) -> None:
    parsed = parse_event(json.dumps(data).encode())
    assert parsed.kind in ("edit", "stop", "other")
    assert all(isinstance(file, str) for file in parsed.files)

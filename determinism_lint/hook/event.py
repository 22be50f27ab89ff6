"""What an agent tells: the events of Claude Code, Copilot CLI, VS Code and Codex, brought into one form."""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, Literal

    Kind = Literal["edit", "stop", "other"]

_AFTER_TOOL = ("PostToolUse", "postToolUse")
_END_OF_TURN = ("Stop", "agentStop")

_EDITS = ("write", "edit", "create", "patch", "replace", "insert")
"""Parts of the names of tools that change files: Write, MultiEdit, apply_patch, replace_string_in_file, createFile …"""

_PATHS = frozenset({"file_path", "filePath", "notebook_path", "path", "files", "uri"})
"""Where a tool's arguments name files."""

_PATCHES = frozenset({"command", "cmd", "input", "patch"})
"""Where a tool's arguments hold a patch."""

_PATCH = "*** Begin Patch"
_PATCHED = ("*** Add File: ", "*** Update File: ", "*** Move to: ")
_DEPTH = 6


class Event:
    """One event. (No dataclass: importing those takes longer than all the rest.)"""

    __slots__ = ("data", "files", "folder", "is_copilot", "is_vscode", "kind", "session", "stop_active",
                 "tells_stop_active", "transcript")  # fmt: skip

    def __init__(self, data: dict[str, Any]) -> None:
        name = data.get("hook_event_name", data.get("hookEventName"))
        arguments = _arguments(data)
        self.data = data
        self.is_copilot = any(key in data for key in ("toolName", "toolResult", "tool_result"))
        """Copilot CLI and the cloud agent, by what only they call so: they set no event name in their own format, and
        take Claude Code's event names in that of Claude Code."""
        self.is_vscode = "hookEventName" in data
        self.session: str = _text(data.get("session_id", data.get("sessionId")))
        self.folder: str = _text(data.get("cwd")) or os.getcwd()
        """Where the agent works: relative paths begin there."""
        self.transcript: str = _text(data.get("transcript_path", data.get("transcriptPath")))
        self.stop_active = bool(data.get("stop_hook_active"))
        """Whether the agent goes on only because a hook wanted it to."""
        self.tells_stop_active = "stop_hook_active" in data
        self.kind: Kind = _kind(name, data)
        self.files: tuple[str, ...] = ()
        """Of an edit: the files that it changed, absolute, as far as they exist and are sources."""
        if self.kind == "edit" and _succeeded(data):
            tool = _text(data.get("tool_name", data.get("toolName")))
            self.files = existing_sources(_edited(tool, arguments), self.folder)


def parse_event(content: bytes) -> Event:
    """
    Raises:
        ValueError: this is no JSON object.
    """
    try:
        data = json.loads(content.decode("utf-8-sig", "replace"))
    except RecursionError:
        raise ValueError("the event is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"the event is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise ValueError("the event is not a JSON object")
    return Event(data)


def existing_sources(paths: Iterable[str], folder: str) -> tuple[str, ...]:
    """The absolute form of the paths that name source files which are there."""
    from determinism_lint.run.files import absolute, is_source

    found: dict[str, None] = {}
    for path in paths:
        path = absolute(os.path.join(folder, path))
        if "\0" not in path and is_source(path) and os.path.isfile(path):
            found[path] = None
    return tuple(found)


def _kind(name: object, data: dict[str, Any]) -> Kind:
    if name is None:  # Copilot's own format: the shape tells.
        if "toolResult" in data:
            return "edit"
        return "stop" if "stopReason" in data or "stop_hook_active" in data else "other"
    if name in _AFTER_TOOL:
        return "edit"
    return "stop" if name in _END_OF_TURN else "other"


def _arguments(data: dict[str, Any]) -> Any:
    arguments = data.get("tool_input", data.get("toolArgs"))
    if isinstance(arguments, str) and arguments.lstrip().startswith(("{", "[")):
        try:
            return json.loads(arguments)
        except (ValueError, RecursionError):
            return arguments
    return arguments


def _succeeded(data: dict[str, Any]) -> bool:
    result = data.get("toolResult", data.get("tool_result"))
    if not isinstance(result, dict):
        return True
    return result.get("resultType", result.get("result_type", "success")) == "success"


def _edited(tool: str, arguments: Any) -> Iterator[str]:
    """The files that a tool changed, by its arguments."""
    if isinstance(arguments, str):
        yield from _patched(arguments)
        return
    yield from _in_patches(arguments)
    edits = any(part in tool.lower() for part in _EDITS)
    if edits and not (isinstance(arguments, dict) and arguments.get("command") == "view"):
        yield from _named(arguments, False, _DEPTH)


def _in_patches(arguments: Any) -> Iterator[str]:
    """Patches come to a tool of their own, or to a shell: as text, or as a list of words."""
    if not isinstance(arguments, dict):
        return
    for key, value in arguments.items():
        if key in _PATCHES:
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str):
                    yield from _patched(text)


def _patched(text: str) -> Iterator[str]:
    if _PATCH not in text:
        return
    for line in text.splitlines():
        for head in _PATCHED:
            if line.startswith(head):
                yield line[len(head) :].strip()


def _named(value: Any, here: bool, depth: int) -> Iterator[str]:
    """The strings below keys that name files; `here` says that this is the value of such a key."""
    if isinstance(value, str):
        if here:
            yield _local(value)
    elif depth and isinstance(value, list):
        for item in value:
            yield from _named(item, here, depth - 1)
    elif depth and isinstance(value, dict):
        for key, item in value.items():
            yield from _named(item, key in _PATHS, depth - 1)


def _local(path: str) -> str:
    if not path.startswith("file://"):
        return path
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    return url2pathname(urlsplit(path).path)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

"""What files held before an edit, so that an edit answers for what it did and for nothing older."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_OLD = ("old_string", "old_str", "oldString")
_NEW = ("new_string", "new_str", "newString")
_DEPTH = 6
_BEGIN, _END = "*** Begin Patch", "*** End Patch"


def contents_before(files: Iterable[str], data: dict[str, Any]) -> dict[str, bytes]:
    """For each file, absolute: its text before the edit that an event's data tells of; empty for one that is new.

    Claude Code tells the whole text, other agents what was replaced by what, which is undone. Where neither helps,
    git's last commit stands for it.
    """
    from determinism_lint.run.files import read

    before = {}
    arguments = data.get("tool_input", data.get("toolArgs"))
    for path in files:
        told = data.get("tool_response")
        if isinstance(told, dict) and "originalFile" in told and _is(told.get("filePath"), path):
            original = told["originalFile"]
            before[path] = original.encode() if isinstance(original, str) else b""
            continue
        try:
            text = read(path).decode("utf-8")
        except (OSError, ValueError):
            continue
        undone = _undone(text, path, arguments)
        before[path] = committed(path) if undone is None else undone.encode()
    return before


def committed(path: str) -> bytes:
    """A file as it is in git's last commit; empty when it is not there, or git cannot tell."""
    from determinism_lint.run.files import run_git

    folder, name = os.path.split(path)
    text = run_git(folder, "show", f"HEAD:./{name}")
    return b"" if text is None else os.fsencode(text)


def _is(named: object, path: str) -> bool:
    return isinstance(named, str) and os.path.basename(named) == os.path.basename(path)


def _undone(text: str, path: str, arguments: Any) -> str | None:
    """The text without the edit; None when the arguments do not tell how."""
    changes = list(_replacements(arguments, path, _DEPTH))
    if not changes:
        return None
    for old, new in reversed(changes):
        if not new or new not in text:
            return None
        text = text.replace(new, old, 1)
    return text


def _replacements(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    """What was replaced by what in a file, in order."""
    if isinstance(value, str):
        if _BEGIN in value:
            yield from _hunks(value, path)
    elif depth and isinstance(value, list):
        for item in value:
            yield from _replacements(item, path, depth - 1)
    elif depth and isinstance(value, dict):
        old = next((value[key] for key in _OLD if isinstance(value.get(key), str)), None)
        new = next((value[key] for key in _NEW if isinstance(value.get(key), str)), None)
        named = value.get("filePath", value.get("file_path", value.get("path")))
        if old is not None and new is not None:
            if named is None or _is(named, path):
                yield old, new
            return
        for item in value.values():
            yield from _replacements(item, path, depth - 1)


def _hunks(patch: str, path: str) -> Iterator[tuple[str, str]]:
    """The hunks of a patch that concern a file: the lines before, the lines after."""
    ours = False
    old: list[str] = []
    new: list[str] = []
    for line in [*patch.splitlines(), _END]:
        if line.startswith(("***", "@@")):
            if old != new:
                yield "".join(f"{each}\n" for each in old), "".join(f"{each}\n" for each in new)
            old, new = [], []
            if line.startswith("*** Update File: "):
                ours = _is(line.partition(": ")[2].strip(), path)
            elif line.startswith("***"):
                ours = False
        elif ours:
            if line[:1] in (" ", "-", ""):
                old.append(line[1:])
            if line[:1] in (" ", "+", ""):
                new.append(line[1:])

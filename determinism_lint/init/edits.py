"""Insertions into files that belong to somebody else.

Each kind says where its text goes and leaves every other character alone, so that removing exactly the inserted
pieces gives back the file as it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

NAME = "determinism-lint"
"""What shows in a file that the linter is wired in already, whoever did it."""


class EditError(Exception):
    """A file has a form that cannot be added to safely."""


class Insertion(Protocol):
    """Something to be added to a file."""

    @property
    def empty(self) -> str:
        """The text of a file that holds nothing else; what a missing file begins with."""
        ...

    def is_there(self, text: str) -> bool:
        """Whether the file has it, in our form or in somebody's own."""
        ...

    def insert(self, text: str) -> tuple[str, list[str]]:
        """The text with the insertion, and the inserted pieces in the order of their insertion.

        Raises:
            EditError: the file's form is none that this can be added to.
        """
        ...


@dataclass(frozen=True, slots=True)
class Block:
    """Lines at the end of a file, between two comments that say whose they are."""

    text: str
    opening: str
    closing: str
    empty: str = ""
    elsewhere: str | None = None
    """A regular expression; a line that it matches is somebody's own form."""

    def is_there(self, text: str) -> bool:
        return self.opening in text or bool(self.elsewhere and re.search(self.elsewhere, text, re.MULTILINE))

    def insert(self, text: str) -> tuple[str, list[str]]:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        piece = f"{gap}{self.opening}\n{self.text.rstrip()}\n{self.closing}\n"
        return text + piece, [piece]


def markdown_block(text: str) -> Block:
    return Block(text, f"<!-- begin {NAME} -->", f"<!-- end {NAME} -->")


def yaml_block(text: str, key: str) -> Block:
    """A new entry of the mapping that a YAML file is."""
    return Block(text, f"# begin {NAME}", f"# end {NAME}", elsewhere=rf"^['\"]?{re.escape(key)}['\"]?\s*:")


@dataclass(frozen=True, slots=True)
class YamlItem:
    """One more item of a list, which is the value of a key at the top of a YAML file."""

    key: str
    item: str
    """The item's lines, the first one beginning with `- `."""

    @property
    def empty(self) -> str:
        return f"{self.key}:\n"

    def is_there(self, text: str) -> bool:
        return any(NAME in line.partition("#")[0] for line in text.splitlines())

    def insert(self, text: str) -> tuple[str, list[str]]:
        lines = text.splitlines(keepends=True)
        heads = [
            number for number, line in enumerate(lines) if re.match(rf"['\"]?{re.escape(self.key)}['\"]?\s*:", line)
        ]
        if len(heads) != 1 or not re.fullmatch(r"[^:]*:\s*(#.*)?", lines[heads[0]].rstrip("\n")):
            raise EditError(f"has no list `{self.key}:` with an item on each line")
        last, indent = heads[0], None
        for number in range(heads[0] + 1, len(lines)):
            line = lines[number].rstrip("\n")
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            found = re.match(r"( *)- |( *)-$", line)
            if indent is None and not found:
                break
            if indent is None and found:
                indent = found[1] or found[2] or ""
            elif not line.startswith(f"{indent} ") and not (found and line.startswith(f"{indent}-")):
                break
            last = number
        if indent is None and any(line[:1] in " \t" and line.strip() for line in lines[heads[0] + 1 :]):
            raise EditError(f"has no list `{self.key}:` with an item on each line")
        # Without items, anything goes; two spaces are the habit in files that indent.
        indent = "  " if indent is None else indent
        before = "".join(lines[: last + 1])
        gap = "" if before.endswith("\n") else "\n"
        piece = gap + "".join(f"{indent}{line}\n" for line in self.item.rstrip("\n").splitlines())
        return before + piece + "".join(lines[last + 1 :]), [piece]


@dataclass(frozen=True, slots=True)
class JsonItems:
    """More items of lists in a JSON file. A list that is missing is made, and the objects around it."""

    items: tuple[tuple[tuple[str, ...], Mapping[str, Any]], ...]
    """Where the list is, key by key, and what is added to it."""
    empty: str = "{}\n"

    def is_there(self, text: str) -> bool:
        data = _parsed(text)
        for path, _ in self.items:
            value: Any = data
            for key in path:
                value = value.get(key) if isinstance(value, dict) else None
            if NAME in json.dumps(value):
                return True
        return False

    def insert(self, text: str) -> tuple[str, list[str]]:
        _parsed(text)
        pieces = []
        for path, item in self.items:
            text, piece = _insert_json(text, path, item)
            pieces.append(piece)
        return text, pieces


def remove(text: str, pieces: Sequence[str]) -> str | None:
    """The text without the pieces that were inserted into it; None when one of them is no longer there as it was."""
    for piece in reversed(pieces):
        if text.count(piece) != 1:
            return None
        text = text.replace(piece, "")
    return text


_SPACE = re.compile(r"[ \t\r\n]*")
_decoder = json.JSONDecoder()


def _parsed(text: str) -> Any:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise EditError("is no plain JSON") from None
    if not isinstance(data, dict):
        raise EditError("is no JSON object")
    return data


def _insert_json(text: str, path: Sequence[str], item: Any) -> tuple[str, str]:
    unit = _unit(text)
    start = _skip(text, 0)
    for depth, key in enumerate(path):
        if text[start] != "{":
            raise EditError(f"`{'.'.join(path[:depth])}` is no object")
        spans = [span for name, *span in _members(text, start) if name == key]
        if not spans:
            value: Any = [item]
            for outer in reversed(path[depth + 1 :]):
                value = {outer: value}
            return _add(text, start, f"{json.dumps(key)}: {_dumped(value, unit)}", unit)
        start = spans[-1][0]
    if text[start] != "[":
        raise EditError(f"`{'.'.join(path)}` is no list")
    return _add(text, start, _dumped(item, unit), unit)


def _add(text: str, start: int, item: str, unit: str) -> tuple[str, str]:
    """Insert at the end of the object or list that begins at `start`."""
    line = text[text.rfind("\n", 0, start) + 1 : start]
    outer = line[: len(line) - len(line.lstrip(" \t"))]
    spans = [span for _, *span in (_members if text[start] == "{" else _elements)(text, start)]

    def indented(indent: str) -> str:
        return item.replace("\n", "\n" + indent)

    if not spans:
        indent = outer + unit
        position, piece = start + 1, f"\n{indent}{indented(indent)}\n{outer}"
    else:
        first = _skip(text, start + 1)
        between = text[start + 1 : first]
        position = spans[-1][1]
        if "\n" in between:
            indent = between[between.rfind("\n") + 1 :]
            piece = f",\n{indent}{indented(indent)}"
        else:
            piece = f", {indented(outer)}"
    return text[:position] + piece + text[position:], piece


def _members(text: str, start: int) -> Iterable[tuple[str, int, int]]:
    """The members of an object: key, and where the value begins and ends."""
    position = _skip(text, start + 1)
    while text[position] != "}":
        key, position = _decoder.raw_decode(text, position)
        begin = _skip(text, _skip(text, position) + 1)
        _, end = _decoder.raw_decode(text, begin)
        yield key, begin, end
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)


def _elements(text: str, start: int) -> Iterable[tuple[str, int, int]]:
    position = _skip(text, start + 1)
    while text[position] != "]":
        _, end = _decoder.raw_decode(text, position)
        yield "", position, end
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _dumped(value: Any, unit: str) -> str:
    return json.dumps(value, indent=unit, ensure_ascii=False)


def _unit(text: str) -> str:
    found = re.search(r"\n([ \t]+)\S", text)
    return found[1] if found else "  "

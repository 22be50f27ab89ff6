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
"""A file that contains this text is taken to be wired to the linter already."""


Item = tuple[tuple[str, ...], Mapping[str, Any]]
"""The keys that lead to a list in a JSON file, and the item that is added to the list."""


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
    gap: str | None = None
    """What goes before the block; an empty line after a text, unless told."""

    def is_there(self, text: str) -> bool:
        return self.opening in text

    def insert(self, text: str) -> tuple[str, list[str]]:
        gap = self.gap
        if gap is None:
            gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        piece = f"{gap}{self.opening}\n{self.text.rstrip()}\n{self.closing}\n"
        return text + piece, [piece]


def markdown_block(text: str) -> Block:
    return Block(text, f"<!-- begin {NAME} -->", f"<!-- end {NAME} -->")


@dataclass(frozen=True, slots=True)
class YamlEntry:
    """One more entry of the mapping that a YAML file is, as a block at its end."""

    key: str
    text: str
    empty: str = ""

    def is_there(self, text: str) -> bool:
        return any(re.match(rf"['\"]?{re.escape(self.key)}['\"]?\s*:", line) for line in text.splitlines())

    def insert(self, text: str) -> tuple[str, list[str]]:
        lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "---", "%"))]
        if lines and (not re.match(r"[\w.'\"]", lines[0]) or lines[-1] == "..."):
            raise EditError("is not a plain mapping")
        _end_of_line(text)
        # A scalar that keeps its line ends would swallow the empty line before a block.
        gap = "" if re.search(r"[|>]\d?\+", text) and text.endswith("\n") else None
        return Block(self.text, f"# begin {NAME}", f"# end {NAME}", gap=gap).insert(text)


def _end_of_line(text: str) -> None:
    """
    Raises:
        EditError: the text may end inside of a scalar, to which the end of the line would belong.
    """
    if not text.endswith("\n") and re.search(r"[|>][\d+-]*[ \t]*(#.*)?$", text, re.MULTILINE):
        raise EditError("has no newline at its end")


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
            # What is indented like an item's text may be text: a scalar goes on there, even if with a `#`.
            is_text = indent is not None and line.startswith(f"{indent} ")
            if not line.strip() or (line.lstrip().startswith("#") and not is_text):
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
        _end_of_line(before)
        gap = "" if before.endswith("\n") else "\n"
        piece = gap + "".join(f"{indent}{line}\n" for line in self.item.rstrip("\n").splitlines())
        return before + piece + "".join(lines[last + 1 :]), [piece]


@dataclass(frozen=True, slots=True)
class JsonItems:
    """More items of lists in a JSON file. A list that is missing is made, and the objects around it."""

    items: tuple[Item, ...]
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


def remove_items(text: str, items: Iterable[Item]) -> str | None:
    """JSON text without the items, wherever they are in their lists now; None when one of them is not there.

    Lists and objects that are empty then go as well.
    """
    try:
        _parsed(text)
    except EditError:
        return None
    for path, item in items:
        starts = _way(text, path)
        if len(starts) <= len(path) or text[starts[-1]] != "[":
            return None
        same = [
            number
            for number, part in enumerate(_parts(text, starts[-1]))
            if json.loads(text[part.value : part.end]) == item
        ]
        if not same:
            return None
        text = _cut(text, starts[-1], same[-1])
        for depth in range(len(path) - 1, -1, -1):
            if _parts(text, starts[depth + 1]):
                break
            keys = [part.key for part in _parts(text, starts[depth])]
            text = _cut(text, starts[depth], len(keys) - 1 - keys[::-1].index(path[depth]))
    return text


def _way(text: str, path: Sequence[str]) -> list[int]:
    """Where the values begin that a path leads through, the root first, as far as they are there."""
    starts = [_skip(text, 0)]
    for key in path:
        found = [part for part in _parts(text, starts[-1]) if part.key == key] if text[starts[-1]] == "{" else []
        if not found:
            break
        starts.append(found[-1].value)
    return starts


def _cut(text: str, start: int, number: int) -> str:
    """The text without one part of the object or list that begins at `start`, and without one comma."""
    parts = _parts(text, start)
    if number:
        return text[: parts[number - 1].end] + text[parts[number].end :]
    end = parts[1].start if len(parts) > 1 else _skip(text, parts[0].end)
    begin = parts[0].start if len(parts) > 1 else start + 1
    return text[:begin] + text[end:]


_SPACE = re.compile(r"[ \t\r\n]*")
_decoder = json.JSONDecoder()


def _parsed(text: str) -> Any:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise EditError("is not plain JSON") from None
    if not isinstance(data, dict):
        raise EditError("is not a JSON object")
    return data


def _insert_json(text: str, path: Sequence[str], item: Any) -> tuple[str, str]:
    unit = _unit(text)
    starts = _way(text, path)
    depth = len(starts) - 1
    if depth == len(path):
        if text[starts[-1]] != "[":
            raise EditError(f"`{'.'.join(path)}` is not a list")
        return _add(text, starts[-1], _dumped(item, unit), unit)
    if text[starts[-1]] != "{":
        raise EditError(f"`{'.'.join(path[:depth])}` is not an object")
    value: Any = [item]
    for key in reversed(path[depth + 1 :]):
        value = {key: value}
    return _add(text, starts[-1], f"{json.dumps(path[depth])}: {_dumped(value, unit)}", unit)


def _add(text: str, start: int, item: str, unit: str) -> tuple[str, str]:
    """Insert at the end of the object or list that begins at `start`."""
    line = text[text.rfind("\n", 0, start) + 1 : start]
    outer = line[: len(line) - len(line.lstrip(" \t"))]
    parts = _parts(text, start)

    def indented(indent: str) -> str:
        return item.replace("\n", "\n" + indent)

    if not parts:
        indent = outer + unit
        position, piece = start + 1, f"\n{indent}{indented(indent)}\n{outer}"
    else:
        between = text[start + 1 : parts[0].start]
        position = parts[-1].end
        if "\n" in between:
            indent = between[between.rfind("\n") + 1 :]
            piece = f",\n{indent}{indented(indent)}"
        else:
            piece = f", {indented(outer)}"
    return text[:position] + piece + text[position:], piece


@dataclass(frozen=True, slots=True)
class _Part:
    """A member of an object, or an element of a list: where it begins, where its value begins, and where it ends."""

    key: str
    start: int
    value: int
    end: int


def _parts(text: str, start: int) -> list[_Part]:
    """What is in the object or list that begins at `start`."""
    return list((_members if text[start] == "{" else _elements)(text, start))


def _members(text: str, start: int) -> Iterable[_Part]:
    position = _skip(text, start + 1)
    while text[position] != "}":
        key, after = _decoder.raw_decode(text, position)
        begin = _skip(text, _skip(text, after) + 1)
        _, end = _decoder.raw_decode(text, begin)
        yield _Part(key, position, begin, end)
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)


def _elements(text: str, start: int) -> Iterable[_Part]:
    position = _skip(text, start + 1)
    while text[position] != "]":
        _, end = _decoder.raw_decode(text, position)
        yield _Part("", position, position, end)
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

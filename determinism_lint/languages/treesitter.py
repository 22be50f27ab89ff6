"""What the languages share that tree-sitter parses: decoding, limits, places, and where a syntax error is."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from itertools import islice
from operator import attrgetter

from tree_sitter import Node

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.values import ClassValue, External, ObjectValue, Values, join
from determinism_lint.errors import ParseError

MAX_BYTES = 1024 * 1024
"""Larger files are generated in practice."""
MAX_NESTING = 400
"""Brackets that are open at once; the lowering recurses."""


def encoding_of(data: bytes) -> str:
    """The encoding of a file: UTF-8, unless a byte order mark says otherwise."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"


def decode(data: bytes, encoding: str = "") -> str:
    """The text of a file, in an encoding if that is known. Raises `ParseError`."""
    try:
        text = data.decode(encoding or encoding_of(data))
    except UnicodeDecodeError as error:
        raise ParseError(f"cannot be decoded: {error.reason}", data.count(b"\n", 0, error.start) + 1) from None
    if "\0" in text:
        raise ParseError("contains a NUL character", text.count("\n", 0, text.index("\0")) + 1)
    return text


def refuse_size(data: bytes) -> None:
    """
    Raises:
        ParseError: the file is too large.
    """
    if len(data) > MAX_BYTES:
        raise ParseError(f"is larger than {MAX_BYTES // 1024} KiB and was not analyzed")


_BRACKET = re.compile(r"[(\[{]|[)\]}]")
_NO_BRACKETS = bytes(set(range(256)).difference(b"()[]{}"))


def refuse_nesting(text: str) -> None:
    """
    Raises:
        ParseError: the text is nested too deeply.
    """
    depth = 0
    for number, bracket in enumerate(text.encode("utf-8", "surrogatepass").translate(None, _NO_BRACKETS)):
        if bracket in b"([{":
            depth += 1
            if depth > MAX_NESTING:
                place = next(islice(_BRACKET.finditer(text), number, None)).start()
                raise ParseError("is nested too deeply to be analyzed", text.count("\n", 0, place) + 1)
        elif depth:
            depth -= 1


def syntax_error(root: Node, source: bytes) -> ParseError:
    """The first place of a tree that is no code of the language."""
    node = root
    while True:
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None or node.type == "ERROR":
            break
        node = inner
    begin = source.rfind(b"\n", 0, node.start_byte) + 1
    column = len(source[begin : node.start_byte].decode("utf-8", "replace")) + 1
    what = f"`{node.type}` is missing" if node.is_missing else "cannot be parsed"
    return ParseError(what, node.start_point[0] + 1, column)


_WIDE = re.compile(rb"[\xc0-\xff][\x80-\xbf]*")


class Lowering:
    """What all do that turn the parser's nodes into neutral ones: places, text, and new names."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._at: Callable[[Node], tuple[int, int]] = self._place
        """Where a node begins and ends, in characters."""
        self._text: Callable[[Node], str] = self._decoded
        """What is written there."""
        if source.isascii():  # bytes are characters, as in most files: the two are asked for all the time
            text = source.decode("ascii")
            self._at = attrgetter("start_byte", "end_byte")
            self._text = lambda node: text[node.start_byte : node.end_byte]
        self._wide: list[int] = []
        """Where characters end that are longer than a byte, in bytes."""
        self._extra: list[int] = [0]
        """How many bytes these have too much, up to there."""
        for match in _WIDE.finditer(source):
            self._wide.append(match.end())
            self._extra.append(self._extra[-1] + len(match[0]) - 1)
        self._last = self._wide[-1] if self._wide else 0
        self._new_names = 0

    def _place(self, node: Node) -> tuple[int, int]:
        start, end = node.start_byte, node.end_byte
        if start >= self._last:  # as nearly all nodes of a file whose header has such a character
            extra = self._extra[-1]
            return start - extra, end - extra
        return self._between(start, end)

    def _between(self, start: int, end: int) -> tuple[int, int]:
        if not self._wide:
            return start, end
        return start - self._extra[bisect_right(self._wide, start)], end - self._extra[bisect_right(self._wide, end)]

    def _decoded(self, node: Node) -> str:
        return self._source[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")

    def _new_name(self) -> str:
        """A name that no program can have."""
        self._new_names += 1
        return f"%{self._new_names}"


def field_of(node: Node, name: str) -> Node:
    """A part of a node that the grammar never leaves out."""
    found = node.child_by_field_name(name)
    assert found is not None, (node.type, name)
    return found


def named_type(
    annotation: s.Expression, evaluate: Callable[[s.Expression], Values], outside: Callable[[str], Values]
) -> Values:
    """What a type that is a plain name says of a value; `outside` tells it of types outside the project."""
    found: list[Values] = []
    for value in evaluate(annotation):
        match value:
            case ClassValue():
                found.append((ObjectValue(value),))
            case External(name=name):
                found.append(outside(name))
    return join(*found)

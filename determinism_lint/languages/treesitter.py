"""What the languages share that tree-sitter parses: decoding, limits, and where a syntax error is."""

from __future__ import annotations

import re

from tree_sitter import Node

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


def decode(data: bytes) -> str:
    """The text of a file. Raises `ParseError`."""
    try:
        text = data.decode(encoding_of(data))
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


def refuse_nesting(text: str) -> None:
    """
    Raises:
        ParseError: the text is nested too deeply.
    """
    depth = 0
    for match in _BRACKET.finditer(text):
        depth = depth + 1 if match[0] in "([{" else max(0, depth - 1)
        if depth > MAX_NESTING:
            raise ParseError("is nested too deeply to be analyzed", text.count("\n", 0, match.start()) + 1)


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

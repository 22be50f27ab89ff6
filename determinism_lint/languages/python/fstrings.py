"""Where the expressions in formatted strings are, for versions of Python that do not tell (before 3.12)."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import TypeAlias

Field: TypeAlias = tuple[int, str, str]
"""The offset of an expression, how it is written, and its conversion: `r` of `{value!r}`, mostly empty."""

_OPENING = re.compile(r"([A-Za-z]*)('''|\"\"\"|'|\")")
_DEBUG = re.compile(r"=\s*(?=[!:}])")


def interpolations(text: str, start: int, end: int) -> Iterator[Field]:
    """The expressions in the strings from `start` to `end`, which are written one after the other."""
    position = start
    while position < end:
        opening = _OPENING.match(text, position)
        if opening is not None:
            formatted = "f" in opening[1].lower()
            position = yield from _string(text, opening.end(), opening[2], formatted)
        elif text[position] == "#":
            position = text.find("\n", position) % (end + 1)
        else:
            position += 1


def _string(text: str, position: int, quote: str, formatted: bool) -> Generator[Field, None, int]:
    while not text.startswith(quote, position):
        if text.startswith("\\N{", position):
            position = text.index("}", position) + 1
        elif text.startswith("{{", position) or (text[position] == "\\" and text[position + 1] not in "{}"):
            position += 2
        elif formatted and text[position] == "{":
            position = yield from _field(text, position + 1)
        else:
            position += 1
    return position + len(quote)


def _field(text: str, start: int) -> Generator[Field, None, int]:
    position = _end_of_expression(text, start)
    written = text[start:position]
    if debug := _DEBUG.match(text, position):
        position = debug.end()
    conversion = "r" if debug and text[position] == "}" else ""
    if text[position] == "!":
        conversion, position = text[position + 1], position + 2
    yield start, written, conversion
    while text[position] != "}":
        position = (yield from _field(text, position + 1)) if text[position] == "{" else position + 1
    return position + 1


def _end_of_expression(text: str, position: int) -> int:
    depth = 0
    while True:
        character = text[position]
        if character in "'\"":
            quote = text[position : position + 3] if text[position : position + 3] == character * 3 else character
            position = text.index(quote, position + len(quote)) + len(quote)
            continue
        if character in "([{":
            depth += 1
        elif character in ")]}" and depth:
            depth -= 1
        elif not depth and (
            character in "}:"
            or (character == "!" and text[position + 1] != "=")
            or (character == "=" and text[position - 1] not in "=!<>" and _DEBUG.match(text, position))
        ):
            return position
        position += 1

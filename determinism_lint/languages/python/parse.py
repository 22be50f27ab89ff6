"""Python source becomes the neutral tree, whatever Python runs the linter.

Python's own parser is the fastest and has no worst case. It does not know the syntax of later versions: what it refuses
is given to LibCST, which knows all of them.
"""

from __future__ import annotations

import ast
import io
import tokenize
import warnings

from determinism_lint.analysis import syntax as s
from determinism_lint.errors import ParseError
from determinism_lint.languages.python.lowering import lowered

MAX_BYTES = 512 * 1024
"""Larger files are generated data in practice."""


def parse(path: str, data: bytes) -> s.Module:
    """Parse one file. Raises `ParseError` for whatever cannot be analyzed, and nothing else."""
    text = decode(data)
    if len(text) > MAX_BYTES:
        raise ParseError(f"is larger than {MAX_BYTES // 1024} KiB and was not analyzed")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes such as "\\d", which Python still accepts
            body = lowered(ast.parse(text), text)
    except SyntaxError as error:
        body = _newer(text, error)
    except (RecursionError, MemoryError):
        raise ParseError("is nested too deeply to be analyzed") from None
    except (ValueError, LookupError) as error:
        raise ParseError(f"cannot be parsed: {_first_line(str(error))}") from None
    return s.Module(path, "python", text, body)


def _newer(text: str, error: SyntaxError) -> s.Block:
    """The tree of what this Python refuses, if it is the syntax of a later one. Raises `ParseError`."""
    from determinism_lint.languages.python import newer  # only now: it takes long to import

    try:
        return newer.parse(text)
    except Exception:  # LibCST has many kinds of errors; Python says better what is wrong
        raise ParseError(error.msg, error.lineno or 1, max(1, error.offset or 1)) from None


def encoding_of(data: bytes) -> str:
    """The encoding that the file declares. Raises `ParseError` for an unknown one."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except (SyntaxError, LookupError) as error:
        raise ParseError(f"cannot be decoded: {_first_line(str(error))}") from None
    return encoding


def decode(data: bytes) -> str:
    """The text of a file, as Python reads it. Raises `ParseError`."""
    encoding = encoding_of(data)
    try:
        text = data.decode(encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise ParseError(f"cannot be decoded: {_first_line(str(error))}") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ParseError("contains a NUL byte", line)
    return text


def _first_line(message: str) -> str:
    return message.strip().split("\n", 1)[0]

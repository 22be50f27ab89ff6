"""The preprocessor: which lines of a file the compiler sees."""

from __future__ import annotations

import re
from collections.abc import Iterator

_DIRECTIVE = re.compile(
    rb"^[ \t]*#[ \t]*(if|elif|else|endif|define|undef|region|endregion|pragma|nullable|line|warning|error)\b([^\r\n]*)",
    re.MULTILINE,
)
_VISIBLE = re.compile(rb"[^\r\n]")
_SYMBOL = re.compile(rb"!?\s*([A-Za-z_]\w*)")
_MODERN = re.compile(rb"true|NET[5-9]_0(_OR_GREATER)?|NET10_0(_OR_GREATER)?|NETCOREAPP\w*")


_UNKNOWN = (
    re.compile(rb"\b(?:async|and|or|not)(?=\s*[),;.=!&|?])"),  # names that are words of the language elsewhere
    re.compile(rb"\?(?=\.[\w.]+\s*=[^=>])"),  # `a?.b = c`
    re.compile(rb"\b(?:out|ref)\b(?=[^()]*\)\s*=>)"),  # `(out int a) => b`
    re.compile(rb"\.\.(?=\s*(?:,|var\b))"),  # `[.., var last]`, `[1, .. var rest]`
    re.compile(rb'(?<=[$@]{2}")""|""(?="\s*[;,)])'),  # $@"""{a}"""
)
"""What the grammar does not know, or takes for something else."""


def readings(source: bytes) -> Iterator[bytes]:
    """What a parser may be given instead of a file, of the same length, until it understands it."""
    plain = _without_directives(source, True)
    yield plain
    if plain is not source:
        yield _without_directives(source, False)
    mended = plain
    for pattern in _UNKNOWN:
        mended = pattern.sub(_stand_in, mended)
    if mended != plain:
        yield mended


def _stand_in(match: re.Match[bytes]) -> bytes:
    """A name for a name, a discard for `..`, else nothing."""
    found = match[0]
    if found == b"..":
        return b"_ " if match.string[match.end() :].lstrip()[:1] == b"," else b"  "
    return b"_" * len(found) if found in (b"async", b"and", b"or", b"not") else b" " * len(found)


def _without_directives(source: bytes, kept: bool) -> bytes:
    """The source with spaces in place of directives and of the branches that are not taken.

    The first branch is taken whose condition holds for a modern .NET, else `#else`, else, if it may be `kept`, the
    first: nobody knows what is defined elsewhere.
    """
    if b"#" not in source:
        return source
    parts: list[bytes] = []
    open_branches: list[tuple[bool, bool]] = []
    """Of each `#if` around: whether its branch is taken, and whether one was."""
    defined: set[bytes] = set()
    position = 0
    found = list(_DIRECTIVE.finditer(source))
    for index, match in enumerate(found):
        before = source[position : match.start()]
        parts.append(before if all(taken for taken, _ in open_branches) else _VISIBLE.sub(b" ", before))
        parts.append(_VISIBLE.sub(b" ", match[0]))
        position = match.end()
        word = match[1]
        if word == b"define":
            defined.add(match[2].strip())
        elif word == b"if":
            taken = _holds(match[2], defined) or (kept and _is_alone(found, index) and b"false" not in match[2])
            open_branches.append((taken, taken))
        elif word in (b"elif", b"else") and open_branches:
            done = open_branches[-1][1]
            taken = not done and (word == b"else" or _holds(match[2], defined))
            open_branches[-1] = taken, done or taken
        elif word == b"endif" and open_branches:
            open_branches.pop()
    if open_branches:
        return source
    return b"".join((*parts, source[position:]))


def _is_alone(found: list[re.Match[bytes]], start: int) -> bool:
    """Whether an `#if` has no other branch."""
    depth = 0
    for match in found[start:]:
        if match[1] == b"if":
            depth += 1
        elif match[1] == b"endif":
            depth -= 1
            if not depth:
                return True
        elif match[1] in (b"elif", b"else") and depth == 1:
            return False
    return False


def _holds(condition: bytes, defined: set[bytes]) -> bool:
    """Whether a condition holds, as far as it is a list of symbols; parentheses are not looked at."""
    for alternative in condition.split(b"//")[0].split(b"||"):
        symbols = [(match[0][:1] != b"!", match[1]) for match in _SYMBOL.finditer(alternative)]
        if symbols and all(
            wanted == (name in defined or _MODERN.fullmatch(name) is not None) for wanted, name in symbols
        ):
            return True
    return False

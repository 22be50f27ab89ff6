"""Patterns in the form of .gitignore, matched in time that no pattern can blow up.

They come from repositories of strangers, so each is matched part by part: a name against the wildcards of one part in
at most (length of the name) x (length of the part) steps, the parts of a path against those of a pattern likewise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of a .gitignore file."""

    parts: tuple[str, ...]
    """Between the slashes; `**` stands for any number of folders."""
    negated: bool
    folders_only: bool

    def matches(self, path: Sequence[str], is_folder: bool) -> bool:
        """Whether the pattern names this very path, given by its parts relative to the pattern's folder."""
        return (is_folder or not self.folders_only) and _matches(self.parts, path)


def parse_pattern(line: str) -> Pattern | None:
    """The pattern of a line; None for a comment, an empty line, and what means nothing."""
    line = line.rstrip("\r\n")
    stripped = line.rstrip(" ")
    if stripped.endswith("\\") and len(stripped) < len(line):
        stripped += " "
    line = stripped
    negated = line.startswith("!")
    line = line[negated:]
    if not line or (line.startswith("#") and not negated):
        return None
    folders_only = line.endswith("/")
    body = line[:-1] if folders_only else line
    anchored = "/" in body
    parts = tuple(body.removeprefix("/").split("/"))
    if not all(parts):
        return None  # Two slashes in a row, which no path has.
    if not anchored:
        parts = ("**", *parts)
    return Pattern(parts, negated, folders_only)


def verdict(patterns: Iterable[Pattern], path: str, is_folder: bool) -> bool | None:
    """What the last pattern that names a path says of it: True for left out, None when no pattern names it."""
    parts = path.split("/")
    found = None
    for pattern in patterns:
        if pattern.matches(parts, is_folder):
            found = not pattern.negated
    return found


def leaves_out(patterns: Sequence[Pattern], path: str, is_folder: bool) -> bool:
    """Whether the patterns leave out a path or a folder around it, as git does: what is in a folder shares its fate."""
    parts = path.split("/")
    for length in range(1, len(parts)):
        if verdict(patterns, "/".join(parts[:length]), True):
            return True
    return bool(verdict(patterns, path, is_folder))


def matcher(patterns: Iterable[str], folder: str) -> Callable[[str, bool], bool]:
    """Tells whether an absolute path (and whether it is a folder) is matched by patterns relative to a folder."""
    known = [pattern for line in patterns if (pattern := parse_pattern(line)) is not None]
    base = folder.rstrip("/") + "/"

    def matches(path: str, is_folder: bool) -> bool:
        return path.startswith(base) and leaves_out(known, path[len(base) :], is_folder)

    return matches


def _matches(parts: Sequence[str], path: Sequence[str]) -> bool:
    """Whether a whole path fits the parts of a pattern."""
    # The positions of the pattern that the path has reached so far.
    last = len(parts)
    reached = _with_stars(parts, {0})
    for name in path:
        following: set[int] = set()
        for position in reached:
            if position == last:
                continue
            if parts[position] == "**":
                following.add(position)
                if position == last - 1:
                    following.add(last)
            elif _fits(parts[position], name):
                following.add(position + 1)
        reached = _with_stars(parts, following)
        if not reached:
            return False
    return last in reached


def _with_stars(parts: Sequence[str], positions: set[int]) -> set[int]:
    """The positions, and those behind a `**`, which may stand for no folder at all; not at the end of the pattern."""
    found = set(positions)
    for position in sorted(positions):
        while position < len(parts) - 1 and parts[position] == "**":
            position += 1
            found.add(position)
    return found


def _fits(part: str, name: str) -> bool:
    """Whether a name fits a part with wildcards: every star takes as little as it can, which is enough."""
    tokens = _tokens(part)
    position = index = 0
    star, resume = -1, 0
    while index < len(name):
        if position < len(tokens) and tokens[position] is None:
            star, resume = position, index
            position += 1
        elif position < len(tokens) and _is_one(tokens[position], name[index]):
            position += 1
            index += 1
        elif star >= 0:
            resume += 1
            position, index = star + 1, resume
        else:
            return False
    return all(token is None for token in tokens[position:])


def _is_one(token: str | re.Pattern[str] | None, character: str) -> bool:
    if isinstance(token, str):
        return token == character
    return token is not None and token.fullmatch(character) is not None


_ANY = re.compile(r"[^/]", re.DOTALL)


@lru_cache(maxsize=4096)
def _tokens(part: str) -> tuple[str | re.Pattern[str] | None, ...]:
    """One for each character: itself, or what it may be; None for a star."""
    tokens: list[str | re.Pattern[str] | None] = []
    index = 0
    while index < len(part):
        character = part[index]
        index += 1
        if character == "*":
            if not tokens or tokens[-1] is not None:
                tokens.append(None)
        elif character == "?":
            tokens.append(_ANY)
        elif character == "\\" and index < len(part):
            tokens.append(part[index])
            index += 1
        elif character == "[" and (end := _end_of_set(part, index)):
            tokens.append(_set(part[index : end - 1]))
            index = end
        else:
            tokens.append(character)
    return tuple(tokens)


def _end_of_set(part: str, start: int) -> int:
    """Where `[…]` ends; 0 when it does not."""
    index = start + (part[start : start + 1] in ("!", "^"))
    index += part[index : index + 1] == "]"
    while index < len(part) and part[index] != "]":
        index += 2 if part[index] == "\\" else 1
    return index + 1 if index < len(part) else 0


def _set(inside: str) -> re.Pattern[str]:
    negated = inside[:1] in ("!", "^")
    body = re.sub(r"([\[&~|])", r"\\\1", inside[negated:])
    if body.startswith("]"):
        body = "\\" + body
    try:
        return re.compile(f"[{'^' if negated else ''}{body}]", re.DOTALL)
    except re.error:
        return re.compile(r"(?!)")

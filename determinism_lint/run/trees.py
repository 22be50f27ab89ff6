"""Syntax trees, kept from one run to the next: to read one back takes a twentieth of the time of parsing its source."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeAlias

from determinism_lint.analysis import syntax as s
from determinism_lint.languages import language_of
from determinism_lint.run.cache import digest_of
from determinism_lint.run.kept import read_kept, write_kept

Parse: TypeAlias = Callable[[str, bytes], s.Module]

_FILE = "trees.txt"
_KINDS = [kind for kind in vars(s).values() if isinstance(kind, type) and issubclass(kind, s.Node)]
_FIELDS = [[each.name for each in fields(kind)] for kind in _KINDS]
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
_TUPLE = -1
"""Stands where a node has the number of its kind."""
_SHAPE = digest_of(json.dumps([[kind.__name__ for kind in _KINDS], _FIELDS]).encode())


class Trees:
    """Parses what it has not parsed before, as told by the content of the files.

    In the file of a project the first line is a key, and each further one the digest of a source and its tree.
    """

    def __init__(self, parse: Parse, root: str | None = None, key: str = "") -> None:
        """Without a project's `root` they are kept in memory alone; another `key`, and all is forgotten."""
        self._parse = parse
        self._root = root
        self._key = f"{key} {_SHAPE}"
        self._before: dict[str, str] = {}
        self._used: dict[str, str] = {}
        first, *lines = (read_kept(root, _FILE) if root is not None else "").split("\n")
        if first == self._key:
            self._before = {digest: tree for digest, _, tree in (line.partition(" ") for line in lines)}

    def parse(self, path: str, data: bytes) -> s.Module:
        """The tree of a source file. Raises `ParseError`."""
        language = language_of(path)
        assert language is not None, path
        digest = language.id + digest_of(data)
        kept = self._used.get(digest) or self._before.get(digest)
        if kept is not None:
            try:
                module = s.Module(path, language.id, language.frontend.decode(data), _decoded(json.loads(kept)))
            except (ValueError, TypeError, LookupError, RecursionError):
                pass  # Somebody has tampered with it.
            else:
                self._used[digest] = kept
                return module
        module = self._parse(path, data)
        try:
            self._used[digest] = json.dumps(_encoded(module.body), separators=(",", ":"))
        except (ValueError, TypeError, RecursionError):
            pass  # A number with thousands of digits, code that is nested too deeply: it is parsed each time.
        return module

    def settle(self) -> None:
        """Keep what was used since the last time, and nothing else."""
        if self._root is not None and self._used.keys() != self._before.keys():
            lines = (f"{digest} {tree}" for digest, tree in self._used.items())
            write_kept(self._root, _FILE, "\n".join((self._key, *lines)))
        self._before, self._used = self._used, {}


def _encoded(value: object) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case tuple():
            return [_TUPLE, *map(_encoded, value)]
        case bytes():
            return {"bytes": value.decode("latin-1")}
        case complex():
            return {"complex": [value.real, value.imag]}
        case s.Node():
            number = _NUMBERS[type(value)]
            return [number, *[_encoded(getattr(value, name)) for name in _FIELDS[number]]]
    if value is ...:
        return {"ellipsis": None}
    raise TypeError(f"{type(value)} does not occur in trees")


def _decoded(value: Any) -> Any:
    if type(value) is list:
        kind, *parts = value
        if kind == _TUPLE:
            return tuple([_decoded(part) for part in parts])
        return _KINDS[kind](*[_decoded(part) for part in parts])
    match value:
        case {"bytes": str(text)}:
            return text.encode("latin-1")
        case {"complex": [float(real), float(imaginary)]}:
            return complex(real, imaginary)
        case {"ellipsis": None}:
            return ...
    return value

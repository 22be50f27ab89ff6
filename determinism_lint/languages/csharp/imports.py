"""Where the name of a type leads: to a file of the project, or outside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from posixpath import basename, dirname
from typing import NamedTuple

from determinism_lint.analysis.values import FunctionValue, Values
from determinism_lint.languages.csharp.namespaces import IMPLICIT, KNOWN, NAMES, ROOTS

FREE = "?"
"""Begins the name of what a file does not declare: `?Own.Space,Own;System,System.IO:File`."""


class _Found(NamedTuple):
    """What the files of a project declare, as far as a quick look tells."""

    types: dict[str, list[str]]
    """The last name of a type -> the files in which it seems to be declared."""
    bases: dict[str, list[str]]
    """The last name of what a type extends -> the files."""
    extensions: dict[str, list[str]]
    """The name of an extension method -> the files."""
    usings: list[tuple[str, str]]
    """Folders, and the namespaces that all files in them and below them use."""
    spaces: frozenset[str]
    """What the namespaces begin with."""


class Importer:
    """Resolves names of types against the files of the project."""

    def __init__(self, files: frozenset[str], read: Callable[[str], bytes]) -> None:
        self._files = files
        self._read = read
        self._all: _Found | None = None
        self.merging: set[str] = set()
        """Partial classes whose parts are being read."""
        self.extensions: dict[tuple[str, int], list[tuple[FunctionValue, Values]]] = {}
        """Extension methods that were looked for, by name and number of arguments, with what each extends."""
        self._declared = lru_cache(maxsize=None)(self._declared_in)
        self._resolve = lru_cache(maxsize=None)(self._search)

    def resolve(self, module: str, level: int, importer: str) -> str | None:
        """The file that declares a type; None for whatever is not in the project."""
        return self._resolve(module, importer)

    def submodule(self, package: str, name: str) -> str | None:
        return None

    def is_external(self, name: str) -> bool:
        return False

    def parts(self, whole: str, path: str) -> list[str]:
        """The other files near a file in which a partial class may have parts."""
        last = whole.rsplit(".", 1)[-1]
        candidates = self._index.types.get(last.partition("`")[0], ())
        return [each for each in candidates if each != path and _is_near(each, path) and whole in self._declared(each)]

    def implementing(self, name: str) -> list[str]:
        """The files in which something may extend or implement a type of that name."""
        return self._index.bases.get(name, [])

    def extending(self, name: str) -> list[str]:
        """The files in which an extension method of that name may be defined."""
        return self._index.extensions.get(name, [])

    def is_namespace(self, name: str) -> bool:
        """Whether a name may be that of a namespace of the project, or begin one."""
        return name.partition(".")[0] in self._index.spaces

    def _search(self, module: str, importer: str) -> str | None:
        if not module.startswith(FREE):
            space, _, name = module.rpartition(".")
            return self._declaring([space], name, importer)
        spaces, _, usings, name = _taken_apart(module)
        if name.partition("`")[0] not in self._index.types:
            return None
        everywhere = [used for root, used in self._index.usings if importer.startswith(root)]
        return self._declaring([*spaces, "", *usings, *everywhere], name, importer)

    def _declaring(self, spaces: list[str], name: str, importer: str) -> str | None:
        candidates = self._index.types.get(name.partition("`")[0], ())
        for space in spaces:
            if name.partition("`")[0] in KNOWN.get(space, ()):
                return None  # also where the project is the SDK itself
            whole = f"{space}.{name}" if space else name
            found = [path for path in candidates if whole in self._declared(path)]
            if found:
                return max(found, key=lambda path: _shared(path, importer))
        return None

    @property
    def _index(self) -> _Found:
        if self._all is None:
            self._all = self._look()
        return self._all

    def _look(self) -> _Found:
        found = _Found({}, {}, {}, [], frozenset())
        spaces: set[str] = set()
        for path in sorted(self._files):
            try:
                text = self._read(path)
            except OSError:
                continue
            for match in _TYPE.finditer(text):
                _add(found.types, match[1].decode(), path)
                for base in _WORD.findall(_WHERE.split(match[2], 1)[0].partition(b":")[2]):
                    _add(found.bases, base.decode(), path)
            for match in _THIS.finditer(text):
                before = _BEFORE.search(text, max(0, match.start() - 200), match.start())
                if before is not None:
                    _add(found.extensions, before[1].decode(), path)
            for name in _SPACE.findall(text):
                spaces.add(name.decode().partition(".")[0])
            if b"global using" in text:
                folder = dirname(path)
                root = dirname(folder) if basename(folder) == "Properties" else folder
                found.usings.extend((f"{root}/", name.decode()) for name in _GLOBAL.findall(text))
        return found._replace(spaces=frozenset(spaces))

    def _declared_in(self, path: str) -> frozenset[str]:
        try:
            return frozenset(_declarations(self._read(path)))
        except OSError:
            return frozenset()


def _add(to: dict[str, list[str]], name: str, path: str) -> None:
    paths = to.setdefault(name, [])
    if not paths or paths[-1] != path:
        paths.append(path)


_WORD = re.compile(rb"[A-Za-z_]\w*")
_TYPE = re.compile(rb"(?:class|interface|struct|enum|record(?:[ \t]+(?:class|struct))?)\s+([A-Za-z_]\w*)([^{;]{0,400})")
_WHERE = re.compile(rb"\bwhere\b")
_THIS = re.compile(rb"\(\s*this\s+[A-Za-z_]")
_BEFORE = re.compile(rb"([A-Za-z_]\w*)\s*(?:<[^<>()]*>)?\s*\Z")
_GLOBAL = re.compile(rb"^\s*global\s+using\s+(?!static\b)([\w.]+)\s*;", re.MULTILINE)
_SPACE = re.compile(rb"namespace\s+([\w.]+)")
_TOKEN = re.compile(
    rb"""//[^\n]* | /\*.*?\*/
    | \$*@?\$*"{3,}.*?"{3,} | \$?@\$?"(?:[^"]|"")*" | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+'
    | (?P<open>[{]) | (?P<close>[}])
    | \bnamespace\s+(?P<space>[\w.]+)\s*(?P<end>[;{])
    | \b(?:class|interface|struct|enum|record(?:\s+(?:class|struct))?)\s+
      (?!where\b|in\b)(?P<type>[A-Za-z_]\w*)\s*(?P<parameters><[^{>]*>)?""",
    re.DOTALL | re.VERBOSE,
)


def _declarations(text: bytes) -> Iterator[str]:
    """The qualified names of the types of a file that are in no other; with parameters as in `` N.Box`1 ``."""
    spaces = [""]
    depth = 0
    for match in _TOKEN.finditer(text):
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth -= 1
            if 0 <= depth < len(spaces) - 1:
                spaces.pop()
        elif match["space"]:
            name = match["space"].decode()
            whole = f"{spaces[-1]}.{name}" if spaces[-1] else name
            if match["end"] == b"{":
                if depth == len(spaces) - 1:
                    spaces.append(whole)
                depth += 1
            else:
                spaces[-1] = whole
        elif match["type"] and depth == len(spaces) - 1:
            name = match["type"].decode()
            count = match["parameters"].count(b",") + 1 if match["parameters"] else 0
            whole = f"{spaces[-1]}.{name}" if spaces[-1] else name
            yield f"{whole}`{count}" if count else whole


def _is_near(one: str, other: str) -> bool:
    """Whether two files may belong to one project: one's folder is, or is around, the other's."""
    first, second = f"{dirname(one)}/", f"{dirname(other)}/"
    return first.startswith(second) or second.startswith(first) or dirname(first[:-1]) == dirname(second[:-1])


def _shared(one: str, other: str) -> int:
    """How many folders two paths have in common."""
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return next((count for count, (first, second) in enumerate(pairs) if first != second), 0)


def _taken_apart(module: str) -> tuple[list[str], str, list[str], str]:
    wild, _, name = module[len(FREE) :].rpartition(":")
    spaces, _, usings = wild.partition(";")
    own = [each for each in spaces.split(",") if each]
    return own, own[0] if own else "", [each for each in usings.split(",") if each], name


def qualified(owner: str, name: str | None) -> str:
    """The qualified name of what a type has under a name, or of the type that an import names."""
    if owner.startswith(FREE):
        return _free(owner)
    owner = owner.partition("`")[0]
    if name is None:
        return owner
    name = name.partition("`")[0]
    return owner if owner.rpartition(".")[2] == name else f"{owner}.{name}"


@lru_cache(maxsize=4096)
def _free(module: str) -> str:
    """The qualified name of a type outside the project, as far as that is known; also what begins a namespace."""
    spaces, own, usings, name = _taken_apart(module)
    name = name.partition("`")[0]
    for space in (*spaces, *usings, *IMPLICIT):
        if name in KNOWN.get(space, ()):
            return f"{space}.{name}"
    root = own.partition(".")[0]
    others = [each for each in usings if each not in KNOWN and each.partition(".")[0] != root]
    if len(others) == 1:
        return f"{others[0]}.{name}"
    if name in ROOTS or name == root or any(each.startswith(f"{name}.") for each in usings):
        return name
    if not others:
        found = [space for space, names in KNOWN.items() if name in names]
        if len(found) == 1:
            return f"{found[0]}.{name}"
    return f"unknown.{name}"


def is_known(name: str) -> bool:
    """Whether a type of that name comes with .NET or a library that matters here."""
    return name in NAMES

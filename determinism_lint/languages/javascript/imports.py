"""Where an import leads: to a file of the project, or outside it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from posixpath import basename, dirname, join, normpath
from typing import Any

from determinism_lint.languages.javascript.sdks import sdk_owning

SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_SOURCES = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
"""What a file of TypeScript is called where it is imported by the name of what it compiles to."""
_OUTPUT = frozenset({"dist", "lib", "out", "build", "bin"})
"""Folders into which compilers write."""


class Importer:
    """Resolves imports against the files of the project, package names and aliases of its configuration files."""

    def __init__(self, files: frozenset[str], read: Callable[[str], bytes]) -> None:
        self._files = files
        self._read = read
        self._json = lru_cache(maxsize=None)(self._load)
        self._resolve = lru_cache(maxsize=None)(self._search)
        self._packages: dict[str, str] | None = None

    def resolve(self, module: str, level: int, importer: str) -> str | None:
        """The file that `import … from "module"` loads; None for whatever is not in the project."""
        return self._resolve(module, dirname(importer))

    def submodule(self, package: str, name: str) -> str | None:
        return None

    def is_external(self, name: str) -> bool:
        return False

    def _search(self, module: str, folder: str) -> str | None:
        if module.startswith(("./", "../", "/")) or module in (".", ".."):
            return self._file(normpath(join(folder, module)))
        if module.startswith("node:") or sdk_owning(module) is not None:
            return None
        for above in _upwards(folder):
            found = self._alias(module, above)
            if found is not None:
                return found
        return self._package(module, folder)

    def _file(self, path: str) -> str | None:
        if path in self._files:
            return path
        stem, dot, ending = path.rpartition(".")
        for suffix in _SOURCES.get(dot + ending, ()):
            if stem + suffix in self._files:
                return stem + suffix
        for suffix in SUFFIXES:
            if path + suffix in self._files:
                return path + suffix
        for suffix in SUFFIXES:
            if f"{path}/index{suffix}" in self._files:
                return f"{path}/index{suffix}"
        return None

    # --- aliases of tsconfig.json and jsconfig.json

    def _alias(self, module: str, folder: str) -> str | None:
        for name in ("tsconfig.json", "jsconfig.json"):
            base, paths = self._paths(join(folder, name), 0)
            for pattern, targets in paths:
                match = _matched(pattern, module)
                for target in targets if match is not None else ():
                    found = self._file(normpath(join(base or folder, target.replace("*", match or "", 1))))
                    if found is not None:
                        return found
            if base is not None:
                found = self._file(normpath(join(base, module)))
                if found is not None:
                    return found
        return None

    def _paths(self, path: str, depth: int) -> tuple[str | None, list[tuple[str, list[str]]]]:
        """The folder that names count from, and the aliases, of a configuration and those that it extends."""
        data = self._json(path)
        options = data.get("compilerOptions")
        options = options if isinstance(options, dict) else {}
        base, paths = options.get("baseUrl"), options.get("paths")
        folder = normpath(join(dirname(path), base)) if isinstance(base, str) else None
        found = [
            (pattern, [target for target in targets if isinstance(target, str)])
            for pattern, targets in (paths.items() if isinstance(paths, dict) else ())
            if isinstance(targets, list)
        ]
        extended = data.get("extends")
        if isinstance(extended, str) and extended.startswith(".") and depth < 5:
            other = normpath(join(dirname(path), extended))
            other = other if other.endswith(".json") else other + ".json"
            above, more = self._paths(other, depth + 1)
            folder, found = folder or above, found or more
        return folder, found

    # --- packages of the same repository

    def _package(self, module: str, folder: str) -> str | None:
        if self._packages is None:
            self._packages = dict(self._workspaces(folder))
        name = "/".join(module.split("/")[: 2 if module.startswith("@") else 1])
        root = self._packages.get(name)
        if root is None:
            return None
        rest = module[len(name) :].lstrip("/")
        if rest:
            return self._file(join(root, rest)) or self._file(join(root, "src", rest))
        data = self._json(join(root, "package.json"))
        for key in ("source", "types", "main", "module"):
            entry = data.get(key)
            found = self.source_of(normpath(join(root, entry))) if isinstance(entry, str) else None
            if found is not None:
                return found
        return self._file(join(root, "src")) or self._file(root)

    def _workspaces(self, folder: str) -> Iterator[tuple[str, str]]:
        if not any(self._is_workspace(above) for above in _upwards(folder)):
            return
        folders: dict[str, None] = {}
        for path in sorted(self._files):
            for above in _upwards(dirname(path)):
                if above in folders or len(folders) > 3000:
                    break
                folders[above] = None
        for each in folders:
            name = self._json(join(each, "package.json")).get("name")
            if isinstance(name, str):
                yield name, each

    def _is_workspace(self, folder: str) -> bool:
        if "workspaces" in self._json(join(folder, "package.json")):
            return True
        return any(self._exists(join(folder, name)) for name in ("pnpm-workspace.yaml", "lerna.json"))

    def source_of(self, path: str) -> str | None:
        """The source file from which a file was made, or the file itself."""
        return source_of(path, self._files) or self._file(path)

    def _exists(self, path: str) -> bool:
        try:
            self._read(path)
        except OSError:
            return False
        return True

    def _load(self, path: str) -> dict[str, Any]:
        try:
            data = json.loads(_plain(self._read(path).decode("utf-8-sig", "replace")))
        except (OSError, ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}


_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])', re.DOTALL)


def _plain(text: str) -> str:
    """JSON without the comments and trailing commas that configuration files of TypeScript may have."""
    for pattern in (_COMMENT, _COMMA):
        text = pattern.sub(lambda match: match[1] or "", text)
    return text


def _matched(pattern: str, module: str) -> str | None:
    """What the star of a pattern stands for; None where it does not match."""
    before, star, after = pattern.partition("*")
    if not star:
        return "" if module == pattern else None
    fits = len(module) >= len(before) + len(after) and module.startswith(before) and module.endswith(after)
    return module[len(before) : len(module) - len(after)] if fits else None


def _upwards(folder: str) -> Iterator[str]:
    """A folder and those above it."""
    for _ in range(32):
        yield folder
        if dirname(folder) == folder:
            return
        folder = dirname(folder)


def source_of(path: str, files: frozenset[str]) -> str | None:
    """The source file of the project from which a compiler made a file in its output folder."""
    stem = path.removesuffix(".d.ts").rpartition(".")[0] if not path.endswith(".d.ts") else path[: -len(".d.ts")]
    parts = stem.split("/")
    for position in range(len(parts) - 1, 0, -1):
        if parts[position] not in _OUTPUT:
            continue
        root, rest = "/".join(parts[:position]), "/".join(parts[position + 1 :])
        for place in (join(root, rest), join(root, "src", rest), join(root, basename(stem))):
            for suffix in SUFFIXES:
                if place + suffix in files:
                    return place + suffix
    return next((stem + suffix for suffix in SUFFIXES if stem + suffix in files), None)

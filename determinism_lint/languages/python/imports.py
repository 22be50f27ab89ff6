"""Where a Python import leads: to a file of the project, or outside it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from posixpath import basename, dirname, join

from determinism_lint.languages.python.sdks import SDKS, sdk_owning

_MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg")
"""Files beside which there is a package that can be installed."""
_SOURCES = ("lib", "python", "src")
"""What the folder of a package's sources is called."""


class Importer:
    """Resolves imports against the set of files that the project has; looks at no disk."""

    def __init__(self, files: frozenset[str], read: Callable[[str], bytes]) -> None:
        self._files = files
        self._read = read
        self._folders = _folders(files)
        self._holders: dict[str, list[str]] | None = None
        self._resolve = lru_cache(maxsize=None)(self._search)

    def resolve(self, module: str, level: int, importer: str) -> str | None:
        """The file, or the folder of a namespace package, that `from {'.' * level}{module} import …` loads.

        None for whatever is not in the project. An installed package is never looked up: modules outside the project
        are known by name only.
        """
        if level:
            folder = dirname(importer)
            for _ in range(level - 1):
                folder = dirname(folder)
            return self._in(folder, module) if module else self._package(folder)
        if module.split(".")[0] in sys.stdlib_module_names or sdk_owning(module) is not None:
            return None
        return self._resolve(module, dirname(importer))

    def is_external(self, name: str) -> bool:
        """Whether a name is that of a package in which an SDK lives."""
        return any(package.split(".")[0] == name for sdk in SDKS.values() for package in sdk.packages)

    def submodule(self, package: str, name: str) -> str | None:
        """The file or folder of `name` inside a package's `__init__.py` or a namespace package's folder."""
        folder = dirname(package) if package.endswith("/__init__.py") else package
        return None if folder.endswith(".py") else self._in(folder, name)

    def _search(self, module: str, folder: str) -> str | None:
        """Look in every folder that can be on `sys.path` for a file: its own and those above it, the nearest first.

        A Functions app puts the folder of host.json on the path, a script its own, pytest and installed packages the
        folder above the outermost package: all of them lie above the file, or in a `src` folder next to them.
        """
        namespace = None
        while True:
            for root in (folder, join(folder, "src")):
                found = self._in(root, module)
                if found is not None and found.endswith(".py"):
                    return found
                namespace = namespace or found
            parent = dirname(folder)
            if parent == folder or folder not in self._folders:
                return self._in_workspace(module) or namespace
            folder = parent

    def _in_workspace(self, module: str) -> str | None:
        """Look among the packages of a workspace, which its tool puts on the path of all others.

        `libs/common/src/common` or `libs/common/common`, where `libs/common` has a manifest: uv, Poetry, hatch and
        setuptools agree on that much. Nothing is concluded where two of them have a package of that name.
        """
        roots = self._roots().get(module.split(".")[0], ())
        found = {self._in(root, module) for root in roots if self._has_manifest(root)}
        return found.pop() if len(found) == 1 else None

    def _roots(self) -> dict[str, list[str]]:
        """The folders that hold a module or package at their top, by its name."""
        if self._holders is None:
            self._holders = {}
            for path in self._files:
                folder, _, name = path.rpartition("/")
                if name == "__init__.py":
                    folder, _, name = folder.rpartition("/")
                if f"{folder}/__init__.py" not in self._files:
                    self._holders.setdefault(name.removesuffix(".py"), []).append(folder)
        return self._holders

    def _has_manifest(self, root: str) -> bool:
        folders = (root, dirname(root)) if basename(root) in _SOURCES else (root,)
        return any(self._exists(join(folder, name)) for folder in folders for name in _MANIFESTS)

    def _exists(self, path: str) -> bool:
        try:
            self._read(path)
        except OSError:
            return False
        return True

    def _in(self, root: str, module: str) -> str | None:
        path = join(root, *module.split("."))
        if f"{path}.py" in self._files:
            return f"{path}.py"
        return self._package(path)

    def _package(self, folder: str) -> str | None:
        if join(folder, "__init__.py") in self._files:
            return join(folder, "__init__.py")
        return folder if folder in self._folders else None


def _folders(files: frozenset[str]) -> frozenset[str]:
    found: set[str] = set()
    for path in files:
        if not path.endswith(".py"):
            continue
        folder = dirname(path)
        while folder not in found:
            found.add(folder)
            folder = dirname(folder)
    return frozenset(found)

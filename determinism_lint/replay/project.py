"""Which files belong to the program under test."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache

_OWN_PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
_STANDARD_LIBRARY = os.path.dirname(os.path.realpath(os.__file__))
_INSTALLED = f"{os.sep}site-packages{os.sep}"


@dataclass(frozen=True, slots=True)
class Project:
    """A file and the code around it that is not installed: below the working directory, or below its own folder."""

    path: str
    root: str
    package: str = ""  # the dotted name of the package that holds the file
    _known: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, path: str, working_directory: str) -> Project:
        """The project of a file."""
        path, folder = os.path.realpath(path), os.path.dirname(os.path.realpath(path))
        names: list[str] = []
        while os.path.exists(os.path.join(folder, "__init__.py")):
            folder, name = os.path.split(folder)
            names.insert(0, name)
        here = os.path.realpath(working_directory)
        return cls(path, here if _is_below(folder, here) else folder, ".".join(names))

    @property
    def import_paths(self) -> tuple[str, ...]:
        """Where the program's imports are looked up, first to last: beside it, above its package, in the root."""
        folder = os.path.dirname(self.path)
        above = folder
        for _ in filter(None, self.package.split(".")):
            above = os.path.dirname(above)
        return tuple(dict.fromkeys((folder, above, self.root)))

    def owns(self, path: str) -> bool:
        """Whether a file's code is the program's own."""
        if path not in self._known:
            # What has no file, such as the frozen parts of the standard library, is named "<…>".
            self._known[path] = not path.startswith("<") and self._owns(_real(path))
        return self._known[path]

    def _owns(self, path: str) -> bool:
        if not _is_below(path, self.root) or _INSTALLED in path or _is_below(path, _OWN_PACKAGE):
            return False
        return not _is_below(path, _STANDARD_LIBRARY)


def _real(path: str) -> str:
    """`os.path.realpath`, for many files of few folders."""
    if os.path.islink(path):
        return os.path.realpath(path)
    folder, name = os.path.split(path)
    return os.path.join(_real_folder(folder), name)


_real_folder = cache(os.path.realpath)


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))

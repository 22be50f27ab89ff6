"""A repository with changes that have not been written yet."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from difflib import unified_diff
from io import StringIO
from pathlib import Path


class Draft:
    """Reads from a repository; what is written to it stays in memory until `save`. Paths are relative, with `/`."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self._changed: dict[str, bytes | None] = {}

    def read(self, path: str) -> bytes | None:
        """A file's content; None when there is none.

        Raises:
            OSError: it cannot be read.
        """
        if path in self._changed:
            return self._changed[path]
        return self._on_disk(path)

    def write(self, path: str, content: bytes | None) -> None:
        """Set a file's content; None deletes it."""
        self._changed[path] = content

    def is_inside(self, path: str) -> bool:
        """Whether a path stays in the repository when its symbolic links are followed."""
        return os.path.realpath(self._absolute(path)).startswith(self.root + os.sep)

    def same(self, path: str, other: str) -> bool:
        """Whether two paths are one file, by a symbolic link."""
        return os.path.realpath(self._absolute(path)) == os.path.realpath(self._absolute(other))

    def has_folder(self, path: str) -> bool:
        return os.path.isdir(self._absolute(path))

    def has_file_like(self, pattern: str) -> bool:
        """Whether the repository's top folder, or one of the two levels below it, has a file with such a name."""
        top = Path(self.root)
        return any(next(top.glob(f"{levels}{pattern}"), None) is not None for levels in ("", "[!.]*/", "[!.]*/[!.]*/"))

    def changes(self) -> Iterator[tuple[str, bytes | None, bytes | None]]:
        """Path, content before and content after of every file that would change."""
        for path, after in sorted(self._changed.items()):
            before = self._on_disk(path)
            if before != after:
                yield path, before, after

    def new_folders(self) -> list[str]:
        """Folders that `save` makes."""
        found = set()
        for path, _, after in self.changes():
            while after is not None and (path := os.path.dirname(path)):
                if not self.has_folder(path):
                    found.add(path)
        return sorted(found)

    def diff(self) -> str:
        """The changes as a unified diff."""
        return "".join(_diff(*change) for change in self.changes())

    def save(self, journal: str, old_folders: tuple[str, ...] = ()) -> None:
        """Write the changes, and remove those of `old_folders` that are empty then.

        The file `journal` says what there is to take back: it is written before the others, and deleted after them.

        Raises:
            OSError: a file cannot be written; some others may have been.
        """
        for path, before, after in sorted(
            self.changes(), key=lambda change: (change[0] == journal) == (change[2] is None)
        ):
            name = self._absolute(path)
            if after is None:
                os.unlink(name)
            else:
                os.makedirs(os.path.dirname(name), exist_ok=True)
                _write(os.path.realpath(name), before, after)
        for folder in sorted(old_folders, reverse=True):
            try:
                os.rmdir(self._absolute(folder))
            except OSError:
                continue  # Somebody put something there, or removed it.

    def _absolute(self, path: str) -> str:
        return os.path.join(self.root, *path.split("/"))

    def _on_disk(self, path: str) -> bytes | None:
        try:
            with open(self._absolute(path), "rb") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None


def _write(name: str, before: bytes | None, after: bytes) -> None:
    """Set a file's content at once, so that nobody's file is ever lost halfway."""
    mode = 0o666 & ~_umask() if before is None else os.stat(name).st_mode
    if before is None and after.startswith(b"#!"):
        mode |= (mode & 0o444) >> 2  # Who may read it may run it.
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(name), prefix=".determinism-lint-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(after)
        os.chmod(temporary, mode & 0o7777)
        os.replace(temporary, name)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _diff(path: str, before: bytes | None, after: bytes | None) -> str:
    # Lines end where diff and patch think so, and nowhere else.
    old, new = (list(StringIO((content or b"").decode("utf-8", "replace"), "\n")) for content in (before, after))
    old_name = "/dev/null" if before is None else f"a/{path}"
    new_name = "/dev/null" if after is None else f"b/{path}"
    lines = unified_diff(old, new, old_name, new_name)
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)

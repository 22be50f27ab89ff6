"""What is kept between runs, in the user's own cache folder and never in a repository.

A repository may come from anybody: a cache that it brings along could hide findings, and a link in it could lead a
write elsewhere. So a project's files are found by the real path of its root, below a folder that only the user writes.
"""

from __future__ import annotations

import os
import time

_KEPT_S = 30 * 24 * 3600
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by determinism-lint; may be deleted at any time.\n"


def user_folder() -> str:
    """The user's cache folder for this program; empty when there is none. DETERMINISM_LINT_CACHE_DIR names another."""
    own = os.environ.get("DETERMINISM_LINT_CACHE_DIR")
    if own:
        return own if os.path.isabs(own) else ""
    base = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_CACHE_HOME")
    base = base or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "determinism-lint") if os.path.isabs(base) else ""


def read_kept(root: str, name: str) -> str:
    """A file that was kept for the project at `root`; empty when there is none, or it cannot be read."""
    folder = project_folder(root)
    try:
        if not folder:
            return ""
        with open(f"{folder}/{name}", encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError):
        return ""


def write_kept(root: str, name: str, text: str) -> None:
    """Keep a file for the project at `root`, if possible. A reader sees the old one or the new one, no mixture."""
    folder = project_folder(root)
    temporary = f"{folder}/{name}.{os.getpid()}"
    try:
        if not folder:
            return
        if not os.path.isdir(folder):
            os.makedirs(folder, mode=0o700, exist_ok=True)
            _write(f"{user_folder()}/CACHEDIR.TAG", _TAG)
            forget(os.path.dirname(folder), _KEPT_S)
        os.utime(folder)
        try:
            _write(temporary, text)
            os.replace(temporary, f"{folder}/{name}")
        except OSError:
            os.unlink(temporary)
    except OSError:
        pass  # A full disk or a read-only home: the next run does the work again.


def forget(folder: str, seconds: float) -> None:
    """Remove the folders in a folder that nobody has used for so long.

    Raises:
        OSError: the folder cannot be read.
    """
    oldest = time.time() - seconds
    with os.scandir(folder) as entries:
        old = [entry.path for entry in entries if entry.stat(follow_symlinks=False).st_mtime < oldest]
    if old:
        import shutil

        for path in old:
            shutil.rmtree(path, ignore_errors=True)


def project_folder(root: str) -> str:
    """Where files for the project at `root` are kept; empty when there is no place for them."""
    from hashlib import blake2b

    base = user_folder()
    real = os.path.realpath(root).encode("utf-8", "surrogateescape")
    return f"{base}/projects/{blake2b(real, digest_size=16).hexdigest()}" if base else ""


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", errors="surrogatepass") as file:
        file.write(text)

"""What has to be remembered between two events of one session, in files below the user's cache folder.

All of it is a convenience: where nothing can be written, the hook works without.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from determinism_lint.hook.event import Event

_KEPT_S = 7 * 24 * 3600
_HEAD = 64 << 10
"""Bytes of a transcript in which its first time stamp is looked for."""


class Session:
    """The memory of one session of an agent."""

    __slots__ = ("_folder",)

    def __init__(self, name: str) -> None:
        """A name that is empty, or cannot be a file's, is a session without memory."""
        from determinism_lint.run.kept import user_folder

        base = user_folder()
        plain = name.replace("-", "").replace("_", "")
        usable = base and len(name) <= 128 and plain.isascii() and plain.isalnum()
        self._folder = os.path.join(base, "sessions", name) if usable else ""

    def note(self, files: Iterable[str]) -> None:
        """Remember that files were edited."""
        try:
            if self._make():
                with open(os.path.join(self._folder, "edited"), "a", encoding="utf-8", errors="surrogateescape") as log:
                    log.write("".join(f"{file}\n" for file in files if "\n" not in file))
        except OSError:
            pass

    def edited(self) -> list[str]:
        """The files that were edited, in the order of their first edit."""
        if not self._folder:
            return []
        try:
            with open(os.path.join(self._folder, "edited"), encoding="utf-8", errors="surrogateescape") as log:
                return list(dict.fromkeys(log.read().splitlines()))
        except OSError:
            return []

    def known(self, root: str) -> tuple[frozenset[str], frozenset[str]] | None:
        """Fingerprints of what a project had when the session began, and after its last edit; None before the first."""
        import json

        try:
            with open(self._file_of(root), encoding="utf-8") as file:
                old, last = json.load(file)
            return frozenset(map(str, old)), frozenset(map(str, last))
        except (OSError, ValueError, TypeError):
            return None

    def remember(self, root: str, old: Iterable[str], last: Iterable[str]) -> None:
        """Keep what `known` tells."""
        import json

        try:
            if self._make():
                temporary = f"{self._file_of(root)}.{os.getpid()}"
                with open(temporary, "w", encoding="utf-8") as file:
                    json.dump([sorted(old), sorted(last)], file)
                os.replace(temporary, self._file_of(root))
        except OSError:
            pass

    def _file_of(self, root: str) -> str:
        from hashlib import blake2b

        return os.path.join(self._folder, f"known-{blake2b(os.fsencode(root), digest_size=12).hexdigest()}")

    def claim(self, what: str) -> bool | None:
        """True for the first to say something in this session, False for others, None when nobody knows."""
        from hashlib import blake2b

        name = blake2b(what.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        try:
            if not self._make():
                return None
            os.close(os.open(os.path.join(self._folder, name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            return False
        except OSError:
            return None
        return True

    def _make(self) -> bool:
        if self._folder and not os.path.isdir(self._folder):
            sessions = os.path.dirname(self._folder)
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            from determinism_lint.run.kept import forget

            forget(sessions, _KEPT_S)
        return bool(self._folder)


def changed_since(files: Iterable[str]) -> list[tuple[str, int]]:
    """What tells one edit from the next: the files and the times of their last change, in nanoseconds."""
    found = []
    for file in sorted(files):
        try:
            found.append((file, os.stat(file).st_mtime_ns))
        except OSError:
            found.append((file, 0))
    return found


def edited_files(event: Event, session: Session) -> tuple[str, ...]:
    """The source files that were edited in a session.

    Those that the agent's tools named, and those that differ from git's last commit and were changed since the session
    began, which shows what a shell did. Where the event tells neither a session nor its beginning, all that differ.
    """
    from determinism_lint.hook.event import existing_sources

    noted = existing_sources(session.edited(), event.folder)
    began = _beginning(event.transcript)
    if began is None and event.session:
        return noted
    modified = existing_sources(_modified(event.folder), event.folder)
    recent = (file for file in modified if began is None or _changed(file) >= began)
    return tuple(dict.fromkeys((*noted, *recent)))


def _modified(folder: str) -> list[str]:
    """The files in and below a folder's repository that differ from its last commit; none where git cannot tell."""
    import subprocess

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-c", "core.fsmonitor=false", "-C", folder, *arguments],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True,
        )  # fmt: skip
        return os.fsdecode(done.stdout)

    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment["GIT_OPTIONAL_LOCKS"] = "0"
    try:
        top = git("rev-parse", "--show-toplevel").rstrip("\n")
        entries = git("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all").split("\0")
    except (OSError, ValueError, subprocess.CalledProcessError):
        return []
    return [os.path.join(top, entry[3:]) for entry in entries if len(entry) > 3]


def _beginning(transcript: str) -> float | None:
    """When a session began, in seconds since the epoch: the first time stamp of its transcript."""
    import re
    from datetime import datetime

    if not transcript:
        return None
    try:
        with open(transcript, "rb") as file:
            head = file.read(_HEAD)
    except (OSError, ValueError):
        return None
    found = re.search(rb'"timestamp"\s*:\s*"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)[^"]*Z"', head)
    try:
        return datetime.fromisoformat(f"{found[1].decode()}+00:00").timestamp() if found else None
    except ValueError:
        return None


def _changed(file: str) -> float:
    try:
        return os.stat(file).st_mtime
    except OSError:
        return 0

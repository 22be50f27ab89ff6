"""What a run may keep for the next one.

`Cache` keeps two things. For each file: what the byte search told, as long as size and times stay. And, for each
language, the last analysis: it holds for exactly the same set of files as long as every file that it read has the same
content.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from typing import Any

from determinism_lint.model import Edit, Excerpt, Finding, Fix, Hop, Orchestrator, Span
from determinism_lint.run.kept import read_kept, write_kept

_FILE = "cache.json"
_UNSETTLED = 2_000_000_000
"""Nanoseconds. A file that changed so recently may change again without a new time stamp, on some file systems."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an analysis found, in a form that does not need the analyzer, which takes long to import.

    Paths are absolute; the findings are before any comment and setting.
    """

    findings: tuple[Finding, ...] = ()
    orchestrators: tuple[Orchestrator, ...] = ()
    parsed: frozenset[str] = frozenset()
    coarse: frozenset[str] = frozenset()
    """Files that were judged coarsely."""


def digest_of(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def digest_of_names(names: Iterable[str]) -> str:
    return digest_of("\0".join(names).encode("utf-8", "surrogatepass"))


class Cache:
    """One project's cache. Reading and writing it never fails: what cannot be used is thrown away."""

    def __init__(self, root: str, key: str) -> None:
        """`key` names everything besides the files that decides about results: another key, and all is forgotten."""
        self._root = root
        self.key = key
        self._started = time.time_ns()
        self._before: dict[str, list[Any]] = {}
        self._after: dict[str, list[Any]] = {}
        self._results: dict[str, dict[str, Any]] = {}
        self._changed = True
        try:
            kept = json.loads(read_kept(root, _FILE))
            if kept["key"] == key:
                files, results = kept["files"], kept["results"]
                if isinstance(files, dict) and isinstance(results, dict):
                    self._before, self._results, self._changed = files, results, False
        except (ValueError, KeyError, TypeError, RecursionError):
            pass

    def seen(self, path: str, status: os.stat_result) -> tuple[int, str] | None:
        """What is known about a file that did not change: its flags, and its digest, empty when that was never needed.

        What this returns is kept for the next run.
        """
        entry = self._before.get(path)
        try:
            if (
                entry is None
                or entry[0] != status.st_mtime_ns
                or entry[1] != status.st_ctime_ns
                or entry[2] != status.st_size
            ):
                return None
            self._after[path] = entry
            return (0, "") if len(entry) == 3 else (int(entry[3]), str(entry[4]))
        except (IndexError, TypeError, ValueError, KeyError):
            return None

    def record(self, path: str, status: os.stat_result, flags: int, digest: str) -> None:
        """Keep what was learned from a file's content; `digest` may be empty when `flags` are 0."""
        self._changed = True
        if max(status.st_mtime_ns, status.st_ctime_ns) < self._started - _UNSETTLED:
            entry: list[Any] = [status.st_mtime_ns, status.st_ctime_ns, status.st_size]
            self._after[path] = [*entry, flags, digest] if flags or digest else entry

    def result(
        self, language: str, candidates: list[str], names: str, digest: Callable[[str], str | None]
    ) -> Found | None:
        """The last analysis of a language, if it still holds; `names` is the digest of the set of all files."""
        kept = self._results.get(language)
        try:
            if kept is None or kept["candidates"] != candidates or kept["names"] != names:
                return None
            if any(digest(path) != before for path, before in kept["read"].items()):
                return None
            return _unpacked(kept["found"])
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            return None

    def keep_result(
        self, language: str, candidates: list[str], names: str, read: dict[str, str | None], found: Found
    ) -> None:
        """`read` maps the files that the analysis depends on to the digests of what was read."""
        self._changed = True
        kept = {"candidates": candidates, "names": names, "read": read, "found": _packed(found)}
        self._results[language] = kept

    def save(self) -> None:
        """Write the cache, if anything changed."""
        if not self._changed and len(self._after) == len(self._before):
            return
        data = {"key": self.key, "files": self._after, "results": self._results}
        write_kept(self._root, _FILE, json.dumps(data, separators=(",", ":")))


def _packed(found: Found) -> dict[str, Any]:
    return {
        "findings": [astuple(finding) for finding in found.findings],
        "orchestrators": [astuple(orchestrator) for orchestrator in found.orchestrators],
        "parsed": sorted(found.parsed),
        "coarse": sorted(found.coarse),
    }


def _unpacked(data: dict[str, Any]) -> Found:
    return Found(
        tuple(_finding(*fields) for fields in data["findings"]),
        tuple(Orchestrator(*fields) for fields in data["orchestrators"]),
        frozenset(data["parsed"]),
        frozenset(data["coarse"]),
    )


def _finding(
    rule: str, severity: Any, message: str, path: str, span: Any, excerpt: Any, help_line: Any,
    orchestrators: Any, trace: Any, fix: Any,
) -> Finding:  # fmt: skip
    return Finding(
        rule,
        severity,
        message,
        path,
        Span(*span),
        Excerpt(excerpt[0], tuple(excerpt[1])),
        help_line,
        tuple(Orchestrator(*fields) for fields in orchestrators),
        tuple(Hop(*fields) for fields in trace),
        fix and Fix(fix[0], fix[1], tuple(Edit(Span(*span), text) for span, text in fix[2])),
    )

"""Which release of an SDK a project requires, where a replacement may be newer than that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from posixpath import dirname, join

from determinism_lint.analysis.sdk import Runtime, Sdk
from determinism_lint.model import Refusal

_REQUIRED = re.compile(r"\s*(\^|~|>=|=)?\s*v?(\d+(?:\.\d+){0,2}(?:-[\w.-]+)?)\s*")
_PARTS = re.compile(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-?([a-z]+)[.-]?(\d*))?", re.IGNORECASE)
_LEVELS = 12
"""How many folders upwards a manifest is looked for: the sources of Java lie deep."""


def runtime_of(sdk: Sdk, required: str | None) -> Runtime:
    """An SDK with the release that a manifest requires: `1.4.0`, `^3.1.0`; the SDK alone where it says more."""
    match = _REQUIRED.fullmatch(required or "")
    if match is None:
        return Runtime(sdk)
    operator = match[1] or "="
    return Runtime(sdk, operator="==" if operator == "=" else operator, release=_release(match[2]))


def nearest(folder: str, names: Iterable[str], read: Callable[[str], bytes]) -> Iterator[str]:
    """The texts of manifests in a folder and above it, the nearest first."""
    for _ in range(_LEVELS):
        for name in names:
            try:
                yield read(join(folder, name)).decode("utf-8-sig", "replace")
            except OSError:
                continue
        if dirname(folder) == folder:
            return
        folder = dirname(folder)


def lacking(runtime: Runtime, written: str) -> Refusal | None:
    """Why what is written cannot be put into a project: all releases that it may use are older than a member of it."""
    for member, since in runtime.sdk.since.items():
        if re.search(rf"\.{member}\b", written) and _is_older(runtime, _release(since)):
            return Refusal(f"`{member}` needs release {since} of the SDK, and this project requires an older one")
    return None


def _is_older(runtime: Runtime, since: tuple[int, ...]) -> bool:
    """Whether every release that is allowed comes before one."""
    if not runtime.release:
        return False
    major, minor, patch, *_ = runtime.release
    match runtime.operator:
        case "==":
            return runtime.release < since
        case "~":
            return (major, minor + 1) <= since
        case "^":
            return ((major + 1,) if major else (0, minor + 1) if minor else (0, 0, patch + 1)) <= since
    return False


def _release(written: str) -> tuple[int, ...]:
    """Numbers that compare as releases do: what precedes a release comes before it."""
    match = _PARTS.match(written)
    assert match is not None
    numbers = tuple(int(each or 0) for each in match.groups()[:3])
    early = () if match[4] is None else (ord(match[4][0].lower()) - ord("z") - 1, int(match[5] or 0))
    return (*numbers, *(early or (0, 0)))

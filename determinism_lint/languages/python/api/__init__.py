"""The members of the orchestration contexts, as `record.py` read them from the published packages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeAlias

Members: TypeAlias = Mapping[str, "tuple[str, ...] | None"]
"""Member -> the names of its parameters; None for what is read and not called."""
Release: TypeAlias = tuple[int, ...]

_NUMBERS = re.compile(r"\d+")


def held(package: str, operator: str = "", release: Release = ()) -> Sequence[Members] | None:
    """What the members may be where a project requires `package`, with `operator` and `release` if it says so.

    One of several where the exact release has no record but lies between two that have. None where none is held, as for
    a release that is newer than all records: then nothing is known.
    """
    records = _records(package)
    if not release:
        return tuple(records[each] for each in _last_of_each_major(records))
    older, newer = [each for each in records if each <= release], [each for each in records if each >= release]
    if not newer and older[-1:] and older[-1][:2] == release[:2]:
        newer = older[-1:]
    if operator == "==":
        near = {older[-1], newer[0]} if older and newer else set()
    else:
        near = set(_last_of_each_major(newer))
    return tuple(records[each] for each in sorted(near)) or None


def _last_of_each_major(records: Iterable[Release]) -> list[Release]:
    return list({each[0]: each for each in records}.values())


@cache
def _records(package: str) -> Mapping[Release, Members]:
    """The records of a package, oldest release first."""
    read = json.loads(Path(__file__).with_name(f"{package}.json").read_text(encoding="utf-8"))
    found = {
        release_of(written): {name: None if each is None else tuple(each) for name, each in members.items()}
        for written, members in read.items()
    }
    return dict(sorted(found.items()))


def release_of(written: str) -> Release:
    """`2.0.0rc3` as numbers: (2, 0, 0)."""
    return tuple(int(number) for number in _NUMBERS.findall(written)[:3])

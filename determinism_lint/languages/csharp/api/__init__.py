"""The public API of the .NET SDKs, as `record.py` read it from their sources."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

RECORD = Path(__file__).with_name("api.json")

_MEMBER = re.compile(r"(?:\w+ )*(?P<name>\w+)(?:<[^>]*>)?(?P<parameters>\(.*\))? -> (?P<type>.*?)(?: \{.*\})?")


class Member(NamedTuple):
    """A member of a type; of overloads, the last one."""

    is_method: bool
    type: str
    """What it is or returns, as it is written in the SDK: `DateTime`, `Task<TResult>`."""


@cache
def types() -> Mapping[str, Mapping[str, Any]]:
    """All recorded types by their qualified names."""
    found: Mapping[str, Mapping[str, Any]] = json.loads(RECORD.read_text(encoding="utf-8"))["types"]
    return found


def members(*names: str) -> Mapping[str, Member]:
    """What some types have together: a class, and the classes with extension methods of it."""
    found: dict[str, Member] = {}
    for name in names:
        for written in types()[name]["members"]:
            match = _MEMBER.fullmatch(written)
            if match is not None and not written.startswith("protected"):
                found[match["name"]] = Member(match["parameters"] is not None, match["type"])
    return found

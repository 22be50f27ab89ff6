"""The Python programs in the topics: fences ` ```python run ` and ` ```python check `, with the file's SDK.

A word `2.x` says that the program needs the later generation of the SDK; without it, it is for both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from skills_src.markdown import Fence, blocks
from tests.expectations.scenarios import FUNCTIONS_2, TARGETS


@dataclass(frozen=True, slots=True)
class Example:
    """One fence, for one target."""

    topic: str
    number: int
    """Among the Python fences of its file, from 1."""
    target: str
    run: bool
    """Also do what a reader would: run it, and its tests."""
    text: str


def examples(topics: Path) -> Iterator[Example]:
    """All of them. Raises ValueError for a fence of Python whose words mean nothing."""
    for path in sorted(topics.glob("*/*-python.md")):
        fences = [block for block in blocks(path.read_text(encoding="utf-8"), str(path)) if isinstance(block, Fence)]
        for number, fence in enumerate((fence for fence in fences if fence.words[:1] == ("python",)), 1):
            kind, *rest = fence.words[1:] or ("",)
            if kind not in ("run", "check") or rest not in ([], ["2.x"]):
                raise ValueError(f"{path}: fence {number}: {' '.join(fence.words)}")
            for target in TARGETS:
                if target.partition("@")[0] == path.stem and (not rest or target == FUNCTIONS_2):
                    yield Example(path.parent.name, number, target, kind == "run", fence.text)

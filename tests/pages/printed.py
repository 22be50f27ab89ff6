"""The fences of the printed pages: what a reader copies, where it stands, and what the page says of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from skills_src.markdown import Fence, Prose, blocks
from tests.skills.generated import files

LABEL = re.compile(
    r"(?:(?P<kind>Wrong|Correct)(?: \((?P<generation>\d+)\.x\))?(?:, `(?P<file>[^`]+)`)?"
    r"|`(?P<program>[^`]+)`(?: \((?P<later>\d+)\.x\))?"
    r"|Excerpt of \[[^\]]+\]\((?P<whole>[^)]+)\)):"
)
"""The last line above a fence, where it says what the fence is."""


@dataclass(frozen=True, slots=True)
class Printed:
    """One fence of a page."""

    skill: str
    page: str
    """Inside the skill's folder."""
    line: int
    """Of the opening mark in the page, 1-based."""
    language: str
    text: str
    heading: str
    """The nearest one above."""
    kind: str = ""
    """`wrong`, `correct`, `excerpt`, `program` (a file of one), or empty: complete by itself."""
    generation: str = ""
    """Of the SDK, where the page has examples for several: `2` for "(2.x)"."""
    file: str = ""
    """The name that the page gives it."""
    whole: str = ""
    """Where the program stands that an excerpt is of: a path inside the skill's folder."""

    def __str__(self) -> str:
        return f"{self.skill}/{self.page}:{self.line}"


@cache
def printed() -> tuple[Printed, ...]:
    """Every fence of every page of every skill, as committed, in order."""
    return tuple(fence for file in files() for fence in _of_page(file.skill, file.path, file.text))


def select(*, language: str | Iterable[str], skill: str | None = None) -> tuple[Printed, ...]:
    """Those in some languages, of one skill or of all."""
    languages = {language} if isinstance(language, str) else set(language)
    return tuple(it for it in printed() if it.language in languages and skill in (None, it.skill))


def together(fences: Iterable[Printed]) -> Iterator[tuple[Printed, ...]]:
    """The fences as programs: files of one program, named one after another below one heading, come as one."""
    group: list[Printed] = []
    for fence in fences:
        if group and not (fence.file and _same(group[-1], fence) and fence.file not in {it.file for it in group}):
            yield tuple(group)
            group = []
        group.append(fence)
    if group:
        yield tuple(group)


def _same(one: Printed, other: Printed) -> bool:
    return all(
        getattr(one, name) == getattr(other, name) for name in ("skill", "page", "heading", "kind", "generation")
    ) and bool(one.file)


def _of_page(skill: str, page: str, text: str) -> Iterator[Printed]:
    heading, above = "", ""
    for block in blocks(text, f"{skill}/{page}"):
        if isinstance(block, Prose):
            lines = [line.strip() for line in block.text.splitlines() if line.strip()]
            heading = next((line.lstrip("#").strip() for line in reversed(lines) if line.startswith("#")), heading)
            above = lines[-1] if lines else ""
        else:
            yield _printed(skill, page, heading, above, block)
            above = ""


def _printed(skill: str, page: str, heading: str, above: str, fence: Fence) -> Printed:
    label = LABEL.fullmatch(above)
    parts = {key: value or "" for key, value in label.groupdict().items()} if label else {}
    folder = page.rpartition("/")[0]
    return Printed(
        skill=skill,
        page=page,
        line=fence.line,
        language=fence.words[0] if fence.words else "",
        text=fence.text,
        heading=heading,
        kind=_kind(parts),
        generation=parts.get("generation", "") or parts.get("later", ""),
        file=parts.get("file", "") or parts.get("program", ""),
        whole=f"{folder}/{parts['whole'].partition('#')[0]}" if parts.get("whole") else "",
    )


def _kind(parts: dict[str, str]) -> str:
    if parts.get("kind"):
        return parts["kind"].lower()
    return "program" if parts.get("program") else "excerpt" if parts.get("whole") else ""

"""The generated files, as the tests want to look at them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from skills_src.load import load
from skills_src.markdown import Fence, Prose, anchor, blocks
from skills_src.model import Pack
from skills_src.render import SKILLS, render

ROOT = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`[^`]*`")


@cache
def pack() -> Pack:
    return load(ROOT)


@cache
def rendered() -> dict[str, str]:
    """What the sources make, by path."""
    return render(pack())


@dataclass(frozen=True)
class File:
    """One file of a skill."""

    skill: str
    path: str
    """Inside the skill's folder."""
    text: str

    def __str__(self) -> str:
        return f"{self.skill}/{self.path}"

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    @property
    def prose(self) -> str:
        """The text outside fences and front matter."""
        body = self.text.split("\n---\n", 1)[1] if self.text.startswith("---\n") else self.text
        return "".join(block.text for block in blocks(body, str(self)) if isinstance(block, Prose))

    @property
    def fences(self) -> list[Fence]:
        return [block for block in blocks(self.text, str(self)) if isinstance(block, Fence)]

    @property
    def links(self) -> list[str]:
        return _LINK.findall(_CODE.sub("", self.prose))

    @property
    def anchors(self) -> set[str]:
        return {anchor(line.lstrip("#").strip()) for line in self.prose.splitlines() if line.startswith("#")}

    @property
    def front_matter(self) -> dict[str, Any]:
        data = yaml.safe_load(self.text.split("---\n")[1])
        assert isinstance(data, dict)
        return data


@cache
def files() -> tuple[File, ...]:
    """Every file of every skill, as committed."""
    found = []
    for path in sorted((ROOT / SKILLS).rglob("*")):
        if path.is_file():
            skill, *rest = path.relative_to(ROOT / SKILLS).parts
            found.append(File(skill, PurePosixPath(*rest).as_posix(), path.read_text(encoding="utf-8")))
    return tuple(found)


def skills() -> tuple[File, ...]:
    """Each skill's SKILL.md."""
    return tuple(file for file in files() if file.path == "SKILL.md")


def tree(skill: str) -> dict[str, Any]:
    """What the sources make for one skill, as nested folders."""
    root: dict[str, Any] = {}
    for path, text in rendered().items():
        if path.startswith(f"{SKILLS}/{skill}/"):
            *folders, name = path.removeprefix(f"{SKILLS}/{skill}/").split("/")
            folder = root
            for part in folders:
                folder = folder.setdefault(part, {})
            folder[name] = text
    return root

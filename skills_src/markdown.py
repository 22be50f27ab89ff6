"""What the generator does with Markdown and program text: fences, placeholders, slots, contents lists."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from skills_src.sources import SourceError

_FENCE = re.compile(r"^( *)(`{3,})([^`]*)$")
_PLACEHOLDER = re.compile(r"\{\{ *([a-z_.]+) *\}\}")
_SLOT = re.compile(r"^<!-- slot: ([a-z-]+) -->$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prose:
    """Text outside fences."""

    text: str


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block: the words after the backticks, and what is inside."""

    words: tuple[str, ...]
    text: str
    indent: str = ""
    mark: str = "```"
    line: int = field(default=0, compare=False)
    """Of the opening mark in the document, 1-based."""

    def render(self, words: int | None = None) -> str:
        """The block as it was, or with only the first `words` words."""
        body = textwrap.indent(self.text, self.indent)
        return f"{self.indent}{self.mark}{' '.join(self.words[:words])}\n{body}{self.indent}{self.mark}\n"


def blocks(markdown: str, where: str) -> Iterator[Prose | Fence]:
    """The prose and the fences of a document, in order."""
    prose: list[str] = []
    fence: tuple[re.Match[str], list[str], int] | None = None
    for number, line in enumerate(markdown.splitlines(), 1):
        if fence is not None:
            opening, body, first = fence
            if line.strip() == opening[2]:
                indent = opening[1]
                text = "".join(item.removeprefix(indent) + "\n" for item in body)
                yield Fence(tuple(opening[3].split()), text, indent, opening[2], first)
                fence = None
            else:
                body.append(line)
        elif opening_match := _FENCE.match(line):
            if prose:
                yield Prose("".join(prose))
                prose = []
            fence = (opening_match, [], number)
        else:
            prose.append(line + "\n")
    if fence is not None:
        raise SourceError(f"{where}: a fence is not closed")
    if prose:
        yield Prose("".join(prose))


def fill(markdown: str, values: Mapping[str, str], where: str) -> str:
    """Replace `{{ key }}` outside fences; what is inside a fence is code and stays as it is."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise SourceError(f"{where}: placeholder {match[0]} is unknown; known are {', '.join(sorted(values))}")
        return values[match[1]]

    return "".join(
        _PLACEHOLDER.sub(value, block.text) if isinstance(block, Prose) else block.render()
        for block in blocks(markdown, where)
    )


def plain_fences(markdown: str, where: str) -> str:
    """Drop the words that only tests need (`run`, `check`) from the fences."""
    return "".join(
        block.text if isinstance(block, Prose) else block.render(words=1) for block in blocks(markdown, where)
    )


def slots(markdown: str) -> list[str]:
    """The names of the lines `<!-- slot: name -->`."""
    return _SLOT.findall(markdown)


def fill_slots(markdown: str, parts: Mapping[str, str], where: str) -> str:
    """Replace each line `<!-- slot: name -->` by the part of that name."""
    for name in slots(markdown):
        if name not in parts:
            raise SourceError(f"{where}: slot `{name}` is unknown; known are {', '.join(sorted(parts))}")
    return _SLOT.sub(lambda match: parts[match[1]].strip(), markdown)


_LANGUAGES: Mapping[str, str] = {
    **{
        "bicep": "bicep",
        "cjs": "javascript",
        "cs": "csharp",
        "csproj": "xml",
        "gradle": "groovy",
        "java": "java",
        "js": "javascript",
    },
    **{"json": "json", "mjs": "javascript", "properties": "ini", "py": "python", "sh": "bash", "ts": "typescript"},
    **{"toml": "toml", "txt": "text", "xml": "xml", "yaml": "yaml", "yml": "yaml", "Dockerfile": "dockerfile"},
}


def language_of(file: str) -> str:
    """The word by which a fence names the language of a file."""
    return _LANGUAGES[file.rpartition("/")[2].rpartition(".")[2]]


def headings(markdown: str, level: int) -> list[str]:
    """The headings of one level, in order."""
    mark = "#" * level + " "
    return [
        line[len(mark) :].strip()
        for block in blocks(markdown, "generated text")
        if isinstance(block, Prose)
        for line in block.text.splitlines()
        if line.startswith(mark)
    ]


def anchor(heading: str) -> str:
    """The fragment by which GitHub and editors link to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def with_contents(markdown: str) -> str:
    """Put a list of contents below the title of a document of more than 100 lines with several sections."""
    sections = headings(markdown, 2)
    if markdown.count("\n") <= 100 or len(sections) < 3:
        return markdown
    title, _, rest = markdown.partition("\n")
    links = " | ".join(f"[{section.replace('`', '')}](#{anchor(section)})" for section in sections)
    return f"{title}\n\nContents: {links}\n{rest}"


def tidy(markdown: str) -> str:
    """No trailing spaces, no run of blank lines outside fences, one line end at the end."""
    parts: list[str] = []
    for block in blocks(markdown, "generated text"):
        if isinstance(block, Prose):
            text = "\n".join(line.rstrip() for line in block.text.split("\n"))
            parts.append(re.sub(r"\n{3,}", "\n\n", text))
        else:
            parts.append(block.render())
    return "".join(parts).strip() + "\n"


def cell(text: str) -> str:
    """Text that is safe in a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")

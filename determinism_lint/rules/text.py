"""The prose of a rule file: its title, reasons, language sections and examples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NoReturn, cast

from determinism_lint.errors import CatalogueError
from determinism_lint.model import Language, Severity

SECTIONS: Mapping[str, Language] = {"Python": "python", "C#": "csharp", "Java": "java", "JavaScript": "javascript"}
"""The headings that a rule file may have below its title."""

_SUFFIXES: Mapping[str, str] = {"python": ".py", "csharp": ".cs", "java": ".java", "javascript": ".js"}
_SDK_OF_LANGUAGE: Mapping[str, str] = {
    "python": "durable-task-python",
    "csharp": "durable-task-dotnet",
    "java": "durable-task-java",
    "javascript": "durable-task-js",
}
_FENCE = re.compile(r"^(`{3,})([^`]*)$")
_MARK = re.compile(r"(?:#|//)\s*(error|warning|info)\s*$")


@dataclass(frozen=True, slots=True)
class Example:
    """A small project, shown as one fence or as several fences in a row that name their files."""

    kind: Literal["wrong", "correct"]
    language: Language
    sdk: str
    files: Mapping[str, str]
    """File name -> text; a fence without a name is called `example`, with the language's suffix."""
    marks: frozenset[tuple[str, int, Severity]]
    """The findings that the text announces: file name, 1-based line, severity."""
    line: int
    """Of the first fence, in the rule file."""


@dataclass(frozen=True, slots=True)
class RuleText:
    """What follows the front matter."""

    title: str
    why: str
    """The text between the title and the first section."""
    sections: Mapping[Language, str]
    """Without their headings."""
    examples: tuple[Example, ...]
    markdown: str


@dataclass(frozen=True, slots=True)
class _Fence:
    line: int
    """Of the opening fence, 1-based, in the rule file."""
    end: int
    """Of the closing fence."""
    words: tuple[str, ...]
    language: Language | None
    text: str


def split_front_matter(text: str, path: str) -> tuple[str, str, int]:
    """The YAML, the Markdown below it, and the file's line on which that begins."""
    lines = text.split("\n")
    if lines[0] != "---" or "---" not in lines[1:]:
        raise CatalogueError(f"{path}: must begin with front matter between two lines `---`")
    end = lines.index("---", 1)
    return "\n".join(lines[1:end]) + "\n", "\n".join(lines[end + 1 :]), end + 2


def parse_text(body: str, path: str, first_line: int = 1) -> RuleText:
    """Take the Markdown of a rule apart; `first_line` is where it begins in the file.

    Raises:
        CatalogueError: it does not have the form of a rule.
    """

    def wrong(line: int, problem: str) -> NoReturn:
        raise CatalogueError(f"{path}:{line}: {problem}")

    title = ""
    language: Language | None = None
    parts: dict[Language | None, list[str]] = {None: []}
    fences: list[_Fence] = []
    fence: tuple[int, str, tuple[str, ...], list[str]] | None = None
    for number, line in enumerate(body.split("\n"), first_line):
        if fence is not None:
            if line.startswith(fence[1]) and not line.strip("`"):
                fences.append(_Fence(fence[0], number, fence[2], language, "".join(fence[3])))
                fence = None
            else:
                fence[3].append(line + "\n")
        elif opening := _FENCE.match(line):
            fence = (number, opening[1], tuple(opening[2].split()), [])
        elif line.startswith("# "):
            if title:
                wrong(number, "a rule has one title")
            title = line[2:].strip()
            continue
        elif line.startswith("## "):
            heading = line[3:].strip()
            if heading not in SECTIONS:
                wrong(number, f"heading {heading!r} is none of {', '.join(SECTIONS)}")
            language = SECTIONS[heading]
            if language in parts:
                wrong(number, f"section {heading!r} occurs twice")
            parts[language] = []
            continue
        parts[language].append(line)
    if fence is not None:
        wrong(fence[0], "the fence is not closed")
    if not title:
        wrong(first_line, "a rule begins with `# Title`")
    texts = {key: "\n".join(lines).strip() for key, lines in parts.items()}
    return RuleText(
        title=title,
        why=texts.pop(None),
        sections=cast("Mapping[Language, str]", texts),
        examples=tuple(_examples(fences, path, body.split("\n"), first_line)),
        markdown=body.strip() + "\n",
    )


def _examples(fences: list[_Fence], path: str, lines: list[str], first_line: int) -> list[Example]:
    groups: list[list[tuple[_Fence, str]]] = []
    previous: tuple[tuple[str, str], int] | None = None
    for fence in fences:
        if len(fence.words) < 2 or not {"wrong", "correct"} & set(fence.words):
            previous = None
            continue
        kind, sdk, name = _options(fence, path)
        key = (kind, sdk)
        in_a_row = (
            previous is not None
            and name is not None
            and previous[0] == key
            and not any(line.strip() for line in lines[previous[1] - first_line + 1 : fence.line - first_line])
            and all(other != name for _, other in groups[-1])
        )
        if in_a_row:
            groups[-1].append((fence, name or ""))
        else:
            groups.append([(fence, name or "example" + _SUFFIXES[cast("Language", fence.language)])])
        previous = (key, fence.end) if name is not None else None
    return [_example(group, path) for group in groups]


def _options(fence: _Fence, path: str) -> tuple[Literal["wrong", "correct"], str, str | None]:
    where = f"{path}:{fence.line}"
    if fence.language is None:
        raise CatalogueError(f"{where}: examples belong below the heading of their language")
    kind, *rest = fence.words[1:]
    if kind not in ("wrong", "correct"):
        raise CatalogueError(f"{where}: the word after the language is `wrong` or `correct`, not {kind!r}")
    sdk, name = _SDK_OF_LANGUAGE[fence.language], None
    for word in rest:
        key, _, value = word.partition("=")
        if key == "sdk" and value:
            sdk = value
        elif key == "file" and value:
            name = value
        else:
            raise CatalogueError(f"{where}: {word!r} is neither `sdk=…` nor `file=…`")
    return ("wrong" if kind == "wrong" else "correct"), sdk, name


def _example(group: list[tuple[_Fence, str]], path: str) -> Example:
    first = group[0][0]
    kind, sdk, _ = _options(first, path)
    marks = frozenset(
        (name, number, cast("Severity", mark[1]))
        for fence, name in group
        for number, line in enumerate(fence.text.split("\n"), 1)
        if (mark := _MARK.search(line))
    )
    if kind == "wrong" and not marks:
        raise CatalogueError(f"{path}:{first.line}: no line of this wrong example is marked `error`, `warning`, `info`")
    if kind == "correct" and marks:
        raise CatalogueError(f"{path}:{first.line}: a correct example has no marks")
    return Example(
        kind, cast("Language", first.language), sdk, {name: fence.text for fence, name in group}, marks, first.line
    )

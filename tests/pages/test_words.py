"""A page has the words of its own language and SDK, and no text that a template has put together badly."""

from __future__ import annotations

import re

import pytest

from tests.skills.generated import File, files, pack

OF_LANGUAGE = {
    "python": (
        r"\bPython\b|GeneratorExit|pathlib|random\.seed|\byield from\b|\basyncio\b|BaseException|\bpip install\b|\.py\b"
        r"|(?:continue_as_new|call_activity|when_all|create_timer|current_utc_datetime|set_custom_status)\b"
        r"|azure-functions-durable\b"
    ),
    "csharp": r"(?<![\w.])\.NET\b|\bC#|\b[A-Z]\w+Async\(|\bJsonException\b|\bnameof\(|\.csproj\b|\bNuGet\b",
    "java": r"\bJava\b|OrchestratorBlockedException|\bgetCurrentInstant\b|\.await\(\)|\bpom\.xml\b|\bMaven\b",
    "javascript": (
        r"\bJavaScript\b|\bTypeScript\b|\bfunction\*|\bcontext\.df\.|\bnpm\b|\bpackage\.json\b|\bdurabletask-js\b"
    ),
}
"""Words by which a reader sees that a text is about one language."""

YIELDING = ("python", "javascript")
"""The languages whose orchestrators are generators."""

ALLOWED = re.compile(
    r"^\| [^|]* \|"  # what a table says is wrong here, and often comes from elsewhere
    r"|\bextensions\.csproj\b"  # in projects of all languages
    r"|^.*in-memory backend of the Python SDK.*$|^pip install durabletask==.*$"  # tests of SDKs that have none
    rf"|{'|'.join(pack().rules)}"
)

PAGES = [pytest.param(file, id=str(file)) for file in files() if file.skill in pack().sdks]


def foreign(file: File) -> list[str]:
    """The words of other languages on a page, with their lines."""
    own = pack().sdks[file.skill].language
    words = [words for language, words in OF_LANGUAGE.items() if language != own]
    if own not in YIELDING:
        words.append(r"\byields?\b")
    pattern = re.compile("|".join(words))
    return [
        f"{number}: {match[0]}: {line.strip()}"
        for number, line in enumerate(file.text.splitlines(), 1)
        if "determinism-lint" not in line
        for match in pattern.finditer(ALLOWED.sub("", line))
    ]


@pytest.mark.parametrize("file", PAGES)
def test_words_are_of_the_language(file: File) -> None:
    assert not (found := foreign(file)), "\n".join([str(file), *found])


LEAKS = (
    r"sibling SDK",
    r"\b(?:Error|Warning|Info): (?:is|does|names|looks|runs|was)\b",
    r"\bElsewhere: ",
    r"\bNone\.$",
    r"\.\.$",
)
"""Marks of a text template that was filled with what does not fit it."""


@pytest.mark.parametrize("file", [pytest.param(file, id=str(file)) for file in files()])
def test_no_template_leaks(file: File) -> None:
    assert not re.findall("|".join(LEAKS), file.prose, re.MULTILINE)

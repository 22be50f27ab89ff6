"""What the pack is made of: frozen values read from the source files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Language = Literal["python", "csharp", "java", "javascript"]
LANGUAGES: Mapping[str, str] = {"python": "Python", "csharp": "C#", "java": "Java", "javascript": "JavaScript"}


@dataclass(frozen=True, slots=True)
class Project:
    """The whole, as plugin manifests and front matters name it."""

    name: str
    """Of the plugin and of its marketplace; immutable once published."""
    version: str
    """That of the linter."""
    title: str
    description: str
    author: str
    license: str
    keywords: tuple[str, ...]
    repository: str
    """Where the linter is installed from; empty while the project has no address."""

    @property
    def install(self) -> str:
        """How to get the linter, as a phrase: never by a bare name, which anyone may register."""
        if self.repository:
            return f"`pip install git+{self.repository}`"
        return "`pip install` this plugin's `wheel/*.whl`, not the bare name"


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    version: str
    why: str


@dataclass(frozen=True, slots=True)
class Gotcha:
    """Something that assistants invent or get wrong in an SDK."""

    never: str
    instead: str
    why: str


@dataclass(frozen=True, slots=True)
class Program:
    """One source file, whole."""

    file: str
    """Its path in the project of the user."""
    text: str


@dataclass(frozen=True, slots=True)
class Sdk:
    id: str
    title: str
    language: Language
    summary: str
    packages: tuple[Package, ...]
    quick_start: str
    """Commands from a folder that holds the minimal program alone to what it prints."""
    detect: tuple[str, ...]
    minimal: Program
    """The smallest program that runs."""
    program: str
    """The path, in the user's project, of a program of one file; `{class}` stands for its first class."""
    names: Mapping[str, str]
    """Placeholder -> the SDK's own word; what shared prose may use as `{{ names.key }}`."""
    gotchas: tuple[Gotcha, ...]
    commands: Mapping[str, str]
    notices: Mapping[str, str]
    """Change of the code -> what the runtime does at replay; see `notices`."""

    @property
    def family(self) -> str:
        """`durable-task` or `durable-functions`."""
        return self.id.rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class Pattern:
    name: str
    title: str
    summary: str
    when: str
    """Completes "choose it when …" in the pattern picker."""
    body: str
    programs: Mapping[str, tuple[Program, ...]]
    """SDK id -> its files."""
    notes: Mapping[str, str]
    """SDK id or language -> the sections that follow its program."""
    unsupported: Mapping[str, str]
    """SDK id -> why it cannot do this, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    title: str
    when: str
    """Completes "read when …"."""
    body: str
    parts: Mapping[str, str]
    """SDK id or family -> what holds for it alone."""


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    summary: str
    severities: Mapping[str, str]
    equivalents: tuple[str, ...]
    never: Mapping[str, str]
    instead: Mapping[str, str]
    why: str
    sections: Mapping[str, str]
    """Language -> its Markdown, fences with their words."""
    fixable: frozenset[str]
    """The languages in which the linter has a safe replacement for a name of the rule."""
    group: str
    """The file of its `RuleGroup`."""
    in_table: bool
    """Also in the rule table of SKILL.md, not on its page alone: assistants write it often."""
    changes: tuple[str, ...]
    """What differs at replay because of it; keys of `notices.CHANGES`."""

    def severity_for(self, sdk: str) -> str:
        return self.severities.get(sdk, self.severities["default"])

    def never_for(self, sdk: Sdk) -> str | None:
        """The line of the rule table; None when the rule does not concern the SDK."""
        return self.never.get(sdk.id, self.never.get(sdk.language))

    def instead_for(self, sdk: Sdk) -> str | None:
        return self.instead.get(sdk.id, self.instead.get(sdk.language))


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """The rules of one reference page."""

    file: str
    title: str
    intro: str
    rules: tuple[str, ...]
    """First those of the table of SKILL.md; else by name."""
    about: str = ""
    """`linter` for what concerns its users only: no page where the linter does not know the language."""


@dataclass(frozen=True, slots=True)
class Page:
    """A reference page of a cross-SDK skill."""

    name: str
    title: str
    when: str
    body: str


@dataclass(frozen=True, slots=True)
class Cross:
    """The text of a skill that is about no single SDK."""

    title: str
    body: str
    pages: tuple[Page, ...]
    topic: str | None
    """A topic whose part for each SDK becomes a page of its own."""


@dataclass(frozen=True, slots=True)
class Skill:
    name: str
    description: str
    compatibility: str
    cross: Cross | None
    """None for the skill of an SDK."""


@dataclass(frozen=True, slots=True)
class Role:
    """An Azure role that exists."""

    name: str
    id: str
    use: str


@dataclass(frozen=True, slots=True)
class Pack:
    project: Project
    skills: tuple[Skill, ...]
    sdks: Mapping[str, Sdk]
    patterns: tuple[Pattern, ...]
    topics: tuple[Topic, ...]
    rules: Mapping[str, Rule]
    groups: tuple[RuleGroup, ...]
    roles: Mapping[str, Role]
    templates: Mapping[str, str]

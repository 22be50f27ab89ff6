"""What the linter knows: the rules, and the tables of names that most of them consist of.

A rule is one Markdown file. Its front matter is compiled once (when the wheel is built, or when a source checkout's
rule files change) into a JSON file that loads in about two milliseconds; its prose is read only when somebody wants it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from determinism_lint.model import Language, Severity

if TYPE_CHECKING:
    from determinism_lint.rules.text import Example, RuleText

DEFAULT = "default"
"""The key of what holds for every SDK that a table does not name."""

_FOLDER = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = os.path.dirname(_FOLDER)
_COMPILED = os.path.join(_FOLDER, "catalogue.json")
_SOURCE_RULES = os.path.join(os.path.dirname(_PACKAGE), "skills_src", "rules")


def refined(table: Mapping[str, str], runtime: str) -> str | None:
    """The entry for an SDK id such as `durable-functions-python@1`: of that generation, of the SDK, or the default."""
    for key in (runtime, runtime.partition("@")[0], DEFAULT):
        if key in table:
            return table[key]
    return None


@dataclass(frozen=True, slots=True)
class Match:
    """A name that a rule flags."""

    rule: str
    entry: str
    """The table's entry that matched: the name itself, or `prefix.*`."""
    replacements: Mapping[str, str]
    """What the whole call may become, by SDK id; empty when there is no pure substitution."""

    def replacement_for(self, runtime: str) -> str | None:
        return refined(self.replacements, runtime)


@dataclass(frozen=True, slots=True)
class Rule:
    """One hazard: what it is called, how bad it is, which names it flags, and where its text is."""

    name: str
    title: str
    summary: str
    """Completes a message: "`time.time` <summary>". Lower case, no final period."""
    severities: Mapping[str, Severity]
    """By SDK id, with `default` for the rest."""
    since: str
    is_ambient: bool
    """Whether what its names yield differs between processes, so that it is a hazard even when it is read only once."""
    equivalents: tuple[str, ...]
    """Ids of the same rule in other analyzers."""
    never: Mapping[str, str]
    """What not to write, one short line; by language, refined by SDK id."""
    instead: Mapping[str, str]
    """What to write, one short line; by language, refined by SDK id."""
    flag: Mapping[str, Mapping[str, Mapping[str, str]]]
    """Language -> qualified name or `prefix.*` -> replacements by SDK id."""
    allow: Mapping[str, tuple[str, ...]]
    """Language -> pure names inside a flagged `prefix.*`."""
    argless: Mapping[str, Mapping[str, Mapping[str, str]]]
    """As `flag`, for names that are a hazard only when they are called without arguments."""
    languages: tuple[Language, ...]
    """Those that the rule has a section for."""
    path: str
    """The rule's Markdown file."""

    @property
    def severity(self) -> Severity:
        return self.severities[DEFAULT]

    def severity_for(self, runtime: str) -> Severity:
        return cast("Severity", refined(self.severities, runtime))

    def instead_for(self, language: str, runtime: str) -> str | None:
        for key in (runtime, runtime.partition("@")[0], language):
            if key in self.instead:
                return self.instead[key]
        return None

    @property
    def text(self) -> RuleText:
        """Title, reasons, sections and examples."""
        return _text(self.name, self.path)

    @property
    def markdown(self) -> str:
        """The whole text of the rule, without its front matter."""
        return self.text.markdown

    @property
    def why(self) -> str:
        return self.text.why

    @property
    def sections(self) -> Mapping[Language, str]:
        return self.text.sections

    @property
    def examples(self) -> tuple[Example, ...]:
        return self.text.examples


@cache
def _text(name: str, path: str) -> RuleText:
    from determinism_lint.rules.text import parse_text, split_front_matter

    with open(path, encoding="utf-8", newline="") as file:
        _, body, first_line = split_front_matter(file.read().replace("\r\n", "\n"), path)
    return parse_text(body, path, first_line)


_PURE: tuple[str, Mapping[str, str]] = ("", MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class _Names:
    """One language's names. A value is the rule with its replacements; `_PURE` marks an allowed name."""

    exact: dict[str, tuple[str, Mapping[str, str]]]
    below: dict[str, tuple[str, Mapping[str, str]]]
    """By the part of `prefix.*` before the star's dot."""
    argless: dict[str, tuple[str, Mapping[str, str]]]
    argless_below: dict[str, tuple[str, Mapping[str, str]]]


class Catalogue(Mapping[str, Rule]):
    """The rules by name, in alphabetical order."""

    __slots__ = ("_names", "_rules", "digest")

    def __init__(self, rules: Mapping[str, Rule], digest: str) -> None:
        self._rules = dict(rules)
        self._names: dict[str, _Names] = {}
        self.digest = digest
        """Changes whenever anything that decides about findings changes."""

    def __getitem__(self, name: str) -> Rule:
        return self._rules[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def match(self, language: str, qualified_name: str, has_arguments: bool) -> Match | None:
        """The rule that flags a name, by the longest entry that covers it; None when no entry does or it is allowed.

        `has_arguments` tells whether the name is called with any; say True for a name that is not called.
        """
        names = self._names.get(language)
        if names is None:
            names = self._names[language] = _names(self._rules.values(), language)
        hit = names.exact.get(qualified_name)
        if hit is None and not has_arguments:
            hit = names.argless.get(qualified_name)
        if hit is not None:
            return None if hit is _PURE else Match(hit[0], qualified_name, hit[1])
        prefix = qualified_name
        while True:
            prefix, dot, _ = prefix.rpartition(".")
            if not dot:
                return None
            hit = names.below.get(prefix)
            if hit is None and not has_arguments:
                hit = names.argless_below.get(prefix)
            if hit is not None:
                return None if hit is _PURE else Match(hit[0], prefix + ".*", hit[1])


def _names(rules: Iterable[Rule], language: str) -> _Names:
    names = _Names({}, {}, {}, {})
    for rule in rules:
        for table, exact, below in (
            (rule.flag, names.exact, names.below),
            (rule.argless, names.argless, names.argless_below),
        ):
            for entry, replacements in table.get(language, {}).items():
                target, key = (below, entry[:-2]) if entry.endswith(".*") else (exact, entry)
                target[key] = (rule.name, replacements)
        for entry in rule.allow.get(language, ()):
            target, key = (names.below, entry[:-2]) if entry.endswith(".*") else (names.exact, entry)
            target[key] = _PURE
    return names


@cache
def load_catalogue() -> Catalogue:
    """The catalogue that ships with the linter.

    Raises:
        errors.CatalogueError: a rule file of a source checkout is wrong; an installed linter never raises.
    """
    if os.path.exists(_COMPILED):
        with open(_COMPILED, encoding="utf-8") as file:
            return from_compiled(json.load(file), _FOLDER)
    tables = compiled_once(_SOURCE_RULES)
    return from_compiled({**tables, "digest": f"{tables['digest']} {_last_change()}"}, _SOURCE_RULES)


def _last_change() -> int:
    """When a source file of a checkout changed last, in nanoseconds: its code changes without a new version."""
    return max(
        os.stat(os.path.join(folder, name)).st_mtime_ns
        for folder, _, names in os.walk(_PACKAGE)
        for name in names
        if name.endswith(".py")
    )


def compiled_once(folder: str) -> dict[str, Any]:
    """The tables of a checkout's rule files; compiled when a rule file or the compiler has changed, else kept."""
    kept_file = os.path.join(_FOLDER, "__pycache__", "catalogue.json")
    sources = [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".md")]
    sources += [os.path.join(_FOLDER, name) for name in ("compiler.py", "text.py")]
    key = [[path, (status := os.stat(path)).st_mtime_ns, status.st_size] for path in sources]
    try:
        with open(kept_file, encoding="utf-8") as file:
            kept = json.load(file)
        if kept["key"] == key:
            return dict(kept["tables"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    from determinism_lint.rules.compiler import compile_rules

    tables = compile_rules(folder)
    try:
        os.makedirs(os.path.dirname(kept_file), exist_ok=True)
        temporary = f"{kept_file}.{os.getpid()}"
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump({"key": key, "tables": tables}, file)
        os.replace(temporary, kept_file)
    except OSError:
        pass  # A checkout that cannot be written compiles anew each time.
    return tables


def from_compiled(data: Mapping[str, Any], folder: str) -> Catalogue:
    """The catalogue of what `rules.compiler.compile_rules` made from the rule files in `folder`."""
    rules = {
        name: Rule(
            name=name,
            title=rule["title"],
            summary=rule["summary"],
            severities=rule["severity"],
            since=rule["since"],
            is_ambient=rule["ambient"],
            equivalents=tuple(rule["equivalents"]),
            never=rule["never"],
            instead=rule["instead"],
            flag=rule["flag"],
            allow=rule["allow"],
            argless=rule["argless"],
            languages=tuple(rule["languages"]),
            path=os.path.join(folder, name + ".md"),
        )
        for name, rule in data["rules"].items()
    }
    return Catalogue(rules, data["digest"])

"""Settings: `[tool.determinism-lint]` in pyproject.toml, or determinism-lint.toml with the same keys at top level."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from determinism_lint.errors import ConfigError
from determinism_lint.model import SEVERITIES, Severity
from determinism_lint.run.files import OWN_SETTINGS, SHARED_SETTINGS, is_within, repository_of, settings_files
from determinism_lint.run.patterns import parse_pattern

FailOn = Literal["error", "warning", "info", "never"]
FAIL_ON: tuple[FailOn, ...] = (*SEVERITIES, "never")


@dataclass(frozen=True, slots=True)
class Config:
    """What a project, or a command's options, ask for."""

    select: frozenset[str] | None = None
    """Only these rules; None for all."""
    ignore: frozenset[str] = frozenset()
    fail_on: FailOn = "error"
    severity: Mapping[str, Severity] = field(default_factory=dict)
    """Rule -> severity, whatever the catalogue says."""
    exclude: tuple[str, ...] = ()
    """Files and folders to leave out, in the form of .gitignore, relative to `folder`."""
    per_path_ignores: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Pattern in the form of .gitignore -> rules that are not reported in the files it matches."""
    output_format: str = "full"
    baseline: str | None = None
    """A file of known findings, absolute."""
    folder: str = ""
    """Where the settings come from, absolute; the empty string when there are none."""

    def reports(self, rule: str) -> bool:
        return rule not in self.ignore and (self.select is None or rule in self.select)


def find_config(folder: str) -> str | None:
    """The nearest configuration from `folder` upwards, not beyond the repository; determinism-lint.toml comes first.

    Raises:
        ConfigError: a pyproject.toml on the way cannot be read.
    """
    for path in settings_files(folder):
        if path.endswith(OWN_SETTINGS) or _section(path) is not None:
            return path
    return None


def load_config(path: str, rules: Iterable[str], formats: Iterable[str]) -> Config:
    """Read a configuration file.

    Raises:
        ConfigError: it is no TOML, or holds a key or a value that means nothing.
    """
    section = _section(path)
    return parse_config(section if section is not None else {}, path, list(rules), list(formats))


def _section(path: str) -> object:
    # Imported here, for most projects have no settings.
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        with open(path, "rb") as file:
            data: dict[str, object] = tomllib.load(file)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from None
    if os.path.basename(path) != SHARED_SETTINGS:
        return data
    tool = data.get("tool")
    return tool.get("determinism-lint") if isinstance(tool, dict) else None


def parse_config(section: object, path: str, rules: list[str], formats: list[str]) -> Config:
    """Check the settings of one file, whose `path` the messages name."""
    reader = _Reader(path, rules, formats)
    readers: dict[str, Callable[[str, object], Any]] = {
        "select": reader.rule_set,
        "ignore": reader.rule_set,
        "fail-on": lambda key, value: reader.one_of(key, value, FAIL_ON),
        "severity": reader.severities,
        "exclude": reader.patterns,
        "per-path-ignores": reader.per_path,
        "baseline": reader.file,
        "output-format": lambda key, value: reader.one_of(key, value, formats),
    }
    values: dict[str, Any] = {}
    for key, value in reader.table("", section).items():
        if key not in readers:
            reader.fail(f"unknown key `{key}`{nearest(key, readers)}")
        values[key.replace("-", "_")] = readers[key](key, value)
    return Config(**values, folder=os.path.dirname(os.path.abspath(path)).replace(os.sep, "/"))


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint for a message; empty when nothing resembles the word."""
    import difflib

    known = list(known)
    matches = difflib.get_close_matches(word.lower().replace("_", "-"), known, 1)
    return f"; did you mean `{matches[0]}`?" if matches else f"; known are {', '.join(known)}" if len(known) < 9 else ""


def check_rules(names: Iterable[str], rules: Iterable[str], place: str) -> frozenset[str]:
    """The names, when all of them are rules.

    Raises:
        ConfigError: one is not.
    """
    known = frozenset(rules)
    for name in names:
        if name not in known:
            hint = nearest(name, sorted(known)) or "; `determinism-lint rules` lists them"
            raise ConfigError(f"{place}: no rule is called `{name}`{hint}")
    return frozenset(names)


@dataclass(frozen=True, slots=True)
class _Reader:
    path: str
    rules: list[str]
    formats: list[str]

    def fail(self, problem: str) -> NoReturn:
        raise ConfigError(f"{self.path}: {problem}")

    def table(self, key: str, value: object) -> dict[str, object]:
        if not isinstance(value, dict):
            self.fail(f"key `{key}` must be a table" if key else "the settings must be a table")
        return value

    def texts(self, key: str, value: object) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fail(f"key `{key}` must be a list of strings, not {value!r}")
        return value

    def file(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            self.fail(f"key `{key}` must be a string, not {value!r}")
        folder = os.path.dirname(os.path.abspath(self.path))
        path = os.path.join(folder, value)
        if not is_within(path, repository_of(folder) or folder):
            self.fail(f"key `{key}`: {value!r} leads out of the repository")
        return path

    def rule_set(self, key: str, value: object) -> frozenset[str]:
        return check_rules(self.texts(key, value), self.rules, f"{self.path}: key `{key}`")

    def one_of(self, key: str, value: object, known: Iterable[str]) -> str:
        if value not in list(known):
            hint = nearest(value, known) if isinstance(value, str) else f"; known are {', '.join(known)}"
            self.fail(f"key `{key}`: unknown value {value!r}{hint}")
        return str(value)

    def severities(self, key: str, value: object) -> dict[str, str]:
        table = self.table(key, value)
        check_rules(table, self.rules, f"{self.path}: key `{key}`")
        return {rule: self.one_of(f"{key}.{rule}", severity, SEVERITIES) for rule, severity in table.items()}

    def patterns(self, key: str, value: object) -> tuple[str, ...]:
        return tuple(self.pattern(key, pattern) for pattern in self.texts(key, value))

    def pattern(self, key: str, pattern: str) -> str:
        """A pattern in the form of .gitignore; `./x` and an absolute path below the settings' folder mean `/x`."""
        if "\\" in pattern:
            self.fail(f"key `{key}`: write {pattern!r} with `/` between folders")
        folder = os.path.dirname(os.path.abspath(self.path)).replace(os.sep, "/").rstrip("/")
        if pattern.startswith(folder + "/"):
            pattern = pattern[len(folder) :]
        elif pattern.startswith("./"):
            pattern = pattern[1:]
        if parse_pattern(pattern) is None or pattern.startswith("../"):
            self.fail(f"key `{key}`: {pattern!r} can match nothing; patterns are relative to the file's folder")
        return pattern

    def per_path(self, key: str, value: object) -> dict[str, frozenset[str]]:
        table = self.table(key, value)
        return {
            self.pattern(key, pattern): self.rule_set(f"{key}.{pattern}", names) for pattern, names in table.items()
        }

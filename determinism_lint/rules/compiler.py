"""Turns the rule files into the tables that `catalogue` loads.

Used when a wheel is built, and in a source checkout when a rule file has changed; the only part of the linter that
needs a YAML parser.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

import yaml

from determinism_lint.errors import CatalogueError
from determinism_lint.model import SEVERITIES
from determinism_lint.rules.text import SECTIONS, parse_text, split_front_matter

_KEYS = ("summary", "severity", "since", "ambient", "equivalents", "never", "instead", "flag", "allow", "argless")
_OF_SKILLS = ("group", "place", "changes")
"""What only the generator of the skills reads."""
_REQUIRED = ("summary", "severity", "since")
_LANGUAGES = tuple(SECTIONS.values())
_SDK = re.compile(r"(durable-task|durable-functions|dapr-workflow|dtfx)-(python|dotnet|java|js)(@[0-9]+(-native)?)?")
_NAME = re.compile(r"[^\s.*]+(\.[^\s.*]+)*(\.\*)?")
_RULE_NAME = re.compile(r"[a-z]+(-[a-z]+)*")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")


class StrictLoader(yaml.SafeLoader):
    """YAML without its traps: no key twice, and no word that silently becomes a boolean."""

    text_keys = False


class _RuleLoader(StrictLoader):
    """Whose keys are names as well, none of them a number."""

    text_keys = True


def _mapping(loader: StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if loader.text_keys and not isinstance(key, str):
            raise yaml.MarkedYAMLError(problem=f"key {key!r} is not text", problem_mark=key_node.start_mark)
        if key in seen:
            raise yaml.MarkedYAMLError(problem=f"key {key!r} occurs twice", problem_mark=key_node.start_mark)
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


def _boolean(loader: StrictLoader, node: yaml.ScalarNode) -> NoReturn:
    raise yaml.MarkedYAMLError(
        problem=f"{node.value!r} means a boolean in YAML 1.1; put it in quotes", problem_mark=node.start_mark
    )


StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
StrictLoader.add_constructor("tag:yaml.org,2002:bool", _boolean)


def compile_rules(folder: str) -> dict[str, Any]:
    """The tables of all rule files in a folder, as JSON data: {"digest": …, "rules": {name: …}}.

    Raises:
        CatalogueError: naming the file and the key at fault.
    """
    rules = {}
    for file_name in sorted(os.listdir(folder)):
        if file_name.endswith(".md") and not file_name.startswith("_"):
            path = os.path.join(folder, file_name)
            with open(path, encoding="utf-8", newline="") as file:
                rules[file_name[:-3]] = compile_rule(file_name[:-3], file.read().replace("\r\n", "\n"), path)
    _reject_conflicts(rules, folder)
    text = json.dumps(rules, sort_keys=True)
    return {"digest": hashlib.sha256(text.encode()).hexdigest()[:16], "rules": rules}


def compile_rule(name: str, text: str, path: str) -> dict[str, Any]:
    """The table of one rule file."""
    if not _RULE_NAME.fullmatch(name):
        raise CatalogueError(f"{path}: a rule's name is lower-case words joined by hyphens")
    front_matter, body, first_line = split_front_matter(text, path)
    try:
        data = yaml.load(front_matter, _RuleLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise CatalogueError(f"{path}:{line}: {error.problem}") from None
    except yaml.YAMLError as error:  # A character that YAML does not allow.
        raise CatalogueError(f"{path}: {error}") from None
    if not isinstance(data, dict):
        raise CatalogueError(f"{path}: the front matter is not a mapping")
    for key in data:
        if key not in _KEYS + _OF_SKILLS:
            raise CatalogueError(f"{path}: unknown key `{key}`{_nearest(key, _KEYS)}")
    for key in _REQUIRED:
        if key not in data:
            raise CatalogueError(f"{path}: key `{key}` is missing")
    prose = parse_text(body, path, first_line)
    return {
        "title": prose.title,
        "summary": _summary(path, data["summary"]),
        "severity": _severity(path, data["severity"]),
        "since": _string(path, "since", data["since"], _VERSION, "a version such as 0.1.0"),
        "ambient": _ambient(path, data.get("ambient")),
        "equivalents": _strings(path, "equivalents", data.get("equivalents", [])),
        "never": _advice(path, "never", data.get("never", {})),
        "instead": _advice(path, "instead", data.get("instead", {})),
        "flag": _by_language(path, "flag", data.get("flag", {}), _names),
        "allow": _by_language(path, "allow", data.get("allow", {}), _allowed),
        "argless": _by_language(path, "argless", data.get("argless", {}), _names),
        "languages": list(prose.sections),
    }


def _nearest(word: str, known: Iterable[str]) -> str:
    matches = difflib.get_close_matches(word, list(known), 1)
    return f"; did you mean `{matches[0]}`?" if matches else ""


def _string(path: str, key: str, value: object, form: re.Pattern[str] | None = None, what: str = "text") -> str:
    if not isinstance(value, str) or not value.strip() or (form and not form.fullmatch(value)):
        raise CatalogueError(f"{path}: key `{key}`: {value!r} is not {what}")
    return value.strip()


def _summary(path: str, value: object) -> str:
    summary = _string(path, "summary", value)
    if summary.endswith(".") or summary[0].isupper() or "\n" in summary:
        raise CatalogueError(f"{path}: key `summary` begins in lower case, is one line and has no final period")
    return summary


def _strings(path: str, key: str, value: object) -> list[str]:
    if not isinstance(value, list):
        raise CatalogueError(f"{path}: key `{key}` must be a list")
    return [_string(path, key, item) for item in value]


def _table(path: str, key: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise CatalogueError(f"{path}: key `{key}` must be a mapping")
    return value


def _ambient(path: str, value: object) -> bool:
    """Whether what the rule's names yield differs between processes, even when it is read only once."""
    if value not in (None, "process"):
        raise CatalogueError(f"{path}: key `ambient`: {value!r} is not `process`")
    return value is not None


def _severity(path: str, value: object) -> dict[str, str]:
    table = value if isinstance(value, dict) else {"default": value}
    if "default" not in table:
        raise CatalogueError(f"{path}: key `severity.default` is missing")
    for key, severity in table.items():
        where = f"severity.{key}" if isinstance(value, dict) else "severity"
        if key != "default":
            _string(path, where, key, _SDK, "an SDK id")
        if severity not in SEVERITIES:
            hint = _nearest(str(severity), SEVERITIES)
            raise CatalogueError(f"{path}: key `{where}`: {severity!r} is none of {', '.join(SEVERITIES)}{hint}")
    return dict(table)


def _advice(path: str, key: str, value: object) -> dict[str, str]:
    advice = {}
    for place, line in _table(path, key, value).items():
        if place not in _LANGUAGES:
            _string(path, f"{key}.{place}", place, _SDK, f"one of {', '.join(_LANGUAGES)} or an SDK id")
        advice[place] = _string(path, f"{key}.{place}", line)
        if "\n" in advice[place]:
            raise CatalogueError(f"{path}: key `{key}.{place}` must be one line")
    return advice


def _by_language(path: str, key: str, value: object, part: Callable[[str, str, object], Any]) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    for language, table in _table(path, key, value).items():
        if language not in _LANGUAGES:
            hint = _nearest(language, _LANGUAGES)
            raise CatalogueError(f"{path}: key `{key}`: unknown language `{language}`{hint}")
        tables[language] = part(path, f"{key}.{language}", table)
    return tables


def _names(path: str, key: str, value: object) -> dict[str, dict[str, str]]:
    names: dict[str, dict[str, str]] = {}
    for name, replacement in _table(path, key, value).items():
        _string(path, key, name, _NAME, "a qualified name or `name.*`")
        where = f"{key}.{name}"
        if replacement is None:
            names[name] = {}
        elif isinstance(replacement, dict):
            for sdk in replacement:
                if sdk != "default":
                    _string(path, where, sdk, _SDK, "an SDK id")
            names[name] = {sdk: _string(path, where, text) for sdk, text in replacement.items()}
        else:
            names[name] = {"default": _string(path, where, replacement)}
    return names


def _allowed(path: str, key: str, value: object) -> list[str]:
    return [_string(path, key, name, _NAME, "a qualified name or `name.*`") for name in _strings(path, key, value)]


def _reject_conflicts(rules: Mapping[str, Mapping[str, Any]], folder: str) -> None:
    owners: dict[tuple[str, str, bool], str] = {}
    for name, rule in rules.items():
        for kind in ("flag", "allow", "argless"):
            for language, entries in rule[kind].items():
                for entry in entries:
                    for argless in (False, True) if kind != "argless" else (True,):
                        key = (language, entry, argless)
                        if key in owners:
                            raise CatalogueError(
                                f"{os.path.join(folder, name)}.md: key `{kind}.{language}.{entry}`: "
                                f"{owners[key]} lists this name too"
                            )
                        owners[key] = name if kind != "allow" else f"{name} (allow)"

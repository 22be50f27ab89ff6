"""Reading source files strictly: what is malformed fails with the file and the key at fault."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

from determinism_lint.rules.compiler import StrictLoader


class SourceError(ValueError):
    """A source file is wrong. The message names the file and the key."""


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping read from a file; each getter fails, naming the file and the key, when the value is not of its type."""

    where: str
    """The file, and the path of keys inside it."""
    data: dict[str, Any]

    def fail(self, key: str, problem: str) -> NoReturn:
        raise SourceError(f"{self.where}: key `{key}` {problem}")

    def only(self, *keys: str) -> None:
        """Fail on a key that is none of these."""
        for key in self.data:
            if key not in keys:
                self.fail(key, f"is unknown; known are {', '.join(keys)}")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.data.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            self.fail(key, "is missing" if value is None else f"must be text, not {value!r}")
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.data.get(key)
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            self.fail(key, "is missing" if value is None else "must be a list of text")
        return tuple(item.strip() for item in value)

    def table(self, key: str, default: dict[str, str] | None = None) -> dict[str, str]:
        value = self.data.get(key, default)
        if not isinstance(value, dict) or not all(isinstance(item, str) for pair in value.items() for item in pair):
            self.fail(key, "is missing" if value is None else "must be a mapping from text to text")
        return {name: text.strip() for name, text in value.items()}

    def record(self, key: str) -> Record:
        value = self.data.get(key)
        if not isinstance(value, dict):
            self.fail(key, "is missing" if value is None else "must be a mapping")
        return Record(f"{self.where}: {key}", value)

    def records(self, key: str) -> tuple[Record, ...]:
        value = self.data.get(key)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.fail(key, "is missing" if value is None else "must be a list of mappings")
        return tuple(Record(f"{self.where}: {key}[{number}]", item) for number, item in enumerate(value))


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, with `\\n` line ends.

    Raises:
        SourceError: the file is missing or is no UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path.as_posix()}: cannot be read: {error}") from None


def read_yaml(path: Path) -> Record:
    """A YAML file that holds a mapping."""
    return _record(read_text(path), path.as_posix())


def read_page(path: Path) -> tuple[Record, str]:
    """The front matter and the body of a Markdown file."""
    where = path.as_posix()
    lines = read_text(path).split("\n")
    if lines[0] != "---" or "---" not in lines[1:]:
        raise SourceError(f"{where}: must begin with front matter between two lines `---`")
    end = lines.index("---", 1)
    return _record("\n".join(lines[1:end]), where), "\n".join(lines[end + 1 :]).strip() + "\n"


def _record(text: str, where: str) -> Record:
    try:
        data = yaml.load(text, StrictLoader)
    except yaml.MarkedYAMLError as error:
        line = f" (line {error.problem_mark.line + 1} of the YAML)" if error.problem_mark else ""
        raise SourceError(f"{where}: {error.problem}{line}") from None
    if not isinstance(data, dict):
        raise SourceError(f"{where}: must hold a mapping")
    return Record(where, data)

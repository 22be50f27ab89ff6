"""What `init` did to a repository, kept there, so that it can be brought up to date and taken back exactly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from determinism_lint.init.edits import Item

PATH = ".determinism-lint-init.json"
_VERSION = 1
_NOTE = "What `determinism-lint init` wrote here; `determinism-lint init --undo` takes exactly that back."


class RecordError(Exception):
    """The record cannot be understood."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that is all ours."""

    part: str
    digest: str
    """Of its content, to see whether somebody has edited it."""


@dataclass(frozen=True, slots=True)
class WrittenPieces:
    """What was inserted into a file of somebody else's."""

    part: str
    digest: str
    """Of what the pieces were made from, to see whether a later version would insert something else."""
    pieces: tuple[str, ...]
    items: tuple[Item, ...]
    """What the pieces mean, where the file is JSON."""
    created_as: str | None
    """The text of the file without the pieces, if it was not there before."""


@dataclass(frozen=True, slots=True)
class Record:
    """By path, relative to the repository, with `/`."""

    files: Mapping[str, WrittenFile] = field(default_factory=dict)
    insertions: Mapping[str, WrittenPieces] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    """Folders that were not there before."""


def _is_below(path: object) -> bool:
    """Whether a path of a record stays below the repository: a record may be anybody's."""
    if not isinstance(path, str) or "\\" in path or ":" in path or path.startswith("/"):
        return False
    return all(part not in ("", ".", "..", ".git") for part in path.split("/"))


def dump(record: Record) -> bytes:
    data = {
        "note": _NOTE,
        "version": _VERSION,
        "files": {path: asdict(each) for path, each in sorted(record.files.items())},
        "insertions": {path: asdict(each) for path, each in sorted(record.insertions.items())},
        "folders": sorted(record.folders),
    }
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


def load(content: bytes | None) -> Record:
    """The record in a file's content; an empty one when there is no file.

    Raises:
        RecordError: the content is none, or one of a later version.
    """
    if content is None:
        return Record()
    try:
        data: dict[str, Any] = json.loads(content)
        if data["version"] != _VERSION:
            raise RecordError(f"{PATH} was written by another version of determinism-lint")
        for path in (*data["files"], *data["insertions"], *data["folders"]):
            if not _is_below(path):
                raise RecordError(f"{PATH} names {path!r}, which init cannot have written")
        return Record(
            {path: WrittenFile(**each) for path, each in data["files"].items()},
            {
                path: WrittenPieces(
                    **{
                        **each,
                        "pieces": tuple(each["pieces"]),
                        "items": tuple((tuple(keys), item) for keys, item in each["items"]),
                    }
                )
                for path, each in data["insertions"].items()
            },
            tuple(data["folders"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise RecordError(
            f"{PATH} cannot be understood; restore it, or delete it and what init wrote by hand"
        ) from None

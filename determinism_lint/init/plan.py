"""Brings a draft of a repository to what was picked, or back. Nothing is written to disk here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from determinism_lint.init.draft import Draft
from determinism_lint.init.edits import EditError, Insertion, JsonItems, remove, remove_items
from determinism_lint.init.parts import Part
from determinism_lint.init.record import PATH, Record, WrittenFile, WrittenPieces, dump

State = Literal["added", "updated", "removed", "there", "left"]


@dataclass(frozen=True, slots=True)
class Note:
    """What happened to one file."""

    part: str
    """What the file belongs to, as people read it; empty when something is taken back."""
    path: str
    state: State
    reason: str = ""


def wire(draft: Draft, parts: Iterable[Part], record: Record) -> tuple[list[Note], Record]:
    """Write the parts to the draft; returns what was done, and the new record."""
    files, insertions = dict(record.files), dict(record.insertions)
    notes = []
    for part in parts:
        for path, content in part.files.items():
            note = _own_file(draft, part, path, content, files)
            notes.append(note)
        for path, insertion in part.insertions.items():
            notes.append(_insertion(draft, part, path, insertion, insertions))
        for path in [path for path, each in files.items() if each.part == part.name and path not in part.files]:
            # A later version has no such file any more.
            notes.append(_take_back_file(draft, path, files.pop(path)))
    new = Record(files, insertions, tuple(sorted({*record.folders, *draft.new_folders()})))
    if files or insertions:
        draft.write(PATH, dump(new))
    return notes, new


def unwire(draft: Draft, record: Record) -> list[Note]:
    """Take back from the draft what a record says was written; the record keeps what had to be left."""
    files = {path: _take_back_file(draft, path, each) for path, each in record.files.items()}
    pieces = {path: _take_back_pieces(draft, path, each) for path, each in record.insertions.items()}
    left = Record(
        {path: each for path, each in record.files.items() if files[path].state == "left"},
        {path: each for path, each in record.insertions.items() if pieces[path].state == "left"},
        record.folders,
    )
    draft.write(PATH, dump(left) if left.files or left.insertions else None)
    return [*files.values(), *pieces.values()]


def _own_file(draft: Draft, part: Part, path: str, content: bytes, files: dict[str, WrittenFile]) -> Note:
    if not draft.is_inside(path):
        return Note(part.title, path, "left", "a symbolic link leads out of the repository")
    current = draft.read(path)
    if current == content:
        return Note(part.title, path, "there")
    if current is not None and (path not in files or files[path].digest != _digest(current)):
        reason = "was edited since" if path in files else "exists, and init did not write it"
        return Note(part.title, path, "left", reason)
    draft.write(path, content)
    files[path] = WrittenFile(part.name, _digest(content))
    return Note(part.title, path, "added" if current is None else "updated")


def _insertion(draft: Draft, part: Part, path: str, insertion: Insertion, insertions: dict[str, WrittenPieces]) -> Note:
    if not draft.is_inside(path):
        return Note(part.title, path, "left", "a symbolic link leads out of the repository")
    content = draft.read(path)
    wanted = _digest(repr(insertion).encode())
    before = insertions.get(path)
    try:
        text, newline = _decoded(content if content is not None else insertion.empty.encode())
        bare = _without(text, before) if before else None
        if before and bare is not None:
            if before.digest == wanted:
                return Note(part.title, path, "there")
            text = bare
        elif content is not None and insertion.is_there(text):
            return Note(part.title, path, "left", "was edited since") if before else Note(part.title, path, "there")
        text, pieces = insertion.insert(text)
    except EditError as error:
        return Note(part.title, path, "left", str(error))
    draft.write(path, _encoded(text, newline))
    created_as = insertion.empty if content is None else before.created_as if before else None
    items = insertion.items if isinstance(insertion, JsonItems) else ()
    insertions[path] = WrittenPieces(part.name, wanted, tuple(pieces), items, created_as)
    return Note(part.title, path, "updated" if bare is not None else "added")


def _take_back_file(draft: Draft, path: str, written: WrittenFile) -> Note:
    if not draft.is_inside(path):
        return Note("", path, "left", "a symbolic link leads out of the repository")
    current = draft.read(path)
    if current is None:
        return Note("", path, "there", "is gone already")
    if _digest(current) != written.digest:
        return Note("", path, "left", "was edited since")
    draft.write(path, None)
    return Note("", path, "removed")


def _take_back_pieces(draft: Draft, path: str, written: WrittenPieces) -> Note:
    if not draft.is_inside(path):
        return Note("", path, "left", "a symbolic link leads out of the repository")
    content = draft.read(path)
    if content is None:
        return Note("", path, "there", "is gone already")
    try:
        text, newline = _decoded(content)
    except EditError as error:
        return Note("", path, "left", str(error))
    bare = _without(text, written)
    if bare is None:
        return Note("", path, "left", "was edited since")
    ours = written.created_as is not None and bare.split() == written.created_as.split()
    draft.write(path, None if ours else _encoded(bare, newline))
    return Note("", path, "removed")


def _without(text: str, written: WrittenPieces) -> str | None:
    """The text without what was inserted: exactly as it was before, or, of JSON, what that means."""
    bare = remove(text, written.pieces)
    return remove_items(text, written.items) if bare is None and written.items else bare


def _decoded(content: bytes) -> tuple[str, str]:
    """A file's text with plain newlines, and the newline that it has."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise EditError("is not UTF-8 text") from None
    plain = text.replace("\r\n", "\n")
    newline = "\r\n" if plain != text else "\n"
    if plain.replace("\n", newline) != text:
        raise EditError("mixes two kinds of line ends")
    return plain, newline


def _encoded(text: str, newline: str) -> bytes:
    return text.replace("\n", newline).encode("utf-8")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

"""Reads recorded histories from files, in each form in which SDKs and tools write them."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from determinism_lint.replay.model import Json
from determinism_lint.replay.recorded import protobuf, typed
from determinism_lint.replay.recorded.model import HistoryError, Recording
from determinism_lint.replay.recorded.unfolded import unfolded, with_text

_REDACTED = "the payloads, which were redacted"
REDACTED = "redacted"
"""The key of a document whose payloads were replaced."""
_ENDINGS = (".json", ".jsonl", ".jsonl.gz")
_HOW = (
    "give what `determinism-lint record` writes, a history export of the SDK, HistoryEvent messages as JSON, or the "
    "status query of Durable Functions with showHistory=true&showHistoryOutput=true"
)


def files(paths: Sequence[str]) -> Iterator[str]:
    """The files themselves, and what looks like a history in the folders."""
    for path in paths:
        if os.path.isdir(path):
            yield from sorted(str(each) for each in Path(path).iterdir() if each.name.endswith(_ENDINGS))
        else:
            yield path


def read(path: str) -> Recording:
    """The history in a file. Raises HistoryError where there is none."""
    head, found = _head(path, _document(path))
    is_status, items = "events" not in head and bool(head), list(_items(path, found))
    told = [_event(path, number, with_text(item) if is_status else item) for number, item in enumerate(items, 1)]
    lacks: tuple[str, ...] = (_REDACTED,) if head.get(REDACTED) else ()
    numbered = list(enumerate(told, 1))
    if is_status:
        numbered, lacks = unfolded(told, head.get("input"))
    started: Json = next((each["executionStarted"] for _, each in numbered if "executionStarted" in each), {})
    if not started.get("name"):
        raise HistoryError(f"{path}: no event tells which orchestrator was started", _HOW)
    own = started.get("orchestrationInstance", {}).get("instanceId")
    named = (head.get("instance_id"), head.get("instanceId"), own)
    return Recording(
        path,
        str(next(filter(None, named), Path(path).name.partition(".")[0])),
        started["name"],
        tuple(event for _, event in numbered),
        tuple(number for number, _ in numbered),
        redacted=bool(head.get(REDACTED)),
        lacks=lacks,
        numbered=not is_status,
    )


def _head(path: str, document: Json) -> tuple[Mapping[str, Json], Json]:
    """What a document tells of the instance, and its events: under `historyEvents` or `history` if it is a status."""
    if not isinstance(document, dict):
        return {}, document
    if _is_event(document):
        return {}, [document]
    head = {**document, **(document["metadata"] if isinstance(document.get("metadata"), dict) else {})}
    key = next((key for key in ("events", "historyEvents", "history") if head.get(key) is not None), None)
    if key is None:
        missing = "the status has no `historyEvents`" if "runtimeStatus" in head else "there is no list of events"
        raise HistoryError(f"{path}: {missing}", _HOW)
    return head, head[key]


def _document(path: str) -> Json:
    try:
        content = Path(path).read_bytes()
        if content.startswith(b"\x1f\x8b"):
            content = gzip.decompress(content)
        text = content.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise HistoryError(f"{path} cannot be read: {error}", _HOW) from error
    try:
        return json.loads(text)
    except ValueError as error:
        first = error
    try:
        head, *rest = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        raise HistoryError(f"{path} is not JSON: {first}", _HOW) from first
    return {**head, "events": rest} if head.get("kind") == "metadata" else [head, *rest]


def _items(path: str, document: Json) -> Iterator[Mapping[str, Json]]:
    """The events, also of a list of chunks as `StreamInstanceHistory` sends them."""
    if not isinstance(document, list):
        raise HistoryError(f"{path}: the history is no list of events", _HOW)
    for item in document:
        if isinstance(item, dict) and isinstance(item.get("events"), list):
            yield from _items(path, item["events"])
        elif isinstance(item, dict) and _is_event(item):
            yield item
        else:
            raise HistoryError(f"{path}: {json.dumps(item)[:80]} is no event of a history", _HOW)


def _is_event(item: Mapping[str, Json]) -> bool:
    return protobuf.is_event(item) or typed.is_event(item)


def _event(path: str, number: int, item: Mapping[str, Json]) -> Json:
    try:
        return protobuf.checked(protobuf.event(item) if protobuf.is_event(item) else typed.event(item))
    except ValueError as error:
        raise HistoryError(f"{path}: event {number} is damaged: {error}", _HOW) from error

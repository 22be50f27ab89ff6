"""Reading recorded histories: every form gives the same, and what cannot be read is told with what to do."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from determinism_lint.replay.recorded.model import HistoryError
from determinism_lint.replay.recorded.protobuf import kind_of
from determinism_lint.replay.recorded.reader import files, read
from determinism_lint.replay.recorded.steps import asked, ending, raised

INSTANCES = ("bank", "doomed", "o-1", "o-2", "parent", "stubborn")


def written(folder: Path, content: Any, name: str = "order-7.json") -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(path)


def told(events: Any) -> list[Any]:
    """What matters of events, whatever else a form says of them."""
    names = ("name", "input", "result", "taskScheduledId", "timerId", "instanceId", "requestId", "operation", "lockSet")
    return [
        (kind_of(event), event.get("eventId", 0), *(event[kind_of(event)].get(name) for name in names))
        for event in events
    ]


@pytest.mark.parametrize("instance", INSTANCES)
@pytest.mark.parametrize("form", ["chunks/{}.json", "chunk/{}.json", "export/{}.json", "lines/{}.jsonl.gz"])
def test_every_form_tells_the_same(recorded: Path, form: str, instance: str) -> None:
    plain = read(str(recorded / "list" / f"{instance}.json"))
    other = read(str(recorded / form.format(instance)))
    assert (other.instance, other.orchestrator) == (plain.instance, plain.orchestrator)
    assert told(other.events) == told(plain.events)
    assert other.places == tuple(range(1, len(other.events) + 1))


def test_names_in_snake_case(recorded: Path, tmp_path: Path) -> None:
    plain = str(recorded / "list" / "bank.json")
    text = Path(plain).read_text(encoding="utf-8")
    snake = re.sub(r'(?<=")[a-z]+(?:[A-Z][a-z]+)+(?=":)', lambda m: re.sub("[A-Z]", r"_\g<0>", m[0]).lower(), text)
    assert "entity_operation_called" in snake and "taskScheduled" not in snake
    assert read(written(tmp_path, snake.encode())).events == read(plain).events


STARTED = {"eventType": "ExecutionStarted", "eventId": -1, "isPlayed": False, "timestamp": "2026-01-02T03:04:05.6Z",
           "name": "order", "input": "3",
           "orchestrationInstance": {"instanceId": "o-7", "executionId": "x"}}  # fmt: skip
SCHEDULED = {"eventType": "TaskScheduled", "eventId": 0, "isPlayed": False, "timestamp": "2026-01-02T03:04:05.7Z",
             "name": "price", "input": "3"}  # fmt: skip
FAILED = {"eventType": "TaskFailed", "eventId": -1, "isPlayed": False, "timestamp": "2026-01-02T03:04:05.8Z",
          "taskScheduledId": 0, "reason": "no", "details": "at once",
          "failureDetails": {"errorType": "E", "errorMessage": "no", "stackTrace": "…",
                             "isNonRetriable": False}}  # fmt: skip


@pytest.mark.parametrize("form", ["list", "lines", "packed lines", "one line"])
def test_the_export_of_the_dotnet_sdk(tmp_path: Path, form: str) -> None:
    """DurableTask.Core's events in camelCase, as ExportInstanceHistoryActivity.cs of durabletask-dotnet writes them."""
    events = [STARTED, SCHEDULED, FAILED] if form != "one line" else [STARTED]
    lines = "".join(json.dumps(event) + "\n" for event in events).encode()
    content = {"list": events, "lines": lines, "packed lines": gzip.compress(lines), "one line": lines}[form]
    recording = read(written(tmp_path, content))
    assert (recording.instance, recording.orchestrator) == ("o-7", "order")
    assert recording.events[0]["executionStarted"] == {
        "name": "order", "input": "3", "orchestrationInstance": {"instanceId": "o-7"}
    }  # fmt: skip
    if form != "one line":
        assert recording.events[2]["taskFailed"] == {
            "taskScheduledId": 0, "failureDetails": {"errorType": "E", "errorMessage": "no", "stackTrace": "…"}
        }  # fmt: skip


STATUS = {
    "name": "SayHello", "instanceId": "abc", "runtimeStatus": "Running", "input": "World", "customStatus": None,
    "output": None, "createdTime": "2026-01-02T03:04:05Z", "lastUpdatedTime": "2026-01-02T03:04:09Z",
    "historyEvents": [
        {"EventType": "ExecutionStarted", "Timestamp": "2026-01-02T03:04:05.1234567Z", "FunctionName": "SayHello",
         "Input": "\"World\"", "Generation": 0},
        {"EventType": "TimerCreated", "Timestamp": "2026-01-02T03:04:05.25Z", "FireAt": "2026-01-02T03:04:06Z"},
        {"EventType": "TaskCompleted", "Timestamp": "2026-01-02T03:04:05.5Z", "Result": {"said": "Hello"},
         "ScheduledTime": "2026-01-02T03:04:05.2Z", "FunctionName": "Hello"},
        {"EventType": "TimerFired", "Timestamp": "2026-01-02T03:04:06Z", "FireAt": "2026-01-02T03:04:06Z"},
        {"EventType": "TaskScheduled", "Timestamp": "2026-01-02T03:04:06.1Z", "Name": "Goodbye"},
    ],
}  # fmt: skip


def test_the_status_query(tmp_path: Path) -> None:
    """In the shape that the extension's DurableClient.cs gives it and its DurableTaskEndToEndTests.cs expects."""
    recording = read(written(tmp_path, STATUS))
    assert (recording.instance, recording.orchestrator, recording.numbered) == ("abc", "SayHello", False)
    assert [(kind_of(event), event["eventId"], place) for event, place in zip(
        recording.events, recording.places, strict=True
    )] == [
        ("orchestratorStarted", -1, 1), ("executionStarted", -1, 1), ("taskScheduled", 0, 3), ("timerCreated", 1, 2),
        ("orchestratorStarted", -1, 3), ("taskCompleted", -1, 3), ("orchestratorStarted", -1, 4), ("timerFired", -1, 4),
        ("taskScheduled", 2, 5),
    ]  # fmt: skip
    assert recording.events[5]["taskCompleted"] == {"result": '{"said": "Hello"}', "taskScheduledId": 0}
    assert recording.events[7]["timerFired"]["timerId"] == 1


def test_steps_of_one_moment_have_no_order(tmp_path: Path) -> None:
    events = [
        {"EventType": "ExecutionStarted", "Timestamp": "2026-01-02T03:04:05Z", "FunctionName": "flow", "Input": "1"},
        {"EventType": "TaskScheduled", "Timestamp": "2026-01-02T03:04:05.50Z", "Name": "a", "Input": "1"},
        {"EventType": "TaskScheduled", "Timestamp": "2026-01-02T03:04:05.5Z", "Name": "b", "Input": "1"},
    ]
    recording = read(written(tmp_path, {"instanceId": "1", "runtimeStatus": "Running", "historyEvents": events}))
    assert recording.lacks == ("the order of steps that were scheduled at the same moment",)
    events[2]["Name"] = "a"
    assert read(written(tmp_path, {"instanceId": "1", "runtimeStatus": "Running", "historyEvents": events})).lacks == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not JSON"),
        (b"\x1f\x8bnot packed", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        ({"runtimeStatus": "Running", "instanceId": "1"}, "the status has no `historyEvents`"),
        ({"name": "order"}, "there is no list of events"),
        ({"events": "many"}, "the history is no list of events"),
        ([{"type": "WorkflowExecutionStarted"}], 'is no event of a history'),
        (3, "the history is no list of events"),
        ([{"eventId": 1, "taskScheduled": {"name": "a"}}], "no event tells which orchestrator was started"),
        ([], "no event tells which orchestrator was started"),
    ],
)  # fmt: skip
def test_what_is_no_history(tmp_path: Path, content: Any, message: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(HistoryError, match=re.escape(message)) as raised:
        read(path)
    assert str(raised.value).startswith(path)
    assert "determinism-lint record" in raised.value.help


def test_folders(tmp_path: Path) -> None:
    for name in ("b.json", "a.jsonl.gz", "notes.txt"):
        (tmp_path / name).touch()
    assert [Path(path).name for path in files([str(tmp_path)])] == ["a.jsonl.gz", "b.json"]
    assert list(files(["absent.json"])) == ["absent.json"]


def test_whatever_is_missing_is_told_or_does_not_matter(recorded: Path, tmp_path: Path) -> None:
    """No form of damage is an internal error."""
    documents = [json.loads((recorded / form / "bank.json").read_text("utf-8")) for form in ("list", "export")]
    for document in [*documents, STATUS]:
        damages: tuple[Any, ...] = (None, 3, "text", [], {})
        for damage in damages:
            for damaged in damaged_in_one_place(document, damage):
                try:
                    recording = read(written(tmp_path, damaged))
                except HistoryError:
                    continue
                asked(recording)
                raised(recording)
                ending(recording)


def damaged_in_one_place(document: Any, damage: Any) -> Iterator[Any]:
    if isinstance(document, dict):
        for key, value in document.items():
            yield {**document, key: damage}
            for inner in damaged_in_one_place(value, damage):
                yield {**document, key: inner}
    if isinstance(document, list):
        for index, value in enumerate(document[:12]):
            for inner in damaged_in_one_place(value, damage):
                yield [*document[:index], inner, *document[index + 1 :]]

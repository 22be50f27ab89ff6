"""`record`: from a task hub that runs, and what redaction leaves of a history."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from determinism_lint.commands.cli import run
from determinism_lint.replay.recorded.redact import redacted
from tests.environments import sdk_python
from tests.replay.recorded.histories import free_port, task_hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    folder = tmp_path_factory.mktemp("hub")
    with task_hub(folder) as address:
        yield folder, address


def record(address: str, *arguments: str) -> int:
    return run(["record", "--address", address, "--python", str(sdk_python("durable-task-python")), *arguments])


def replay(folder: Path, histories: Path) -> int:
    python = str(sdk_python("durable-task-python"))
    return run(["replay", str(folder / "flows.py"), "--python", python, "--history", str(histories)])


def test_instances_by_status_and_by_id(
    hub: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, address = hub
    assert record(address, "--status", "running", "--instance", "parent:0001", "-o", str(tmp_path / "some")) == 0
    assert capsys.readouterr().out == f"2 instances recorded in {tmp_path / 'some'}\n"
    assert sorted(path.name for path in (tmp_path / "some").iterdir()) == ["o-2.json", "parent%3A0001.json"]
    everything = ["--status", "running", "--status", "completed", "--status", "failed"]
    assert record(address, *everything, "-o", str(tmp_path / "all")) == 0
    assert len(list((tmp_path / "all").iterdir())) == 7
    capsys.readouterr()
    assert replay(folder, tmp_path / "all") == 0
    assert capsys.readouterr().out.count(" replays instance ") == 7


def test_redacted(hub: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, address = hub
    wanted = ["--instance", "o-1", "--instance", "o-2", "--instance", "doomed", "--instance", "bank"]
    assert record(address, *wanted, "--redact", "-o", str(tmp_path / "r")) == 0
    said = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "r").iterdir())
    assert "Ann" not in said and "eve@example.org" not in said and "ValueError: no" not in said
    assert '"who' in said and '"total' in said  # keys stay
    capsys.readouterr()
    assert replay(folder, tmp_path / "r") == 0, capsys.readouterr().out


def test_a_redacted_history_is_not_proof(
    hub: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, address = hub
    assert record(address, "--instance", "o-2", "--redact", "-o", str(tmp_path / "r")) == 0
    changed = tmp_path / "flows.py"
    flows = (folder / "flows.py").read_text(encoding="utf-8")
    branch = "    if total != 4:\n        yield ctx.call_activity(broken)\n    paid = "
    changed.write_text(flows.replace("    paid = ", branch, 1), encoding="utf-8")
    assert replay(tmp_path, tmp_path / "r") == 1
    said = capsys.readouterr().out
    assert "warning[replay-diverges]" in said and "the file lacks the payloads, which were redacted" in said
    assert "order cannot be judged" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "say which instances to record"),
        (["--instance", "nobody"], "there is no instance 'nobody'"),
        (["--status", "odd"], "'odd' is not one of"),
    ],
)
def test_wrong_usage(
    hub: tuple[Path, str], tmp_path: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert record(hub[1], *arguments, "-o", str(tmp_path / "r")) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "r").exists()


def test_nobody_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address = f"localhost:{free_port()}"
    assert record(address, "--instance", "a", "-o", str(tmp_path)) == 2
    assert f"{address} answers UNAVAILABLE" in capsys.readouterr().err
    assert run(["record", "--address", address, "--instance", "a", "-o", "r", "--python", "no-python"]) == 2
    assert "no-python does not start" in capsys.readouterr().err


def event(**fields: Any) -> dict[str, Any]:
    return {"event_type": "TaskCompletedEvent", "event_id": -1, "timestamp": "2026-01-02T03:04:05+00:00", **fields}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ('{"who": "Ann", "too": "Ann", "other": "Bob", "n": [7, 7, 8], "x": 1.5}',
         {"who": "text-1", "too": "text-1", "other": "text-2", "n": [3, 3, 4], "x": 5.5}),
        ('[true, false, null, "", {}, []]', [True, False, None, "", {}, []]),
        ('{"__class__": "Order", "__module__": "orders", "__data__": "secret"}',
         {"__class__": "Order", "__module__": "orders", "__data__": "text-1"}),
        ("1", 1),
    ],
)  # fmt: skip
def test_what_redaction_keeps(payload: str, expected: Any) -> None:
    found = redacted({"instance_id": "1", "events": [event(result=payload)], "metadata": {"serialized_input": "7"}})
    assert json.loads(found["events"][0]["result"]) == expected
    assert found["redacted"] is True
    assert "serialized_input" not in found["metadata"]


def test_redaction_of_what_is_no_json_of_failures_and_of_entity_messages() -> None:
    request = json.dumps({"id": "r-1", "op": "add", "input": "secret"})
    document = {
        "instance_id": "1", "events": [
            event(result="plain secret"),
            event(failure_details={"message": "secret", "error_type": "ValueError", "stack_trace": "secret"}),
            event(event_type="EventSentEvent", instance_id="@account@alice", name="op", input=request),
            event(event_type="TaskScheduledEvent", name="charge", tags={"who": "secret"}, input=None),
        ],
    }  # fmt: skip
    found = redacted(document)
    assert "secret" not in json.dumps(found)
    assert found["events"][0]["result"] == "text-1"
    assert found["events"][1]["failure_details"]["error_type"] == "ValueError"
    assert json.loads(found["events"][2]["input"]) == {"id": "r-1", "op": "add", "input": "text-2"}
    assert found["events"][3]["name"] == "charge"

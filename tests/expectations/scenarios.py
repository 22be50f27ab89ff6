"""What the programs of the skills must do: read from the YAML files here, and compared with what they did.

A file names the orchestrator, the SDKs that it is for (all, if it does not say) and its scenarios. A scenario says what
goes in (`input`, `events`, `failures`, `entities`, `version`, `http`) and what must come out. In expected values a text
that begins with `~` is a regular expression for the whole value.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from determinism_lint.replay import Event, RunResult

HERE = Path(__file__).resolve().parent
FUNCTIONS_2 = "durable-functions-python@2"
TARGETS = ("durable-task-python", "durable-functions-python", FUNCTIONS_2)
"""What programs run on: the SDKs by their ids, and the later generation of one."""


@dataclass(frozen=True, slots=True)
class Scenario:
    title: str
    orchestrator: str
    sdks: tuple[str, ...] = ()
    """SDK ids or targets; none means all."""
    # What goes in.
    input: Any = None
    events: tuple[Event, ...] = ()
    failures: Mapping[str, int] = field(default_factory=dict)
    """Activity -> how many of its first executions fail."""
    entities: Mapping[str, Any] = field(default_factory=dict)
    version: str | None = None
    http: Mapping[str, list[Any]] = field(default_factory=dict)
    """Environment variable that holds a URL -> what is answered there, one after another: JSON, or a status."""
    # What must come out; absent expectations hold.
    status: str = "COMPLETED"
    expected: Mapping[str, Any] = field(default_factory=dict)

    def concerns(self, target: str) -> bool:
        return not self.sdks or target in self.sdks or target.partition("@")[0] in self.sdks


_GOES_IN = {"title", "orchestrator", "sdks", "input", "events", "failures", "entities", "version", "http", "status"}


@cache
def _read(name: str) -> dict[str, Any]:
    path = HERE / f"{name}.yaml" if "/" in name else HERE / "patterns" / f"{name}.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise ValueError(f"{name}.yaml must hold a mapping")
    return document


@cache
def load(name: str) -> tuple[Scenario, ...]:
    """The scenarios of a pattern, or of `topics/TOPIC`. Raises ValueError for keys that mean nothing."""
    document = {key: value for key, value in _read(name).items() if key not in ("main", "requests", "scenarios")}
    return tuple(_scenario({**document, **scenario}) for scenario in _read(name)["scenarios"])


def output_of_main(name: str) -> Any:
    """What the program for durable-task-python gives as its result when it runs as the main program."""
    return _read(name)["main"]


def requests(name: str) -> list[dict[str, Any]]:
    """What HTTP functions of the Functions app are asked, and what they must answer and do; see http_functions.py."""
    return list(_read(name).get("requests", ()))


def names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (HERE / "patterns").glob("*.yaml")))


def _scenario(record: dict[str, Any]) -> Scenario:
    expected = {key: record.pop(key) for key in set(record) - _GOES_IN}
    if unknown := set(expected) - set(_CHECKS):
        raise ValueError(f"{record['title']}: unknown keys {', '.join(sorted(unknown))}")
    record["sdks"] = tuple(record.get("sdks", ()))
    record["events"] = tuple(Event(**event) for event in _repeated(record.get("events", ())))
    record["entities"] = {
        key: list(_repeated(state)) if isinstance(state, list) else state
        for key, state in record.get("entities", {}).items()
    }
    return Scenario(**record, expected=expected)


def _repeated(items: Any) -> Iterator[dict[str, Any]]:
    """Items with `repeat: n` stand for n of them."""
    for item in items:
        plain = {key: value for key, value in item.items() if key != "repeat"}
        yield from (dict(plain) for _ in range(item.get("repeat", 1)))


def compare(scenario: Scenario, result: RunResult) -> None:
    """Raises AssertionError where the result is not what the scenario expects."""
    seen = f"{result.status.value}, output {result.output!r}, error {result.error!r}, calls {result.activities}"
    statuses = {"RUNNING", "WAITING"} if scenario.status == "RUNNING" else {scenario.status}
    assert result.status.value in statuses, seen
    for key, value in scenario.expected.items():
        problem = _CHECKS[key](value, result)
        assert problem is None, f"{key}: {problem}; {seen}"


def matches(expected: Any, actual: Any) -> bool:
    if isinstance(expected, str) and expected.startswith("~"):
        return isinstance(actual, str) and re.fullmatch(expected[1:], actual) is not None
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(matches(expected[key], actual[key]) for key in expected)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(matches, expected, actual))
    return type(expected) is type(actual) and bool(expected == actual)


def _equal(expected: Any, actual: Any) -> str | None:
    return None if matches(expected, actual) else f"expected {expected!r}, got {actual!r}"


def _error(expected: str, result: RunResult) -> str | None:
    return None if result.error and expected in result.error else f"{expected!r} is not in {result.error!r}"


def _called(expected: dict[str, int], result: RunResult) -> str | None:
    counts = Counter(result.activities)
    return _equal(expected, {name: counts[name] for name in expected})


def _inputs(expected: dict[str, list[Any]], result: RunResult) -> str | None:
    return _equal(expected, {name: [call.input for call in result.calls if call.name == name] for name in expected})


def _same_input(activity: str, result: RunResult) -> str | None:
    inputs = [call.input for call in result.calls if call.name == activity]
    return None if len(inputs) > 1 and all(input == inputs[0] for input in inputs) else f"{activity} got {inputs}"


def _instances(expected: dict[str, str], result: RunResult) -> str | None:
    return _equal(expected, {instance.id: instance.status.value for instance in result.instances})


def _entities_after(expected: dict[str, Any], result: RunResult) -> str | None:
    return _equal(expected, {name: result.entities.get(name) for name in expected})


def _custom_statuses(expected: list[Any], result: RunResult) -> str | None:
    """What a client would see, one after another, while the instance that was started runs."""
    found: list[Any] = []
    for episode in result.episodes:
        status = episode.trace.custom_status
        if result.histories[episode.history].instance == result.instance.id and status not in (None, "", *found[-1:]):
            found.append(status)
    return _equal(expected, [json.loads(status) if isinstance(status, str) else status for status in found])


_CHECKS: dict[str, Callable[[Any, RunResult], str | None]] = {
    "output": lambda expected, result: _equal(expected, result.output),
    "custom_status": lambda expected, result: _equal(expected, result.custom_status),
    "custom_statuses": _custom_statuses,
    "error": _error,
    "activities": lambda expected, result: _equal(expected, list(result.activities)),
    "called": _called,
    "inputs": _inputs,
    "same_input": _same_input,
    "instances": _instances,
    "entities_after": _entities_after,
}

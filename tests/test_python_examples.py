"""Every Python program that the skills show runs to its expected result, and replays to the same decisions."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from unittest import mock

import pytest

from determinism_lint.replay import Outcome, Verdict, judge, orchestrators
from tests.environments import sdk_python
from tests.expectations.scenarios import TARGETS, Scenario, compare, load, names
from tests.expectations.web import scripted

SOURCES = Path(__file__).resolve().parent.parent / "skills_src"
WELL_COVERED = 0.9  # of an orchestrator's lines, by all of its scenarios together


def program(name: str, target: str) -> Path:
    sdk = target.partition("@")[0]
    return SOURCES / "minimal" / f"{sdk}.py" if name == "minimal" else SOURCES / "patterns" / name / f"{sdk}.py"


def cases() -> Iterator[tuple[str, str, Scenario]]:
    for name in names():
        for target in TARGETS:
            for scenario in load(name):
                if scenario.concerns(target):
                    yield name, target, scenario


CASES = list(cases())
PROGRAMS = sorted({(name, target) for name, target, _ in CASES})


@cache
def verdict(name: str, target: str, number: int) -> Verdict:
    """Runs and replays one scenario of a program."""
    scenario = [scenario for case, sdk, scenario in CASES if (case, sdk) == (name, target)][number]
    with scripted(scenario.http) as urls, mock.patch.dict(os.environ, {"MODEL_KEY": "none", **urls}):
        return judge(
            program(name, target),
            scenario.orchestrator,
            input=scenario.input,
            events=scenario.events,
            failures=scenario.failures,
            entities=scenario.entities,
            version=scenario.version,
            python=sdk_python(target),
        )


def numbered() -> Iterator[tuple[str, str, int, Scenario]]:
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for name, target, scenario in CASES:
        yield name, target, counts[name, target], scenario
        counts[name, target] += 1


@pytest.mark.parametrize(
    ("name", "target", "number", "scenario"),
    [pytest.param(*case, id=f"{case[0]}-{case[1]}-{case[3].title}") for case in numbered()],
)
def test_program_does_what_is_expected_and_is_deterministic(name, target, number, scenario):
    found = verdict(name, target, number)
    assert found.scenarios, str(found)
    compare(scenario, found.scenarios[0].result)
    if scenario.status == "FAILED":
        assert found.outcome is Outcome.ERROR and found.reason.startswith("it fails by itself"), str(found)
    else:
        assert found.outcome is Outcome.DETERMINISTIC, str(found)


@pytest.mark.parametrize(("name", "target"), PROGRAMS)
def test_scenarios_reach_the_whole_program(name, target):
    """A verdict speaks of executed lines only, so together the scenarios execute nearly all of every orchestrator."""
    lines: dict[str, set[int]] = {}
    executed: dict[str, set[int]] = defaultdict(set)
    concerned = [scenario for case, sdk, scenario in CASES if (case, sdk) == (name, target)]
    for number, scenario in enumerate(concerned):
        coverage = verdict(name, target, number).coverage
        assert coverage is not None
        lines[scenario.orchestrator] = set(coverage.lines)
        executed[scenario.orchestrator] |= set(coverage.executed)
    assert set(lines) == set(orchestrators(program(name, target), python=sdk_python(target)))
    for orchestrator, known in lines.items():
        assert len(known & executed[orchestrator]) >= WELL_COVERED * len(known), sorted(known - executed[orchestrator])


def test_every_program_has_expectations():
    patterns = {path.parent.name for path in SOURCES.glob("patterns/*/*-python.py")}
    assert patterns | {"minimal"} == set(names())

"""Runs programs under their scenarios, replays them, and asserts what must hold."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from unittest import mock

from determinism_lint.replay import Outcome, Verdict, judge, oracle
from determinism_lint.replay.perturb import Circumstances, circumstances
from tests.environments import sdk_python
from tests.expectations.scenarios import Scenario, compare
from tests.expectations.web import scripted

WELL_COVERED = (
    0.9  # of an orchestrator's lines, by all of its scenarios together: the replay's own bound for high confidence
)

_verdicts: dict[tuple[Path, str, str, str], Verdict] = {}


def verdict(path: Path, target: str, scenario: Scenario) -> Verdict:
    """Runs and replays a program under one scenario, once in a session.

    A replay under one of the circumstances is enough: programs have several scenarios, which take turns.
    """

    def one(read: Sequence[str], environment: Mapping[str, str]) -> tuple[Circumstances, ...]:
        all_of_them = circumstances(read, environment)
        return (all_of_them[len(scenario.title) % len(all_of_them)],)

    key = (path, target, scenario.orchestrator, scenario.title)
    if key not in _verdicts:
        with (
            scripted(scenario.http) as urls,
            mock.patch.dict(os.environ, {"MODEL_KEY": "none", **urls}),
            mock.patch.object(oracle, "circumstances", one),
        ):
            _verdicts[key] = judge(
                path,
                scenario.orchestrator,
                input=scenario.input,
                events=scenario.events,
                failures=scenario.failures,
                entities=scenario.entities,
                version=scenario.version,
                python=sdk_python(target),
            )
    return _verdicts[key]


def assert_as_expected(path: Path, target: str, scenario: Scenario) -> None:
    """The program did what the scenario says, and every replay decided the same."""
    found = verdict(path, target, scenario)
    assert found.scenarios, str(found)
    compare(scenario, found.scenarios[0].result)
    if scenario.status == "FAILED":
        assert found.outcome is Outcome.ERROR and found.reason.startswith("it fails by itself"), str(found)
    else:
        assert found.outcome is Outcome.DETERMINISTIC, str(found)


def assert_covered(path: Path, target: str, scenarios: Iterable[Scenario], expected: Iterable[str]) -> None:
    """A verdict speaks of executed lines only, so the scenarios together must execute nearly all."""
    lines: dict[str, set[int]] = {}
    executed: dict[str, set[int]] = defaultdict(set)
    for scenario in scenarios:
        coverage = verdict(path, target, scenario).coverage
        assert coverage is not None
        lines[scenario.orchestrator] = set(coverage.lines)
        executed[scenario.orchestrator] |= set(coverage.executed)
    assert set(lines) == set(expected)
    for orchestrator, known in lines.items():
        assert len(known & executed[orchestrator]) >= WELL_COVERED * len(known), sorted(known - executed[orchestrator])

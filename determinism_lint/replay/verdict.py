"""From what was seen to a verdict. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from determinism_lint.replay.compare import compare_prefix, successive
from determinism_lint.replay.model import (
    Capture,
    Confidence,
    Difference,
    Effect,
    Outcome,
    RunResult,
    Scenario,
    Severity,
    Status,
    Verdict,
)
from determinism_lint.wording import counted

_WELL_COVERED, _HALF_COVERED = 0.9, 0.6


def judge_capture(capture: Capture, replayed: Sequence[Difference]) -> Verdict:
    """The verdict on an orchestrator that ran under its scenarios and whose replays gave these differences."""
    differences = sorted([*_own_differences(capture.scenarios), *replayed], key=lambda d: -d.severity)
    outcome, reason = _outcome(capture, differences)
    return Verdict(
        outcome,
        _confidence(capture, outcome),
        capture.orchestrator,
        " ".join(reason.split()),  # messages of failures may have lines of their own
        tuple(differences),
        capture.effects,
        capture.coverage,
        capture.scenarios,
        capture.refusals,
    )


def _own_differences(scenarios: Sequence[Scenario]) -> list[Difference]:
    """Differences between executions of the very first run, each of which replays the one before."""
    found = []
    for scenario in scenarios:
        for history, number, earlier, later in successive(scenario.result):
            divergence = compare_prefix(earlier.trace, later.trace)
            if divergence is not None:
                found.append(
                    Difference(
                        divergence.severity,
                        scenario.name,
                        history.instance,
                        number,
                        divergence.before,
                        divergence.after,
                        "in the same process, for its next event",
                    )
                )
    return found


def _outcome(capture: Capture, differences: Sequence[Difference]) -> tuple[Outcome, str]:
    main = capture.scenarios[0].result
    if differences and differences[0].severity is Severity.HARD:
        return Outcome.NONDET_HARD, str(differences[0])
    if main.status is Status.HANG:
        return Outcome.HANG, _hang(main)
    if differences:
        return Outcome.NONDET_SOFT, str(differences[0])
    failure = f"it fails by itself: {main.error}{_hint(capture)}" if main.status is Status.FAILED else ""
    if capture.effects:  # they may well be why it fails
        return Outcome.IMPURE, "; ".join(filter(None, (_effects(capture.effects), failure)))
    if failure:
        return Outcome.ERROR, failure
    return Outcome.DETERMINISTIC, _clean(capture)


def _hang(result: RunResult) -> str:
    hung = next((instance for instance in result.instances if instance.status is Status.HANG), None)
    where = f" of {hung.orchestrator}" if hung is not None else ""
    return (
        f"the instance{where} can never continue: it waits, but no activity, timer, child or event is outstanding "
        "(an empty when_all or when_any, a value that is not a task, or a lock that is never released)"
    )


def _hint(capture: Capture) -> str:
    return "" if capture.has_input else " (it ran with a stand-in for its input: give a real one with --input)"


def _effects(effects: Sequence[Effect]) -> str:
    more = len(effects) - 1
    return f"{effects[0]}" + (f", and {more} more" if more else "")


def _clean(capture: Capture) -> str:
    executions = sum(len(scenario.result.episodes) for scenario in capture.scenarios)
    scenarios = counted(len(capture.scenarios), "scenario")
    text = f"{counted(executions, 'execution')} under {scenarios} decided the same on every replay"
    missed = capture.coverage.missed
    return f"{text}; not reached: lines {', '.join(map(str, missed))}" if missed else text


def _confidence(capture: Capture, outcome: Outcome) -> Confidence:
    """A counter-example is certain; a clean verdict is worth what was executed."""
    if outcome in (Outcome.NONDET_HARD, Outcome.NONDET_SOFT, Outcome.HANG):
        return Confidence.HIGH
    ended = any(scenario.result.status is Status.COMPLETED for scenario in capture.scenarios)
    if ended and capture.coverage.ratio >= _WELL_COVERED:
        return Confidence.HIGH
    return Confidence.MEDIUM if ended and capture.coverage.ratio >= _HALF_COVERED else Confidence.LOW

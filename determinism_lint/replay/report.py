"""Verdicts as a report like any other: findings with a rule, a place and a help."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from determinism_lint.model import Finding, Orchestrator, Report, Severity
from determinism_lint.replay.model import WORDS, Effect, Json, Outcome, Verdict
from determinism_lint.rules.catalogue import Catalogue
from determinism_lint.run.files import absolute, excerpt_of, shown

_SAID: Mapping[Outcome, str] = {
    Outcome.NONDET_SOFT: "replay of the same history asks for something else, and the runtime does not notice",
    Outcome.NONDET_HARD: "replay of the same history asks for something else, and the runtime fails the instance",
    Outcome.HANG: "the orchestration can never continue",
    Outcome.ERROR: "the orchestration fails by itself, so replay shows nothing",
}
_RULES: Mapping[Outcome, str] = {
    Outcome.NONDET_SOFT: "replay-diverges",
    Outcome.NONDET_HARD: "replay-diverges",
    Outcome.HANG: "replay-hangs",
    Outcome.ERROR: "replay-fails",
}
_MOST_EFFECTS = 20


def report(path: str, verdicts: Sequence[Verdict], catalogue: Catalogue, folder: str) -> Report:
    """The verdicts on the orchestrators of one file. Paths are shown relative to `folder`."""
    lines = lines_of(path)
    place = shown(absolute(path), folder)
    orchestrators = {
        verdict.orchestrator: Orchestrator(
            place, lines.get(verdict.orchestrator, 1), verdict.orchestrator, "python", "python"
        )
        for verdict in verdicts
    }
    findings = [
        finding
        for verdict in verdicts
        for finding in _findings(verdict, orchestrators[verdict.orchestrator], catalogue, folder)
    ]
    return Report(1, 1, tuple(orchestrators.values()), tuple(sorted(findings, key=lambda each: each.sort_key)))


def told(path: str, verdict: Verdict) -> str:
    """One line for people: what was found, and how much of the orchestrator it rests on."""
    text = f"{path}:{verdict.orchestrator}: {WORDS[verdict.outcome]} ({verdict.confidence.value} confidence)"
    if verdict.coverage is not None:
        text += f"; {round(verdict.coverage.ratio * 100)} % of its lines were executed"
        missed = verdict.coverage.missed
        if missed:
            numbers = ", ".join(map(str, missed[:8])) + (", …" if len(missed) > 8 else "")
            text += f", not {'line' if len(missed) == 1 else 'lines'} {numbers}"
    return text


def as_data(verdict: Verdict) -> dict[str, Json]:
    return {
        "orchestrator": verdict.orchestrator,
        "outcome": WORDS[verdict.outcome].replace(" ", "-"),
        "confidence": verdict.confidence.value,
        "reason": verdict.reason,
        "differences": [
            {
                "severity": difference.severity.name.lower(),
                "scenario": difference.scenario,
                "execution": difference.episode,
                "before": difference.before,
                "after": difference.after,
                "circumstances": difference.circumstances,
            }
            for difference in verdict.differences
        ],
        "missed_lines": list(verdict.coverage.missed) if verdict.coverage is not None else [],
    }


def _findings(verdict: Verdict, orchestrator: Orchestrator, catalogue: Catalogue, folder: str) -> Iterator[Finding]:
    effects = tuple(dict.fromkeys(verdict.effects))[:_MOST_EFFECTS]
    if verdict.outcome in _RULES:
        advice = verdict.reason
        if verdict.differences:
            first = verdict.differences[0]
            advice = f"first it asked for {first.before}; replayed {first.circumstances}, it asked for {first.after}"
        rule, said = _RULES[verdict.outcome], _SAID[verdict.outcome]
        yield _finding(rule, "error", said, orchestrator.path, orchestrator.line, orchestrator, advice)
    severity: Severity = "error" if verdict.outcome is Outcome.IMPURE else "warning"
    for effect in effects:
        path = shown(absolute(effect.path), folder)
        message = f"replay runs `{effect.call}` again ({effect.kind})"
        yield _finding(_rule_of(effect, catalogue), severity, message, path, effect.line, orchestrator, None)
    for refusal in verdict.refusals:
        if refusal not in verdict.effects:
            path = shown(absolute(refusal.path), folder)
            message = f"`{refusal.call}` was refused ({refusal.kind}), so the run went on as if it had failed"
            advice = "keep it out of what orchestrators import and call, or allow it with --activities real"
            yield _finding("replay-refused", "warning", message, path, refusal.line, orchestrator, advice)


def _rule_of(effect: Effect, catalogue: Catalogue) -> str:
    """The rule that names the call, or else what replay found by itself.

    A running program tells a method's class where the tables name the module's function: `random.Random.random`.
    """
    first, *_, last = effect.call.split(".") if "." in effect.call else (effect.call, effect.call)
    for name in (effect.call, f"{first}.{last}"):
        for has_arguments in (True, False):
            match = catalogue.match("python", name, has_arguments)
            if match is not None:
                return match.rule
    return "replay-impure"


def _finding(
    rule: str, severity: Severity, message: str, path: str, line: int, orchestrator: Orchestrator, advice: str | None
) -> Finding:
    excerpt = excerpt_of(path, line)
    return Finding(rule, severity, message, path, excerpt.code_of(line), excerpt, advice, (orchestrator,))


def lines_of(path: str) -> dict[str, int]:
    """Where the functions of a file begin."""
    tree = ast.parse(Path(path).read_bytes())
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name: node.lineno for node in ast.walk(tree) if isinstance(node, functions)}

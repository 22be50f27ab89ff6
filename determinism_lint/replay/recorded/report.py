"""Verdicts on recorded histories as a report like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from determinism_lint.model import Finding, Orchestrator, Report, Severity
from determinism_lint.replay.recorded.verdict import Outcome, Verdict, parted
from determinism_lint.replay.report import lines_of
from determinism_lint.run.compat import VERSION_IT
from determinism_lint.run.files import absolute, excerpt_of, shown

_THEN: Mapping[Outcome, str] = {
    Outcome.LOUD: "the runtime fails the instance",
    Outcome.SILENT: "the runtime does not notice",
    Outcome.UNJUDGED: "which may come from what the file lacks",
}


def report(path: str, known: Sequence[str], verdicts: Sequence[Verdict], folder: str) -> Report:
    """The verdicts on histories of the orchestrators in one file. Paths are shown relative to `folder`."""
    lines = lines_of(path)
    place = shown(absolute(path), folder)
    orchestrators = {name: Orchestrator(place, lines.get(name, 1), name, "python", "python") for name in known}
    findings = [
        _finding(verdict, place, orchestrators.get(verdict.orchestrator), folder)
        for verdict in verdicts
        if verdict.outcome is not Outcome.REPLAYS
    ]
    return Report(1, 1, tuple(orchestrators.values()), tuple(sorted(findings, key=lambda each: each.sort_key)))


def told(verdict: Verdict, folder: str) -> str:
    """One line for people."""
    history = shown(absolute(verdict.path), folder)
    if verdict.outcome is Outcome.REPLAYS:
        return f"{history}: {verdict.orchestrator} replays instance {verdict.instance!r}; {verdict.note}"
    return f"{history}: {verdict.orchestrator or 'it'} {verdict.outcome.value}"


def _finding(verdict: Verdict, place: str, orchestrator: Orchestrator | None, folder: str) -> Finding:
    history = shown(absolute(verdict.path), folder)
    concerned = (orchestrator,) if orchestrator is not None else ()
    if verdict.outcome is Outcome.UNREADABLE:
        return _made("unreadable-history", "error", verdict.today, history, 1, verdict.note or None, concerned)
    if verdict.outcome is Outcome.FAILS:
        line = orchestrator.line if orchestrator is not None else 1
        return _made(
            "replay-fails", "error", f"{history} cannot be replayed: {verdict.today}", place, line, None, concerned
        )
    if verdict.outcome is Outcome.UNKNOWN:
        said = f"{history} is of `{verdict.orchestrator}`, and no orchestrator of that name is here: it never goes on"
        return _made("replay-diverges", "error", said, place, 1, VERSION_IT, concerned)
    line, path = orchestrator.line if orchestrator is not None else 1, place
    if verdict.place is not None:
        line, path = verdict.place.line, shown(absolute(verdict.place.path), folder)
    severity: Severity = "warning" if verdict.outcome is Outcome.UNJUDGED else "error"
    said = f"{parted(verdict)}: {_THEN[verdict.outcome]}"
    return _made("replay-diverges", severity, said, path, line, verdict.note or VERSION_IT, concerned)


def _made(
    rule: str, severity: Severity, said: str, path: str, line: int, advice: str | None, of: tuple[Orchestrator, ...]
) -> Finding:
    excerpt = excerpt_of(path, line)
    return Finding(rule, severity, said, path, excerpt.code_of(line), excerpt, advice, of)

"""The sentences and colors that the terminal's formats share. Imports nothing: the fastest run needs it too."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from determinism_lint.model import Report

COLORS = {"error": "1;31", "warning": "1;33", "info": "1;36", "bold": "1", "gutter": "1;34", "good": "1;32"}


def painted(text: str, color: str, enabled: bool) -> str:
    return f"\x1b[{COLORS[color]}m{text}\x1b[0m" if enabled else text


def wants_color(stream: TextIO | None, environment: Mapping[str, str]) -> bool:
    """FORCE_COLOR beats NO_COLOR beats what the stream is; an empty variable says nothing."""
    if environment.get("FORCE_COLOR"):
        return environment["FORCE_COLOR"] != "0"
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return stream is not None and stream.isatty()


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def nothing_found(files: int, elsewhere: int = 0) -> str:
    """For a run that saw no orchestrator: nothing was judged, and nobody shall take that for a clean result."""
    if elsewhere:
        return (
            f"No orchestrator of its own in {counted(files, 'file')}; "
            f"checked for what the project's other {counted(elsewhere, 'orchestrator')} reach here."
        )
    return f"No orchestrator found in {counted(files, 'file')}, so no replay rule was checked."


def summary(report: Report, color: bool) -> str:
    """What was seen and what was found, in one line or two."""
    lines = []
    if report.findings:
        counts = [(severity, report.count(severity)) for severity in ("error", "warning", "info")]
        parts = ", ".join(counted(number, severity) for severity, number in counts if number)
        worst = next(severity for severity, number in counts if number)
        lines.append(painted(f"{counted(len(report.findings), 'finding')} ({parts})", worst, color))
    elif report.orchestrators or report.elsewhere:
        lines.append(painted("No findings", "good", color))
    orchestrators = counted(len(report.orchestrators), "orchestrator")
    seen = f"in {counted(report.files, 'file')}, {report.parsed} parsed, {orchestrators}"
    tail = _fixable(report)
    tail += [f"{report.ignored} ignored"] if report.ignored else []
    if lines:
        lines = [f"{lines[0]} {seen}" + "".join(f"; {part}" for part in tail) + "."]
    if report.coarse:
        lines.append(painted(_coarse(report.coarse), "warning", color))
    if not report.orchestrators:
        lines.append(painted(nothing_found(report.files, report.elsewhere), "warning", color))
    return "\n".join(lines) + "\n"


def _coarse(paths: tuple[str, ...]) -> str:
    """Silence is a claim: where hazards may be missed, that is said."""
    shown = ", ".join(map(printable, paths[:3])) + (", …" if len(paths) > 3 else "")
    return f"Judged coarsely, so that hazards may be missed, since too much code is reached: {shown}."


def _fixable(report: Report) -> list[str]:
    safe = sum(finding.fix is not None and finding.fix.safety == "safe" for finding in report.findings)
    unsafe = report.fixable - safe
    parts = [f"{safe} fixable with --fix"] if safe else []
    more = f"{unsafe} more" if safe else f"{unsafe} fixable"
    return parts + ([f"{more} with --unsafe-fixes"] if unsafe else [])


def printable(text: str) -> str:
    """Text from a source file, or a name of a file, without what would steer a terminal or end the line."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in "\t\u200d" else f"\\x{ord(character):02x}"
        for character in text
    )

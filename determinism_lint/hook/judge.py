"""Whether an edit concerns durable code, and what the linter thinks of it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from determinism_lint.hook.session import Session
    from determinism_lint.model import Finding, Report

_FEW = 200
"""Files. With more, the cache tells faster than a search whether there is anything to do."""


class Verdict:
    """What there is to say about some files. Paths are relative to the agent's folder."""

    __slots__ = ("blocking", "findings")

    def __init__(self, findings: tuple[Finding, ...], blocking: tuple[Finding, ...]) -> None:
        self.findings = findings
        """Errors and warnings that the last edit made, errors first."""
        self.blocking = blocking
        """Those of the session that make a check fail, by the project's settings."""


def nothing_durable(files: Sequence[str]) -> bool:
    """Whether the files' projects hold no durable code. False when it takes more to tell."""
    from determinism_lint.run.files import find_projects, read
    from determinism_lint.run.prescreen import may_matter

    for project in find_projects(files):
        if project.problems or len(project.files) > _FEW:
            return False
        for path in project.files:
            try:
                if may_matter(path, read(path)):
                    return False
            except FileNotFoundError:
                continue
            except OSError:
                return False
    return True


def judge(files: Sequence[str], folder: str, session: Session, before: Callable[[], Mapping[str, bytes]]) -> Verdict:
    """Lint the projects of files, and tell what is new.

    What an edit did is what its project has now and had not before: after the last edit of the session, or, at the
    first one, with the files as `before` gives them. What is in the way at a turn's end is what is there now and was
    not when the session began.

    Raises:
        ConfigError: a project's settings are wrong.
    """
    from determinism_lint.commands.check import config_of
    from determinism_lint.fingerprints import fingerprints
    from determinism_lint.model import SEVERITIES
    from determinism_lint.rules.catalogue import load_catalogue
    from determinism_lint.run.files import absolute, find_projects
    from determinism_lint.run.garbage import spare
    from determinism_lint.run.project import lint

    spare()
    catalogue = load_catalogue()
    findings: list[Finding] = []
    blocking: list[Finding] = []
    for project in find_projects(files):
        settings = config_of(project.root, catalogue)
        edited, project.given = project.given, frozenset()
        project.folders = (project.root.rstrip("/") + "/",)

        def found(overlays: Mapping[str, bytes] | None = None) -> Report:
            return lint([project], settings, overlays=overlays, cache=True, folder=folder, catalogue=catalogue)  # noqa: B023

        report = found()
        if settings.baseline is not None:
            from determinism_lint.run import baseline

            known = baseline.read(settings.baseline)
            report = baseline.compare(report, settings.baseline, known, complete=False, folder=folder).report
        marks = fingerprints(report.findings)
        memory = session.known(project.root)
        if memory is None and report.findings:
            old = last = frozenset(fingerprints(found(before()).findings))
        else:
            old, last = memory or (frozenset(), frozenset())
        session.remember(project.root, old, marks)
        marked = sorted(zip(report.findings, marks, strict=True), key=lambda pair: SEVERITIES.index(pair[0].severity))
        here = {absolute(path) for path in edited}
        new = [(finding, mark) for finding, mark in marked if mark not in old and _concerns(finding, here, folder)]
        findings += [finding for finding, mark in new if mark not in last and finding.severity != "info"]
        failing = () if settings.fail_on == "never" else SEVERITIES[: SEVERITIES.index(settings.fail_on) + 1]
        blocking += [finding for finding, _ in new if finding.severity in failing]
    return Verdict(tuple(findings), tuple(blocking))


def _concerns(finding: Finding, files: Collection[str], folder: str) -> bool:
    """Whether a finding lies in one of the files, or is reached through one."""
    from os.path import join

    from determinism_lint.run.files import absolute

    places = {finding.path, *(hop.path for hop in finding.trace), *(each.path for each in finding.orchestrators)}
    return any(absolute(join(folder, path)) in files for path in places)

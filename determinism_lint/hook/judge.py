"""Whether an edit concerns durable code, and what the linter thinks of it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from determinism_lint.model import Finding, Report

_FEW = 200
"""Files. With more, the cache tells faster than a search whether there is anything to do."""


class Verdict:
    """What there is to say about some files. Paths are relative to the agent's folder."""

    __slots__ = ("blocking", "findings")

    def __init__(self, findings: tuple[Finding, ...], blocking: tuple[Finding, ...]) -> None:
        self.findings = findings
        """Errors and warnings, errors first."""
        self.blocking = blocking
        """Those that make a check fail, by the project's settings."""


def nothing_durable(files: Sequence[str]) -> bool:
    """Whether the files' projects hold no durable code. False when it takes more to tell."""
    from determinism_lint.run.files import find_universes, read
    from determinism_lint.run.prescreen import may_matter

    for universe in find_universes(files):
        if universe.problems or len(universe.files) > _FEW:
            return False
        for path in universe.files:
            try:
                if may_matter(path, read(path)):
                    return False
            except FileNotFoundError:
                continue
            except OSError:
                return False
    return True


def judge(files: Sequence[str], folder: str) -> Verdict:
    """Lint files in the context of their projects.

    Raises:
        ConfigError: a project's settings are wrong.
    """
    import gc

    from determinism_lint.commands.check import config_of
    from determinism_lint.model import SEVERITIES
    from determinism_lint.rules.catalogue import load_catalogue
    from determinism_lint.run.config import Config
    from determinism_lint.run.files import find_universes
    from determinism_lint.run.project import lint

    # As for a whole run: looking for garbage among so many objects that stay would only take time.
    gc.set_threshold(100_000, 20, 20)
    catalogue = load_catalogue()
    configs: dict[str, Config] = {}

    def config(root: str) -> Config:
        if root not in configs:
            configs[root] = config_of(root, catalogue)
        return configs[root]

    findings: list[Finding] = []
    blocking: list[Finding] = []
    for universe in find_universes(files):
        settings = config(universe.root)
        report = lint([universe], settings, cache=True, folder=folder, catalogue=catalogue)
        if settings.baseline is not None:
            report = _without_known(report, settings.baseline, folder)
        found = sorted(report.findings, key=lambda finding: SEVERITIES.index(finding.severity))
        findings += [finding for finding in found if finding.severity != "info"]
        if settings.fail_on != "never":
            failing = SEVERITIES[: SEVERITIES.index(settings.fail_on) + 1]
            blocking += [finding for finding in found if finding.severity in failing]
    return Verdict(tuple(findings), tuple(blocking))


def _without_known(report: Report, path: str, folder: str) -> Report:
    """The report without what the project's baseline records."""
    import os

    from determinism_lint.run import baseline

    entries = baseline.read(path)
    before = os.getcwd()
    os.chdir(folder)  # The report's paths begin there.
    try:
        return baseline.compare(report, path, entries, complete=False).report
    finally:
        os.chdir(before)

"""Judging, in a process of its own: an editor's requests are answered while it works."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context

from determinism_lint.commands.check import config_of
from determinism_lint.errors import MistakeError
from determinism_lint.languages import parse
from determinism_lint.model import Finding
from determinism_lint.rules.catalogue import load_catalogue
from determinism_lint.run import baseline
from determinism_lint.run.files import absolute, find_projects
from determinism_lint.run.project import lint
from determinism_lint.run.trees import Trees


@dataclass(frozen=True, slots=True)
class Judged:
    """What one look at the open documents found."""

    findings: tuple[Finding, ...]
    """With absolute paths."""
    mistakes: tuple[str, ...]
    """Of projects whose settings or baselines are wrong, and which were not judged."""


def make_worker() -> ProcessPoolExecutor:
    """One process, started when there is something to judge."""
    return ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))


@cache
def _trees() -> Trees:
    """What this process has parsed."""
    return Trees(parse)


def judge(texts: Mapping[str, bytes]) -> Judged:
    """Judge open documents, by absolute path, as the command line would: with settings, ignores and baselines."""
    catalogue = load_catalogue()
    folder = absolute(os.getcwd())
    findings: dict[Finding, None] = {}
    mistakes: dict[str, None] = {}
    for project in find_projects(texts):
        try:
            config = config_of(project.root, catalogue)
            report = lint([project], config, overlays=texts, trees=_trees(), folder=folder, catalogue=catalogue)
            if config.baseline is not None:
                known = baseline.read(config.baseline)
                report = baseline.compare(report, config.baseline, known, complete=False, folder=folder).report
        except MistakeError as error:
            mistakes[str(error)] = None
            continue
        findings.update(dict.fromkeys(_absolute(finding, folder) for finding in report.findings))
    _trees().settle()
    return Judged(tuple(findings), tuple(mistakes))


def _absolute(finding: Finding, folder: str) -> Finding:
    """A finding with the paths that the editor knows files by, instead of those that people are shown."""
    trace = tuple(replace(hop, path=absolute(os.path.join(folder, hop.path))) for hop in finding.trace)
    return replace(finding, path=absolute(os.path.join(folder, finding.path)), trace=trace)

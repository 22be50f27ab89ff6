"""The commands that look at files. They do without a command line parser: it takes as long to import as a small run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from determinism_lint.errors import ConfigError
from determinism_lint.languages import language_of
from determinism_lint.model import SEVERITIES, Report
from determinism_lint.output import formats, renderer
from determinism_lint.rules.catalogue import Catalogue, load_catalogue
from determinism_lint.run.config import Config, find_config, load_config
from determinism_lint.run.files import DOCUMENTS, Project, absolute, find_root, read, shown
from determinism_lint.run.patterns import matcher
from determinism_lint.run.project import apply_settings, lint
from determinism_lint.terminal import PROGRAM, complain, write
from determinism_lint.wording import counted, wants_color

BASELINE = "determinism-lint-baseline.json"
"""Where a baseline is written when nothing names a file."""


@dataclass(frozen=True, slots=True)
class Fixing:
    """What a run does with the fixes that it finds."""

    unsafe: bool = False
    diff: bool = False
    """Only show what would change."""


def check(
    projects: Sequence[Project],
    *,
    overlays: Mapping[str, bytes] | None = None,
    statistics: bool = False,
    cache: bool = True,
    ignore: frozenset[str] = frozenset(),
    fixing: Fixing | None = None,
    write_baseline: bool = False,
    documents: Sequence[str] = (),
    config_file: str | None = None,
    output_file: str | None = None,
    quiet: bool = False,
    exit_zero: bool = False,
    **settings: Any,
) -> int:
    """Print the findings in what `files.find_projects` found; returns the exit status.

    `ignore` adds to what the configuration ignores; further `settings` take the place of the configuration's.
    `documents` are Markdown files, notebooks and folders that hold them; their code is judged too. `config_file` stands
    for the configuration of every project. With `quiet` the findings are all that is said.

    Raises:
        ConfigError: a configuration file or a baseline is wrong.
    """
    catalogue = load_catalogue()

    def configured(folder: str) -> Config:
        config = config_of(folder, catalogue) if config_file is None else read_config(config_file, catalogue)
        return replace(config, ignore=config.ignore | ignore, **settings)

    config = configured(_root(projects, documents))
    with_documents = bool(documents)
    if documents:
        from determinism_lint.run.documents import find_documents

        documents = find_documents(documents, matcher(config.exclude, config.folder) if config.exclude else None)
    with progress() as tell:

        def run() -> Report:
            report = lint(projects, configured, overlays=overlays, cache=cache, catalogue=catalogue, progress=tell)
            return _with_documents(report, documents, config, catalogue) if documents else report

        def concerns(path: str) -> bool:
            return any(project.asked_about(path) for project in projects)

        if fixing is not None and fixing.diff:
            changes = _preview(run(), concerns, fixing)
            return write(changes, 1 if changes else 0)
        report, failed = (run(), False) if fixing is None else _fixed(run, concerns, fixing)

    def judged(path: str, rule: str) -> bool:
        """Whether the run would have told of what this rule finds in this file."""
        if not config.reports(rule):
            return False
        if path.endswith(DOCUMENTS):
            return with_documents and (concerns(path) or _shown(path) in documents)
        return concerns(path)

    if write_baseline:
        status = _write_baseline(_shown(config.baseline or BASELINE), report, judged)
        return 2 if failed else status
    if config.baseline is not None:
        report = _without_known(report, _shown(config.baseline), judged)
    for notice in () if quiet else report.notices:
        complain(f"warning: {notice}")
    name = "statistics" if statistics else config.output_format
    color = output_file is None and wants_color(sys.stdout, os.environ)
    text = renderer(name)(report, catalogue, color=color, quiet=quiet)
    status = 2 if failed else 1 if _fails(report, config) and not exit_zero else 0
    return write(text, status) if output_file is None else _written(output_file, text, status)


def _written(path: str, text: str, status: int) -> int:
    """Write a file in one step, so that a reader never sees half of it; returns `status`, or 2 if that failed."""
    target = os.path.realpath(path)
    temporary = f"{target}.{os.getpid()}"
    try:
        with open(temporary, "x", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
        os.replace(temporary, target)
    except OSError as error:
        return complain(f"error: {path}: cannot be written: {error.strerror}")
    return status


def _root(projects: Sequence[Project], documents: Sequence[str]) -> str:
    """The folder whose settings count."""
    if projects:
        return projects[0].root
    return (find_root(absolute(documents[0])) if documents else None) or absolute(".")


def _preview(report: Report, concerns: Callable[[str], bool], fixing: Fixing) -> str:
    from determinism_lint.fixes.apply import preview

    changes, refused = preview(report, concerns, unsafe=fixing.unsafe)
    for refusal in refused:
        complain(f"warning: {refusal}")
    return changes


def _fixed(run: Callable[[], Report], concerns: Callable[[str], bool], fixing: Fixing) -> tuple[Report, bool]:
    """What is left, and whether a file could not be fixed."""
    from determinism_lint.fixes.apply import apply

    outcome = apply(run, concerns, unsafe=fixing.unsafe)
    for failure in outcome.failures:
        complain(f"error: {failure}")
    for refusal in outcome.refused:
        complain(f"warning: {refusal}")
    if outcome.fixed:
        complain(f"Fixed {counted(outcome.fixed, 'finding')} in {counted(outcome.files, 'file')}.")
    if outcome.unsafe:
        complain("Some fixes change what is scheduled: instances in flight replay the old code, so version the change.")
    return outcome.report, bool(outcome.failures)


def _write_baseline(path: str, report: Report, judged: Callable[[str, str], bool]) -> int:
    from determinism_lint.run import baseline

    try:
        before = baseline.read(path)
    except ConfigError:
        before = {}  # There is none yet, or one of another version.
    gone = baseline.compare(report, path, before).fixed
    kept = {mark: text for mark, text in gone.items() if not judged(*baseline.subject(path, text))}
    baseline.write(path, report.findings, kept)
    rest = f"; {counted(len(kept), 'finding')} that this run did not look for kept" if kept else ""
    text = f"{counted(len(report.findings), 'finding')} written to {path}{rest}."
    return write(text + "\n", 0)


def _without_known(report: Report, path: str, judged: Callable[[str, str], bool]) -> Report:
    from determinism_lint.run import baseline

    compared = baseline.compare(report, path, baseline.read(path))
    fixed = [text for text in compared.fixed.values() if judged(*baseline.subject(path, text))]
    if compared.known:
        complain(f"{counted(compared.known, 'finding')} of the baseline not shown.")
    if fixed:
        complain(f"{counted(len(fixed), 'finding')} of the baseline gone: --write-baseline records that.")
        for text in fixed:
            complain(f"  {text}")
    return compared.report


def _with_documents(report: Report, paths: Sequence[str], config: Config, catalogue: Catalogue) -> Report:
    from determinism_lint.run.documents import document_of, lint_documents

    found = lint_documents(paths, read, catalogue)
    reported = [
        replace(each, path=finding.path)
        for finding in found.findings
        for each in apply_settings([replace(finding, path=absolute(document_of(finding.path)))], config, catalogue)
    ]
    findings = [*report.findings, *reported]
    return replace(
        report,
        files=report.files + len(paths),
        parsed=report.parsed + found.snippets,
        coarse=(*report.coarse, *found.coarse),
        orchestrators=(*report.orchestrators, *found.orchestrators),
        findings=tuple(sorted(findings, key=lambda finding: finding.sort_key)),
        ignored=report.ignored + found.ignored + len(found.findings) - len(reported),
    )


def known(paths: Sequence[str]) -> tuple[str, ...]:
    """The paths that the linter can look at. Others are no mistake, for hooks pass whatever has changed.

    Raises:
        ConfigError: there is none that it can look at.
    """
    known = []
    for path in paths:
        if os.path.isdir(path) or language_of(path):
            known.append(path)
        else:
            complain(f"warning: {unknown_language(path)}; skipped")
    if paths and not known:
        raise ConfigError("nothing was checked")
    return tuple(known)


def unknown_language(path: str) -> str:
    return f"{path} is in no language that {PROGRAM} knows"


def config_of(folder: str, catalogue: Catalogue) -> Config:
    path = find_config(folder)
    return Config() if path is None else read_config(path, catalogue)


def read_config(path: str, catalogue: Catalogue) -> Config:
    """
    Raises:
        ConfigError: the file cannot be read, or is wrong.
    """
    try:
        return load_config(path, catalogue, formats())
    except ConfigError as error:
        # The message begins with the absolute path.
        raise ConfigError(str(error).replace(path, _shown(path), 1)) from None


def _shown(path: str) -> str:
    return shown(absolute(path), absolute("."))


def _fails(report: Report, config: Config) -> bool:
    if config.fail_on == "never":
        return False
    return any(report.count(severity) for severity in SEVERITIES[: SEVERITIES.index(config.fail_on) + 1])


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Tells a person at a terminal what goes on, from the first second on."""
    import signal

    if sys.stderr is None or not sys.stderr.isatty() or not hasattr(signal, "setitimer"):
        yield lambda text: None
        return
    state = ["", ""]

    def show(*_: object) -> None:
        if state[0] != state[1]:
            sys.stderr.write(f"\r\x1b[K{PROGRAM}: {state[0]} …")
            sys.stderr.flush()
            state[1] = state[0]

    def tell(text: str) -> None:
        state[0] = text

    previous = signal.signal(signal.SIGALRM, show)
    signal.setitimer(signal.ITIMER_REAL, 1, 0.2)
    try:
        yield tell
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        if state[1]:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

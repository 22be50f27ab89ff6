"""A run of the linter: which files, what is in them, what of it is to be reported."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from determinism_lint import __version__
from determinism_lint.languages import language_of
from determinism_lint.model import Excerpt, Finding, Orchestrator, Report, Severity, Span
from determinism_lint.rules.catalogue import Catalogue, load_catalogue
from determinism_lint.run import prescreen
from determinism_lint.run.cache import Cache, Found, digest_of, digest_of_names
from determinism_lint.run.config import Config
from determinism_lint.run.files import BINDINGS, Project, absolute, find_projects, is_source, read, shown
from determinism_lint.run.ignores import apply_ignores, decode
from determinism_lint.run.patterns import matcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from determinism_lint.analysis.language import Language
    from determinism_lint.plan import Plan
    from determinism_lint.run.trees import Trees

SYNTAX_ERROR = "syntax-error"
_NOWHERE = Span(1, 1, 1, 1)
_NO_LINES = Excerpt(1, ())


@dataclass(slots=True)
class _Screening:
    """What the byte search tells about a project, and what was read on the way."""

    candidates: list[str] = field(default_factory=list)
    scripts: set[str] = field(default_factory=set)
    """Those that a function.json names."""
    commented: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)


def lint(
    paths: Iterable[str | Project],
    config: Config | Callable[[str], Config] | None = None,
    *,
    overlays: Mapping[str, bytes] | None = None,
    cache: bool = False,
    trees: Trees | None = None,
    folder: str | None = None,
    catalogue: Catalogue | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> Report:
    """Judge the files and folders `paths`, each in the light of the whole project that it belongs to.

    Args:
        paths: names, or what `files.find_projects` made of them.
        config: the settings, or a function that gives those for a project's root; the defaults unless told.
        overlays: text that stands for a file's own, such as an editor's unsaved text.
        cache: whether to use and to keep results below the projects' roots.
        trees: what is remembered of files that were parsed before.
        folder: paths are shown relative to it; the working directory unless told.
        progress: is told, in a few words, what goes on.
    """
    folder = absolute(folder or os.getcwd())
    paths = list(paths)
    catalogue = catalogue or load_catalogue()
    texts = {absolute(path): content for path, content in (overlays or {}).items()}
    configure = config if callable(config) else lambda root: config or Config()
    projects = [each for each in paths if isinstance(each, Project)]
    projects += find_projects(each for each in paths if isinstance(each, str))
    reports = [
        _lint_project(project, configure(project.root), texts, cache, trees, catalogue, progress)
        for project in projects
    ]
    return Report(
        files=sum(report.files for report in reports),
        parsed=sum(report.parsed for report in reports),
        orchestrators=tuple(
            sorted(_shown_orchestrator(each, folder) for report in reports for each in report.orchestrators)
        ),
        findings=tuple(
            sorted(
                (_shown_finding(finding, folder) for report in reports for finding in report.findings),
                key=lambda finding: finding.sort_key,
            )
        ),
        ignored=sum(report.ignored for report in reports),
        coarse=tuple(sorted(shown(path, folder) for report in reports for path in report.coarse)),
        elsewhere=sum(report.elsewhere for report in reports),
        notices=tuple(dict.fromkeys(notice for report in reports for notice in report.notices)),
    )


def _lint_project(
    project: Project,
    config: Config,
    overlays: Mapping[str, bytes],
    use_cache: bool,
    trees: Trees | None,
    catalogue: Catalogue,
    progress: Callable[[str], None],
) -> Report:
    notices = _leave_out(project, config) if config.exclude else ()
    if project.outside:
        links = ", ".join(shown(path, project.root) for path in sorted(project.outside)[:3])
        notices += (f"links that lead out of the repository are not followed: {links}",)
    kept = Cache(project.root, f"{__version__} {catalogue.digest}") if use_cache and project.is_marked else None
    progress(f"searching {len(project.files)} files")
    screening = _screen(project, overlays, kept)
    found = _analyze(project, screening, overlays, kept, trees, catalogue, progress)
    if kept and not overlays:
        kept.save()
    findings = [
        *found.findings,
        *(
            Finding(SYNTAX_ERROR, "error", f"the file cannot be read: {reason}", path, _NOWHERE, _NO_LINES)
            for path, reason in screening.unreadable.items()
        ),
        *(
            Finding(SYNTAX_ERROR, "warning", f"the folder cannot be read: {reason}", path, _NOWHERE, _NO_LINES)
            for path, reason in project.problems
        ),
    ]
    severities = {name: rule.severity for name, rule in catalogue.items()}
    findings, ignored = apply_ignores(findings, _commented(screening, overlays), severities)
    findings = [finding for finding in findings if _concerns(finding, project)]
    reported = apply_settings(findings, config, catalogue)
    own = tuple(each for each in found.orchestrators if project.asked_about(each.path))
    asked = [path for path in project.files if is_source(path) and project.asked_about(path)]
    return Report(
        files=sum(not path.endswith("/" + BINDINGS) for path in asked),
        parsed=len(found.parsed.intersection(asked)),
        orchestrators=own,
        findings=tuple(reported),
        ignored=ignored + len(findings) - len(reported),
        coarse=tuple(found.coarse),
        elsewhere=len(found.orchestrators) - len(own),
        notices=notices,
    )


def _leave_out(project: Project, config: Config) -> tuple[str, ...]:
    """Drop what the settings exclude, also of what was given by name; tells which patterns exclude nothing."""
    excluded = matcher(config.exclude, config.folder)
    idle = [(pattern, matcher([pattern], config.folder)) for pattern in config.exclude]
    kept = []
    for path in project.files:
        if excluded(path, False):
            idle = [(pattern, matches) for pattern, matches in idle if not matches(path, False)]
        else:
            kept.append(path)
    project.files = kept
    project.given = project.given.intersection(kept)
    return tuple(
        f"`exclude` has the pattern {pattern!r}, which matches no source file"
        for pattern, _ in idle
        if not os.path.lexists(os.path.join(config.folder, pattern.strip("/")))
    )


def _commented(screening: _Screening, overlays: Mapping[str, bytes]) -> dict[str, str]:
    texts = {}
    for path in screening.commented:
        try:
            texts[path] = decode(_read(path, screening, overlays))
        except OSError:
            continue  # It vanished a moment ago, and its comments with it.
    return texts


def _screen(project: Project, overlays: Mapping[str, bytes], cache: Cache | None) -> _Screening:
    screening = _Screening()
    gone = set()
    bindings = []
    candidates: dict[str, None] = {}
    for path in project.files:
        try:
            if path in overlays:
                content, status, known = overlays[path], None, None
            else:
                status = os.stat(path)
                known = cache.seen(path, status) if cache else None
                content = b"" if known else read(path)
        except FileNotFoundError:
            gone.add(path)
            continue
        except OSError as error:
            screening.unreadable[path] = error.strerror or str(error)
            continue
        if known:
            flags, digest = known
        else:
            flags = prescreen.classify(path, content)
            digest = digest_of(content) if flags else ""
            if flags:
                screening.contents[path] = content
            if cache and status:
                cache.record(path, status, flags, digest)
        if digest:
            screening.digests[path] = digest
        if flags & prescreen.COMMENTED:
            screening.commented.append(path)
        if flags & prescreen.CANDIDATE:
            if path.endswith("/" + BINDINGS):
                bindings.append(path)
            else:
                candidates[path] = None
    project.files = [path for path in project.files if path not in gone]
    files = set(project.files)
    for path in bindings:
        try:
            scripts = prescreen.scripts_of(path, _read(path, screening, overlays))
        except OSError:
            continue
        screening.scripts.update(script for script in scripts if script in files)
    candidates.update(dict.fromkeys(screening.scripts))
    screening.candidates = sorted(path for path in candidates if language_of(path))
    return screening


def _read(path: str, screening: _Screening, overlays: Mapping[str, bytes]) -> bytes:
    content = overlays.get(path)
    if content is None:
        content = screening.contents.get(path)
    if content is None:
        content = screening.contents[path] = read(path)
    return content


def _analyze(
    project: Project,
    screening: _Screening,
    overlays: Mapping[str, bytes],
    cache: Cache | None,
    trees: Trees | None,
    catalogue: Catalogue,
    progress: Callable[[str], None],
) -> Found:
    if not screening.candidates:
        return Found()
    names = digest_of_names(project.files) if cache else ""
    found = Found()
    for language, candidates in _by_language(screening.candidates):
        digest = partial(_digest, screening=screening, overlays=overlays, cache=cache)
        kept = cache.result(language.id, candidates, names, digest) if cache else None
        if kept is None:
            count = len(candidates)
            progress(f"analyzing {count} {'file' if count == 1 else 'files'} with durable code")
            kept, used = _judge(project, language, candidates, screening, overlays, trees, catalogue)
            if cache and not overlays:
                cache.keep_result(language.id, candidates, names, {path: digest(path) for path in used}, kept)
        found = Found(
            (*found.findings, *kept.findings),
            (*found.orchestrators, *kept.orchestrators),
            found.parsed | kept.parsed,
            found.coarse | kept.coarse,
        )
    return found


def _judge(
    project: Project,
    language: Language,
    candidates: list[str],
    screening: _Screening,
    overlays: Mapping[str, bytes],
    trees: Trees | None,
    catalogue: Catalogue,
) -> tuple[Found, list[str]]:
    """What is found in the files of one language, and all files that this depends on."""
    from determinism_lint.analysis import analyzer  # Only now: it takes longer to import than most runs take.
    from determinism_lint.languages import parse
    from determinism_lint.run.trees import Trees

    used: dict[str, None] = {}

    def read_source(path: str) -> bytes:
        used[path] = None
        return _read(path, screening, overlays)

    files, tree_of = frozenset(project.files), (trees or Trees(parse)).parse
    imported = language.frontend.concerned(candidates, files, read_source, tree_of)
    candidates = sorted({*imported, *screening.scripts.intersection(candidates)})
    result = analyzer.analyze(candidates, files, read_source, catalogue, language.frontend, tree_of)
    # A file that could not be read counts too: it may be there the next time.
    depends = sorted({*used, *result.parsed})
    return Found(result.findings, result.orchestrators, result.parsed, result.coarse), depends


def plans(paths: Iterable[str], config: Callable[[str], Config], folder: str) -> list[tuple[Orchestrator, Plan]]:
    """What each orchestrator in files and folders does. Paths are shown relative to `folder`."""
    from determinism_lint.analysis import analyzer
    from determinism_lint.languages import parse
    from determinism_lint.plan import with_paths
    from determinism_lint.run.trees import Trees

    found: list[tuple[Orchestrator, Plan]] = []
    catalogue = load_catalogue()
    for project in find_projects(paths):
        settings = config(project.root)
        if settings.exclude:
            _leave_out(project, settings)
        screening = _screen(project, {}, None)
        read_source = partial(_read, screening=screening, overlays={})
        files, tree_of = frozenset(project.files), Trees(parse).parse
        for language, candidates in _by_language(screening.candidates):
            imported = language.frontend.concerned(candidates, files, read_source, tree_of)
            candidates = sorted({*imported, *screening.scripts.intersection(candidates)})
            result = analyzer.analyze(candidates, files, read_source, catalogue, language.frontend, tree_of, plans=True)
            found += [(each, plan) for each, plan in result.plans if project.asked_about(each.path)]
    found.sort(key=lambda pair: pair[0])
    return [
        (_shown_orchestrator(each, folder), with_paths(plan, lambda path: shown(path, folder))) for each, plan in found
    ]


def _by_language(paths: Iterable[str]) -> list[tuple[Language, list[str]]]:
    """The files of each language; each is judged by itself."""
    found: dict[str, tuple[Language, list[str]]] = {}
    for path in paths:
        language = language_of(path)
        if language is not None:
            found.setdefault(language.id, (language, []))[1].append(path)
    return list(found.values())


def _digest(path: str, screening: _Screening, overlays: Mapping[str, bytes], cache: Cache | None) -> str | None:
    """Of a file's content; None when it cannot be read."""
    if path in overlays:
        return digest_of(overlays[path])
    if path not in screening.digests:
        try:
            status = os.stat(path)
            value = screening.digests[path] = digest_of(_read(path, screening, overlays))
        except OSError:
            return None
        # Every file that holds a token got its digest when it was searched.
        if cache:
            cache.record(path, status, prescreen.NOTHING, value)
    return screening.digests[path]


def _concerns(finding: Finding, project: Project) -> bool:
    """Whether a finding lies in, or is reached through, what somebody asked about."""
    return (
        project.asked_about(finding.path)
        or any(project.asked_about(hop.path) for hop in finding.trace)
        or any(project.asked_about(each.path) for each in finding.orchestrators)
    )


def apply_settings(findings: Iterable[Finding], config: Config, catalogue: Catalogue) -> list[Finding]:
    """The findings that the settings leave, with the severities that they ask for."""
    by_path = [(matcher([pattern], config.folder), rules) for pattern, rules in config.per_path_ignores.items()]
    reported = []
    for finding in findings:
        if not config.reports(finding.rule):
            continue
        if any(finding.rule in rules and matches(finding.path, False) for matches, rules in by_path):
            continue
        severity: Severity = config.severity.get(finding.rule, finding.severity)
        reported.append(finding if severity == finding.severity else replace(finding, severity=severity))
    return reported


def _shown_orchestrator(orchestrator: Orchestrator, folder: str) -> Orchestrator:
    return replace(orchestrator, path=shown(orchestrator.path, folder))


def _shown_finding(finding: Finding, folder: str) -> Finding:
    return replace(
        finding,
        path=shown(finding.path, folder),
        orchestrators=tuple(_shown_orchestrator(each, folder) for each in finding.orchestrators),
        trace=tuple(replace(hop, path=shown(hop.path, folder)) for hop in finding.trace),
    )

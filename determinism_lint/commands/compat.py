"""The command `compat`: may this change be deployed while instances are running?"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from determinism_lint.commands.check import config_of
from determinism_lint.errors import ConfigError
from determinism_lint.model import Finding, Report, Severity
from determinism_lint.output import formats, renderer
from determinism_lint.rules.catalogue import load_catalogue
from determinism_lint.run.compat import OUTCOMES, VERSION_IT, Difference, differences
from determinism_lint.run.files import absolute, contents, excerpt_of, is_source, repository_of, run_git_bytes
from determinism_lint.run.project import plans
from determinism_lint.terminal import write
from determinism_lint.wording import wants_color

RULE = "incompatible-change"
_ALSO_READ = (".json", ".toml", ".txt", ".cfg", ".xml", ".gradle", ".kts", ".gitignore")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True), metavar="[PATHS]...")
@click.option("--base", default="HEAD", show_default=True, metavar="REV", help="The revision that is running.")
@click.option("--output-format", type=click.Choice(formats()), default="full", help="How the result is written.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 although the change breaks running instances.")
def compat(paths: tuple[str, ...], base: str, output_format: str, exit_zero: bool) -> int:
    """Say what a change means for running instances.

    Compares the working tree with a revision, orchestrator by orchestrator and across helpers: which durable steps
    were added, removed, renamed or moved, or may be skipped now; whether a check of the version keeps the old way; and
    what the runtime does with an instance that replays its old history. Exits with 1 when the change breaks running
    instances.
    """
    import sys

    catalogue = load_catalogue()
    top = repository_of(absolute("."))
    if top is None:
        raise click.ClickException("compares with a revision, and this is no git repository")
    here = absolute(".")
    wanted = [absolute(path) for path in paths or (".",)]
    now = plans(wanted, lambda root: config_of(root, catalogue), here)
    with checked_out(top, base) as old:
        then = [path for path in (_moved(path, top, old) for path in wanted) if os.path.exists(path)]
        before = plans(then, lambda root: config_of(root, catalogue), _moved(here, top, old)) if then else []
    found = [_finding(each) for each in differences(before, now)]
    report = Report(
        files=len({each.path for each, _ in now}), parsed=len({each.path for each, _ in now}),
        orchestrators=tuple(each for each, _ in now), findings=tuple(sorted(found, key=lambda each: each.sort_key)),
    )  # fmt: skip
    color = wants_color(sys.stdout, os.environ)
    text = renderer(output_format)(report, catalogue, color=color)
    return write(text, 1 if report.count("error") and not exit_zero else 0)


@contextmanager
def checked_out(top: str, revision: str) -> Iterator[str]:
    """The files of a revision, in a folder that goes again; the repository itself is left alone.

    Raises:
        ConfigError: there is no such revision.
    """
    listed = run_git_bytes(top, "ls-tree", "-r", "-z", "--full-tree", revision)
    if listed is None:
        raise ConfigError(f"git knows no revision {revision!r}")
    with tempfile.TemporaryDirectory(prefix="determinism-lint-") as folder:
        entries = (entry.partition("\t") for entry in os.fsdecode(listed).split("\0") if entry)
        wanted = {name: meta.split()[2] for meta, _, name in entries if meta.startswith("100") and _is_read(name)}
        for name, content in zip(wanted, contents(top, wanted.values()), strict=True):
            if content is not None:
                target = Path(folder, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        Path(folder, ".git").mkdir()  # Where settings are looked for ends here, as it does there.
        yield absolute(os.path.realpath(folder))


def _is_read(name: str) -> bool:
    """Whether the analysis may ask for a file: source, a manifest, settings."""
    return (is_source(name) or name.endswith(_ALSO_READ)) and ".." not in name.split("/")


def _moved(path: str, top: str, other: str) -> str:
    return other + path[len(top.rstrip("/")) :]


def _finding(difference: Difference) -> Finding:
    step = difference.step
    orchestrator = difference.orchestrator
    path, line = (step.path, step.line) if step is not None and difference.change not in ("removed", "skipped") else (
        orchestrator.path, orchestrator.line
    )  # fmt: skip
    severity: Severity = "error" if difference.is_breaking else "info"
    said = OUTCOMES[difference.outcome] if not difference.guarded else "a check of the version keeps the old way"
    excerpt = excerpt_of(path, line)
    return Finding(
        rule=RULE, severity=severity, message=f"{_words(difference)}: {said}", path=path, span=excerpt.code_of(line),
        excerpt=excerpt, help=VERSION_IT if difference.is_breaking else None, orchestrators=(orchestrator,),
    )  # fmt: skip


def _words(difference: Difference) -> str:
    step, before = difference.step, difference.before
    name = difference.orchestrator.name
    if step is None:
        return f"orchestrator `{name}` is gone"
    what = f"{step.kind} `{step.name}`" if step.name else step.kind
    if difference.change == "skipped":
        return f"{what} may be skipped in `{name}`, or done less often"
    if before is None or difference.change == "removed":
        return f"{what} was {difference.change} in `{name}`"
    was = f"{before.kind} `{before.name}`" if before.name else before.kind
    return f"{what} stands in `{name}` where {was} was"

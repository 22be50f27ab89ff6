"""The command `determinism-lint init`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

import click

from determinism_lint.init.draft import Draft
from determinism_lint.init.parts import AGENTS, CI, LANGUAGES, Picked, detect, parts
from determinism_lint.init.plan import Note, State, unwire, wire
from determinism_lint.init.record import PATH, RecordError, load
from determinism_lint.init.source import installed_from
from determinism_lint.wording import counted

_WORDS: dict[State, tuple[str, str]] = {
    "added": ("+", "added"),
    "updated": ("~", "updated"),
    "removed": ("-", "removed"),
    "there": ("=", "unchanged"),
    "left": ("!", "left alone"),
}


def _agents(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    for name in names:
        if name not in AGENTS:
            raise click.BadParameter(f"no agent is called `{name}`; known are {', '.join(AGENTS)}", context, parameter)
    if not names:
        raise click.BadParameter(f"name at least one agent of {', '.join(AGENTS)}", context, parameter)
    return names


@click.command()
@click.option("--skills", callback=_agents, metavar="AGENTS",
              help=f"Copy the skills for these agents: {', '.join(AGENTS)}.")  # fmt: skip
@click.option("--language", "languages", multiple=True, type=click.Choice(list(LANGUAGES)),
              help="Copy the skills of this language only (may be repeated).  [default: the repository's]")  # fmt: skip
@click.option("--hooks", is_flag=True,
              help="Have the agents check each edit: those of --skills, or else those that are detected.")  # fmt: skip
@click.option("--agents-md", is_flag=True, help="Add a section to AGENTS.md.")
@click.option("--pre-commit", is_flag=True, help="Add a hook to .pre-commit-config.yaml.")
@click.option("--ci", type=click.Choice(CI), help="Add a job to the CI.")
@click.option("--dry-run", is_flag=True, help="Print the changes as a diff, and make none.")
@click.option("--undo", is_flag=True, help="Take back what earlier runs did.")
def init(
    skills: tuple[str, ...] | None,
    languages: tuple[str, ...],
    hooks: bool,
    agents_md: bool,
    pre_commit: bool,
    ci: str | None,
    dry_run: bool,
    undo: bool,
) -> int:
    """Wire the linter and its skills into this repository.

    Without options: what the repository shows that it has a use for. Files that are there are added to, never
    overwritten; .determinism-lint-init.json remembers what was done. Another run brings it up to date.
    """
    draft = Draft(_repository(os.getcwd()))
    picks = bool(skills or hooks or agents_md or pre_commit or ci)
    if undo and picks:
        raise click.UsageError("--undo takes everything back; it goes with no other option than --dry-run")
    try:
        record = load(draft.read(PATH))
        missing: list[str] = []
        if undo:
            notes = unwire(draft, record)
            old_folders = record.folders
        else:
            picked = _picked(skills, hooks, agents_md, pre_commit, ci, detect(draft)) if picks else detect(draft)
            picked = replace(picked, languages=languages or picked.languages, folder=_below(draft.root))
            wanted, missing = parts(picked, draft, installed_from())
            notes, _ = wire(draft, wanted, record)
            old_folders = ()
        if dry_run:
            click.echo(draft.diff(), nl=False)
        else:
            draft.save(PATH, old_folders)
    except RecordError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    click.echo(_summary(draft.root, notes, missing, undo, dry_run), nl=False, err=dry_run)
    if not undo and not dry_run and (pre_commit or ci or not picks):
        _offer_baseline(draft.root)
    return 0


def _picked(
    skills: tuple[str, ...] | None, hooks: bool, agents_md: bool, pre_commit: bool, ci: str | None, found: Picked
) -> Picked:
    agents = skills if skills is not None else found.hooks or tuple(AGENTS)
    wanted = Picked(skills or (), (), agents_md, pre_commit, ci, found.languages)
    return replace(wanted, hooks=agents) if hooks else wanted


def _offer_baseline(root: str) -> None:
    """Old findings must not fail the first commit: tell how to set them aside."""
    from determinism_lint.commands.check import config_of
    from determinism_lint.rules.catalogue import load_catalogue
    from determinism_lint.run.project import lint

    catalogue = load_catalogue()
    config = config_of(root, catalogue)
    report = lint([root], config, folder=root, catalogue=catalogue, cache=True)
    if report.findings and config.baseline is None:
        click.echo(
            f"The code has {counted(len(report.findings), 'finding')} already. So that only new ones count, record "
            'them by `determinism-lint check --write-baseline`, and `baseline = "determinism-lint-baseline.json"` in '
            "determinism-lint.toml."
        )


def _below(root: str) -> str:
    """The working directory relative to the repository, with a final `/`; empty for the repository itself."""
    path = os.path.relpath(os.path.realpath(os.getcwd()), root).replace(os.sep, "/")
    return "" if path == "." else f"{path}/"


def _repository(folder: str) -> str:
    """The repository's top folder, or the folder itself when it is in none."""
    current = folder
    while not os.path.exists(os.path.join(current, ".git")):
        parent = os.path.dirname(current)
        if parent == current:
            return folder
        current = parent
    return current


def _summary(root: str, notes: Sequence[Note], missing: Sequence[str], undo: bool, dry_run: bool) -> str:
    if not notes and not missing:
        return (
            f"Nothing to take back in {root}.\n"
            if undo
            else f"Nothing in {root} shows what to set up. Pick it: --skills copilot,claude,codex --hooks --agents-md "
            "--pre-commit --ci github\n"
        )
    lines = [f"{root}{' (dry run, nothing was written)' if dry_run else ''}:"]
    lines += [f"  {line}" for line in _lines(notes)]
    lines += [f"  ! {line}" for line in missing]
    if any(note.state in ("added", "updated") for note in notes):
        lines.append("`determinism-lint init --undo` takes it back.")
    return "\n".join(lines) + "\n"


def _lines(notes: Iterable[Note]) -> Iterable[str]:
    """One line for the files of a skill folder that share a fate, one for each other file."""
    groups: dict[tuple[str, str, State, str], list[str]] = {}
    for note in notes:
        folders = note.path.split("/")
        where = "/".join(folders[:2]) if folders[1:2] == ["skills"] else note.path
        groups.setdefault((where, note.part, note.state, note.reason), []).append(note.path)
    for (where, part, state, reason), paths in groups.items():
        sign, word = _WORDS[state]
        count = f" ({len(paths)} files)" if len(paths) > 1 else ""
        yield f"{sign} {where}{count}: {f'{part} ' if part else ''}{word}{': ' + reason if reason else ''}"

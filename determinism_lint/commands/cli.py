"""The commands."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import click

from determinism_lint import __version__
from determinism_lint.commands import check as checking
from determinism_lint.commands.check import unknown_language
from determinism_lint.errors import ConfigError
from determinism_lint.languages import language_of
from determinism_lint.output import formats
from determinism_lint.rules.catalogue import Rule, load_catalogue
from determinism_lint.run.config import FAIL_ON, check_rules, nearest
from determinism_lint.run.files import DOCUMENTS, absolute, find_projects
from determinism_lint.run.project import lint
from determinism_lint.terminal import INTERRUPTED, PROGRAM, complain, write
from determinism_lint.wording import nothing_found

_EPILOG = """\b
Exit status: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage or an error.
\b
Shell completion, in the shell's start-up file:
  bash:  eval "$(_DETERMINISM_LINT_COMPLETE=bash_source determinism-lint)"
  zsh:   eval "$(_DETERMINISM_LINT_COMPLETE=zsh_source determinism-lint)"
  fish:  _DETERMINISM_LINT_COMPLETE=fish_source determinism-lint | source
"""


def run(arguments: Sequence[str]) -> int:
    """Run a command line; returns the exit status."""
    try:
        status = main.main(args=list(arguments), prog_name=PROGRAM, standalone_mode=False)
        return status if isinstance(status, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        return write(error.ctx.get_help() + "\n" if error.ctx else "", 2)
    except click.ClickException as error:
        usage = error.ctx.get_usage().splitlines() if isinstance(error, click.UsageError) and error.ctx else ()
        return complain(*usage, f"error: {error.format_message()}")
    except click.Abort:
        return INTERRUPTED


def _complete_rule(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in load_catalogue() if name.startswith(incomplete)]


def _rules(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> frozenset[str] | None:
    """Options that take rules may be repeated, and take several with commas between."""
    if not values:
        return None
    names = [name.strip() for value in values for name in value.split(",") if name.strip()]
    try:
        return check_rules(names, load_catalogue(), f"--{parameter.name}")
    except ConfigError as error:
        raise click.UsageError(str(error), context) from None


_paths = click.argument("paths", nargs=-1, type=click.Path(exists=True, allow_dash=True), metavar="[PATHS]...")


def _format_option(choices: list[str], default: str | None) -> Callable[[Any], Any]:
    return click.option(
        "--output-format", type=click.Choice(choices), default=default, help="How the result is written."
    )


_ELSEWHERE = {
    "compat": "determinism_lint.commands.compat",
    "graph": "determinism_lint.commands.graph",
    "hook": "determinism_lint.hook.command",
    "init": "determinism_lint.init.command",
    "record": "determinism_lint.replay.record",
    "replay": "determinism_lint.replay.command",
}
"""Commands that are imported only when they are needed: a module, and in it a function named after the command."""


class _Commands(click.Group):
    def list_commands(self, context: click.Context) -> list[str]:
        return sorted({*super().list_commands(context), *_ELSEWHERE})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name in _ELSEWHERE:
            command: click.Command = getattr(import_module(_ELSEWHERE[name]), name)
            return command
        return super().get_command(context, name)


@click.group(cls=_Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")
def main() -> None:
    """Finds code that breaks the replay of durable orchestrators."""


@main.command()
@_paths
@_format_option(formats(), None)
@click.option("--select", multiple=True, callback=_rules, shell_complete=_complete_rule, metavar="RULE",
              help="Report only these rules.")  # fmt: skip
@click.option("--ignore", multiple=True, callback=_rules, shell_complete=_complete_rule, metavar="RULE",
              help="Do not report these rules.")  # fmt: skip
@click.option("--fail-on", type=click.Choice(FAIL_ON), help="The least severity that makes the exit status 1.  "
              "[default: error]")  # fmt: skip
@click.option("--fix", is_flag=True, help="Apply the safe fixes; what is left is reported.")
@click.option("--unsafe-fixes", is_flag=True, help="Let --fix and --diff also use fixes that change what is "
              "scheduled: instances in flight must then be versioned.")  # fmt: skip
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--baseline", type=click.Path(dir_okay=False), metavar="FILE",
              help="Do not report the findings that this file records.")  # fmt: skip
@click.option("--write-baseline", is_flag=True, help="Record the present findings in the baseline file.")
@click.option("--markdown", is_flag=True, help="Also check the code in Markdown files and notebooks.")
@click.option("--statistics", is_flag=True, help="Show how often each rule fired instead of the findings.")
@click.option("--no-cache", is_flag=True, help="Neither use nor keep results of earlier runs.")
@click.option("--stdin-filename", type=click.Path(), metavar="FILE",
              help="Standard input stands for this file's text; `check -` is Python code of no file.")  # fmt: skip
@click.option("--config", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
              help="Take the settings from this file, for every project.")  # fmt: skip
@click.option("--output-file", "-o", type=click.Path(dir_okay=False), metavar="FILE",
              help="Write the result to a file.")  # fmt: skip
@click.option("--quiet", "-q", is_flag=True, help="Print the findings and nothing else.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 although there are findings.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes, until interrupted.")
def check(
    paths: tuple[str, ...],
    output_format: str | None,
    select: frozenset[str] | None,
    ignore: frozenset[str] | None,
    fail_on: str | None,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    baseline: str | None,
    write_baseline: bool,
    markdown: bool,
    statistics: bool,
    no_cache: bool,
    stdin_filename: str | None,
    config: str | None,
    output_file: str | None,
    quiet: bool,
    exit_zero: bool,
    watch: bool,
) -> int:
    """Check files and folders, and report the findings.

    Without PATHS it is the working directory. Files outside PATHS are read when an orchestrator's calls lead there: the
    whole project counts, which is the nearest folder with a .git, pyproject.toml, determinism-lint.toml or host.json.
    """
    if unsafe_fixes and not (fix or diff):
        raise click.UsageError("--unsafe-fixes says which fixes --fix or --diff may use; give one of them")
    if (fix or diff) and stdin_filename is not None:
        raise click.UsageError("--fix and --diff work on files, not on standard input")
    if diff and write_baseline:
        raise click.UsageError("--diff changes nothing, so there is no --write-baseline with it")
    if watch and (fix or diff or write_baseline or stdin_filename is not None or "-" in paths):
        raise click.UsageError("--watch only looks: no option that changes files goes with it, nor standard input")
    if "-" in paths:
        paths = tuple(path for path in paths if path != "-")
        stdin_filename = stdin_filename or STANDARD_INPUT
    overlays = {}
    if stdin_filename is not None:
        if language_of(stdin_filename) is None:
            raise click.UsageError(f"--stdin-filename: {unknown_language(stdin_filename)}")
        overlays[stdin_filename] = sys.stdin.buffer.read() if sys.stdin else b""
        if all(absolute(path) != absolute(stdin_filename) for path in paths):
            paths = (*paths, stdin_filename)
    settings = {"select": select, "fail_on": fail_on, "output_format": output_format, "baseline": baseline}
    paths = paths or (".",)
    sources = [path for path in paths if not (markdown and path.endswith(DOCUMENTS)) or os.path.isdir(path)]

    def once() -> int:
        return checking.check(
            find_projects(checking.known(sources)),
            fixing=checking.Fixing(unsafe_fixes, diff) if fix or diff else None,
            write_baseline=write_baseline,
            documents=paths if markdown else (),
            overlays=overlays,
            statistics=statistics,
            cache=not no_cache,
            ignore=ignore or frozenset(),
            config_file=config,
            output_file=output_file,
            quiet=quiet,
            exit_zero=exit_zero,
            **{key: value for key, value in settings.items() if value is not None},
        )

    if watch:
        from determinism_lint.commands.watch import watched

        return watched(once, paths)
    return once()


STANDARD_INPUT = "stdin.py"
"""The file that `check -` stands for."""


@main.command()
@click.argument("rule", shell_complete=_complete_rule)
@_format_option(["full", "json"], "full")
def explain(rule: str, output_format: str) -> int:
    """Say why a rule matters, and what to write instead."""
    catalogue = load_catalogue()
    if rule not in catalogue:
        hint = nearest(rule, catalogue) or f"; `{PROGRAM} rules` lists them"
        raise click.UsageError(f"no rule is called `{rule}`{hint}")
    found = catalogue[rule]
    if output_format == "json":
        return write(_json({**_rule(found), "markdown": found.markdown}), 0)
    facts = [f"{found.name}: {_severity(found)}, since {found.since}"]
    if found.equivalents:
        facts.append(f"known elsewhere as {', '.join(found.equivalents)}")
    return write(f"{found.markdown}\n---\n{'; '.join(facts)}.\n", 0)


@main.command()
@_format_option(["full", "json"], "full")
def rules(output_format: str) -> int:
    """List the rules."""
    catalogue = load_catalogue()
    if output_format == "json":
        return write(_json({"rules": [_rule(rule) for rule in catalogue.values()]}), 0)
    width = max(map(len, catalogue), default=0)
    lines = [f"{rule.name:<{width}}  {rule.severity:<7}  {rule.summary}" for rule in catalogue.values()]
    return write("".join(line + "\n" for line in lines), 0)


@main.command()
@_paths
@_format_option(["full", "json"], "full")
def orchestrators(paths: tuple[str, ...], output_format: str) -> int:
    """List the orchestrators in files and folders.

    Without PATHS it is the working directory.
    """
    catalogue = load_catalogue()
    with checking.progress() as tell:
        report = lint(
            checking.known(paths or (".",)),
            lambda folder: checking.config_of(folder, catalogue),
            cache=True,
            catalogue=catalogue,
            progress=tell,
        )
    if output_format == "json":
        from determinism_lint.output.json import orchestrator

        return write(_json({"orchestrators": [orchestrator(each) for each in report.orchestrators]}), 0)
    lines = [f"{each.path}:{each.line}: {each.name} ({each.runtime})\n" for each in report.orchestrators]
    return write("".join(lines) or nothing_found(report.files, report.elsewhere) + "\n", 0)


@main.group()
def config() -> None:
    """What the settings are."""


@config.command()
@click.argument("path", type=click.Path(exists=True), default=".")
@_format_option(["full", "json"], "full")
def show(path: str, output_format: str) -> int:
    """Show the settings of a file or folder, and where they come from."""
    from determinism_lint.commands.settings import rendered, settings_of

    settings = settings_of(path, load_catalogue())
    return write(_json(settings) if output_format == "json" else rendered(settings), 0)


@main.command()
def server() -> int:
    """Run the language server, for editors.

    It speaks on standard input and output. It needs `pip install determinism-lint[server]`.
    """
    try:
        from determinism_lint.server.server import make_server
    except ImportError as error:
        raise click.ClickException(
            f"the language server needs {error.name}: pip install 'determinism-lint[server]'"
        ) from None
    make_server().start_io()
    return 0


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "title": rule.title,
        "summary": rule.summary,
        "severity": dict(rule.severities),
        "since": rule.since,
        "equivalents": list(rule.equivalents),
        "languages": list(rule.languages),
        "never": dict(rule.never),
        "instead": dict(rule.instead),
    }


def _severity(rule: Rule) -> str:
    others = [f"{severity} for {sdk}" for sdk, severity in rule.severities.items() if sdk != "default"]
    return ", ".join([rule.severity, *others])


def _json(data: dict[str, Any]) -> str:
    return json.dumps({"version": 1, **data}, indent=2) + "\n"

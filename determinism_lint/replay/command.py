"""The command `replay`: run an orchestrator, replay it under other circumstances, say what differs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from determinism_lint.languages import language_of
from determinism_lint.model import Report
from determinism_lint.output import formats, renderer
from determinism_lint.replay.load import ProgramError
from determinism_lint.replay.model import Event, Json, Outcome, Verdict
from determinism_lint.replay.oracle import MISSING, judge, orchestrators
from determinism_lint.replay.process import interpreter_near
from determinism_lint.replay.recorded import report as recorded
from determinism_lint.replay.recorded.hold import hold
from determinism_lint.replay.recorded.verdict import Outcome as Replayed
from determinism_lint.replay.recorded.verdict import words
from determinism_lint.replay.report import as_data, report, told
from determinism_lint.rules.catalogue import load_catalogue
from determinism_lint.run.files import absolute, shown
from determinism_lint.terminal import write
from determinism_lint.wording import wants_color


@click.command()
@click.argument("target", metavar="FILE[:FUNCTION]")
@click.option("--input", "input_", metavar="JSON", help="The orchestrator's input.  [default: a stand-in]")
@click.option("--event", "events", multiple=True, metavar="NAME[=JSON]", help="Raise this event. Without any, events "
              "are raised in one run and not in another.")  # fmt: skip
@click.option("--entity", "entities", multiple=True, metavar="NAME@KEY=JSON", help="An entity's state before the run.")
@click.option("--activity", "results", multiple=True, metavar="NAME=JSON", help="This activity's result, in place of "
              "running it.")  # fmt: skip
@click.option("--activities", type=click.Choice(["stand-in", "real"]), default="stand-in", show_default=True,
              help="Whether the other activities are run, or values of their annotated types stand in.")  # fmt: skip
@click.option(
    "--python", metavar="FILE", help="The interpreter that has the SDK.  [default: .venv above FILE, or this one]"
)
@click.option("--history", "histories", multiple=True, type=click.Path(exists=True), metavar="PATH", help="Do not run "
              "it, but replay this recorded history, or all in this folder.")  # fmt: skip
@click.option("--timeout", default=60.0, show_default=True, help="Real seconds after which code counts as hung.")
@click.option("--output-format", type=click.Choice(formats()), default="full", help="How the result is written.")
def replay(
    target: str,
    input_: str | None,
    events: tuple[str, ...],
    entities: tuple[str, ...],
    results: tuple[str, ...],
    activities: str,
    python: str | None,
    histories: tuple[str, ...],
    timeout: float,
    output_format: str,
) -> int:
    """Run Python orchestrators, replay them, and compare.

    Every replay has another clock, seed and environment. This executes the orchestrators, in virtual time and without a
    scheduler; activities only with `--activities real`. Without that, the network, other processes and writing outside
    a temporary folder are refused to the program, and that is told. What differs, hangs or has effects is reported as
    findings. Exit status: 0 every replay decides the same and nothing impure was seen, 1 otherwise, 2 wrong usage or a
    file that cannot be run.

    With --history nothing is run but the orchestrators, once on each recorded history: does today's code still replay
    what runs? FUNCTION then stands for the orchestrator that a file names. Exit status: 0 all replay, 1 otherwise.
    """
    path, function = _split(target)
    if not os.path.isfile(path):
        raise click.UsageError(f"{path} is not a file")
    language = language_of(path)
    if language is not None and language.id != "python":
        raise click.UsageError(f"{path} is not in Python, and only Python is replayed")
    options: dict[str, Any] = {"python": python or interpreter_near(path), "timeout": timeout}
    options["stand_ins"] = activities == "stand-in"
    try:
        found = orchestrators(path, **options)
    except ProgramError as error:
        raise click.ClickException(f"{path} cannot be run: {error}") from None
    names = [function] if function else list(found)
    if not names:
        raise click.ClickException(f"{path} holds no orchestrator")
    if histories:
        if input_ is not None or events or entities or results:
            raise click.UsageError("a history tells the input, the events and the results: give none with --history")
        return _hold(path, found, function, histories, output_format, python=options["python"], timeout=timeout)
    options["input"] = MISSING if input_ is None else _json(input_, "--input")
    options["events"] = [Event(name, value) for name, value in (_pair(text, "--event") for text in events)]
    options["entities"] = dict(_pair(text, "--entity") for text in entities)
    options["results"] = dict(_pair(text, "--activity") for text in results)
    verdicts = [judge(path, name, **options) for name in names]
    clean = all(verdict.outcome is Outcome.DETERMINISTIC for verdict in verdicts)
    return write(_rendered(path, verdicts, output_format), 0 if clean else 1)


def _hold(
    path: str,
    known: Sequence[str],
    function: str | None,
    histories: Sequence[str],
    output_format: str,
    **options: Any,
) -> int:
    """Recorded histories in place of runs."""
    here = absolute(".")
    verdicts = list(hold(path, known, function, histories, **options))
    if not verdicts:
        raise click.ClickException(f"no history there is of an orchestrator in {path}")
    text = _written(
        recorded.report(path, known, verdicts, here), output_format, [words(verdict) for verdict in verdicts]
    )
    if output_format in ("full", "concise"):
        text += "".join(recorded.told(verdict, here) + "\n" for verdict in verdicts)
    return write(text, 0 if all(verdict.outcome is Replayed.REPLAYS for verdict in verdicts) else 1)


def _split(target: str) -> tuple[str, str | None]:
    """The function follows the last colon, unless that belongs to the path."""
    path, colon, function = target.rpartition(":")
    return (path, function) if colon and function.isidentifier() and path else (target, None)


def _pair(text: str, option: str) -> tuple[str, Json]:
    name, equals, value = text.partition("=")
    return name, _json(value, option) if equals else None


def _json(text: str, option: str) -> Json:
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"{option}: {text!r} is not JSON: {error}") from None


def _rendered(path: str, verdicts: Sequence[Verdict], output_format: str) -> str:
    found = report(path, verdicts, load_catalogue(), absolute("."))
    text = _written(found, output_format, [as_data(verdict) for verdict in verdicts])
    if output_format in ("full", "concise"):
        text += "".join(told(shown(absolute(path), absolute(".")), verdict) + "\n" for verdict in verdicts)
    return text


def _written(found: Report, output_format: str, verdicts: Sequence[Mapping[str, Json]]) -> str:
    text = renderer(output_format)(found, load_catalogue(), color=wants_color(sys.stdout, os.environ))
    if output_format == "json":
        return json.dumps({**json.loads(text), "verdicts": list(verdicts)}, indent=2) + "\n"
    return text

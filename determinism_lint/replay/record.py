"""The command `record`: histories of a running task hub, as files that `replay --history` reads."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from determinism_lint.replay.process import CHILD, interpreter_near
from determinism_lint.replay.recorded.redact import redacted
from determinism_lint.terminal import write
from determinism_lint.wording import counted

STATUSES = ("running", "completed", "failed", "terminated", "pending", "suspended")


@click.command()
@click.option("--address", required=True, metavar="HOST:PORT", help="Where the task hub listens for gRPC.")
@click.option("--task-hub", default="default", show_default=True, metavar="NAME", help="Its name, where one server has "
              "several.")  # fmt: skip
@click.option("--instance", "instances", multiple=True, metavar="ID", help="Record this instance.")
@click.option("--status", "statuses", multiple=True, type=click.Choice(STATUSES), help="Record all that stand there.")
@click.option("--redact", is_flag=True, help="Replace what payloads say: types, keys and lengths stay.")
@click.option("--python", metavar="FILE", help="The interpreter that has the SDK.  [default: .venv here or above, or "
              "this one]")  # fmt: skip
@click.option("--output", "-o", required=True, type=click.Path(file_okay=False), metavar="FOLDER", help="A file for "
              "each instance is written there.")  # fmt: skip
def record(
    address: str,
    task_hub: str,
    instances: tuple[str, ...],
    statuses: tuple[str, ...],
    redact: bool,
    python: str | None,
    output: str,
) -> int:
    """Record histories of a running task hub.

    Writes what `replay --history` and `graph --history` read, in the form of the SDK's history export. The task hub is
    the Durable Task Scheduler's emulator, the SDK's in-memory backend, or any other that listens without TLS.
    """
    if not instances and not statuses:
        raise click.UsageError("say which instances to record: --instance ID or --status STATUS")
    wanted = {"address": address, "task_hub": task_hub, "instances": instances,
              "statuses": [status.upper() for status in statuses]}  # fmt: skip
    documents = _fetched(python or interpreter_near(os.path.join(os.getcwd(), "")), wanted)
    folder = Path(output)
    folder.mkdir(parents=True, exist_ok=True)
    for document in documents:
        content = json.dumps(redacted(document) if redact else document, indent=1, ensure_ascii=False) + "\n"
        (folder / f"{quote(document['instance_id'], safe='')}.json").write_text(content, encoding="utf-8")
    return write(f"{counted(len(documents), 'instance')} recorded in {output}\n", 0)


def _fetched(python: str, wanted: dict[str, Any]) -> list[Any]:
    """By the interpreter that has the SDK, in a process of its own: no clock is replaced there."""
    try:
        done = subprocess.run(
            [python, str(CHILD), "export"],
            input=json.dumps(wanted),
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    except OSError as error:
        raise click.ClickException(f"{python} does not start: {error}") from None
    if done.returncode:
        raise click.ClickException(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "nothing was told")
    return [json.loads(line) for line in done.stdout.splitlines()]

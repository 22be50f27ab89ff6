"""The command line's entrance. `determinism-lint hook` without options does not even come here: see `__main__`."""

from __future__ import annotations

import click

from determinism_lint.hook import run


@click.command()
def hook() -> int:
    """Answer the event of an AI agent's hook.

    The event comes as JSON on standard input, from Claude Code, GitHub Copilot (CLI, cloud agent, VS Code) or Codex.
    After an edit the model gets the findings that the edit made; at the end of a turn it is held back once while
    errors are left.
    Always exits 0. `determinism-lint init --hooks` sets it up.
    """
    return run()

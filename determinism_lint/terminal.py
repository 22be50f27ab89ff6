"""What is written to standard output and standard error, whatever they are connected to."""

from __future__ import annotations

import os
import sys

from determinism_lint.wording import printable

PROGRAM = "determinism-lint"
INTERRUPTED = 130
"""The exit status after Ctrl-C."""


def write(text: str, status: int) -> int:
    """Print to standard output; returns `status`, or 2 when there is no room to write.

    A reader that has gone away, such as `head`, is none of our business.
    """
    try:
        if sys.stdout is not None:
            if hasattr(sys.stdout, "reconfigure"):
                sys.stdout.reconfigure(errors="backslashreplace")
            sys.stdout.write(text)
            sys.stdout.flush()
    except BrokenPipeError:
        _abandon(1)
    except OSError as error:
        _abandon(1)
        return complain(f"error: cannot write the output: {error.strerror}")
    return status


def complain(*lines: str) -> int:
    """Print lines to standard error; returns the exit status for wrong usage and internal errors.

    What would steer a terminal, or begin another line that a CI service takes for a command, is spelled out.
    """
    try:
        if sys.stderr is not None:
            if hasattr(sys.stderr, "reconfigure"):
                sys.stderr.reconfigure(errors="backslashreplace")
            sys.stderr.write("".join(f"{printable(line)}\n" for line in lines))
            sys.stderr.flush()
    except OSError:
        _abandon(2)
    return 2


def _abandon(descriptor: int) -> None:
    """Let the interpreter's last flush of a stream go nowhere instead of failing."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, descriptor)
    os.close(null)

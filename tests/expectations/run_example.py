"""Imports a program, `check PATH`, or runs it as the main program, and then the tests in it, `run PATH`.

Tests are functions `test_*` without parameters. Runs in an environment that has the SDK and nothing of this project.
"""

from __future__ import annotations

import runpy
import sys


def main(kind: str, path: str) -> None:
    if kind == "check":
        runpy.run_path(path)
        return
    for name, value in list(runpy.run_path(path, run_name="__main__").items()):
        if name.startswith("test_"):
            value()
            print(f"{name} passed")


if __name__ == "__main__":
    main(*sys.argv[1:])

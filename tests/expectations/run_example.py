"""Runs one program, given by its path, as the main program, and then the tests in it: functions `test_*` without parameters.

Runs in an environment that has the SDK and nothing of this project.
"""

from __future__ import annotations

import runpy
import sys


def main(path: str) -> None:
    program = runpy.run_path(path, run_name="__main__")
    for name, value in list(program.items()):
        if name.startswith("test_"):
            value()
            print(f"{name} passed")


if __name__ == "__main__":
    main(sys.argv[1])

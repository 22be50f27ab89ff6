"""Runs files, one after another, each in a fork of a process that has imported the SDK; then the tests in each.

Reads `[path, …]` from standard input and writes, for each, `[status, what it wrote]`. Tests are functions `test_*`
without parameters. Runs in an environment that has the SDK; this project is found where it lies.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import runpy
import sys
import traceback

sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
with contextlib.suppress(ImportError):
    importlib.import_module("durabletask.azuremanaged.worker")
with contextlib.suppress(ImportError):
    importlib.import_module("azure.durable_functions")


def run(path: str) -> tuple[int, str]:
    said = io.StringIO()
    os.chdir(os.path.dirname(path))
    sys.path.insert(0, os.path.dirname(path))
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            for name, value in list(runpy.run_path(path).items()):
                if name.startswith("test_"):
                    value()
                    print(f"{name} passed")
        except BaseException:
            traceback.print_exc()
            return 1, said.getvalue()
    return 0, said.getvalue()


def main() -> None:
    results = []
    for path in json.load(sys.stdin):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writing, json.dumps(run(path)).encode())
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as answer:
            results.append(json.loads(answer.read() or '[1, "it died"]'))
        os.waitpid(child, 0)
    print(json.dumps(results))


if __name__ == "__main__":
    main()

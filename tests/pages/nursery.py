"""Imports the SDK of its environment once, and forks a child for each line on standard input: a request in JSON.

Answers with the child's exit status, one line each. Needs nothing of this project but what lies beside it.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import os
import runpy
import signal
import sys
import time
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[2] / "determinism_lint"
MODULES = (
    *("durabletask.task", "durabletask.worker", "durabletask.client", "durabletask.testing"),
    *("azure.durable_functions", "azure.functions", "asyncio", "concurrent.futures", "sqlite3", "urllib.request"),
)


def main() -> None:
    _make_importable()
    for name in (*MODULES, "determinism_lint.replay.child", "determinism_lint.replay.__main__"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for line in sys.stdin:
        print(_status(json.loads(line)), flush=True)


def _status(request: dict[str, Any]) -> int:
    child = os.fork()
    if child == 0:
        _child(request)
    for _ in range(int(request["timeout"] * 200)):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return 124


def _child(request: dict[str, Any]) -> None:
    status = 1
    try:
        os.setsid()
        os.environ.clear()
        os.environ.update(request["environment"])
        time.tzset()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(request.get("stdout", os.devnull), os.O_WRONLY | os.O_CREAT), 1)
        os.dup2(os.open(request["stderr"], os.O_WRONLY | os.O_CREAT), 2)
        sys.stdin = open(os.devnull)  # noqa: SIM115
        if request["kind"] == "replay":
            from determinism_lint.replay.__main__ import main as replay

            replay(*request["arguments"])
        else:
            script, *arguments = request["arguments"]
            sys.argv = [script, *arguments]
            sys.path.insert(0, os.path.dirname(script))
            runpy.run_path(script, run_name="__main__")
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)  # the program may have left threads behind


def _make_importable() -> None:
    """The package of this checkout, whatever else is installed."""
    spec = importlib.util.spec_from_file_location(
        "determinism_lint", PACKAGE / "__init__.py", submodule_search_locations=[str(PACKAGE)]
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["determinism_lint"] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    main()

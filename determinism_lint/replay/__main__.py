"""The child process: `python __main__.py JOB ANSWER TIMEOUT`. Its interpreter need not have this package installed."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path


def main(question: str, answer: str, timeout: float) -> None:
    """Reads a job, does it, writes the answer."""
    import faulthandler

    faulthandler.dump_traceback_later(timeout, exit=True)
    from determinism_lint.replay.child import perform
    from determinism_lint.replay.codec import decode, encode
    from determinism_lint.replay.jobs import Job

    job = decode(Job, json.loads(Path(question).read_text(encoding="utf-8")))
    Path(answer).write_text(json.dumps(encode(perform(job))), encoding="utf-8")


def _make_importable() -> None:
    """Imports the package from where this file lies, without letting its folder or its neighbors shadow anything."""
    here = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != here]
    if importlib.util.find_spec("determinism_lint") is None:
        package = here.parent
        spec = importlib.util.spec_from_file_location(
            "determinism_lint", package / "__init__.py", submodule_search_locations=[str(package)]
        )
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["determinism_lint"] = module
        spec.loader.exec_module(module)


if __name__ == "__main__":
    _make_importable()
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
    sys.stdout.flush()
    os._exit(0)  # the program may have left threads behind

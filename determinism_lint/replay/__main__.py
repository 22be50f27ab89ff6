"""The child process. For each job that a line of its input names, it forks, so that SDKs are imported only once.

With the argument `export` it fetches histories instead. Its interpreter need not have this package installed. Where a
process cannot fork, it does one job and ends.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from determinism_lint.replay.clock import VirtualClock


def export() -> None:
    """Writes the histories that a question on standard input asks for, a line each."""
    from determinism_lint.replay.hosts import durabletask_export

    try:
        for document in durabletask_export.export(**json.load(sys.stdin)):
            print(json.dumps(document), flush=True)
    except durabletask_export.ExportError as error:
        sys.exit(str(error))


def main() -> None:
    """Answers each line with two: the process that does the job, and the status with which that ended."""
    from determinism_lint.replay.child import start_clock
    from determinism_lint.replay.programs import import_sdk

    clock = start_clock()
    for line in sys.stdin:
        errand = json.loads(line)
        if not hasattr(os, "fork"):
            print(os.getpid(), flush=True)
            _work(errand, clock)
        import_sdk(errand["path"])
        gc.freeze()  # a child that looked through the SDK for garbage would find none, and copy all of its memory
        pid = os.fork()
        if pid == 0:
            os.setsid()
            _work(errand, clock)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _work(errand: dict[str, str], clock: VirtualClock) -> None:
    """Reads a job, does it, writes the answer, and ends this process."""
    import faulthandler
    import tempfile

    from determinism_lint.replay.child import perform
    from determinism_lint.replay.codec import decode, encode
    from determinism_lint.replay.jobs import Job

    folder = Path(errand["folder"])
    _redirect(folder)
    faulthandler.dump_traceback_later(float(errand["timeout"]), exit=True)
    status = 1
    try:
        question = json.loads((folder / "job.json").read_text(encoding="utf-8"))
        os.environ.clear()
        os.environ.update(question["environment"])
        os.chdir(question["working_directory"])
        if hasattr(time, "tzset"):
            time.tzset()
        job = decode(Job, question["job"])
        if job.stand_ins:
            tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
        answer = json.dumps(encode(perform(job, clock)))
        (folder / "answer.json").write_text(answer, encoding="utf-8")
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)  # the program may have left threads behind


def _redirect(folder: Path) -> None:
    """The program reads nothing, what it writes past `sys.stdout` is lost, and its last words are kept."""
    nothing, words = os.open(os.devnull, os.O_RDWR), os.open(folder / "stderr", os.O_WRONLY | os.O_CREAT)
    for source, target in ((nothing, 0), (nothing, 1), (words, 2)):
        os.dup2(source, target)
        os.set_inheritable(target, True)
    os.close(nothing)
    os.close(words)


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
    export() if sys.argv[1:] == ["export"] else main()

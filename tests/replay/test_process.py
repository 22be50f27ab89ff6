"""The child process, and what goes wrong with it."""

from __future__ import annotations

import sys

import pytest

from determinism_lint.replay import Outcome, ProgramError, Status, judge, orchestrators, run
from determinism_lint.replay.jobs import Job, JobKind
from determinism_lint.replay.process import ChildError, TimedOutError, execute
from tests.environments import sdk_python


def program(tmp_path, text):
    path = tmp_path / "program.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_missing_file_is_explained(tmp_path):
    with pytest.raises(ProgramError, match="cannot be read"):
        orchestrators(tmp_path / "nothing.py")


def test_missing_sdk_is_explained(tmp_path):
    path = program(tmp_path, "import azure.durable_functions as df")
    with pytest.raises(ProgramError, match="azure-functions-durable is not installed in"):
        run(path, python=sys.executable)
    verdict = judge(path, python=sys.executable)
    assert verdict.outcome is Outcome.ERROR
    assert "is not installed" in verdict.reason


def test_interpreter_that_does_not_start_is_an_error(tmp_path):
    with pytest.raises(ChildError, match="does not start"):
        orchestrators(program(tmp_path, ""), python=tmp_path / "no-python")


def test_child_that_dies_is_an_error(tmp_path):
    path = program(tmp_path, "import durabletask, os; os._exit(7)")
    with pytest.raises(ChildError, match="ended with status 7"):
        execute(Job(JobKind.LIST, str(path)), str(sdk_python("durable-task-python")))


def test_child_that_does_not_come_back_is_ended(tmp_path):
    path = program(tmp_path, "import durabletask, threading\nthreading.Event().wait()\n")
    with pytest.raises(TimedOutError, match=r"still running after 8 seconds at .*program\.py:\d in <module>"):
        execute(Job(JobKind.LIST, str(path)), str(sdk_python("durable-task-python")), timeout=8)


def test_run_that_does_not_come_back_is_a_hang(tmp_path):
    text = "import durabletask, threading\ndef flow(ctx, _):\n    yield threading.Event().wait()\n"
    result = run(program(tmp_path, text), python=sdk_python("durable-task-python"), timeout=8)
    assert result.status is Status.HANG
    assert "program.py:3 in" in (result.error or "")


PARENT = """\
import durabletask, os
def flow(ctx, _):
    yield from ()
    return [os.getppid(), os.getpid(), os.environ.get("WORLD")]
"""


def test_jobs_have_processes_of_their_own_and_one_parent(tmp_path, monkeypatch):
    path, python = program(tmp_path, PARENT), sdk_python("durable-task-python")
    first = run(path, python=python).output
    monkeypatch.setenv("WORLD", "other")
    second = run(path, python=python).output
    assert first[0] == second[0] and first[1] != second[1]
    assert (first[2], second[2]) == (None, "other")


def test_job_after_one_that_died_is_done(tmp_path):
    python = sdk_python("durable-task-python")
    with pytest.raises(ChildError, match="ended with status 7"):
        orchestrators(program(tmp_path, "import durabletask, os; os._exit(7)"), python=python)
    with pytest.raises(ChildError, match="ended with status -9"):
        orchestrators(program(tmp_path, "import durabletask, os; os.kill(os.getpid(), 9)"), python=python)
    assert run(program(tmp_path, PARENT), python=python).status is Status.COMPLETED

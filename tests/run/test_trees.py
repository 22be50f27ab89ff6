"""An editor's next question parses what was typed, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from determinism_lint.analysis import syntax as s
from determinism_lint.errors import ParseError
from determinism_lint.languages.python.parse import parse
from determinism_lint.run.project import lint
from determinism_lint.run.trees import Trees


class Counted:
    """A parser that tells what it was asked for."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def __call__(self, path: str, data: bytes) -> s.Module:
        self.paths.append(path)
        return parse(path, data)


def test_what_was_not_used_is_forgotten() -> None:
    counted = Counted()
    trees = Trees(counted)
    for _ in range(2):
        trees.parse("a.py", b"x = 1")
        trees.settle()
    trees.settle()
    trees.parse("a.py", b"x = 1")
    assert counted.paths == ["a.py", "a.py"]


def test_equal_files_have_trees_of_their_own() -> None:
    trees = Trees(parse)
    assert trees.parse("a.py", b"x = 1").path != trees.parse("b.py", b"x = 1").path


def test_errors_are_not_kept() -> None:
    counted = Counted()
    trees = Trees(counted)
    for _ in range(2):
        with pytest.raises(ParseError):
            trees.parse("a.py", b"x = (")
        trees.settle()
    assert len(counted.paths) == 2


FLOW = """\
from durabletask import task
from helper import now


def flow(ctx: task.OrchestrationContext, x):
    yield ctx.create_timer(now())


def register(worker):
    worker.add_orchestrator(flow)
"""
HELPER = "import time\n\n\ndef now():\n    return time.time()\n"


def test_an_editor_parses_what_is_typed(tmp_path: Path) -> None:
    counted = Counted()
    trees = Trees(counted)
    for name, text in {"flow.py": FLOW, "helper.py": HELPER}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    path = (tmp_path / "flow.py").as_posix()
    for blank in ("", "\n", "\n\n"):
        report = lint([str(tmp_path)], overlays={path: (blank + FLOW).encode()}, trees=trees)
        trees.settle()
        assert report.findings
    assert [Path(path).name for path in counted.paths] == ["flow.py", "helper.py", "flow.py", "flow.py"]

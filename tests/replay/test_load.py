from __future__ import annotations

import functools
import sys

import pytest

from determinism_lint.replay import load
from determinism_lint.replay.project import Project


@pytest.fixture(autouse=True)
def same_imports_afterwards(monkeypatch):
    """Loading is for good in the child process, for which it is made; not in this one."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)


def project(tmp_path, text, name="program.py"):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return Project.of(str(path), str(tmp_path))


def test_module_finds_its_neighbors(tmp_path):
    (tmp_path / "neighbor_of_program.py").write_text("X = 1", encoding="utf-8")
    assert load.load(project(tmp_path, "from neighbor_of_program import X")).X == 1


def test_nothing_is_left_behind(tmp_path):
    (tmp_path / "neighbor_of_program.py").write_text("X = 1", encoding="utf-8")
    load.load(project(tmp_path, "from neighbor_of_program import X"))
    assert not list(tmp_path.rglob("*.pyc"))


def test_module_of_a_package_may_import_relatively(tmp_path):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "pack" / "names.py").write_text("X = 2", encoding="utf-8")
    assert load.load(project(tmp_path, "from .names import X", "pack/program.py")).X == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def", "SyntaxError"),
        ("import no_such_module_at_all", "No module named"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_what_does_not_load_is_explained(tmp_path, text, message):
    with pytest.raises(load.ProgramError, match=message):
        load.load(project(tmp_path, text))


def test_loading_may_be_stopped(tmp_path):
    stop = "from determinism_lint.replay.load import StopLoadingError\nX = 1\nraise StopLoadingError\nX = 2"
    assert load.load(project(tmp_path, stop)).X == 1


def test_next_load_starts_afresh(tmp_path):
    (tmp_path / "counter_of_program.py").write_text("count = []", encoding="utf-8")
    made = project(tmp_path, "from counter_of_program import count\ncount.append(1)")
    load.load(made)
    assert load.load(made).count == [1, 1]
    load.unload(made)
    assert load.load(made).count == [1]


def test_main_guard_is_seen(tmp_path):
    assert load.has_main_guard(project(tmp_path, "if __name__ == '__main__': pass").path)
    assert not load.has_main_guard(project(tmp_path, "x = 1").path)


def test_code_is_found_behind_decorators_and_methods():
    def decorated(function):
        @functools.wraps(function)
        def wrapper():
            return function()

        return wrapper

    def inner():
        pass

    class Flow:
        def run(self):
            pass

    assert load.code_of(decorated(inner)) is inner.__code__
    assert load.code_of(Flow().run) is Flow.run.__code__
    assert load.code_of(3) is None

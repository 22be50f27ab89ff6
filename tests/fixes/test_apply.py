"""Fixes reach the files of a project, and only those that a run concerns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from determinism_lint.fixes.apply import Outcome, apply, preview
from determinism_lint.fixes.edits import write
from determinism_lint.model import Edit, Excerpt, Finding, Fix, Report, Span
from determinism_lint.run.project import lint

SOURCE = """\
import time
import uuid
from durabletask import task


def flow(ctx: task.OrchestrationContext, x):
    yield ctx.call_activity("a", input=str(uuid.uuid4()))
    time.sleep(5)
"""
SAFE = SOURCE.replace("uuid.uuid4()", "ctx.new_uuid()")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").touch()
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(SOURCE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fixed(concerns: Callable[[str], bool] = lambda path: True, *, unsafe: bool = False) -> Outcome:
    return apply(lambda: lint(["."]), concerns, unsafe=unsafe)


def contents(project: Path) -> list[str]:
    return [(project / name).read_text(encoding="utf-8") for name in ("a.py", "b.py")]


def test_safe_fixes(project: Path) -> None:
    outcome = fixed()
    assert contents(project) == [SAFE, SAFE]
    assert (outcome.fixed, outcome.files, outcome.unsafe, outcome.failures) == (2, 2, False, ())
    assert {(finding.path, finding.rule) for finding in outcome.report.findings} == {
        ("a.py", "blocking-sleep"),
        ("b.py", "blocking-sleep"),
    }
    again = fixed()
    assert (again.fixed, again.files) == (0, 0)
    assert contents(project) == [SAFE, SAFE]


def test_unsafe_fixes(project: Path) -> None:
    outcome = fixed(unsafe=True)
    assert (outcome.fixed, outcome.files, outcome.unsafe, outcome.report.findings) == (4, 2, True, ())
    assert "    yield ctx.create_timer(timedelta(seconds=5))\n" in contents(project)[0]


def test_only_files_that_the_run_concerns(project: Path) -> None:
    def concerns(path: str) -> bool:
        return path == (project / "b.py").as_posix()

    assert "--- a/b.py" in preview(lint(["."]), concerns, unsafe=False)[0]
    assert "--- a/a.py" not in preview(lint(["."]), concerns, unsafe=False)[0]
    assert fixed(concerns).files == 1
    assert contents(project) == [SOURCE, SAFE]


def test_preview_changes_nothing(project: Path) -> None:
    report = lint(["."])
    text = preview(report, lambda path: True, unsafe=False)[0]
    assert [line for line in text.splitlines() if line[:1] in "+-"] == [
        "--- a/a.py",
        "+++ b/a.py",
        '-    yield ctx.call_activity("a", input=str(uuid.uuid4()))',
        '+    yield ctx.call_activity("a", input=str(ctx.new_uuid()))',
        "--- a/b.py",
        "+++ b/b.py",
        '-    yield ctx.call_activity("a", input=str(uuid.uuid4()))',
        '+    yield ctx.call_activity("a", input=str(ctx.new_uuid()))',
    ]
    assert "+    yield ctx.create_timer(" in preview(report, lambda path: True, unsafe=True)[0]
    assert contents(project) == [SOURCE, SOURCE]


def test_a_file_that_vanished_has_no_preview(project: Path) -> None:
    report = lint(["."])
    (project / "a.py").unlink()
    assert "a/a.py" not in preview(report, lambda path: True, unsafe=False)[0]
    outcome = apply(lambda: report, lambda path: True, unsafe=False)
    assert outcome.failures == ("a.py: cannot be fixed: No such file or directory",)


def test_a_file_that_cannot_be_written(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def refusing(path: str, content: bytes) -> None:
        tried.append(path)
        if path == "a.py":
            raise PermissionError(13, "Permission denied")
        write(path, content)

    monkeypatch.setattr("determinism_lint.fixes.apply.write", refusing)
    outcome = fixed()
    assert outcome.failures == ("a.py: cannot be fixed: Permission denied",)
    assert (outcome.fixed, outcome.files) == (1, 1)
    assert contents(project) == [SOURCE, SAFE]
    assert tried == ["a.py", "b.py"]  # one refusal is enough


def test_a_file_with_two_names_is_changed_once(project: Path) -> None:
    (project / "b.py").unlink()
    (project / "Link.py").symlink_to("a.py")
    report = lint(["."])
    assert {finding.path for finding in report.findings} == {"a.py", "Link.py"}
    shown = preview(report, lambda path: True, unsafe=False)[0].splitlines()
    assert [line for line in shown if line.startswith("+++")] == ["+++ b/a.py"]
    outcome = fixed()
    assert (outcome.fixed, outcome.files) == (1, 1)
    assert (project / "a.py").read_text(encoding="utf-8") == SAFE
    assert (project / "Link.py").is_symlink()
    (project / "a.py").write_text(SOURCE, encoding="utf-8")
    assert fixed(lambda path: path.endswith("/Link.py")).files == 1
    assert (project / "a.py").read_text(encoding="utf-8") == SAFE
    assert (project / "Link.py").is_symlink()


class TestRounds:
    def overlapping(self, path: Path) -> Report:
        """Each `a` of a text could be replaced together with its neighbor, which overlaps with the next one's fix."""
        text = path.read_text(encoding="utf-8")
        findings = tuple(
            Finding("r", "error", "m", str(path), span, Excerpt(1, (text,)), fix=Fix("safe", "t", (Edit(span, "bb"),)))
            for column in range(1, len(text) - 1)
            if text[column - 1 : column + 1] == "aa"
            for span in [Span(1, column, 1, column + 2)]
        )
        return Report(1, 1, (), findings)

    def test_until_nothing_is_left(self, tmp_path: Path) -> None:
        path = tmp_path / "a.py"
        path.write_text("aaaaa\n", encoding="utf-8")
        outcome = apply(lambda: self.overlapping(path), lambda path: True, unsafe=False)
        assert path.read_text(encoding="utf-8") == "bbbba\n"
        assert (outcome.fixed, outcome.files, outcome.report.findings) == (2, 1, ())

    def test_a_fix_that_asks_for_itself_comes_to_an_end(self, tmp_path: Path) -> None:
        path = tmp_path / "a.py"
        path.write_text("x\n", encoding="utf-8")
        rounds = []

        def endless() -> Report:
            rounds.append(1)
            fix = Fix("safe", "t", (Edit(Span(1, 1, 1, 1), "x"),))
            return Report(1, 1, (), (Finding("r", "error", "m", str(path), Span(1, 1, 1, 2), Excerpt(1, ()), fix=fix),))

        outcome = apply(endless, lambda path: True, unsafe=False)
        assert path.read_text(encoding="utf-8") == "x" * 11 + "\n"
        assert (outcome.fixed, outcome.files, len(rounds)) == (10, 1, 11)

    def test_a_fix_that_is_refused_is_told(self, tmp_path: Path) -> None:
        path = tmp_path / "a.py"
        path.write_text("abc\n", encoding="utf-8")
        fix = Fix("safe", "t", (Edit(Span(1, 1, 1, 2), "def ("),))
        finding = Finding("r", "error", "m", str(path), Span(1, 1, 1, 2), Excerpt(1, ()), fix=fix)
        report = Report(1, 1, (), (finding,), 0, 0)
        told = (f"{path}:1: r is not fixed: with the fix the file could not be parsed",)
        outcome = apply(lambda: report, lambda path: True, unsafe=False)
        assert (outcome.fixed, outcome.refused) == (0, told)
        assert preview(report, lambda path: True, unsafe=False) == ("", told)

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from determinism_lint import __version__, cli
from determinism_lint.__main__ import PROGRAM, main
from determinism_lint.catalogue import load_catalogue
from determinism_lint.checking import progress
from determinism_lint.output import formats

WRONG = """\
from datetime import datetime

from durabletask import task


def flow(ctx: task.OrchestrationContext, order: str):
    started = datetime.now()
    yield ctx.call_activity("ship", input=str(started))


def register(worker):
    worker.add_orchestrator(flow)
    worker.add_activity(ship)


def ship(ctx: task.ActivityContext, started: str) -> str:
    return started
"""
RIGHT = WRONG.replace("datetime.now()", "ctx.current_utc_datetime")


class Run:
    """What a command line printed, and its exit status."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "flow.py").write_text(WRONG, encoding="utf-8")
    (tmp_path / "clean.py").write_text("x = 1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("FORCE_COLOR", "NO_COLOR", "DETERMINISM_LINT_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def run(project: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> Run:
        status = main(arguments)
        out, err = capsys.readouterr()
        return Run(status, out, err)

    return run


def settings(project: Path, text: str) -> None:
    (project / "pyproject.toml").write_text(f"[tool.determinism-lint]\n{text}\n", encoding="utf-8")


class TestCheck:
    def test_findings(self, run: Any) -> None:
        done = run("check")
        assert done.status == 1
        assert "error[wall-clock]" in done.out
        assert " --> flow.py:7:15\n" in done.out
        assert done.out.endswith("To learn more: determinism-lint explain wall-clock\n")
        assert done.err == ""

    def test_clean(self, run: Any, project: Path) -> None:
        (project / "flow.py").write_text(RIGHT, encoding="utf-8")
        done = run("check", ".")
        assert (done.status, done.out) == (0, "No findings in 2 files, 1 parsed, 1 orchestrator.\n")

    def test_silence_is_no_success_story(self, run: Any, project: Path) -> None:
        (project / "flow.py").unlink()
        expected = "No orchestrator found in 1 file, so no replay rule was checked.\n"
        for arguments in (["check"], ["check", "clean.py"], ["check", "--no-cache"]):
            done = run(*arguments)
            assert (done.status, done.out) == (0, expected)

    @pytest.mark.parametrize("name", formats())
    def test_every_format(self, run: Any, name: str) -> None:
        done = run("check", "--output-format", name)
        assert done.status == 1
        assert "wall-clock" in done.out

    def test_json(self, run: Any) -> None:
        data = run("check", "--output-format", "json").json
        assert data["summary"] == {
            "files": 2, "parsed": 1, "orchestrators": 1, "errors": 1, "warnings": 0, "infos": 0,
            "fixable": data["summary"]["fixable"],
        }  # fmt: skip
        (finding,) = data["findings"]
        assert (finding["path"], finding["line"], finding["column"]) == ("flow.py", 7, 15)

    def test_statistics(self, run: Any) -> None:
        assert run("check", "--statistics").out.startswith("1  error[wall-clock]\n1 finding (1 error) in 2 files")

    @pytest.mark.parametrize(
        ("options", "status"),
        [
            (["--fail-on", "never"], 0),
            (["--fail-on", "info"], 1),
            (["--ignore", "wall-clock"], 0),
            (["--ignore", "random-id", "--ignore", "wall-clock,random-value"], 0),
            (["--select", "random-id"], 0),
            (["--select", "random-id,wall-clock"], 1),
        ],
    )
    def test_options_decide_the_status(self, run: Any, options: list[str], status: int) -> None:
        assert run("check", *options).status == status

    def test_fail_on_looks_at_severities(self, run: Any, project: Path) -> None:
        settings(project, 'severity = {wall-clock = "warning"}')
        assert [run("check", "--fail-on", level).status for level in ("error", "warning", "info", "never")] == [
            0,
            1,
            1,
            0,
        ]

    def test_configuration(self, run: Any, project: Path) -> None:
        settings(project, 'output-format = "concise"\nfail-on = "never"')
        done = run("check")
        assert done.status == 0
        assert done.out.startswith("flow.py:7:15: error[wall-clock]: ")
        assert run("check", "--fail-on", "error", "--output-format", "json").json["version"] == 1

    def test_options_add_to_what_the_configuration_ignores(self, run: Any, project: Path) -> None:
        settings(project, 'ignore = ["wall-clock"]')
        assert "1 ignored" in run("check", "--ignore", "random-id").out

    def test_a_configuration_mistake(self, run: Any, project: Path) -> None:
        settings(project, 'fial-on = "error"')
        done = run("check")
        assert (done.status, done.out) == (2, "")
        assert done.err == "error: pyproject.toml: unknown key `fial-on`; did you mean `fail-on`?\n"

    def test_standard_input(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\n" + WRONG.encode())))
        assert "flow.py:8:15" in run("check", "--stdin-filename", "flow.py").out
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(WRONG.encode())))
        done = run("check", "clean.py", "--stdin-filename", "new/other.py")
        assert "new/other.py:7:15" in done.out

    def test_standard_input_for_one_of_several_paths(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(RIGHT.encode())))
        assert "No findings in 2 files" in run("check", ".", "flow.py", "--stdin-filename", "flow.py").out
        monkeypatch.setattr(sys, "stdin", None)
        assert run("check", "--stdin-filename", "flow.py").out.startswith("No orchestrator found in 1 file")

    def test_standard_input_in_an_unknown_language(self, run: Any) -> None:
        done = run("check", "--stdin-filename", "a.txt")
        assert done.status == 2
        assert "a.txt is in no language that determinism-lint knows" in done.err

    def test_files_of_no_known_language_are_passed_over(self, run: Any, project: Path) -> None:
        (project / "README.md").touch()
        done = run("check", "README.md", "flow.py")
        assert done.status == 1
        assert done.err == "warning: README.md is in no language that determinism-lint knows; skipped\n"

    def test_colors(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        assert "\x1b[1;31merror[wall-clock]\x1b[0m" in run("check").out
        assert "\x1b[" not in run("check", "--output-format", "json").out

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["check", "nowhere"], "error: Invalid value for '[PATHS]...': Path 'nowhere' does not exist."),
            (
                ["check", "--select", "wall-clok"],
                "error: --select: no rule is called `wall-clok`; did you mean `wall-cl",
            ),
            (["check", "--output-format", "xml"], "error: Invalid value for '--output-format'"),
            (["check", "--nonsense"], "error: No such option"),
            (["chek"], "error: No such command 'chek'"),
        ],
    )
    def test_wrong_usage(self, run: Any, arguments: list[str], message: str) -> None:
        done = run(*arguments)
        assert (done.status, done.out) == (2, "")
        usage, problem = done.err.split("\n", 1)
        assert usage.startswith("Usage: determinism-lint")
        assert problem.startswith(message)


class TestExplain:
    @pytest.mark.parametrize("name", load_catalogue())
    def test_every_rule(self, run: Any, name: str) -> None:
        done = run("explain", name)
        assert done.status == 0
        assert done.out.startswith(load_catalogue()[name].markdown)
        assert f"\n---\n{name}: " in done.out
        data = run("explain", name, "--output-format", "json").json
        assert (data["version"], data["name"], data["markdown"]) == (1, name, load_catalogue()[name].markdown)

    def test_unknown(self, run: Any) -> None:
        done = run("explain", "wallclock")
        assert done.status == 2
        assert "no rule is called `wallclock`; did you mean `wall-clock`?" in done.err
        assert "`determinism-lint rules` lists them" in run("explain", "qqqqqq").err


def test_rules(run: Any) -> None:
    lines = run("rules").out.splitlines()
    assert [line.split()[0] for line in lines] == list(load_catalogue())
    data = run("rules", "--output-format", "json").json
    assert data["version"] == 1
    assert [rule["name"] for rule in data["rules"]] == list(load_catalogue())


def test_orchestrators(run: Any, project: Path) -> None:
    done = run("orchestrators")
    assert (done.status, done.out) == (0, "flow.py:6: flow (durable-task-python)\n")
    assert run("orchestrators", "--output-format", "json").json == {
        "version": 1,
        "orchestrators": [
            {"name": "flow", "path": "flow.py", "line": 6, "language": "python", "runtime": "durable-task-python"}
        ],
    }
    (project / "flow.py").unlink()
    assert run("orchestrators").out.startswith("No orchestrator found in 1 file")


class TestHelp:
    def test_version(self, run: Any) -> None:
        for arguments in (["--version"], ["--version", "check"]):
            assert run(*arguments).out == f"determinism-lint {__version__}\n"

    def test_help_tells_statuses_and_completion(self, run: Any) -> None:
        done = run("--help")
        assert done.status == 0
        assert "Exit status: 0 nothing" in done.out
        assert "_DETERMINISM_LINT_COMPLETE=bash_source" in done.out

    def test_no_command(self, run: Any) -> None:
        done = run()
        assert done.status == 2
        assert "check" in done.out

    def test_completion(self, run: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setenv("_DETERMINISM_LINT_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", "determinism-lint explain wall-")
        monkeypatch.setenv("COMP_CWORD", "2")
        with pytest.raises(SystemExit):
            cli.main.main(args=[], prog_name=PROGRAM)
        assert capsys.readouterr().out == "plain,wall-clock\n"


class TestTrouble:
    def test_an_internal_error_is_one_line(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments: Any) -> None:
            raise ZeroDivisionError("so\nmuch")

        monkeypatch.setattr("determinism_lint.analysis.analyze", broken)
        done = run("check")
        assert (done.status, done.out) == (2, "")
        assert done.err.startswith("internal error: ZeroDivisionError: so much (please report it")
        assert done.err.count("\n") == 1
        monkeypatch.setenv("DETERMINISM_LINT_DEBUG", "1")
        assert run("check").err.startswith("Traceback (most recent call last):\n")

    def test_ctrl_c_with_options(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*arguments: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("determinism_lint.analysis.analyze", interrupted)
        assert run("check", "--no-cache").status == 130

    def test_ctrl_c(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*arguments: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("determinism_lint.analysis.analyze", interrupted)
        assert run("check").status == 130
        monkeypatch.setattr("determinism_lint.__main__._plain_check", interrupted)
        assert run("check").status == 130

    def test_a_wrong_rule_file(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        from determinism_lint.errors import CatalogueError

        def broken() -> None:
            raise CatalogueError("rules/x.md: unknown key `y`")

        monkeypatch.setattr(cli, "load_catalogue", broken)
        assert run("rules").err == "error: rules/x.md: unknown key `y`\n"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.skipif(not hasattr(__import__("signal"), "setitimer"), reason="no timers on this platform")
class TestProgress:
    def test_after_a_second_and_only_then(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import signal

        stream = _Terminal()
        monkeypatch.setattr(sys, "stderr", stream)
        with progress() as tell:
            tell("listing files")
            assert stream.getvalue() == ""
            os.kill(os.getpid(), signal.SIGALRM)
            os.kill(os.getpid(), signal.SIGALRM)
            tell("searching 3 files")
            os.kill(os.getpid(), signal.SIGALRM)
        assert stream.getvalue() == (
            "\r\x1b[Kdeterminism-lint: listing files …\r\x1b[Kdeterminism-lint: searching 3 files …\r\x1b[K"
        )
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)

    def test_nothing_within_a_second(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stream = _Terminal()
        monkeypatch.setattr(sys, "stderr", stream)
        with progress() as tell:
            tell("listing files")
        assert stream.getvalue() == ""

    def test_not_for_programs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stream = io.StringIO()
        monkeypatch.setattr(sys, "stderr", stream)
        with progress() as tell:
            tell("x")
        assert stream.getvalue() == ""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from determinism_lint import __version__
from determinism_lint.__main__ import main
from determinism_lint.commands import cli
from determinism_lint.commands.check import progress
from determinism_lint.output import formats
from determinism_lint.rules.catalogue import load_catalogue
from determinism_lint.run.files import run_git
from determinism_lint.terminal import PROGRAM

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
            "fixable": data["summary"]["fixable"], "coarse": 0,
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

    def test_only_files_of_no_known_language(self, run: Any, project: Path) -> None:
        (project / "README.md").touch()
        done = run("check", "README.md")
        assert (done.status, done.out) == (2, "")
        assert done.err.endswith("error: nothing was checked\n")

    def test_quiet(self, run: Any, project: Path) -> None:
        settings(project, 'exclude = ["nothing-*"]')
        assert "matches no source file" in run("check").err
        for output_format in ("full", "concise", "github"):
            done = run("check", "--quiet", "--output-format", output_format)
            assert (done.status, done.err) == (1, "")
            assert "wall-clock" in done.out and "1 finding" not in done.out
        assert run("check", "-q", "clean.py").out == ""

    def test_exit_zero(self, run: Any, project: Path) -> None:
        assert run("check", "--exit-zero").status == 0
        settings(project, "unknown = 1")
        assert run("check", "--exit-zero").status == 2

    def test_output_file(self, run: Any, project: Path) -> None:
        done = run("check", "--output-format", "json", "--output-file", "report.json")
        assert (done.status, done.out) == (1, "")
        assert json.loads((project / "report.json").read_text(encoding="utf-8"))["summary"]["errors"] == 1
        done = run("check", "-o", "no/such/folder/report.json")
        assert (done.status, done.err) == (
            2, "error: no/such/folder/report.json: cannot be written: No such file or directory\n"
        )  # fmt: skip

    def test_config_of_another_place(self, run: Any, project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
        settings(project, 'fail-on = "never"')
        other = tmp_path_factory.mktemp("settings") / "determinism-lint.toml"
        other.write_text('ignore = ["wall-clock"]\n', encoding="utf-8")
        assert run("check").status == 0
        assert "No findings" in run("check", "--config", str(other)).out

    def test_config_show(self, run: Any, project: Path) -> None:
        assert "# settings: the defaults, no file has any" in run("config", "show").out
        settings(project, 'fail-on = "info"\nexclude = ["./gen"]\nbaseline = "known.json"')
        shown = run("config", "show", "flow.py").out
        assert "# settings: pyproject.toml" in shown and 'fail-on = "info"' in shown and 'exclude = ["/gen"]' in shown
        data = run("config", "show", "--output-format", "json").json
        assert (data["file"], data["baseline"], data["select"]) == ("pyproject.toml", "known.json", None)

    def test_standard_input_of_no_file(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(WRONG.encode())))
        done = run("check", "-", "--output-format", "concise")
        assert done.status == 1 and done.out.startswith("stdin.py:7:15: error[wall-clock]")

    def test_watch(self, run: Any, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        texts = iter([WRONG, RIGHT])

        def sleep(seconds: float) -> None:
            text = next(texts, None)
            if text is None:
                raise KeyboardInterrupt
            (project / "flow.py").write_text(text, encoding="utf-8")
            os.utime(project / "flow.py", ns=(1, len(text)))

        monkeypatch.setattr("determinism_lint.commands.watch.time.sleep", sleep)
        done = run("check", "--watch")
        assert done.status == 130
        assert (done.out.count("1 finding (1 error)"), done.out.count("No findings")) == (2, 1)
        assert run("check", "--watch", "--fix").status == 2

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
            (["check", "--unsafe-fixes"], "error: --unsafe-fixes says which fixes --fix or --diff may use; give one"),
            (["check", "--fix", "--stdin-filename", "a.py"], "error: --fix and --diff work on files, not on standard"),
            (["check", "--diff", "--stdin-filename", "a.py"], "error: --fix and --diff work on files, not on standard"),
            (["check", "--diff", "--write-baseline"], "error: --diff changes nothing, so there is no --write-baseline"),
            (["check", "--baseline", "."], "error: Invalid value for '--baseline': File '.' is a directory."),
            (["chek"], "error: No such command 'chek'"),
        ],
    )
    def test_wrong_usage(self, run: Any, arguments: list[str], message: str) -> None:
        done = run(*arguments)
        assert (done.status, done.out) == (2, "")
        usage, problem = done.err.split("\n", 1)
        assert usage.startswith("Usage: determinism-lint")
        assert problem.startswith(message)


SLEEPING = WRONG.replace("import datetime\n", "import datetime\nimport time\n").replace(
    "    yield", "    time.sleep(5)\n    yield"
)


class TestFix:
    def test_nothing_is_left(self, run: Any, project: Path) -> None:
        done = run("check", "--fix")
        assert (done.status, done.err) == (0, "Fixed 1 finding in 1 file.\n")
        assert done.out == "No findings in 2 files, 1 parsed, 1 orchestrator.\n"
        assert (project / "flow.py").read_text(encoding="utf-8") == RIGHT
        assert run("check", "--fix").err == ""

    def test_what_is_left_is_reported(self, run: Any, project: Path) -> None:
        (project / "flow.py").write_text(SLEEPING, encoding="utf-8")
        done = run("check", "--fix", "--output-format", "concise")
        assert (done.status, done.err) == (1, "Fixed 1 finding in 1 file.\n")
        assert done.out.startswith("flow.py:9:5: error[blocking-sleep]: ")
        done = run("check", "--fix", "--unsafe-fixes")
        assert (done.status, done.out) == (0, "No findings in 2 files, 1 parsed, 1 orchestrator.\n")
        assert done.err == (
            "Fixed 1 finding in 1 file.\n"
            "Some fixes change what is scheduled: instances in flight replay the old code, so version the change.\n"
        )

    def test_only_rules_that_are_reported(self, run: Any, project: Path) -> None:
        run("check", "--fix", "--ignore", "wall-clock")
        run("check", "--fix", "--select", "random-id")
        assert (project / "flow.py").read_text(encoding="utf-8") == WRONG

    def test_only_files_that_the_run_concerns(self, run: Any, project: Path) -> None:
        # The finding is reported, for the hazard is reached from what was asked about; the helper is not.
        helper = "from datetime import datetime\n\n\ndef now(ctx):\n    return datetime.now()\n"
        flow = WRONG.replace("from datetime import datetime", "import helper").replace(
            "datetime.now()", "helper.now(ctx)"
        )
        (project / "helper.py").write_text(helper, encoding="utf-8")
        (project / "flow.py").write_text(flow, encoding="utf-8")
        done = run("check", "--fix", "flow.py")
        assert (done.status, done.err) == (1, "")
        assert " --> helper.py:5:12\n" in done.out
        assert run("check", "--diff", "flow.py").out == ""
        assert (project / "helper.py").read_text(encoding="utf-8") == helper
        assert run("check", "--fix").err == "Fixed 1 finding in 1 file.\n"

    def test_a_file_that_cannot_be_written(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def refusing(path: str, content: bytes) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("determinism_lint.fixes.apply.write", refusing)
        for arguments in (["check", "--fix"], ["check", "--fix", "--fail-on", "never"]):
            done = run(*arguments)
            assert (done.status, done.err) == (2, "error: flow.py: cannot be fixed: Permission denied\n")
            assert "error[wall-clock]" in done.out
        assert run("check", "--fix", "--write-baseline").status == 2

    @pytest.mark.parametrize(
        ("encoding", "head"), [("utf-8-sig", ""), ("utf-8", "# é\n"), ("latin-1", "# -*- coding: latin-1 -*-\n# é\n")]
    )
    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    def test_bytes_around_a_fix_stay(self, run: Any, project: Path, encoding: str, head: str, newline: str) -> None:
        path = project / "flow.py"
        path.write_bytes((head + WRONG).replace("\n", newline).encode(encoding))
        path.chmod(0o750)
        assert run("check", "--diff").status == 1
        assert run("check", "--fix").status == 0
        assert path.read_bytes() == (head + RIGHT).replace("\n", newline).encode(encoding)
        assert path.stat().st_mode & 0o777 == 0o750

    def test_what_cannot_be_parsed_is_left_alone(self, run: Any, project: Path) -> None:
        broken = WRONG + "def (\n"
        (project / "broken.py").write_text(broken, encoding="utf-8")
        (project / "coded.py").write_bytes(b"# coding: utf-8\n# \xff\n" + WRONG.encode())
        done = run("check", "--fix", "--output-format", "concise")
        assert (done.status, done.err) == (1, "Fixed 1 finding in 1 file.\n")
        assert [line.partition(":")[0] for line in done.out.splitlines()[:-1]] == ["broken.py", "coded.py"]
        assert (project / "broken.py").read_text(encoding="utf-8") == broken

    def test_from_another_folder(self, run: Any, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (project / "sub").mkdir()
        monkeypatch.chdir(project / "sub")
        assert run("check", "..", "--diff").out.startswith("--- a/../flow.py\n")
        assert run("check", "../flow.py", "--fix").status == 0
        assert (project / "flow.py").read_text(encoding="utf-8") == RIGHT

    def test_diff(self, run: Any, project: Path) -> None:
        (project / "flow.py").write_text(SLEEPING, encoding="utf-8")
        for arguments in (["check", "--diff"], ["check", "--diff", "--fix", "flow.py"]):
            done = run(*arguments)
            assert (done.status, done.err) == (1, "")
            assert [line for line in done.out.splitlines() if line[:1] in "+-"] == [
                "--- a/flow.py",
                "+++ b/flow.py",
                "-    started = datetime.now()",
                "+    started = ctx.current_utc_datetime",
            ]
        assert "+    yield ctx.create_timer(" in run("check", "--diff", "--unsafe-fixes").out
        assert (project / "flow.py").read_text(encoding="utf-8") == SLEEPING

    def test_diff_of_nothing(self, run: Any) -> None:
        done = run("check", "--diff", "clean.py")
        assert (done.status, done.out, done.err) == (0, "", "")
        assert run("check", "--diff", "--ignore", "wall-clock").status == 0


class TestBaseline:
    """What is known stays silent; what a run cannot tell about is neither reported nor lost."""

    NAME = "determinism-lint-baseline.json"
    WORDS = "flow.py: wall-clock: `datetime.now` reads the wall clock in an orchestrator"

    def entries(self, path: Path) -> list[str]:
        return list(json.loads(path.read_text(encoding="utf-8"))["findings"].values())

    def test_written_and_read(self, run: Any, project: Path) -> None:
        done = run("check", "--write-baseline")
        assert (done.status, done.out, done.err) == (0, f"1 finding written to {self.NAME}.\n", "")
        assert self.entries(project / self.NAME) == [self.WORDS]
        done = run("check", "--baseline", self.NAME)
        assert (done.status, done.err) == (0, "1 finding of the baseline not shown.\n")
        assert done.out == "No findings in 2 files, 1 parsed, 1 orchestrator.\n"
        assert run("check").status == 1

    def test_new_findings_count(self, run: Any, project: Path) -> None:
        run("check", "--write-baseline", "--baseline", "known.json")
        (project / "flow.py").write_text(SLEEPING, encoding="utf-8")
        done = run("check", "--baseline", "known.json", "--output-format", "json")
        assert done.status == 1
        assert [finding["rule"] for finding in done.json["findings"]] == ["blocking-sleep"]

    def test_fixed_entries_are_told(self, run: Any, project: Path) -> None:
        run("check", "--write-baseline")
        (project / "flow.py").write_text(RIGHT, encoding="utf-8")
        done = run("check", "--baseline", self.NAME)
        assert done.status == 0
        assert done.err == f"1 finding of the baseline gone: --write-baseline records that.\n  {self.WORDS}\n"
        assert run("check", "--write-baseline").out == f"0 findings written to {self.NAME}.\n"
        assert self.entries(project / self.NAME) == []

    @pytest.mark.parametrize("options", [["clean.py"], ["--select", "random-id"], ["--ignore", "wall-clock"]])
    def test_a_run_over_less_tells_and_loses_nothing(self, run: Any, project: Path, options: list[str]) -> None:
        run("check", "--write-baseline")
        assert run("check", "--baseline", self.NAME, *options).err == ""
        done = run("check", "--write-baseline", *options)
        rest = "1 finding that this run did not look for kept"
        assert done.out == f"0 findings written to {self.NAME}; {rest}.\n"
        assert self.entries(project / self.NAME) == [self.WORDS]

    def test_a_run_over_the_file_in_question_tells(self, run: Any, project: Path) -> None:
        run("check", "--write-baseline")
        (project / "flow.py").write_text(RIGHT, encoding="utf-8")
        assert self.WORDS in run("check", "--baseline", self.NAME, "flow.py").err

    def test_fixes_and_a_baseline(self, run: Any, project: Path) -> None:
        (project / "flow.py").write_text(SLEEPING, encoding="utf-8")
        done = run("check", "--fix", "--write-baseline")
        assert (done.status, done.err) == (0, "Fixed 1 finding in 1 file.\n")
        (entry,) = self.entries(project / self.NAME)
        assert entry.startswith("flow.py: blocking-sleep: ")

    def test_another_project_below_tells_nothing(self, run: Any, project: Path) -> None:
        settings(project, 'baseline = "known.json"')
        (project / "app").mkdir()
        (project / "app" / "host.json").touch()
        (project / "app" / "other.py").touch()
        run("check", "--write-baseline")
        (project / "flow.py").write_text(RIGHT, encoding="utf-8")
        assert run("check", "app").err == ""
        assert self.WORDS in run("check").err

    def test_configured_and_from_elsewhere(self, run: Any, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        settings(project, 'baseline = "ci/known.json"')
        (project / "ci").mkdir()
        assert run("check").err == "error: ci/known.json: cannot be read: No such file or directory\n"
        assert run("check", "--write-baseline").out == "1 finding written to ci/known.json.\n"
        assert self.entries(project / "ci" / "known.json") == [f"../{self.WORDS}"]
        monkeypatch.chdir(project / "ci")
        done = run("check", "..")
        assert (done.status, done.err) == (0, "1 finding of the baseline not shown.\n")
        assert run("check", "..", "--write-baseline").out == "1 finding written to known.json.\n"
        assert self.entries(project / "ci" / "known.json") == [f"../{self.WORDS}"]
        (project / "flow.py").write_text(RIGHT, encoding="utf-8")
        assert f"gone: --write-baseline records that.\n  ../{self.WORDS}\n" in run("check", "..").err

    def test_documents(self, run: Any, project: Path) -> None:
        (project / "flow.py").unlink()
        guide = project / "guide.md"
        guide.write_text(f"```python\n{WRONG}```\n", encoding="utf-8")
        assert run("check", "--markdown", "--write-baseline").out == f"1 finding written to {self.NAME}.\n"
        assert run("check", "--markdown", "--baseline", self.NAME).err == "1 finding of the baseline not shown.\n"
        guide.write_text("nothing\n", encoding="utf-8")
        assert run("check", "--baseline", self.NAME).err == ""
        for paths in ([], ["guide.md"]):
            assert "guide.md: wall-clock: " in run("check", "--markdown", "--baseline", self.NAME, *paths).err
        (project / "other.md").touch()
        assert run("check", "--markdown", "--baseline", self.NAME, "other.md").err == ""

    def test_what_is_no_baseline_is_written_anew(self, run: Any, project: Path) -> None:
        (project / self.NAME).write_text("{}", encoding="utf-8")
        done = run("check", "--baseline", self.NAME)
        assert (done.status, done.out) == (2, "")
        assert done.err.startswith(f"error: {self.NAME}: is not a baseline of this version; write it anew")
        assert run("check", "--write-baseline").status == 0
        assert self.entries(project / self.NAME) == [self.WORDS]

    def test_unwritable(self, run: Any) -> None:
        done = run("check", "--write-baseline", "--baseline", "nowhere/known.json")
        assert (done.status, done.out) == (2, "")
        assert done.err == "error: nowhere/known.json: cannot be written: No such file or directory\n"


@pytest.mark.parametrize("kind", ["repository", "folder"])
class TestMarkdown:
    @pytest.fixture(autouse=True)
    def docs(self, project: Path, kind: str) -> Path:
        (project / "flow.py").unlink()
        docs = project / "docs"
        docs.mkdir()
        (docs / "guide.md").write_text(f"# Guide\n\n```python\n{WRONG}```\n", encoding="utf-8")
        cell = {"cell_type": "code", "source": WRONG}
        (docs / "try.ipynb").write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
        (docs / "plain.txt").write_text(WRONG, encoding="utf-8")
        if kind == "repository":
            assert run_git(str(project), "init", "-q") is not None
        return docs

    def places(self, done: Run) -> list[str]:
        return [line.split(" ")[0] for line in done.out.splitlines() if "[wall-clock]" in line]

    def test_folder(self, run: Any) -> None:
        expected = ["docs/guide.md:10:15:", "docs/try.ipynb:cell", "1:7:15:"]
        for paths in ([], ["docs"], [".", "docs/guide.md"]):
            done = run("check", "--markdown", "--output-format", "concise", *paths)
            assert (done.status, done.err) == (1, "")
            assert self.places(done) == expected[:2]
            assert "2 findings (2 errors)" in done.out
        assert run("check").status == 0

    def test_file(self, run: Any, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        done = run("check", "--markdown", "docs/guide.md")
        assert (done.status, done.err) == (1, "")
        assert " --> docs/guide.md:10:15\n" in done.out
        assert "1 finding (1 error) in 1 file, 1 parsed, 1 orchestrator." in done.out
        monkeypatch.chdir(docs)
        assert " --> guide.md:10:15\n" in run("check", "--markdown", "../docs/guide.md").out
        done = run("check", "guide.md")
        assert (done.status, done.err) == (
            2, "warning: guide.md is in no language that determinism-lint knows; skipped\nerror: nothing was checked\n"
        )  # fmt: skip
        done = run("check", "--markdown", "plain.txt")
        assert done.err.startswith("warning: plain.txt is in no language that determinism-lint knows; skipped\n")

    def test_beside_source_files(self, run: Any, project: Path) -> None:
        (project / "flow.py").write_text(WRONG, encoding="utf-8")
        done = run("check", "--markdown", "--output-format", "concise")
        assert self.places(done) == ["docs/guide.md:10:15:", "docs/try.ipynb:cell", "flow.py:7:15:"]
        done = run("check", "--markdown", "--output-format", "concise", "docs/guide.md", "flow.py")
        assert self.places(done) == ["docs/guide.md:10:15:", "flow.py:7:15:"]

    @pytest.mark.parametrize(
        ("options", "status"),
        [
            (["--select", "wall-clock"], 1),
            (["--select", "random-id"], 0),
            (["--ignore", "wall-clock"], 0),
            (["--ignore", "random-id"], 1),
        ],
    )
    def test_select_and_ignore(self, run: Any, options: list[str], status: int) -> None:
        done = run("check", "--markdown", "docs", *options)
        assert (done.status, "2 ignored" in done.out) == (status, status == 0)

    def test_configuration(self, run: Any, project: Path) -> None:
        settings(project, 'severity = {wall-clock = "info"}')
        done = run("check", "--markdown")
        assert (done.status, "2 findings (2 infos)" in done.out) == (0, True)
        settings(project, 'per-path-ignores = {"*.ipynb" = ["wall-clock"]}')
        assert self.places(run("check", "--markdown", "--output-format", "concise")) == ["docs/guide.md:10:15:"]
        settings(project, 'exclude = ["docs/*.md"]')
        assert self.places(run("check", "--markdown", "--output-format", "concise")) == ["docs/try.ipynb:cell"]
        assert run("check", "--markdown", "docs/guide.md").status == 1

    def test_the_settings_are_those_of_the_document(
        self, run: Any, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings(project, 'fail-on = "never"')
        monkeypatch.chdir(project.parent)
        assert run("check", "--markdown", f"{project.name}/docs/guide.md").status == 0

    def test_documents_are_edited_by_hand(self, run: Any, docs: Path) -> None:
        before = (docs / "guide.md").read_bytes()
        assert run("check", "--markdown", "--diff").out == ""
        done = run("check", "--markdown", "--fix")
        assert (done.status, done.err, (docs / "guide.md").read_bytes()) == (1, "", before)

    def test_without_documents(self, run: Any, docs: Path) -> None:
        for path in docs.iterdir():
            path.unlink()
        assert run("check", "--markdown").out == "No orchestrator found in 1 file, so no replay rule was checked.\n"


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

    def test_commands_that_are_imported_late_are_listed(self, run: Any) -> None:
        listed = run("--help").out.partition("Commands:\n")[2]
        names = [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "]
        commands = names[: names.index("server") + 1]
        assert commands == [
            "check", "compat", "config", "explain", "graph", "hook", "init", "orchestrators", "record", "replay",
            "rules", "server",
        ]  # fmt: skip

    def test_every_summary_fits_on_its_line(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "80")
        for group in ((), ("config",)):
            listed = run(*group, "--help").out.partition("Commands:\n")[2]
            assert listed
            assert "..." not in listed

    @pytest.mark.parametrize("name", ["check", "hook", "init", "replay", "server"])
    def test_every_command_has_help(self, run: Any, name: str) -> None:
        done = run(name, "--help")
        assert done.status == 0
        assert done.out.startswith(f"Usage: {PROGRAM} {name} ")

    def test_completion(self, run: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setenv("_DETERMINISM_LINT_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", "determinism-lint explain wall-")
        monkeypatch.setenv("COMP_CWORD", "2")
        with pytest.raises(SystemExit):
            cli.main.main(args=[], prog_name=PROGRAM)
        assert capsys.readouterr().out == "plain,wall-clock\n"


class TestServer:
    def test_without_what_it_needs(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in [name for name in sys.modules if name.partition(".")[0] in _Without.PACKAGES]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.delitem(sys.modules, "determinism_lint.server.server", raising=False)
        monkeypatch.setattr(sys, "meta_path", [_Without(), *sys.meta_path])
        done = run("server")
        assert (done.status, done.out) == (2, "")
        package, _, remedy = done.err.removeprefix("error: the language server needs ").partition(": ")
        assert package.partition(".")[0] in _Without.PACKAGES
        assert remedy == "pip install 'determinism-lint[server]'\n"

    def test_it_is_started(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        started = []

        class Server:
            def start_io(self) -> None:
                started.append(self)

        module: Any = ModuleType("determinism_lint.server.server")
        module.make_server = Server
        monkeypatch.setitem(sys.modules, module.__name__, module)
        assert run("server").status == 0
        assert len(started) == 1


class _Without:
    """An importer that lacks what the language server needs."""

    PACKAGES = ("pygls", "lsprotocol")

    def find_spec(self, name: str, *_: object) -> None:
        if name.partition(".")[0] in self.PACKAGES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


class TestTrouble:
    def test_an_internal_error_is_one_line(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments: Any) -> None:
            raise ZeroDivisionError("so\nmuch")

        monkeypatch.setattr("determinism_lint.analysis.analyzer.analyze", broken)
        done = run("check")
        assert (done.status, done.out) == (2, "")
        assert done.err.startswith("internal error: ZeroDivisionError: so much (please report it")
        assert done.err.count("\n") == 1
        monkeypatch.setenv("DETERMINISM_LINT_DEBUG", "1")
        assert run("check").err.startswith("Traceback (most recent call last):\n")

    def test_ctrl_c_with_options(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*arguments: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("determinism_lint.analysis.analyzer.analyze", interrupted)
        assert run("check", "--no-cache").status == 130

    def test_ctrl_c(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*arguments: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("determinism_lint.analysis.analyzer.analyze", interrupted)
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

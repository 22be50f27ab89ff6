"""The engine, with an analysis that reports each line `hazard` in files that an orchestrator's file imports."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from determinism_lint.analysis.analyzer import Analysis
from determinism_lint.analysis.frontend import Frontend
from determinism_lint.model import Excerpt, Finding, Hop, Orchestrator, Report, Span
from determinism_lint.rules.catalogue import Catalogue
from determinism_lint.run.cache import Cache
from determinism_lint.run.config import Config
from determinism_lint.run.files import Project
from determinism_lint.run.kept import project_folder
from determinism_lint.run.project import lint
from determinism_lint.run.trees import Parse

Calls = list[list[str]]


@pytest.fixture(autouse=True)
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Puts the predictable analysis in place; the list gets the candidates of each call."""
    calls: Calls = []

    def analyze(
        candidates: Iterable[str],
        files: frozenset[str],
        read: Callable[[str], bytes],
        catalogue: Catalogue,
        language: Frontend,
        parse: Parse,
    ) -> Analysis:
        calls.append(list(candidates))
        findings, orchestrators, parsed = [], [], set()
        for path in calls[-1]:
            text = read(path).decode()
            parsed.add(path)
            if "add_orchestrator" not in text:
                continue
            with suppress(OSError):
                read(f"{os.path.dirname(path)}/requirements.txt")
            flow = Orchestrator(path, 1, "flow", "python", "durable-task-python")
            orchestrators.append(flow)
            helpers = [f"{os.path.dirname(path)}/{name}.py" for name in re.findall(r"import (\w+)", text)]
            for place in [path, *(helper for helper in helpers if helper in files)]:
                parsed.add(place)
                for number, line in enumerate(read(place).decode().split("\n"), 1):
                    if line.startswith("hazard"):
                        trace = [Hop("flow", path, 1)] + [Hop("help", path, 2)] * (place != path)
                        span = Span(number, 1, number, 7)
                        excerpt = Excerpt(number, (line,))
                        findings.append(
                            Finding("wall-clock", "error", "m", place, span, excerpt, None, (flow,), tuple(trace))
                        )
        return Analysis(tuple(findings), tuple(orchestrators), frozenset(parsed))

    monkeypatch.setattr("determinism_lint.analysis.analyzer.analyze", analyze)
    return calls


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("determinism_lint.run.cache._UNSETTLED", -10_000_000_000)


FLOW = "from durabletask import worker; worker.add_orchestrator(flow)\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "host.json").touch()
    write(tmp_path, "flow.py", FLOW + "import helper\n")
    write(tmp_path, "helper.py", "x = 1\nhazard\n")
    write(tmp_path, "other.py", "y = 1\n")
    return tmp_path


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def run(project: Path, *names: str, config: Config | None = None, cache: bool = False) -> Report:
    paths = [str(project / name) for name in names] or [str(project)]
    return lint(paths, config, folder=str(project), cache=cache)


def places(report: Report) -> list[tuple[str, int, str, str]]:
    return [(each.path, each.span.line, each.rule, each.severity) for each in report.findings]


def test_a_whole_project(project: Path, calls: Calls) -> None:
    report = run(project)
    assert places(report) == [("helper.py", 2, "wall-clock", "error")]
    assert report.findings[0].trace == (Hop("flow", "flow.py", 1), Hop("help", "flow.py", 2))
    assert report.findings[0].orchestrators[0].path == "flow.py"
    assert (report.files, report.parsed, len(report.orchestrators), report.elsewhere) == (3, 2, 1, 0)
    assert calls == [[f"{project.as_posix()}/flow.py"]]


def test_a_part_of_it_is_judged_in_the_light_of_the_whole(project: Path) -> None:
    write(project, "unrelated.py", FLOW + "hazard\n")
    report = run(project, "helper.py")
    assert places(report) == [("helper.py", 2, "wall-clock", "error")]
    assert (report.files, report.parsed, len(report.orchestrators), report.elsewhere) == (1, 1, 0, 2)
    assert places(run(project, "flow.py")) == [("helper.py", 2, "wall-clock", "error")]
    assert places(run(project, "other.py")) == []


def test_nothing_is_analyzed_without_a_candidate(project: Path, calls: Calls) -> None:
    (project / "flow.py").unlink()
    report = run(project)
    assert (report.files, report.parsed, report.orchestrators) == (2, 0, ())
    assert calls == []


def test_several_projects_make_one_report(project: Path) -> None:
    write(project, "inner/host.json", "")
    write(project, "inner/flow.py", FLOW + "hazard\n")
    report = lint([str(project / "inner"), str(project / "helper.py")], folder=str(project))
    assert places(report) == [("helper.py", 2, "wall-clock", "error"), ("inner/flow.py", 2, "wall-clock", "error")]
    assert report.files == 2


def test_function_json_names_its_script(project: Path, calls: Calls) -> None:
    binding = '{"scriptFile": "../other.py", "bindings": [{"type": "orchestrationTrigger"}]}'
    write(project, "f/function.json", binding)
    write(project, "g/function.json", binding.replace("../other.py", "missing.py"))
    report = run(project)
    assert calls == [[f"{project.as_posix()}/flow.py", f"{project.as_posix()}/other.py"]]
    assert report.files == 3


def test_comments_suppress_and_are_counted(project: Path) -> None:
    write(project, "helper.py", "hazard  # determinism-lint: ignore[wall-clock] once\nhazard\n")
    write(project, "other.py", "y = 1  # determinism-lint: ignore[wall-clock]\n")
    report = run(project)
    assert places(report) == [
        ("helper.py", 2, "wall-clock", "error"),
        ("other.py", 1, "unused-ignore", "warning"),
    ]
    assert report.ignored == 1
    assert places(run(project, "helper.py")) == [("helper.py", 2, "wall-clock", "error")]


def test_settings(project: Path) -> None:
    folder = project.as_posix()
    assert places(run(project, config=Config(severity={"wall-clock": "info"}))) == [
        ("helper.py", 2, "wall-clock", "info")
    ]
    for config in (
        Config(ignore=frozenset({"wall-clock"})),
        Config(select=frozenset({"random-id"})),
        Config(per_path_ignores={"help*.py": frozenset({"wall-clock"})}, folder=folder),
    ):
        report = run(project, config=config)
        assert (places(report), report.ignored) == ([], 1)
    config = Config(per_path_ignores={"flow.py": frozenset({"wall-clock"})}, folder=folder)
    assert len(run(project, config=config).findings) == 1


def test_excluded_files_are_not_there_even_when_they_are_named(project: Path) -> None:
    config = Config(exclude=("helper.py",), folder=project.as_posix())
    report = run(project, config=config)
    assert (places(report), report.files) == ([], 2)
    assert run(project, "helper.py", config=config).findings == ()


def test_settings_may_differ_by_project(project: Path) -> None:
    asked = []

    def configure(root: str) -> Config:
        asked.append(root)
        return Config(ignore=frozenset({"wall-clock"}))

    assert lint([str(project)], configure, folder=str(project)).findings == ()
    assert asked == [project.as_posix()]


def test_unsaved_text(project: Path) -> None:
    overlays = {str(project / "helper.py"): b"y = 1\n\nhazard\n", str(project / "new.py"): FLOW.encode() + b"hazard\n"}
    report = lint([*overlays], overlays=overlays, folder=str(project), cache=True)
    assert places(report) == [("helper.py", 3, "wall-clock", "error"), ("new.py", 2, "wall-clock", "error")]
    assert not Path(project_folder(str(project))).exists()


def test_unreadable_files_and_folders_are_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def problem(path: str) -> bytes:
        if path.endswith("other.py"):
            raise PermissionError(13, "Permission denied")
        return Path(path).read_bytes()

    def list_folder(folder: str, project: Project) -> list[str]:
        project.problems.append((f"{folder}/closed", "Permission denied"))
        return [f"{folder}/gone.py", f"{folder}/other.py", f"{folder}/flow.py", f"{folder}/helper.py"]

    monkeypatch.setattr("determinism_lint.run.project.read", problem)
    monkeypatch.setattr("determinism_lint.run.files.list_folder", list_folder)
    report = run(project)
    assert places(report) == [
        ("closed", 1, "syntax-error", "warning"),
        ("helper.py", 2, "wall-clock", "error"),
        ("other.py", 1, "syntax-error", "error"),
    ]
    assert report.findings[2].message == "the file cannot be read: Permission denied"
    assert report.files == 3


def test_a_file_may_vanish_while_it_is_looked_at(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    comment = "x = 1  # determinism-lint: ignore[wall-clock]\n"
    write(project, "other.py", comment)
    write(project, "f/function.json", '{"bindings": [{"type": "orchestrationTrigger"}]}')
    os.utime(project / "f/function.json", ns=(1, 1))
    run(project, cache=True)

    def read(path: str) -> bytes:
        if path.endswith(("other.py", "function.json")):
            raise FileNotFoundError
        return Path(path).read_bytes()

    monkeypatch.setattr("determinism_lint.run.project.read", read)
    assert places(run(project, cache=True)) == [("helper.py", 2, "wall-clock", "error")]


class TestCache:
    def test_the_second_run_analyzes_nothing(self, project: Path, calls: Calls) -> None:
        first = run(project, cache=True)
        assert run(project, cache=True) == first
        assert run(project, "helper.py", cache=True).findings == first.findings
        assert len(calls) == 1
        run(project)
        assert len(calls) == 2

    @pytest.mark.parametrize(
        ("name", "text", "again"),
        [
            ("flow.py", FLOW, True),
            ("helper.py", "hazard\nhazard\n", True),
            ("other.py", "y = 2\n", False),
            ("other.py", FLOW, True),
            ("new.py", "", True),
            ("requirements.txt", "", True),
            ("README.md", "", False),
        ],
    )
    def test_what_makes_it_analyze_again(self, project: Path, calls: Calls, name: str, text: str, again: bool) -> None:
        run(project, cache=True)
        write(project, name, text)
        assert run(project, cache=True) == run(project)
        assert len(calls) == (3 if again else 2)

    def test_an_edit_concerns_files_of_its_language_alone(self, project: Path, calls: Calls) -> None:
        script = write(project, "flow.js", 'require("@microsoft/durabletask-js").add_orchestrator\n')
        run(project, cache=True)
        write(project, "flow.js", script.read_text(encoding="utf-8") + "hazard\n")
        report = run(project, cache=True)
        assert places(report) == [("flow.js", 2, "wall-clock", "error"), ("helper.py", 2, "wall-clock", "error")]
        assert report == run(project)
        names = [[Path(path).name for path in call] for call in calls]
        assert names == [["flow.js"], ["flow.py"], ["flow.js"], ["flow.js"], ["flow.py"]]

    def test_a_touched_file_is_the_same_file(self, project: Path, calls: Calls) -> None:
        first = run(project, cache=True)
        for name in ("flow.py", "helper.py"):
            os.utime(project / name, ns=(1, 1))
        assert run(project, cache=True) == first
        assert len(calls) == 1

    def test_a_helper_that_vanishes(self, project: Path, calls: Calls) -> None:
        run(project, cache=True)
        (project / "helper.py").unlink()
        assert run(project, cache=True).findings == ()

    def test_a_helper_that_vanishes_at_the_last_moment(
        self, project: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run(project, cache=True)
        os.utime(project / "helper.py", ns=(1, 1))
        result = Cache.result

        def late(cache: Cache, *arguments: Any) -> Any:
            (project / "helper.py").unlink()
            return result(cache, *arguments)

        monkeypatch.setattr(Cache, "result", late)
        with pytest.raises(FileNotFoundError):  # What the real analysis takes for a missing module.
            run(project, cache=True)
        assert len(calls) == 2

    def test_settings_and_comments_apply_to_kept_results(self, project: Path, calls: Calls) -> None:
        run(project, cache=True)
        assert run(project, cache=True, config=Config(ignore=frozenset({"wall-clock"}))).findings == ()
        assert len(calls) == 1

    def test_unsaved_text_uses_but_does_not_change_it(self, project: Path, calls: Calls) -> None:
        run(project, cache=True)
        path = str(project / "helper.py")
        report = lint([path], overlays={path: b"hazard\n"}, folder=str(project), cache=True)
        assert places(report) == [("helper.py", 1, "wall-clock", "error")]
        assert places(run(project, cache=True)) == [("helper.py", 2, "wall-clock", "error")]
        assert len(calls) == 2

    def test_a_folder_that_is_no_project_is_left_alone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("determinism_lint.run.files.MARKERS", ())
        write(tmp_path, "flow.py", FLOW)
        run(tmp_path, cache=True)
        assert [path.name for path in tmp_path.iterdir()] == ["flow.py"]


def test_progress_is_told(project: Path) -> None:
    told: list[str] = []
    lint([str(project)], progress=told.append)
    assert told == ["searching 3 files", "analyzing 1 file with durable code"]

"""A baseline knows findings by what they are about."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from determinism_lint.errors import ConfigError
from determinism_lint.model import Excerpt, Finding, Report, Span
from determinism_lint.run.baseline import compare, read, subject, write
from determinism_lint.run.project import lint

HEAD = "import time\nfrom durabletask import task\n"
ORCHESTRATOR = (
    "def {name}(ctx: task.OrchestrationContext, x):\n    first = time.time()\n    return [first, time.time()]\n"
)


def report(folder: Path, source: str) -> Report:
    (folder / "flow.py").write_text(source, encoding="utf-8")
    return lint([str(folder)])


def test_known_findings_go_new_ones_stay_and_fixed_ones_are_told(tmp_path: Path) -> None:
    path = str(tmp_path / "baseline.json")
    before = report(tmp_path, HEAD + ORCHESTRATOR.format(name="one"))
    write(path, before.findings)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o644
    assert (
        list(json.loads(Path(path).read_text())["findings"].values())
        == ["flow.py: wall-clock: `time.time` reads the wall clock in an orchestrator"] * 2
    )

    moved = report(tmp_path, HEAD + "\n\n# moved down\n" + ORCHESTRATOR.format(name="one"))
    compared = compare(moved, path, read(path))
    assert (compared.report.findings, compared.known, compared.fixed) == ((), 2, {})

    source = (HEAD + ORCHESTRATOR.format(name="one")).replace("first = time.time", "first = time.monotonic")
    changed = compare(report(tmp_path, source), path, read(path))
    assert [finding.span.line for finding in changed.report.findings] == [4]
    assert (changed.known, len(changed.fixed)) == (1, 1)
    assert compare(report(tmp_path, source), path, read(path), complete=False).fixed == {}


def test_the_same_code_twice_counts_twice(tmp_path: Path) -> None:
    path = str(tmp_path / "baseline.json")
    write(path, report(tmp_path, HEAD + ORCHESTRATOR.format(name="one")).findings)
    twice = report(tmp_path, HEAD + ORCHESTRATOR.format(name="one") + ORCHESTRATOR.format(name="two"))
    compared = compare(twice, path, read(path))
    assert (len(compared.report.findings), compared.known) == (2, 2)


@pytest.mark.parametrize(
    "content", ["", "[]", '{"version": 2, "findings": {}}', '{"version": 1, "findings": {"a": 1}}']
)
def test_what_is_no_baseline_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match="is not a baseline"):
        read(str(path))


def test_unreadable_and_unwritable(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read(str(tmp_path / "absent.json"))
    with pytest.raises(ConfigError, match="cannot be written"):
        write(str(tmp_path / "absent" / "baseline.json"), ())


def test_a_failed_write_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.mkdir()
    with pytest.raises(ConfigError, match="cannot be written"):
        write(str(path), ())
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_one(tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    link.symlink_to(target)
    write(str(link), ())
    assert link.is_symlink()
    assert read(str(target)) == {}


def test_names_that_are_no_text(tmp_path: Path) -> None:
    finding = Finding("r", "error", "m \udcfe", str(tmp_path / "\udcff.py"), Span(1, 1, 1, 1), Excerpt(1, ()))
    found = Report(1, 1, (), (finding,))
    path = str(tmp_path / "baseline.json")
    write(path, found.findings)
    assert list(read(path).values()) == ["\udcff.py: r: m \udcfe"]
    assert compare(found, path, read(path)).known == 1


def test_what_is_kept(tmp_path: Path) -> None:
    path = str(tmp_path / "baseline.json")
    write(path, report(tmp_path, HEAD + ORCHESTRATOR.format(name="one")).findings, {"x": "a.py: r: m"})
    assert next(iter(read(path).values())) == "a.py: r: m"
    assert len(read(path)) == 3


@pytest.mark.parametrize(
    ("text", "name", "rule"),
    [
        ("src/a.py: wall-clock: m: n", "src/a.py", "wall-clock"),
        ("../a: b.py: random-id: m", "../a: b.py", "random-id"),
        ("a.ipynb:cell 12: random-id: m", "a.ipynb", "random-id"),
        ("what somebody wrote", "", ""),
    ],
)
def test_what_an_entry_is_about(text: str, name: str, rule: str) -> None:
    folder = Path(os.path.abspath("/p/q"))
    expected = Path(os.path.normpath(folder / name)).as_posix()
    assert subject(str(folder / "baseline.json"), text) == (expected, rule)

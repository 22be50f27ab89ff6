"""A baseline knows findings by what they are about."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from determinism_lint.baseline import compare, read, write
from determinism_lint.engine import lint
from determinism_lint.errors import ConfigError
from determinism_lint.model import Report

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
    assert (compared.report.findings, compared.known, compared.fixed) == ((), 2, ())

    source = (HEAD + ORCHESTRATOR.format(name="one")).replace("first = time.time", "first = time.monotonic")
    changed = compare(report(tmp_path, source), path, read(path))
    assert [finding.span.line for finding in changed.report.findings] == [4]
    assert (changed.known, len(changed.fixed)) == (1, 1)
    assert compare(report(tmp_path, source), path, read(path), complete=False).fixed == ()


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
    with pytest.raises(ConfigError, match="is no baseline"):
        read(str(path))


def test_unreadable_and_unwritable(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read(str(tmp_path / "absent.json"))
    with pytest.raises(ConfigError, match="cannot be written"):
        write(str(tmp_path / "absent" / "baseline.json"), ())

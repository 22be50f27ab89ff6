from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from determinism_lint.model import Edit, Excerpt, Finding, Fix, Hop, Orchestrator, Span
from determinism_lint.run.cache import Cache, Found, digest_of
from determinism_lint.run.kept import project_folder
from determinism_lint.run.project import lint

ORCHESTRATOR = Orchestrator("/p/a.py", 3, "flow", "python", "durable-task-python")
FOUND = Found(
    findings=(
        Finding(
            "wall-clock", "error", "m", "/p/b.py", Span(1, 2, 3, 4), Excerpt(1, ("x", "y")), "use it", (ORCHESTRATOR,),
            (Hop("flow", "/p/a.py", 3), Hop("now", "/p/a.py", 5)),
            Fix("safe", "replace", (Edit(Span(1, 2, 1, 4), "z"),)),
        ),
        Finding("random-id", "warning", "m", "/p/a.py", Span(1, 2, 3, 4), Excerpt(1, ())),
    ),
    orchestrators=(ORCHESTRATOR,),
    parsed=frozenset({"/p/a.py", "/p/b.py"}),
)  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> str:
    (tmp_path / "a.py").write_text("a", encoding="utf-8")
    os.utime(tmp_path / "a.py", ns=(1_000, 1_000))
    return tmp_path.as_posix()


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("determinism_lint.run.cache._UNSETTLED", -10_000_000_000)


def filled(root: str) -> Cache:
    cache = Cache(root, "key")
    cache.record(f"{root}/a.py", os.stat(f"{root}/a.py"), 1, "d1")
    cache.record(f"{root}/b.py", os.stat(f"{root}/a.py"), 0, "")
    cache.keep_result("python", ["/p/a.py"], "names", {"/p/a.py": "d1", "/p/b.py": "d2", "/p/gone.py": None}, FOUND)
    cache.save()
    return Cache(root, "key")


def kept_file(root: str) -> Path:
    return Path(project_folder(root)) / "cache.json"


def test_what_was_kept_comes_back(root: str) -> None:
    cache = filled(root)
    status = os.stat(f"{root}/a.py")
    assert cache.seen(f"{root}/a.py", status) == (1, "d1")
    assert cache.seen(f"{root}/b.py", status) == (0, "")
    assert cache.seen(f"{root}/c.py", status) is None
    digests = {"/p/a.py": "d1", "/p/b.py": "d2"}
    assert cache.result("python", ["/p/a.py"], "names", digests.get) == FOUND
    assert cache.result("java", ["/p/a.py"], "names", digests.get) is None


@pytest.mark.parametrize(
    ("candidates", "names", "digests"),
    [
        (["/p/a.py", "/p/c.py"], "names", {"/p/a.py": "d1", "/p/b.py": "d2"}),
        (["/p/a.py"], "other", {"/p/a.py": "d1", "/p/b.py": "d2"}),
        (["/p/a.py"], "names", {"/p/a.py": "d1", "/p/b.py": "d3"}),
        (["/p/a.py"], "names", {"/p/a.py": "d1"}),
    ],
)
def test_a_result_holds_only_for_the_same_files(
    root: str, candidates: list[str], names: str, digests: dict[str, str]
) -> None:
    assert filled(root).result("python", candidates, names, digests.get) is None


def test_a_changed_file_is_not_known(root: str) -> None:
    cache = filled(root)
    os.utime(f"{root}/a.py", ns=(1_000, 2_000))
    assert cache.seen(f"{root}/a.py", os.stat(f"{root}/a.py")) is None


def test_a_file_that_changed_just_now_is_not_kept(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("determinism_lint.run.cache._UNSETTLED", 2_000_000_000)
    assert filled(root).seen(f"{root}/a.py", os.stat(f"{root}/a.py")) is None


def test_another_key_forgets_everything(root: str) -> None:
    filled(root)
    cache = Cache(root, "other")
    assert cache.seen(f"{root}/a.py", os.stat(f"{root}/a.py")) is None
    assert cache.result("python", ["/p/a.py"], "names", lambda path: "d1") is None


@pytest.mark.parametrize(
    "content",
    ["", "{", "null", "[]", '{"key": "key"}', '{"key": "key", "files": 1, "results": 1}', "[" * 100_000, "\udcff"],
)
def test_what_is_unreadable_is_thrown_away(root: str, content: str) -> None:
    filled(root)
    kept_file(root).write_text(content, encoding="utf-8", errors="surrogateescape")
    cache = Cache(root, "key")
    assert cache.seen(f"{root}/a.py", os.stat(f"{root}/a.py")) is None
    cache.save()
    assert json.loads(kept_file(root).read_text(encoding="utf-8"))["files"] == {}


@pytest.mark.parametrize("entry", [[], [1], ["x"] * 5, {"0": 1}, 5, None, "text"])
def test_wrong_entries_are_passed_over(root: str, entry: Any) -> None:
    filled(root)
    data = json.loads(kept_file(root).read_text(encoding="utf-8"))
    status = os.stat(f"{root}/a.py")
    if entry == ["x"] * 5:
        entry = [status.st_mtime_ns, status.st_ctime_ns, status.st_size, "x", 1]
    data["files"][f"{root}/a.py"] = entry
    kept_file(root).write_text(json.dumps(data), encoding="utf-8")
    assert Cache(root, "key").seen(f"{root}/a.py", status) is None


@pytest.mark.parametrize("key", ["candidates", "names", "read", "found"])
@pytest.mark.parametrize("value", [None, [1], {"findings": [[1]]}, {"findings": [1]}])
def test_wrong_results_are_passed_over(root: str, key: str, value: Any) -> None:
    filled(root)
    data = json.loads(kept_file(root).read_text(encoding="utf-8"))
    data["results"]["python"][key] = value
    kept_file(root).write_text(json.dumps(data), encoding="utf-8")
    assert Cache(root, "key").result("python", ["/p/a.py"], "names", {"/p/a.py": "d1", "/p/b.py": "d2"}.get) is None


def test_the_project_is_left_alone(root: str) -> None:
    before = sorted(os.listdir(root))
    filled(root)
    assert sorted(os.listdir(root)) == before
    assert sorted(os.listdir(project_folder(root))) == ["cache.json"]


def test_nothing_is_written_when_nothing_changed(root: str) -> None:
    filled(root)
    cache = Cache(root, "key")
    for name in ("a.py", "b.py"):
        cache.seen(f"{root}/{name}", os.stat(f"{root}/a.py"))
    before = kept_file(root).stat().st_mtime_ns, kept_file(root).stat().st_ino
    cache.save()
    assert (kept_file(root).stat().st_mtime_ns, kept_file(root).stat().st_ino) == before


def test_files_that_are_gone_are_forgotten(root: str) -> None:
    cache = filled(root)
    cache.seen(f"{root}/a.py", os.stat(f"{root}/a.py"))
    cache.save()
    assert Cache(root, "key").seen(f"{root}/b.py", os.stat(f"{root}/a.py")) is None


def test_a_folder_that_cannot_be_written(root: str) -> None:
    Path(project_folder(root)).parent.mkdir(parents=True, exist_ok=True)
    Path(project_folder(root)).write_text("in the way", encoding="utf-8")
    filled(root)


def test_a_write_that_fails_leaves_nothing_behind(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(root)
    before = kept_file(root).read_bytes()

    def failing(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", failing)
        Cache(root, "other").save()
    assert kept_file(root).read_bytes() == before
    assert os.listdir(kept_file(root).parent) == ["cache.json"]


def test_digests_tell_contents_apart() -> None:
    assert digest_of(b"a") == digest_of(b"a") != digest_of(b"b")


def test_an_edit_two_files_away_changes_what_is_found(tmp_path: Path) -> None:
    """With the analysis itself, since what is kept must know all that this read."""
    texts = {
        "host.json": "",
        "flow.py": "from durabletask import worker\nfrom near import price\ndef flow(ctx, _):\n    return price()\n"
        "worker.TaskHubGrpcWorker().add_orchestrator(flow)\n",
        "near.py": "from far import rate\ndef price():\n    return rate()\n",
        "far.py": "def rate():\n    return 1\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    def found() -> list[tuple[str, int, str]]:
        report = lint([str(tmp_path)], folder=tmp_path.as_posix(), cache=True)
        return [(each.path, each.span.line, each.rule) for each in report.findings]

    assert found() == found() == []
    (tmp_path / "far.py").write_text("import time\ndef rate():\n    return time.time()\n", encoding="utf-8")
    assert found() == found() == [("far.py", 3, "wall-clock")]
    (tmp_path / "near.py").write_text("def price():\n    return 1\n", encoding="utf-8")
    assert found() == found() == []

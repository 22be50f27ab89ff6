from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import determinism_lint
from determinism_lint.analysis import syntax as s
from determinism_lint.errors import ParseError
from determinism_lint.languages.python.parse import parse
from determinism_lint.run.kept import project_folder
from determinism_lint.run.project import lint
from determinism_lint.run.trees import Trees

FOLDERS = (Path(determinism_lint.__file__).parent, Path(__file__).parents[1])
SOURCES = sorted(path for folder in FOLDERS for path in folder.rglob("*.py"))
ODD = """\
x = (b"\\xff\\x00", 1j, -0.0, 1e400, 10**9, 0xFFFFFFFFFFFFFFFFFFFFFF, ..., None, True, "\\ud800\\r\\n")
y = f"{x!r:>{y}}", {**z, 1: 2}
match x:
    case {"a": [b, *c], **d} if b: pass
with a as (b, c), d: global e
@f(x)
async def g(a, /, *b: int, c=lambda: 1, **d) -> "h": return [await i async for i in j if k]
"""


class Counted:
    """A parser that tells what it was asked for."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def __call__(self, path: str, data: bytes) -> s.Module:
        self.paths.append(path)
        return parse(path, data)


def flat(value: object) -> Iterator[object]:
    """All that a tree consists of, in order."""
    if isinstance(value, s.Node):
        yield type(value)
        for each in fields(value):
            yield from flat(getattr(value, each.name))
    elif isinstance(value, tuple):
        yield len(value)
        for item in value:
            yield from flat(item)
    else:
        yield type(value), repr(value)


@pytest.fixture
def root(tmp_path: Path) -> str:
    return tmp_path.as_posix()


def test_trees_come_back_as_they_were(root: str) -> None:
    trees = Trees(parse, root)
    texts = [path.read_bytes() for path in SOURCES] + [ODD.encode()]
    assert len(texts) > 150
    before = [trees.parse("a.py", text) for text in texts]
    trees.settle()
    trees = Trees(no_parser, root)
    for text, module in zip(texts, before, strict=True):
        kept = trees.parse("b.py", text)
        assert (kept.path, kept.language, kept.text) == ("b.py", "python", module.text)
        assert list(flat(kept.body)) == list(flat(module.body))


def no_parser(path: str, data: bytes) -> s.Module:
    raise AssertionError("it should be known")


def test_every_constant_is_the_same_kind_of_value(root: str) -> None:
    trees = Trees(parse, root)
    trees.parse("a.py", ODD.encode())
    trees.settle()
    values = [node.value for node in s.walk(Trees(no_parser, root).parse("a.py", ODD.encode()).body)
              if isinstance(node, s.Constant)]  # fmt: skip
    assert {type(value) for value in values} == {bytes, complex, float, int, type(...), type(None), bool, str}
    assert math.inf in values and b"\xff\x00" in values and "\ud800\r\n" in values


def test_only_what_is_new_is_parsed(root: str) -> None:
    counted = Counted()
    for text in (b"x = 1", b"x = 1", b"x = 2", b"x = 2"):
        trees = Trees(counted, root, "key")
        trees.parse("a.py", text)
        trees.parse("b.py", b"y = 1")
        trees.settle()
    assert counted.paths == ["a.py", "b.py", "a.py"]


def test_without_a_project_they_are_kept_in_memory(root: str) -> None:
    counted = Counted()
    trees = Trees(counted)
    for text in (b"x = 1", b"x = 2", b"x = 2", b"x = 1"):
        trees.parse("a.py", text)
        trees.parse("a.py", text)
        trees.settle()
    assert len(counted.paths) == 3, "what a later round did not use is forgotten"


@pytest.mark.parametrize("key", ["other", "key "])
def test_another_key_forgets_all(root: str, key: str) -> None:
    counted = Counted()
    for each in ("key", key):
        trees = Trees(counted, root, each)
        trees.parse("a.py", b"x = 1")
        trees.settle()
    assert len(counted.paths) == 2


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[", "[-1,[0]]", "[999,1]", '["a"]', "[-1,[0,1,2,3,4,5,6,7,8]]", "[" * 5000 + "]" * 5000, '[{"a":1},2]'],
)
def test_what_is_damaged_is_parsed_again(root: str, damage: str) -> None:
    trees = Trees(parse, root)
    expected = list(flat(trees.parse("a.py", b"x = 1").body))
    trees.settle()
    file = Path(project_folder(root), "trees.txt")
    key, line = file.read_text(encoding="utf-8").split("\n")
    file.write_text(f"{key}\n{line.partition(' ')[0]} {damage}", encoding="utf-8")
    assert list(flat(Trees(parse, root).parse("a.py", b"x = 1").body)) == expected


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"\n\n\n", b"key\n"])
def test_any_file_may_be_there(root: str, content: bytes) -> None:
    Path(project_folder(root)).mkdir(parents=True)
    Path(project_folder(root), "trees.txt").write_bytes(content)
    assert Trees(parse, root, "key").parse("a.py", b"x = 1").body


def test_errors_are_not_kept(root: str) -> None:
    counted = Counted()
    trees = Trees(counted, root)
    for _ in range(2):
        with pytest.raises(ParseError):
            trees.parse("a.py", b"x = (")
    assert len(counted.paths) == 2


def test_what_json_cannot_hold_is_parsed_each_time(root: str) -> None:
    counted = Counted()
    text = b"x = 0x" + b"f" * 5000
    trees = Trees(counted, root)
    assert trees.parse("a.py", text).body
    assert trees.parse("a.py", text).body
    assert len(counted.paths) == 2


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    trees = Trees(parse, str(tmp_path / "missing"))
    trees.parse("a.py", b"x = 1")
    trees.settle()
    assert not (tmp_path / "missing").exists()


FLOW = """\
from durabletask import task
from helper import now


def flow(ctx: task.OrchestrationContext, x):
    yield ctx.create_timer(now())


def register(worker):
    worker.add_orchestrator(flow)
"""
HELPER = "import time\n\n\ndef now():\n    return time.time()\n"


def test_a_run_parses_what_was_edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted()
    monkeypatch.setattr("determinism_lint.languages.parse", counted)
    for name, text in {"pyproject.toml": "", "flow.py": FLOW, "helper.py": HELPER}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    before = lint([str(tmp_path)], cache=True)
    assert len(counted.paths) == 2
    (tmp_path / "flow.py").write_text("\n" + FLOW, encoding="utf-8")
    after = lint([str(tmp_path)], cache=True)
    assert [Path(path).name for path in counted.paths[2:]] == ["flow.py"]
    assert [finding.rule for finding in after.findings] == [finding.rule for finding in before.findings] != []
    assert [each.line for finding in after.findings for each in finding.trace] == [6, 7]


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

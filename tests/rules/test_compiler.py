from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from determinism_lint.errors import CatalogueError
from determinism_lint.rules import catalogue, compiler
from determinism_lint.rules.catalogue import compiled_once
from determinism_lint.rules.compiler import compile_rule, compile_rules

MINIMAL = "summary: reads a clock\nseverity: error\nsince: 0.1.0\n"
BODY = "# Clock\nWhy.\n## Python\n```python wrong\nx  # error\n```\n```python correct\nx\n```\n"


def compiled(front_matter: str, name: str = "clock") -> dict[str, Any]:
    return compile_rule(name, f"---\n{front_matter}---\n{BODY}", "clock.md")


def test_minimal_rule() -> None:
    assert compiled(MINIMAL) == {
        "title": "Clock", "summary": "reads a clock", "severity": {"default": "error"}, "since": "0.1.0",
        "ambient": False, "equivalents": [], "never": {}, "instead": {}, "flag": {}, "allow": {}, "argless": {},
        "languages": ["python"],
    }  # fmt: skip


def test_full_rule() -> None:
    rule = compiled(
        "summary: reads a clock\n"
        'severity: {default: warning, durable-task-python: info, "durable-functions-python@2": error}\n'
        "since: 0.1.0\n"
        "equivalents: [DURABLE0001]\n"
        'never: {python: "`now()`"}\n'
        "instead: {python: a, durable-functions-python: b}\n"
        'flag: {python: {a.b: "{ctx}.now", a.c: null, "lib.*": {durable-task-python: x}},\n'
        '       javascript: {"@a/b.*": null}}\n'
        "allow: {python: [lib.pure, lib.more.*]}\n"
        "argless: {python: {a.b2: null}}\n"
    )
    assert rule["severity"] == {
        "default": "warning", "durable-task-python": "info", "durable-functions-python@2": "error",
    }  # fmt: skip
    assert rule["flag"] == {
        "python": {"a.b": {"default": "{ctx}.now"}, "a.c": {}, "lib.*": {"durable-task-python": "x"}},
        "javascript": {"@a/b.*": {}},
    }
    assert rule["allow"] == {"python": ["lib.pure", "lib.more.*"]}


@pytest.mark.parametrize(
    ("front_matter", "message"),
    [
        ("[]\n", "clock.md: the front matter is not a mapping"),
        ("a: [\n", "clock.md:3:"),
        ("\tb: 1\n", "clock.md:2:"),
        ("a: \x00\n", "clock.md: "),
        (MINIMAL + "sumary: x\n", "clock.md: unknown key `sumary`; did you mean `summary`?"),
        ("severity: error\nsince: 0.1.0\n", "clock.md: key `summary` is missing"),
        (MINIMAL + "since: 0.2.0\n", "clock.md:5: key 'since' occurs twice"),
        (MINIMAL + "flag: {python: {a: null, a: null}}\n", "clock.md:5: key 'a' occurs twice"),
        (MINIMAL + "flag: {python: {a: no}}\n", "clock.md:5: 'no' means a boolean in YAML 1.1; put it in quotes"),
        (MINIMAL + "on: x\n", "clock.md:5: 'on' means a boolean"),
        (MINIMAL + "1: x\n", "clock.md:5: key 1 is not text"),
        (MINIMAL.replace("0.1.0", "0.1"), "clock.md: key `since`: 0.1 is not a version"),
        (MINIMAL.replace("error", "eror"), "clock.md: key `severity`: 'eror' is none of error, warning, info; did you"),
        (MINIMAL.replace("error", "{java: error}"), "clock.md: key `severity.default` is missing"),
        (MINIMAL.replace("error", "{default: error, x: info}"), "clock.md: key `severity.x`: 'x' is not an SDK id"),
        (MINIMAL.replace("error", "{default: bad}"), "clock.md: key `severity.default`: 'bad' is none of"),
        (MINIMAL.replace("reads", "Reads"), "clock.md: key `summary` begins in lower case"),
        (MINIMAL.replace("clock", "clock."), "clock.md: key `summary` begins in lower case"),
        (MINIMAL + "equivalents: X\n", "clock.md: key `equivalents` must be a list"),
        (MINIMAL + "equivalents: [1]\n", "clock.md: key `equivalents`: 1 is not text"),
        (MINIMAL + "never: x\n", "clock.md: key `never` must be a mapping"),
        (MINIMAL + "never: {ruby: x}\n", "clock.md: key `never.ruby`: 'ruby' is not one of python"),
        (MINIMAL + 'never: {python: "a\\nb"}\n', "clock.md: key `never.python` must be one line"),
        (MINIMAL + "flag: {pyton: {}}\n", "clock.md: key `flag`: unknown language `pyton`; did you mean `python`?"),
        (MINIMAL + "flag: {python: {'a b': null}}\n", "clock.md: key `flag.python`: 'a b' is not a qualified name"),
        (MINIMAL + "flag: {python: {'a.*.b': null}}\n", "clock.md: key `flag.python`: 'a.*.b' is not a qualified name"),
        (MINIMAL + "flag: {python: {a: 1}}\n", "clock.md: key `flag.python.a`: 1 is not text"),
        (MINIMAL + "flag: {python: {a: {default: [], durable-task-python: y}}}\n", "clock.md: key `flag.python.a`: []"),
        (MINIMAL + "flag: {python: {a: {x: y}}}\n", "clock.md: key `flag.python.a`: 'x' is not an SDK id"),
        (MINIMAL + "allow: {python: [.a]}\n", "clock.md: key `allow.python`: '.a' is not a qualified name"),
    ],
)
def test_mistakes_name_file_and_key(front_matter: str, message: str) -> None:
    with pytest.raises(CatalogueError) as error:
        compiled(front_matter)
    assert str(error.value).startswith(message)


def test_names_of_rules() -> None:
    with pytest.raises(CatalogueError, match="lower-case words"):
        compiled(MINIMAL, "Wall_clock")


def write(folder: Path, name: str, front_matter: str) -> Path:
    path = folder / f"{name}.md"
    path.write_text(f"---\n{MINIMAL}{front_matter}---\n{BODY}", encoding="utf-8", newline="\r\n")
    return path


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("flag: {python: {a: null}}\n", "flag: {python: {a: null}}\n"),
        ("flag: {python: {a: null}}\n", "allow: {python: [a]}\n"),
        ("flag: {python: {a: null}}\n", "argless: {python: {a: null}}\n"),
    ],
)
def test_no_name_belongs_to_two_rules(tmp_path: Path, first: str, second: str) -> None:
    write(tmp_path, "one", first)
    write(tmp_path, "two", second)
    with pytest.raises(CatalogueError, match=r"two\.md: key `\w+\.python\.a`: one.* lists this name too"):
        compile_rules(str(tmp_path))


def test_the_digest_tells_changes(tmp_path: Path) -> None:
    write(tmp_path, "one", "")
    (tmp_path / "_template.md").write_text("not a rule", encoding="utf-8")
    before = compile_rules(str(tmp_path))
    assert list(before["rules"]) == ["one"]
    write(tmp_path, "one", "flag: {python: {a: null}}\n")
    assert compile_rules(str(tmp_path))["digest"] != before["digest"]


def test_a_checkout_compiles_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules, home = tmp_path / "rules", tmp_path / "home"
    rules.mkdir()
    home.mkdir()
    for name in ("compiler.py", "text.py"):
        (home / name).touch()
    monkeypatch.setattr(catalogue, "_FOLDER", str(home))
    path = write(rules, "one", "")
    first = compiled_once(str(rules))
    with monkeypatch.context() as patch:
        patch.setattr(compiler, "compile_rules", lambda folder: pytest.fail("compiled again"))
        assert compiled_once(str(rules)) == first
    os.utime(path, ns=(1, 1))
    write(rules, "two", "")
    assert list(compiled_once(str(rules))["rules"]) == ["one", "two"]
    kept = home / "__pycache__" / "catalogue.json"
    for broken in ("{", "[]", json.dumps({"key": None})):
        kept.write_text(broken, encoding="utf-8")
        assert list(compiled_once(str(rules))["rules"]) == ["one", "two"]


def test_a_checkout_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("compiler.py", "text.py", "__pycache__"):
        (tmp_path / name).touch()  # A file where the folder would be.
    rules = tmp_path / "rules"
    rules.mkdir()
    write(rules, "one", "")
    monkeypatch.setattr(catalogue, "_FOLDER", str(tmp_path))
    assert list(compiled_once(str(rules))["rules"]) == ["one"]


def test_what_differs_between_processes_is_marked() -> None:
    text = "---\nsummary: reads a clock\nseverity: error\nsince: 0.1.0\nambient: {}\n---\n# Clock\nWhy.\n"
    assert compile_rule("clock", text.format("process"), "clock.md")["ambient"] is True
    with pytest.raises(CatalogueError, match="ambient"):
        compile_rule("clock", text.format("machine"), "clock.md")

"""Patterns in the form of .gitignore: git itself is the judge (see also test_files.py), and none takes long."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from determinism_lint.run import patterns
from determinism_lint.run.patterns import leaves_out, matcher, parse_pattern

_pieces = st.sampled_from(
    ["a", "b", "*", "**", "?", "/", "[ab]", "[!a]", "[a-c]", "\\*", "x.py", "!", "#", " ", ".", "]"]
)
_lines = st.lists(st.lists(_pieces, min_size=1, max_size=6).map("".join), min_size=1, max_size=3)
_names = st.sampled_from(["a", "b", "ab", "x.py", "ba", "c", "a b", ".a", "aab", "]", "*"])
_paths = st.lists(st.lists(_names, min_size=1, max_size=4).map("/".join), min_size=1, max_size=20)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("git")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


# Where two stars touch anything but a slash, git 2.39 compares addresses that have nothing to do with each other.
_UNSURE = re.compile(r"[^/]\*\*|\*\*[^/]")


@given(_lines.filter(lambda lines: not any(map(_UNSURE.search, lines))), _paths)
def test_git_agrees(repository: Path, lines: list[str], paths: list[str]) -> None:
    (repository / ".gitignore").write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = ["git", "-C", str(repository), "check-ignore", "--no-index", "-z", "--stdin"]
    told = subprocess.run(command, input="\0".join(paths), capture_output=True, text=True, check=False).stdout
    known = [pattern for line in lines if (pattern := parse_pattern(line))]
    assert {path for path in paths if leaves_out(known, path, False)} == set(told.split("\0")) - {""}


@pytest.mark.parametrize("pattern", ["*a" * 12 + "*b.py", "**/" * 30 + "b", "[a]*" * 40 + "b", "?*" * 40 + "b"])
def test_the_steps_are_bounded(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "a" * 120
    steps = 0
    one = patterns._is_one

    def counted(token: object, character: str) -> bool:
        nonlocal steps
        steps += 1
        return one(token, character)  # type: ignore[arg-type]

    monkeypatch.setattr(patterns, "_is_one", counted)
    assert not matcher([pattern], "/p")(f"/p/{name}/{name}/{name}", False)
    assert steps <= 3 * len(name) * len(pattern)


def test_folders_and_files_of_a_folder() -> None:
    matches = matcher(["/build/", "!/build/keep.py"], "/p")
    assert matches("/p/build", True)
    assert matches("/p/build/keep.py", False)  # As in git: what is in a folder that is left out cannot come back.
    assert not matches("/p/build", False)
    assert not matches("/other/build", True)

from __future__ import annotations

import os
import string
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from determinism_lint.run import files
from determinism_lint.run.files import (
    Project,
    find_projects,
    find_root,
    list_folder,
    read,
    settings_files,
    shown,
    walk,
)
from determinism_lint.run.project import lint

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file systems only")


def make(root: Path, *names: str, text: str = "") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "protocol.file.allow=always", *arguments],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip


def names(listed: list[str], root: Path) -> list[str]:
    return sorted(path.removeprefix(root.as_posix() + "/") for path in listed)


def project_at(root: str) -> Project:
    return Project(root, True)


def one(*paths: Path) -> Project:
    (found,) = find_projects(map(str, paths))
    return found


def test_walk_takes_sources_and_skips_what_is_generated(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "f/function.json", "f/host.json", "x.txt", ".hidden/b.py", "node_modules/c.py")
    make(tmp_path, ".venv/d.py", "__pycache__/e.py", "build/f.py", "site-packages/g.py", "env/pyvenv.cfg", "env/h.py")
    seen = project_at(str(tmp_path))
    assert names(walk(str(tmp_path), seen), tmp_path) == [".hidden/b.py", "a.py", "f/function.json"]
    assert seen.problems == []


def test_walk_honors_gitignore(tmp_path: Path) -> None:
    make(tmp_path, ".gitignore", text="*.gen.py\n/out/\n!keep.gen.py\n!\n\\\n")
    make(tmp_path, "sub/.gitignore", text="!b.gen.py\nlocal.py\n")
    make(tmp_path, "a.gen.py", "keep.gen.py", "out/x.py", "sub/out/y.py", "sub/b.gen.py", "sub/local.py", "local.py")
    assert names(walk(str(tmp_path), project_at(str(tmp_path))), tmp_path) == [
        "keep.gen.py",
        "local.py",
        "sub/b.gen.py",
        "sub/out/y.py",
    ]


@POSIX
def test_walk_follows_links_out_of_the_tree_once(tmp_path: Path) -> None:
    make(tmp_path, ".git/HEAD", "elsewhere/shared.py", "project/own/a.py")
    project = tmp_path / "project"
    (tmp_path / "elsewhere" / "back").symlink_to(tmp_path / "elsewhere")
    (project / "one").symlink_to(tmp_path / "elsewhere")
    (project / "two").symlink_to(tmp_path / "elsewhere")
    (project / "own" / "up").symlink_to(project)
    (project / "own" / "beside").symlink_to(project / "own")
    (project / "loop").symlink_to(project / "loop")
    (project / "loop.py").symlink_to(project / "loop.py")
    (project / "gone.py").symlink_to(tmp_path / "nowhere.py")
    listed = names(walk(str(project), project_at(str(project))), project)
    assert listed in (["one/shared.py", "own/a.py"], ["own/a.py", "two/shared.py"])


@POSIX
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root can read every folder")
def test_walk_tells_unreadable_folders(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "closed/b.py")
    (tmp_path / "closed").chmod(0)
    seen = project_at(str(tmp_path))
    try:
        assert names(walk(str(tmp_path), seen), tmp_path) == ["a.py"]
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert seen.problems == [(f"{tmp_path}/closed", "Permission denied")]


def test_walk_tells_folders_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.py", "closed/b.py", "gone/c.py")
    scandir = os.scandir

    def picky(path: str) -> os._ScandirIterator[str]:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        if path.endswith("gone"):
            raise FileNotFoundError(2, "No such file or directory")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", picky)
    seen = project_at(str(tmp_path))
    assert names(walk(str(tmp_path), seen), tmp_path) == ["a.py"]
    assert seen.problems == [(f"{tmp_path}/closed", "Permission denied")]


def test_git_decides_what_belongs(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    make(tmp_path, ".gitignore", text="ignored/\n")
    make(tmp_path, "tracked.py", "deleted.py", "build/tracked.py", "f/function.json", "notes.md")
    git(tmp_path, "add", ".")
    make(tmp_path, "new.py", "ignored/x.py", "node_modules/y.py", "dïr/späce n\tame.py")
    (tmp_path / "deleted.py").unlink()
    listed = names(list_folder(str(tmp_path), project_at(str(tmp_path))), tmp_path)
    assert listed == [
        "build/tracked.py",
        "deleted.py",
        "dïr/späce n\tame.py",
        "f/function.json",
        "new.py",
        "tracked.py",
    ]
    assert names(list_folder(f"{tmp_path}/build", project_at(f"{tmp_path}/build")), tmp_path) == ["build/tracked.py"]


@POSIX
def test_git_with_repositories_inside(tmp_path: Path) -> None:
    inner, outer = tmp_path / "inner.lib", tmp_path / "outer"
    for folder in (inner, outer):
        folder.mkdir()
        git(folder, "init", "-q")
    make(inner, "in.py")
    git(inner, "add", ".")
    git(inner, "commit", "-qm", "x")
    make(outer, "out.py")
    git(outer, "submodule", "add", "-q", str(inner), "sub.module")
    git(outer, "submodule", "add", "-q", str(inner), "empty")
    git(outer, "submodule", "deinit", "-q", "-f", "empty")
    make(outer, "clone/mine.py")
    git(outer / "clone", "init", "-q")
    (outer / "link").symlink_to(inner)
    (outer / "link.py").symlink_to(inner / "in.py")
    (outer / "self").symlink_to(outer)
    (outer / "tracked").symlink_to(inner)
    git(outer, "add", "tracked")
    seen = project_at(str(outer))
    listed = names(list_folder(str(outer), seen), outer)
    assert listed == ["clone/mine.py", "out.py", "sub.module/in.py"]
    assert sorted(Path(path).name for path in seen.outside) == ["link", "link.py", "tracked"]


@POSIX
@pytest.mark.parametrize("with_git", [False, True])
def test_links_out_of_the_repository_are_not_followed(tmp_path: Path, with_git: bool) -> None:
    make(tmp_path, "secret/key.py", "repo/flow.py", "repo/lib/shared.py", "repo/app/x.py")
    repo = tmp_path / "repo"
    if with_git:
        git(repo, "init", "-q")
    (repo / "helper.py").symlink_to(tmp_path / "secret" / "key.py")
    (repo / "folder").symlink_to(tmp_path / "secret")
    (repo / "app" / "linked").symlink_to(repo / "lib")
    seen = project_at(str(repo))
    assert "helper.py" not in names(list_folder(str(repo), seen), repo)
    assert sorted(Path(path).name for path in seen.outside) == ["folder", "helper.py"]
    report = lint([str(repo)], folder=str(repo))
    assert report.notices == ("links that lead out of the repository are not followed: folder, helper.py",)


def test_without_a_working_git_it_walks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.py")
    (tmp_path / ".git").write_text("gitdir: /nowhere\n", encoding="utf-8")
    assert names(list_folder(str(tmp_path), project_at(str(tmp_path))), tmp_path) == ["a.py"]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert names(list_folder(str(tmp_path), project_at(str(tmp_path))), tmp_path) == ["a.py"]


def test_a_hooks_environment_does_not_confuse_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other, mine = tmp_path / "other", tmp_path / "mine"
    for folder in (other, mine):
        folder.mkdir()
        git(folder, "init", "-q")
    make(mine, "a.py")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert names(list_folder(str(mine), project_at(str(mine))), mine) == ["a.py"]


@POSIX
def test_other_platforms_start_git_with_subprocess(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init", "-q")
    make(tmp_path, "a.py")
    monkeypatch.setattr("determinism_lint.run.files.sys.platform", "win32")
    assert names(list_folder(str(tmp_path), project_at(str(tmp_path))), tmp_path) == ["a.py"]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert files.run_git(str(tmp_path), "ls-files") is None


@pytest.mark.parametrize("marker", files.MARKERS)
def test_the_nearest_marker_is_the_root(tmp_path: Path, marker: str) -> None:
    make(tmp_path, "pyproject.toml", f"app/{marker}", "app/pkg/a.py")
    assert find_root(f"{tmp_path}/app/pkg/a.py") == f"{tmp_path}/app"
    assert find_root(f"{tmp_path}/app") == f"{tmp_path}/app"


def test_a_project_goes_up_to_its_marker(tmp_path: Path) -> None:
    make(tmp_path, "host.json", "a.py", "lib/b.py", "lib/c.py", "flow/function.json")
    project = one(tmp_path / "lib", tmp_path / "a.py")
    assert project.root == tmp_path.as_posix()
    assert project.is_marked
    assert names(project.files, tmp_path) == ["a.py", "flow/function.json", "lib/b.py", "lib/c.py"]
    asked = [path for path in project.files if project.asked_about(path)]
    assert names(asked, tmp_path) == ["a.py", "lib/b.py", "lib/c.py"]
    assert not project.asked_about(f"{tmp_path}/library.py")


def test_each_marked_folder_is_a_project_of_its_own(tmp_path: Path) -> None:
    make(tmp_path, "one/host.json", "one/a.py", "two/host.json", "two/b.py")
    projects = find_projects([f"{tmp_path}/one/a.py", f"{tmp_path}/two", f"{tmp_path}/one"])
    assert [names(project.files, tmp_path) for project in projects] == [["one/a.py"], ["two/b.py"]]


def test_without_a_marker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MARKERS", ())
    make(tmp_path, "a.py", "b.py", "deep/c.py", "x.txt")
    project = one(tmp_path / "a.py")
    assert not project.is_marked
    assert names(project.files, tmp_path) == ["a.py", "b.py"]
    assert names(one(tmp_path).files, tmp_path) == ["a.py", "b.py", "deep/c.py"]


def test_what_somebody_names_is_taken(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    make(tmp_path, ".gitignore", text="out/\n")
    make(tmp_path, "a.py", "out/x.py", "out/y.py", ".venv/z.py")
    assert names(one(tmp_path / "out" / "x.py").files, tmp_path) == ["a.py", "out/x.py"]
    assert names(one(tmp_path / "out").files, tmp_path) == ["a.py", "out/x.py", "out/y.py"]
    assert names(one(tmp_path / ".venv").files, tmp_path) == [".venv/z.py", "a.py"]


def test_paths_are_shown_relative(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown("/a/b/c.py", "/a/b") == "c.py"
    assert shown("/a/bc/c.py", "/a/b") == "../bc/c.py"

    def other_drive(path: str, folder: str) -> str:
        raise ValueError

    monkeypatch.setattr(os.path, "relpath", other_drive)
    assert shown("D:/c.py", "C:/a") == "D:/c.py"


def test_a_folder_that_vanishes(tmp_path: Path) -> None:
    seen = project_at(str(tmp_path))
    assert files._entries(f"{tmp_path}/gone", seen) == []
    assert seen.problems == [(f"{tmp_path}/gone", "No such file or directory")]


def test_a_gitignore_that_cannot_be_read(tmp_path: Path) -> None:
    make(tmp_path, "a.py", ".gitignore/x")
    assert names(walk(str(tmp_path), project_at(str(tmp_path))), tmp_path) == ["a.py"]


def test_settings_files(tmp_path: Path) -> None:
    make(tmp_path, "pyproject.toml", text="[tool.determinism-lint]\n")
    make(tmp_path, "repo/.git/HEAD", "repo/app/pyproject.toml")
    make(tmp_path, "repo/determinism-lint.toml", "repo/app/sub/x")
    assert list(settings_files(f"{tmp_path}/repo/app/sub")) == [f"{tmp_path}/repo/determinism-lint.toml"]
    assert next(settings_files(str(tmp_path))) == f"{tmp_path}/pyproject.toml"


def test_settings_that_cannot_be_read_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "pyproject.toml", ".git/HEAD")

    def failing(path: str) -> bytes:
        raise PermissionError

    monkeypatch.setattr(files, "read", failing)
    assert list(settings_files(str(tmp_path))) == [f"{tmp_path}/pyproject.toml"]


def test_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for content in (b"", b"x", b"x" * 3_000_000):
        path.write_bytes(content)
        assert read(str(path)) == content
    with pytest.raises(FileNotFoundError):
        read(str(tmp_path / "b"))


def test_read_copes_with_a_file_that_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    chunks = [b"abcd", b"ef", b""]
    monkeypatch.setattr(os, "read", lambda descriptor, size: chunks.pop(0))
    assert read(str(path)) == b"abcdef"


@POSIX
def test_read_never_blocks(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    for path in (tmp_path / "pipe.py", Path("/dev/null"), tmp_path):
        with pytest.raises(OSError, match=r"regular file|directory"):
            read(str(path))


WORDS = st.text(alphabet="ab*?/!.[]#\\ -" + string.ascii_lowercase[:3], max_size=6)
NAMES = st.sampled_from(["a", "b", "ab", "c.py", "a.py", "ab.py", "b c.py"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    patterns=st.lists(WORDS, max_size=4),
    inner=st.lists(WORDS, max_size=3),
    paths=st.lists(st.lists(NAMES, min_size=1, max_size=3), min_size=1, max_size=6),
)
def test_walk_ignores_what_git_ignores(
    tmp_path_factory: pytest.TempPathFactory, patterns: list[str], inner: list[str], paths: list[list[str]]
) -> None:
    root = tmp_path_factory.mktemp("tree")
    git(root, "init", "-q")
    for parts in paths:
        *folders, name = parts
        folder = root
        for part in folders:
            folder = folder / part.replace(".py", "")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / (name if name.endswith(".py") else name + ".py")).touch()
    (root / ".gitignore").write_text("\n".join(patterns), encoding="utf-8")
    if (root / "a").is_dir():
        (root / "a" / ".gitignore").write_text("\n".join(inner), encoding="utf-8")
    assert names(walk(str(root), project_at(str(root))), root) == names(
        list_folder(str(root), project_at(str(root))), root
    )


def test_the_order_of_the_names_decides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "flow.py", "lib/deep.py")
    monkeypatch.chdir(tmp_path)
    listed = [[each.files for each in find_projects(paths)] for paths in (["flow.py", "."], [".", "flow.py"])]
    assert listed[0] == listed[1] == [[f"{tmp_path}/flow.py", f"{tmp_path}/lib/deep.py"]]

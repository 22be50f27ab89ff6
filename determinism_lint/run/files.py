"""Which files a run looks at.

The start-up of a run that finds nothing to do must cost next to nothing, so this module imports only what the
interpreter has loaded anyway; everything else is imported where it is needed.
"""

from __future__ import annotations

import os
import stat
import sys

from determinism_lint.languages import language_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from determinism_lint.model import Excerpt
    from determinism_lint.run.patterns import Pattern

BINDINGS = "function.json"
"""Azure Functions' older way to declare functions; it may name the source file of an orchestrator."""

DOCUMENTS = (".md", ".markdown", ".ipynb")
"""The suffixes of documents that may hold code."""

OWN_SETTINGS = "determinism-lint.toml"
SHARED_SETTINGS = "pyproject.toml"

MARKERS = (".git", SHARED_SETTINGS, OWN_SETTINGS, "host.json")
"""A folder that holds one of these is a project's root."""

NEVER = frozenset(
    {
        ".bzr", ".direnv", ".eggs", ".git", ".hg", ".mypy_cache", ".nox", ".pytest_cache",
        ".python_packages", ".ruff_cache", ".svn", ".tox", ".venv", "__pycache__", "__pypackages__", "node_modules",
    }
)  # fmt: skip
_NEVER_OUTSIDE_GIT = NEVER | {"build", "dist", "site-packages", "venv"}
"""Where git tells what is generated, these names are believed to be sources."""


_MODES = ("100644 ", "100755 ", "120000 ", "160000 ")
_FOLDER_MODES = ("", "120000 ", "160000 ")
"""Of git's entries that may turn out to be folders: untracked ones, links, submodules."""


class Project:
    """The source files of one project, and which of them somebody asked about."""

    __slots__ = ("files", "folders", "given", "is_marked", "outside", "problems", "root")

    def __init__(self, root: str, is_marked: bool) -> None:
        self.root = root
        """Absolute, with `/`, as all paths here."""
        self.is_marked = is_marked
        """Whether the root has one of the markers."""
        self.files: list[str] = []
        """Sorted source files and function.json files, and the files that were named one by one."""
        self.given: frozenset[str] = frozenset()
        """Files that were named one by one."""
        self.folders: tuple[str, ...] = ()
        """Folders that were named, each with a final `/`."""
        self.problems: list[tuple[str, str]] = []
        """Folders that could not be read, and why."""
        self.outside: list[str] = []
        """Links that lead out of the repository; nobody asked about what is there, so they are not followed."""

    def asked_about(self, path: str) -> bool:
        return path in self.given or path.startswith(self.folders)


def absolute(path: str) -> str:
    path = os.path.abspath(path)
    return path.replace(os.sep, "/") if os.sep != "/" else path


def shown(path: str, folder: str) -> str:
    """A path as people see it: relative to the working directory, with `/`."""
    if path.startswith(folder + "/"):
        return path[len(folder) + 1 :]
    try:
        return os.path.relpath(path, folder).replace(os.sep, "/")
    except ValueError:  # Another drive.
        return path


def find_root(path: str) -> str | None:
    """The nearest folder, from `path` upwards, that holds one of the markers."""
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    while True:
        if any(os.path.exists(os.path.join(folder, marker)) for marker in MARKERS):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def find_projects(paths: Iterable[str]) -> list[Project]:
    """The projects that the given files and folders belong to; one per project root.

    A folder without a project around it is its own project. A file without one is judged together with the source
    files beside it; what lies deeper is left out, for the folder may be a home directory.
    """
    found: dict[str, Project] = {}
    listings: dict[str, list[str]] = {}
    named = []
    for path in dict.fromkeys(map(absolute, paths)):
        is_folder = os.path.isdir(path)
        marked = find_root(path)
        root = marked or (path if is_folder else os.path.dirname(path))
        found.setdefault(root, Project(root, marked is not None))
        named.append((not is_folder, path, root, marked))
    # Folders first: what belongs together must not depend on the order in which it is named.
    for is_file, path, root, marked in sorted(named, key=lambda each: each[0]):
        is_folder = not is_file
        project, files = found[root], listings.setdefault(root, [])
        if not files:
            if marked or is_folder:
                files += list_folder(root, project)
            else:
                files += [file for file in _entries(root, project) if is_source(file)]
        if is_folder:
            folder = path if path.endswith("/") else path + "/"
            project.folders += (folder,)
            if not any(file.startswith(folder) for file in files):
                # Somebody wants exactly what git, or a rule of ours, leaves out.
                files += walk(path, project)
        else:
            project.given |= {path}
    for root, project in found.items():
        project.files = sorted({*listings[root], *project.given})
    return list(found.values())


def settings_files(folder: str) -> Iterator[str]:
    """The files that may hold settings for `folder`, nearest first, not beyond its repository.

    Most projects have a pyproject.toml without a word for the linter; those are left out, unparsed.
    """
    while True:
        own = os.path.join(folder, OWN_SETTINGS)
        if os.path.isfile(own):
            yield own
        shared = os.path.join(folder, SHARED_SETTINGS)
        if os.path.isfile(shared):
            try:
                mentioned = b"determinism-lint" in read(shared)
            except OSError:
                mentioned = True  # Let the reader say what is wrong.
            if mentioned:
                yield shared
        parent = os.path.dirname(folder)
        if parent == folder or os.path.exists(os.path.join(folder, ".git")):
            return
        folder = parent


def is_source(path: str) -> bool:
    return language_of(path) is not None or path.endswith("/" + BINDINGS)


def list_folder(folder: str, project: Project) -> list[str]:
    """The source files in and below a folder: those that git would show, or else a walk's."""
    if repository_of(folder) is not None:
        listed = _git_files(folder, project)
        if listed is not None:
            return listed
    return walk(folder, project)


def repository_of(folder: str) -> str | None:
    """The top folder of the git repository that a folder is in."""
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def is_within(path: str, folder: str) -> bool:
    """Whether a path stays in a folder when links are followed."""
    return (os.path.realpath(path) + os.sep).startswith(os.path.realpath(folder).rstrip(os.sep) + os.sep)


def _git_files(folder: str, project: Project) -> list[str] | None:
    """What git tracks or would add; None when git is missing or refuses."""
    listed = run_git(folder, "ls-files", "-z", "--stage", "--cached", "--others", "--exclude-standard")
    if listed is None:
        return None
    base = folder if folder.endswith("/") else folder + "/"
    files: dict[str, None] = {}
    folders = []
    for entry in listed.split("\0"):
        mode = entry[:7] if entry[:7] in _MODES else ""
        name = entry.partition("\t")[2] if mode else entry
        source = is_source("/" + name)
        if not name or not (source or mode in _FOLDER_MODES) or not NEVER.isdisjoint(name.split("/")):
            continue
        path = base + name.rstrip("/")
        if mode in ("", "120000 ") and os.path.islink(path) and not _may_follow(path, project):
            continue
        if mode in _FOLDER_MODES and os.path.isdir(path):
            folders.append(path)  # A repository in the repository, or a link to a folder.
        elif source:
            files[path] = None
    for path in folders:
        files.update(dict.fromkeys(_nested(path, project)))
    return list(files)


def _may_follow(link: str, project: Project) -> bool:
    if is_within(link, repository_of(project.root) or project.root):
        return True
    project.outside.append(link)
    return False


def _nested(folder: str, project: Project) -> list[str]:
    if os.path.islink(folder):
        return walk(folder, project) if _leads_outside(folder) else []
    if not os.path.exists(os.path.join(folder, ".git")):
        return []  # A submodule that is not checked out.
    return list_folder(folder, project)


def _leads_outside(link: str) -> bool:
    """Whether a link's target neither holds the link nor lies beside or below it, where it is found anyway."""
    target = os.path.realpath(link)
    home = os.path.realpath(os.path.dirname(link))
    return not (home + os.sep).startswith(target + os.sep) and not target.startswith(home + os.sep)


def run_git(folder: str, *arguments: str) -> str | None:
    """What a git command prints; None when git is missing or refuses."""
    printed = run_git_bytes(folder, *arguments)
    return None if printed is None else os.fsdecode(printed)


def contents(folder: str, objects: Iterable[str]) -> Iterator[bytes | None]:
    """What git keeps under the ids of files; None for what a partial or damaged repository lacks."""
    import subprocess

    command, environment = _git(folder, "cat-file", "--batch")
    asked = "".join(f"{each}\n" for each in objects).encode()
    printed = subprocess.run(command, env=environment, input=asked, capture_output=True, check=False).stdout
    at = 0
    while at < len(printed):
        end = printed.index(b"\n", at)
        words = printed[at:end].split()
        at = end + 1
        if len(words) < 3:  # "<id> missing"
            yield None
        else:
            yield printed[at : at + int(words[2])]
            at += int(words[2]) + 1


def _git(folder: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """A command and its environment."""
    command = ["git", "-c", "core.fsmonitor=false", "-C", folder, *arguments]
    # A hook's own repository, index or work tree is not what is asked about here.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment["GIT_OPTIONAL_LOCKS"] = "0"
    return command, environment


def run_git_bytes(folder: str, *arguments: str) -> bytes | None:
    command, environment = _git(folder, *arguments)
    if sys.platform == "win32":
        import subprocess

        try:
            done = subprocess.run(command, env=environment, capture_output=True, check=False)
        except OSError:
            return None
        return done.stdout if done.returncode == 0 else None
    # As subprocess.run, without the 10 ms that importing it takes.
    reader, writer = os.pipe()
    try:
        null = os.open(os.devnull, os.O_RDWR)
        try:
            child = os.posix_spawnp(
                "git",
                command,
                environment,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, null, 0),
                    (os.POSIX_SPAWN_DUP2, writer, 1),
                    (os.POSIX_SPAWN_DUP2, null, 2),
                ],
            )
        except OSError:
            return None
        finally:
            os.close(null)
            os.close(writer)
        chunks = []
        while chunk := os.read(reader, 1 << 20):
            chunks.append(chunk)
    finally:
        os.close(reader)
    _, status = os.waitpid(child, 0)
    return b"".join(chunks) if status == 0 else None


def _entries(folder: str, project: Project) -> list[str]:
    """The paths of a folder's files."""
    try:
        with os.scandir(folder) as entries:
            return [f"{folder.rstrip('/')}/{entry.name}" for entry in entries if entry.is_file()]
    except OSError as error:
        project.problems.append((folder, error.strerror or str(error)))
        return []


def walk(folder: str, project: Project) -> list[str]:
    """The source files in and below a folder, without what its .gitignore files leave out.

    Links to folders are followed once, out of the tree that is being walked but not out of its repository.
    """
    files: list[str] = []
    visited = {os.path.realpath(folder)}
    pending: list[tuple[str, tuple[tuple[str, list[Pattern]], ...]]] = [(folder.rstrip("/"), ())]
    while pending:
        current, specs = pending.pop()
        try:
            with os.scandir(current or "/") as scan:
                entries = list(scan)
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                project.problems.append((current, error.strerror or str(error)))
            continue
        names = {entry.name for entry in entries}
        if "pyvenv.cfg" in names and current != folder.rstrip("/"):
            continue
        if ".gitignore" in names:
            specs = (*specs, *_read_gitignore(current))
        for entry in entries:
            path = f"{current}/{entry.name}"
            try:
                is_folder = entry.is_dir()
                if not is_folder and not is_source(path):
                    continue
                if entry.is_symlink() and not _may_follow(path, project):
                    continue
                if is_folder:
                    if entry.name in _NEVER_OUTSIDE_GIT or _ignored(path, True, specs):
                        continue
                    if entry.is_symlink():
                        target = os.path.realpath(path)
                        if target in visited or not _leads_outside(path):
                            continue
                        visited.add(target)
                    pending.append((path, specs))
                elif entry.is_file() and not _ignored(path, False, specs):
                    files.append(path)
            except OSError:
                continue  # It vanished, or a link leads in a circle.
    return files


def _read_gitignore(folder: str) -> list[tuple[str, list[Pattern]]]:
    from determinism_lint.run.patterns import parse_pattern

    try:
        with open(f"{folder}/.gitignore", encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().split("\n")
    except OSError:
        return []
    return [(folder + "/", [pattern for line in lines if (pattern := parse_pattern(line)) is not None])]


def _ignored(path: str, is_folder: bool, patterns: tuple[tuple[str, list[Pattern]], ...]) -> bool:
    for base, known in reversed(patterns):
        from determinism_lint.run.patterns import verdict

        said = verdict(known, path[len(base) :], is_folder)
        if said is not None:
            return said
    return False


def read(path: str) -> bytes:
    """A regular file's bytes.

    Raises:
        OSError: it cannot be read, or is a pipe or a device, which could block for ever.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "is not a regular file")
        content = os.read(descriptor, status.st_size + 1)
        while len(content) >= status.st_size + 1 and (more := os.read(descriptor, 1 << 20)):
            content += more
        return content
    finally:
        os.close(descriptor)


def excerpt_of(path: str, line: int) -> Excerpt:
    """The lines around a line of a file, as it is now; none when it cannot be read."""
    from determinism_lint.model import Excerpt

    try:
        lines = read(path).decode("utf-8", "replace").splitlines()
    except OSError:
        return Excerpt(line, ())
    first = max(1, line - 1)
    return Excerpt(first, tuple(lines[first - 1 : line + 1]))

"""The entry point. Decides from the files' bytes whether anything needs to be imported at all."""

from __future__ import annotations

import os
import sys

from determinism_lint import __version__
from determinism_lint.terminal import INTERRUPTED, PROGRAM, complain, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from determinism_lint.run.files import Project

_FEW = 1000
"""Files. With more, the cache tells faster than a search whether there is anything to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status. Never raises, whatever happens."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        if arguments == ["--version"]:
            return write(f"{PROGRAM} {__version__}\n", 0)
        if arguments == ["hook"]:
            from determinism_lint.hook import run

            return run()
        projects = _plain_check(arguments)
        text = _quick_answer(projects) if projects else None
        if text is not None:
            return write(text, 0)
        return _run(arguments, projects)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        return _internal_error(error)


def _run(arguments: list[str], projects: list[Project] | None) -> int:
    from determinism_lint.errors import MistakeError
    from determinism_lint.run.garbage import spare

    spare()
    try:
        if projects:
            from determinism_lint.commands.check import check

            return check(projects)
        from determinism_lint.commands.cli import run

        return run(arguments)
    except MistakeError as error:
        return complain(f"error: {error}")


def _internal_error(error: Exception) -> int:
    if os.environ.get("DETERMINISM_LINT_DEBUG"):
        import traceback

        complain(*"".join(traceback.format_exception(error)).splitlines())
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return complain(
        f"internal error: {what} (please report it to the project, with the command and the file if you may share it; "
        f"DETERMINISM_LINT_DEBUG=1 shows where it happened; determinism-lint {__version__}, "
        f"Python {sys.version.split()[0]})"
    )


def _plain_check(arguments: list[str]) -> list[Project] | None:
    """What a `check` without options is about; None when it is another command line."""
    if arguments[:1] != ["check"] or any(argument.startswith("-") for argument in arguments):
        return None
    from determinism_lint.languages import language_of
    from determinism_lint.run.files import find_projects

    paths = arguments[1:] or ["."]
    if all(os.path.isdir(path) or (os.path.isfile(path) and language_of(path)) for path in paths):
        return find_projects(paths)
    return None


def _quick_answer(projects: list[Project]) -> str | None:
    """The whole output of a `check` that has nothing to judge; None when it takes more to tell."""
    from determinism_lint.languages import language_of
    from determinism_lint.run.files import read, settings_files
    from determinism_lint.run.prescreen import may_matter
    from determinism_lint.wording import nothing_found, painted, wants_color

    files = 0
    for project in projects:
        if project.problems or len(project.files) > _FEW or any(settings_files(project.root)):
            return None
        for path in project.files:
            try:
                if may_matter(path, read(path)):
                    return None
            except FileNotFoundError:
                continue
            except OSError:
                return None
            files += project.asked_about(path) and language_of(path) is not None
    return painted(nothing_found(files), "warning", wants_color(sys.stdout, os.environ)) + "\n"


if __name__ == "__main__":
    sys.exit(main())

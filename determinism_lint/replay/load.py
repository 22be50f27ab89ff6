"""Imports a program from its file, as a module or as the main program."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import CodeType, FunctionType, ModuleType
from typing import Any

from determinism_lint.replay.project import Project

MODULE_NAME = "program_under_test"
APP_PACKAGE = "__app__"


class StopLoadingError(BaseException):
    """Raised by a host's stand-in for `worker.start()`: what follows is not needed. Passes every `except Exception`."""


class ProgramError(Exception):
    """The program cannot be used. The message is for the user."""


def load(project: Project, name: str = MODULE_NAME) -> ModuleType:
    """Executes the program's file under a module name and returns its module.

    Raises ProgramError where the file cannot be read or compiled, or does not import.
    """
    module = ModuleType(name)
    module.__file__ = project.path
    module.__package__ = project.package
    sys.modules[name] = module
    _add_to_path(project.import_paths)
    with _explained(project.path):
        with open(project.path, "rb") as stream:
            code = compile(stream.read(), project.path, "exec", dont_inherit=True)
        exec(code, module.__dict__)
    return module


def load_below(root: str, path: str) -> ModuleType:
    """Imports a file as a part of a package at `root`, as the Functions worker does. Raises ProgramError."""
    app = sys.modules.setdefault(APP_PACKAGE, ModuleType(APP_PACKAGE))
    app.__path__ = [root]
    name = os.path.splitext(os.path.relpath(path, root))[0].replace(os.sep, ".").removesuffix(".__init__")
    _add_to_path((root,))
    with _explained(path):
        return importlib.import_module(f"{APP_PACKAGE}.{name}")
    raise ProgramError(f"{path} starts a worker")  # it stopped loading, which only a main program may


def unload(project: Project) -> None:
    """Forgets the program's modules, so that the next load starts afresh."""
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if path and name != "__main__" and project.owns(path):
            del sys.modules[name]


def has_main_guard(path: str) -> bool:
    """Whether the file does something only when it is the main program."""
    with open(path, encoding="utf-8") as stream:
        return "__main__" in stream.read()


def functions(module: ModuleType) -> dict[str, Any]:
    """The functions and classes that a module defines or imports, by name."""
    return {name: value for name, value in vars(module).items() if isinstance(value, (FunctionType, type))}


def code_of(function: Any) -> CodeType | None:
    """The code object of a function, also behind decorators that use functools.wraps, and of a bound method."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    return code if isinstance(code, CodeType) else None


def _add_to_path(folders: Sequence[str]) -> None:
    """For good: the program may import its neighbors while it runs. Before everything else, in this order."""
    sys.dont_write_bytecode = True  # from now on: nothing is left behind in the program's folders
    sys.path[:] = [*folders, *(entry for entry in sys.path if entry not in folders)]


@contextmanager
def _explained(path: str) -> Iterator[None]:
    try:
        yield
    except StopLoadingError:
        pass
    except (Exception, SystemExit) as error:
        if isinstance(error, SystemExit) and not error.code:
            return
        raise ProgramError(f"{path} does not load: {type(error).__name__}: {error}") from error

"""Imports a program from its file, as a module or as the main program."""

from __future__ import annotations

import importlib
import os
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType, ModuleType
from typing import Any

MODULE_NAME = "program_under_test"


class StopLoadingError(BaseException):
    """Raised by a host's stand-in for `worker.start()`: what follows is not needed. Passes every `except Exception`."""


class ProgramError(Exception):
    """The program cannot be used. The message is for the user."""


def load(path: str, name: str = MODULE_NAME) -> ModuleType:
    """Executes a file under a module name and returns its module.

    Raises ProgramError where the file cannot be read or compiled, or does not import.
    """
    module = types.ModuleType(name)
    module.__file__ = path
    sys.modules[name] = module
    _add_to_path(os.path.dirname(path))
    with _explained(path):
        with open(path, "rb") as stream:
            code = compile(stream.read(), path, "exec", dont_inherit=True)
        exec(code, module.__dict__)
    return module


def load_in_package(path: str, root: str) -> ModuleType:
    """Imports a file under its dotted name below `root`, so that its relative imports work. Raises ProgramError."""
    name = os.path.splitext(os.path.relpath(path, root))[0].replace(os.sep, ".").removesuffix(".__init__")
    _add_to_path(root)
    with _explained(path):
        return importlib.import_module(name)
    raise ProgramError(f"{path} starts a worker")  # it stopped loading, which only a main program may


def unload(root: str) -> None:
    """Forgets all modules below a folder, so that the next load starts afresh."""
    prefix = os.path.join(root, "")
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if path and path.startswith(prefix) and "site-packages" not in path and name != "__main__":
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


def _add_to_path(folder: str) -> None:
    """For good: the program may import its neighbors while it runs."""
    if folder not in sys.path:
        sys.path.insert(0, folder)


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

"""Finds out which SDK a program uses, and opens it with that SDK's host."""

from __future__ import annotations

import sys
from importlib import import_module, metadata, util
from typing import Any, Protocol

from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.hosts.base import Host
from determinism_lint.replay.load import ProgramError
from determinism_lint.replay.model import Sdk
from determinism_lint.replay.observe import Observer
from determinism_lint.replay.project import Project


class Program(Protocol):
    """A file that holds orchestrators."""

    sdk: Sdk

    def host(self) -> Host:
        """Loads the program afresh and returns a host for it."""


_PROGRAMS = {
    Sdk.DURABLETASK: ("durabletask_program", "DurableTaskProgram"),
    Sdk.FUNCTIONS_V1: ("functions_v1_program", "FunctionsV1Program"),
    Sdk.FUNCTIONS_V2: ("functions_v2", "FunctionsV2Program"),
}
"""Module and class of each SDK's host. Importing the module imports the SDK."""


def open_program(project: Project, clock: VirtualClock, observer: Observer) -> Program:
    """The program in a file. Raises ProgramError where there is none, or its SDK is not installed."""
    program: Program = _program_class(detect(project.path))(project, clock, observer)
    return program


def import_sdk(path: str) -> None:
    """Imports what opening the file will need. What stands in the way of that, opening it will explain."""
    try:
        _program_class(detect(path))
    except Exception:
        pass


def _program_class(sdk: Sdk) -> Any:
    module, name = _PROGRAMS[sdk]
    return getattr(import_module(f"determinism_lint.replay.hosts.{module}"), name)


def detect(path: str) -> Sdk:
    """The SDK of a file: the one that it names, else the one that is installed."""
    try:
        with open(path, encoding="utf-8") as stream:
            source = stream.read()
    except (OSError, UnicodeDecodeError) as error:
        raise ProgramError(f"{path} cannot be read: {error}") from error
    functions = "durable_functions" in source or "azure.functions" in source
    if functions or ("durabletask" not in source and _installed("azure.durable_functions")):
        return _functions_version()
    if not _installed("durabletask"):
        raise ProgramError(f"durabletask is not installed in {sys.executable}")
    return Sdk.DURABLETASK


def _functions_version() -> Sdk:
    if not _installed("azure.durable_functions"):
        raise ProgramError(f"azure-functions-durable is not installed in {sys.executable}")
    major = metadata.version("azure-functions-durable").partition(".")[0]
    return Sdk.FUNCTIONS_V1 if major == "1" else Sdk.FUNCTIONS_V2


def _installed(name: str) -> bool:
    try:
        return util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False

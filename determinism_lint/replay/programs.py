"""Finds out which SDK a program uses, and opens it with that SDK's host."""

from __future__ import annotations

import sys
from importlib import metadata, util
from typing import Protocol

from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.hosts.base import Host
from determinism_lint.replay.load import ProgramError
from determinism_lint.replay.model import ProgramResult, Sdk
from determinism_lint.replay.observe import Observer
from determinism_lint.replay.project import Project


class Program(Protocol):
    """A file that holds orchestrators."""

    sdk: Sdk

    def host(self) -> Host:
        """Loads the program afresh and returns a host for it."""

    def run_as_main(self) -> ProgramResult:
        """Runs the whole program. Raises ProgramError if it ends in an exception, or is none that can be started."""


def open_program(project: Project, clock: VirtualClock, observer: Observer) -> Program:
    """The program in a file. Raises ProgramError where there is none, or its SDK is not installed."""
    sdk = detect(project.path)
    if sdk is Sdk.DURABLETASK:
        from determinism_lint.replay.hosts.durabletask_program import DurableTaskProgram

        return DurableTaskProgram(project, clock, observer)
    if sdk is Sdk.FUNCTIONS_V1:
        from determinism_lint.replay.hosts.functions_v1_program import FunctionsV1Program

        return FunctionsV1Program(project, clock, observer)
    from determinism_lint.replay.hosts.functions_v2 import FunctionsV2Program

    return FunctionsV2Program(project, clock, observer)


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

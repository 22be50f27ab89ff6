"""Finds what a project declares: orchestrators, activities and entities, in every form the SDKs know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from determinism_lint.analysis.declarations import Binding, Declared, Survey
from determinism_lint.analysis.events import Called
from determinism_lint.analysis.interpreter.machine import LoadedModule, Machine


def declare(survey: Survey, called: Called) -> None:
    """A call, judged or not."""


def declare_module(survey: Survey, loaded: LoadedModule, bindings: Sequence[Binding]) -> None:
    """The classes of a file."""


def unregistered(machine: Machine, path: str) -> Iterator[Declared]:
    """The functions of a file that are written like orchestrators."""
    return iter(())

"""Rules that a table of names cannot express, one module each, named after the rule with underscores.

A module defines functions named after the events it judges (`called`, `suspended`, `loaded`, …: see `EVENTS`), each
`(event) -> Iterable[Problem]`; or `project(facts) -> Iterable[Located]`, which runs once, after everything was seen.
The folder is walked; there is no registry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

EVENTS = ("called", "suspended", "loaded", "stored", "iterated", "dropped", "misused", "missing", "decided", "finished")


@cache
def checks() -> Mapping[str, tuple[tuple[str, Callable[[Any], Iterable[Any]]], ...]]:
    """For each event, and for `project`: the rules that judge it and their functions."""
    found: dict[str, list[tuple[str, Callable[[Any], Iterable[Any]]]]] = {name: [] for name in (*EVENTS, "project")}
    for module_info in sorted(iter_modules(__path__), key=lambda info: info.name):
        if module_info.name.startswith("_"):
            continue
        module = import_module(f"{__name__}.{module_info.name}")
        rule = module_info.name.replace("_", "-")
        for event, functions in found.items():
            function = getattr(module, event, None)
            if function is not None:
                functions.append((rule, function))
    return {event: tuple(functions) for event, functions in found.items()}

"""Rules that a table of names cannot express, one module each, named after the rule with underscores.

What holds in one language alone stands in the same way below `languages/<language>/checks`.

A module defines functions named after the events it judges (`called`, `suspended`, `loaded`, …: see `EVENTS`), each
`(event) -> Iterable[Problem]`; or `harmless(event) -> bool`, whether a call that the rule's table flags is none after
all; or `project(facts) -> Iterable[Located]`, which runs once, after everything was seen.
The folder is walked; there is no registry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

EVENTS = ("called", "suspended", "loaded", "stored", "iterated", "dropped", "misused", "missing", "decided", "finished")
ONCE = ("harmless", "project")


@cache
def checks(*packages: str) -> Mapping[str, tuple[tuple[str, Callable[[Any], Any]], ...]]:
    """For each event, for `harmless` and `project`: the rules in some packages that judge it, and their functions."""
    found: dict[str, list[tuple[str, Callable[[Any], Any]]]] = {name: [] for name in (*EVENTS, *ONCE)}
    modules = [(package, module) for package in packages for module in iter_modules(import_module(package).__path__)]
    for package, module_info in sorted(modules, key=lambda pair: pair[1].name):
        if module_info.name.startswith("_"):
            continue
        module = import_module(f"{package}.{module_info.name}")
        rule = module_info.name.replace("_", "-")
        for event, functions in found.items():
            function = getattr(module, event, None)
            if function is not None:
                functions.append((rule, function))
    return {event: tuple(functions) for event, functions in found.items()}

"""Which release of an SDK a project uses, and of which fork, where that changes what is right."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from posixpath import dirname, join
from typing import NamedTuple

from determinism_lint.analysis.declarations import Declared
from determinism_lint.analysis.sdk import Runtime
from determinism_lint.languages.python.api import Release, release_of
from determinism_lint.languages.python.sdks import (
    DAPR_WORKFLOW_PYTHON,
    DURABLE_FUNCTIONS_PYTHON,
    DURABLE_TASK_PYTHON,
)

_REQUIREMENT = re.compile(
    rb"""(?<![\w.-])(azure[-_]functions[-_]durable|durabletask(?:[-_]azuremanaged|[-_]dapr)?|dapr[-_]ext[-_]workflow)(?![\w-])
    \s*(?:\[[^\]]*\])?["']?\s*(?:=\s*["'{])?\s*(?:([=~>]=|=|\^|~|>)=?\s*v?(\d[\w.]*))?""",
    re.IGNORECASE | re.VERBOSE,
)
_MANIFESTS = ("requirements.txt", "pyproject.toml")
_LEVELS = 4
"""How many folders upwards a manifest is looked for."""


class Requirement(NamedTuple):
    """What a manifest says of a package."""

    operator: str
    release: Release


def runtime_of(declared: Declared, read: Callable[[str], bytes]) -> Runtime:
    """What runs a declaration: its SDK, with the generation where that is known.

    Azure Functions hands a 1.x-compatible context to an orchestrator with one parameter and the native one of
    durabletask to one with two; the latter exists from 2.0 on only. The fork of durabletask that Dapr publishes has the
    same import name, so that only the manifest tells which it is.
    """
    sdk, function = declared.sdk, declared.function
    if function is None:
        return Runtime(sdk)
    required = _requirements(dirname(function.scope.module.path), read)
    if sdk is DURABLE_TASK_PYTHON:
        fork = required.keys() & {"durabletask-dapr", "dapr-ext-workflow"}
        if fork and not required.keys() & {"durabletask", "durabletask-azuremanaged"}:
            return Runtime(DAPR_WORKFLOW_PYTHON)
        return Runtime(sdk, None, False, *required.get("durabletask", ()))
    if sdk is not DURABLE_FUNCTIONS_PYTHON:
        return Runtime(sdk)
    parameters = [p for p in function.node.parameters if p.kind == "positional" and p.name not in ("self", "cls")]
    if len(parameters) >= 2:
        return Runtime(sdk, 2, native=True)
    operator, release = required.get("azure-functions-durable", Requirement("", ()))
    return Runtime(sdk, release[0] if release else None, False, operator, release)


def _requirements(folder: str, read: Callable[[str], bytes]) -> Mapping[str, Requirement]:
    """What the nearest manifest that names one of the packages requires."""
    for _ in range(_LEVELS):
        for name in _MANIFESTS:
            try:
                content = read(join(folder, name))
            except OSError:
                continue
            found = {
                match[1].decode().lower().replace("_", "-"): _requirement(match)
                for match in _REQUIREMENT.finditer(content)
            }
            if found:
                return found
        if dirname(folder) == folder:
            break
        folder = dirname(folder)
    return {}


def _requirement(match: re.Match[bytes]) -> Requirement:
    if match[2] is None:
        return Requirement("", ())
    operator = match[2].decode()
    return Requirement("==" if operator == "=" else operator, release_of(match[3].decode()))

"""Which generation of an SDK a project uses, where that changes what is right."""

from __future__ import annotations

import re
from collections.abc import Callable
from posixpath import dirname, join

from determinism_lint.analysis.declarations import Declared
from determinism_lint.analysis.sdk import Runtime
from determinism_lint.languages.python.sdks import DURABLE_FUNCTIONS_PYTHON

_PIN = re.compile(rb"azure[-_]functions[-_]durable\s*(?:\[[^\]]*\])?\s*([=~>]=?)=?\s*(\d+)", re.IGNORECASE)
_MANIFESTS = ("requirements.txt", "pyproject.toml")


def runtime_of(declared: Declared, read: Callable[[str], bytes]) -> Runtime:
    """What runs a declaration: its SDK, with the generation where that is known.

    Azure Functions hands a 1.x-compatible context to an orchestrator with one parameter and the native one of
    durabletask to one with two; the latter exists from 2.0 on only.
    """
    sdk = declared.sdk
    if sdk is not DURABLE_FUNCTIONS_PYTHON or declared.function is None:
        return Runtime(sdk)
    parameters = [
        p for p in declared.function.node.parameters if p.kind == "positional" and p.name not in ("self", "cls")
    ]
    if len(parameters) >= 2:
        return Runtime(sdk, 2, native=True)
    return Runtime(sdk, _pinned(dirname(declared.function.scope.module.path), read))


def _pinned(folder: str, read: Callable[[str], bytes]) -> int | None:
    for _ in range(4):
        for name in _MANIFESTS:
            try:
                content = read(join(folder, name))
            except OSError:
                continue
            match = _PIN.search(content)
            if match is not None:
                return int(match[2])
        if dirname(folder) == folder:
            break
        folder = dirname(folder)
    return None

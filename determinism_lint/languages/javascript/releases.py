"""The release of an SDK that a package.json requires."""

from __future__ import annotations

import json
from collections.abc import Callable
from posixpath import dirname

from determinism_lint.analysis.declarations import Declared
from determinism_lint.analysis.sdk import Runtime
from determinism_lint.languages.releases import nearest
from determinism_lint.languages.releases import runtime_of as with_release

_KINDS = ("dependencies", "devDependencies", "peerDependencies")


def runtime_of(declared: Declared, read: Callable[[str], bytes]) -> Runtime:
    """What runs a declaration, with the release that the nearest package.json that names the SDK requires."""
    for text in nearest(dirname(declared.module.path), ("package.json",), read):
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            continue
        for kind in _KINDS:
            packages = data.get(kind) if isinstance(data, dict) else None
            required = packages.get(declared.sdk.packages[0]) if isinstance(packages, dict) else None
            if isinstance(required, str):
                return with_release(declared.sdk, required)
    return Runtime(declared.sdk)

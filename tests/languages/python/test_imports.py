"""Imports lead to files of the project, the nearest first, and never to an installed package."""

from __future__ import annotations

import pytest

from determinism_lint.languages.python.imports import Importer

FILES = frozenset(
    {
        "/app/main.py",
        "/app/json.py",
        "/app/shared/__init__.py",
        "/app/shared/util.py",
        "/app/plain/deep/clock.py",
        "/app/src/lib/core.py",
        "/app/sub/helpers.py",
        "/app/sub/job/run.py",
        "/app/helpers.py",
        "/app/durabletask/task.py",
        "/app/notes.txt",
    }
)

ABSOLUTE = {
    # importing file, module: what it leads to
    ("/app/main.py", "helpers"): "/app/helpers.py",
    ("/app/sub/helpers.py", "helpers"): "/app/sub/helpers.py",
    ("/app/sub/job/run.py", "helpers"): "/app/sub/helpers.py",
    ("/app/main.py", "shared"): "/app/shared/__init__.py",
    ("/app/main.py", "shared.util"): "/app/shared/util.py",
    ("/app/main.py", "plain"): "/app/plain",
    ("/app/main.py", "plain.deep"): "/app/plain/deep",
    ("/app/main.py", "plain.deep.clock"): "/app/plain/deep/clock.py",
    ("/app/main.py", "lib.core"): "/app/src/lib/core.py",
    ("/app/sub/job/run.py", "lib"): "/app/src/lib",
    ("/app/main.py", "requests"): None,
    ("/app/main.py", "json"): None,
    ("/app/main.py", "durabletask.task"): None,
    ("/app/main.py", "azure.durable_functions"): None,
    ("/app/main.py", "notes"): None,
}


@pytest.mark.parametrize(("importer", "module"), ABSOLUTE)
def test_absolute_import(importer: str, module: str) -> None:
    assert Importer(FILES, lambda path: b"").resolve(module, 0, importer) == ABSOLUTE[importer, module]


RELATIVE = {
    # importing file, level, module
    ("/app/sub/job/run.py", 1, "run"): "/app/sub/job/run.py",
    ("/app/sub/job/run.py", 2, "helpers"): "/app/sub/helpers.py",
    ("/app/sub/job/run.py", 3, "shared.util"): "/app/shared/util.py",
    ("/app/shared/util.py", 1, ""): "/app/shared/__init__.py",
    ("/app/sub/job/run.py", 1, ""): "/app/sub/job",
    ("/app/sub/job/run.py", 1, "missing"): None,
    ("/app/main.py", 1, "json"): "/app/json.py",
}


@pytest.mark.parametrize(("importer", "level", "module"), RELATIVE)
def test_relative_import(importer: str, level: int, module: str) -> None:
    assert Importer(FILES, lambda path: b"").resolve(module, level, importer) == RELATIVE[importer, level, module]


def test_submodules() -> None:
    importer = Importer(FILES, lambda path: b"")
    assert importer.submodule("/app/shared/__init__.py", "util") == "/app/shared/util.py"
    assert importer.submodule("/app/plain", "deep") == "/app/plain/deep"
    assert importer.submodule("/app/shared/util.py", "x") is None
    assert importer.submodule("/app/shared/__init__.py", "x") is None


WORKSPACE = frozenset(
    {
        "/w/apps/shop/main.py",
        "/w/libs/common/src/common/__init__.py",
        "/w/libs/common/src/common/clock.py",
        "/w/libs/flat/flat/core.py",
        "/w/libs/single/src/single.py",
        "/w/libs/loose/loose.py",
        "/w/a/src/twice/__init__.py",
        "/w/b/src/twice/__init__.py",
    }
)
MANIFESTS = {
    "/w/libs/common/pyproject.toml",
    "/w/libs/flat/setup.py",
    "/w/libs/single/pyproject.toml",
    "/w/a/pyproject.toml",
    "/w/b/pyproject.toml",
}
MEMBERS = {
    # module: what it leads to
    "common": "/w/libs/common/src/common/__init__.py",
    "common.clock": "/w/libs/common/src/common/clock.py",
    "single": "/w/libs/single/src/single.py",
    "loose": None,
    "twice": None,
    "clock": None,
}


def _read(path: str) -> bytes:
    if path not in MANIFESTS:
        raise FileNotFoundError(path)
    return b""


@pytest.mark.parametrize("module", MEMBERS)
def test_a_member_of_a_workspace_is_found_by_its_manifest(module: str) -> None:
    assert Importer(WORKSPACE, _read).resolve(module, 0, "/w/apps/shop/main.py") == MEMBERS[module]

"""Who imports whom: from the doors down to the model, and the core names no language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from determinism_lint.languages import languages

PACKAGE = Path(__file__).parent.parent / "determinism_lint"
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


@cache
def trees() -> dict[str, ast.Module]:
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


def imported(name: str) -> Iterator[str]:
    """The modules of the package that a module imports when it is imported itself, and later."""
    for node in _running(trees()[name]):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("determinism_lint"):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run: not those that only a type checker sees."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _running(child)


@cache
def imports() -> dict[str, list[str]]:
    return {name: sorted(set(imported(name)) - {name}) for name in MODULES}


BELOW = {
    # folder: what it may import, beside itself and the modules at the top of the package
    "analysis": {"checks", "rules"},
    "checks": {"analysis"},
    "languages": {"analysis", "checks"},
    "rules": set(),
}


@pytest.mark.parametrize("folder", BELOW)
def test_the_core_imports_nothing_from_above(folder: str) -> None:
    wrong = [
        f"{name} imports {other}"
        for name in MODULES
        if name.split(".")[1:2] == [folder]
        for other in imports()[name]
        if len(other.split(".")) > 2 and other.split(".")[1] not in BELOW[folder] | {folder}
    ]
    assert wrong == []


def test_the_core_names_no_language() -> None:
    words = re.compile("|".join(rf"\b{language.id}\b|-{language.id}\b" for language in languages()), re.IGNORECASE)
    found = []
    for name, tree in trees().items():
        if not name.startswith(("determinism_lint.analysis.", "determinism_lint.checks.")):
            continue
        texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        found += [
            f"{name}:{node.lineno}: {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in texts
            if words.search(node.value)
        ]
    assert found == []


EXPRESSIONS = {
    f"determinism_lint.analysis.interpreter.{name}"
    for name in ("calls", "changes", "containers", "expressions", "operators")
}
"""Evaluating an expression means evaluating its parts, which are of any kind."""


def test_there_are_no_circles_but_that_of_expressions() -> None:
    reached: dict[str, set[str]] = {}
    for name in MODULES:
        seen: set[str] = set()
        stack = list(imports()[name])
        while stack:
            other = stack.pop()
            if other not in seen:
                seen.add(other)
                stack += imports().get(other, ())
        reached[name] = seen
    assert {name for name in MODULES if name in reached[name]} <= EXPRESSIONS

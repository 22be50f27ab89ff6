"""One name registered twice."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint import syntax as s
from determinism_lint.discovery import Declared
from determinism_lint.events import Problem
from determinism_lint.facts import Located, ProjectFacts


def project(facts: ProjectFacts) -> Iterator[Located]:
    seen: dict[tuple[object, ...], Declared] = {}
    for declared in facts.survey.declared:
        if declared.name is None or _is_test(declared.module.path):
            continue
        key = (declared.kind, declared.name.lower(), declared.sdk.id, declared.module.path, id(declared.where), _receiver(declared))
        first = seen.setdefault(key, declared)
        if first is not declared and first.node.start != declared.node.start:
            line = declared.module.line(first.node)
            problem = Problem(declared.node, f"`{declared.name}` is registered already, on line {line}")
            yield Located(declared.module, declared.sdk.id, problem)


def _receiver(declared: Declared) -> str | None:
    """What it is registered with, as written."""
    node = declared.node
    return s.dotted(node.function.value) if isinstance(node, s.Call) and isinstance(node.function, s.Attribute) else None


def _is_test(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return name.startswith("test_") or name.endswith("_test.py")

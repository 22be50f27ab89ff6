"""One name registered twice."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.declarations import Declared
from determinism_lint.analysis.events import Problem
from determinism_lint.analysis.facts import Located, ProjectFacts
from determinism_lint.analysis.sdk import Runtime
from determinism_lint.checks._shared import is_test


def project(facts: ProjectFacts) -> Iterator[Located]:
    seen: dict[tuple[object, ...], Declared] = {}
    for declared in facts.survey.declared:
        if declared.name is None or is_test(declared.module.path):
            continue
        key = (declared.kind, declared.name.lower(), declared.sdk.id, declared.module.path, *_registrar(declared))
        first = seen.setdefault(key, declared)
        if first is not declared and first.node.start != declared.node.start:
            line = declared.module.line(first.node)
            problem = Problem(declared.node, f"`{declared.name}` is registered already, on line {line}")
            yield Located(declared.module, Runtime(declared.sdk), problem)


def _registrar(declared: Declared) -> tuple[object, ...]:
    """What it is registered with: the name as written, the function it is in, and where that name got its value."""
    node, site = declared.node, declared.site
    if site is None or not isinstance(node, s.Call) or not isinstance(node.function, s.Attribute):
        return ()
    name = s.dotted(node.function.value)
    manager = next((item for item in reversed(site.ancestors) if isinstance(item, s.With)), None)
    body = declared.module.body if site.function.name == "<module>" else site.function.body
    assigned = [
        item.start
        for item in s.walk(body)
        if isinstance(item, s.Assign)
        and item.start < node.start
        and any(s.dotted(target) == name for target in item.targets)
    ]
    return (name, site.function.start, id(manager), max(assigned, default=-1))

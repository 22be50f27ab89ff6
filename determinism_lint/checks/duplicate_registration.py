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
        if declared.name is None or is_test(declared.module.path) or _is_versioned(declared):
            continue
        if declared.per_run:
            continue  # what makes it says its name, but only what is given that registers it
        kind = None if declared.sdk.shares_names else declared.kind
        name = declared.name.lower() if declared.sdk.ignores_case else declared.name
        key = (kind, name, declared.sdk.id, declared.module.path, *_registrar(declared))
        first = seen.setdefault(key, declared)
        if first is declared or _place(first).start == _place(declared).start or _is_rebound(declared):
            continue
        if _is_rebound(first):
            seen[key] = declared
        else:
            line = declared.module.line(_place(first))
            problem = Problem(_place(declared), f"`{declared.name}` is registered already, on line {line}")
            yield Located(declared.module, Runtime(declared.sdk), problem)


def _place(declared: Declared) -> s.Node:
    """Where to report it: at what is passed, where the call continues a chain that begins further up."""
    node = declared.node
    if not isinstance(node, s.Call) or not isinstance(node.function, s.Attribute) or not node.arguments:
        return node
    return node.arguments[-1] if isinstance(node.function.value, s.Call) else node


_VERSIONED = ("versioned_workflow", "register_versioned_workflow")


def _is_versioned(declared: Declared) -> bool:
    """Whether it is a version of a workflow, which shares its name with the others."""
    function = declared.node.function if isinstance(declared.node, s.Call) else None
    written = isinstance(function, s.Attribute) and function.attr in _VERSIONED
    return declared.versioned or written


def _is_rebound(declared: Declared) -> bool:
    """Whether it is registered with a global that functions give another value: a new runtime registers again."""
    function = declared.node.function if isinstance(declared.node, s.Call) else None
    if not isinstance(function, s.Attribute):
        return False
    name = (s.dotted(function.value) or "").split(".")[0]
    return any(
        isinstance(node, s.Outer) and node.keyword == "global" and name in node.names
        for node in s.walk(declared.module.body, into_functions=True)
    )


_BRANCHES = (s.If, s.Try, s.Handler, s.Case)


def _branch(item: s.Node, node: s.Node) -> tuple[int, bool]:
    """Which side of a condition a registration is on: it is not known whether both are taken."""
    return id(item), isinstance(item, s.If) and any(part.start <= node.start < part.end for part in item.orelse)


def _start_of_chain(node: s.Expression) -> str:
    """What stands for an object that is made in the same expression, as `new Builder().add(…).add(…)` does."""
    while isinstance(node, (s.Call, s.Attribute)):
        node = node.function if isinstance(node, s.Call) else node.value
    return f"at {node.start}"


def _registrar(declared: Declared) -> tuple[object, ...]:
    """What it is registered with: the name as written, the function it is in, and where that name got its value."""
    node, site = declared.node, declared.site
    if site is None or not isinstance(node, s.Call) or not isinstance(node.function, s.Attribute):
        return ()
    name = s.dotted(node.function.value) or _start_of_chain(node.function.value)
    manager = next((item for item in reversed(site.ancestors) if isinstance(item, s.With)), None)
    body = declared.module.body if site.function.name == "<module>" else site.function.body
    assigned = [
        item.start
        for item in s.walk(body)
        if isinstance(item, s.Assign)
        and item.start < node.start
        and any(s.dotted(target) == name for target in item.targets)
    ]
    branches = tuple(_branch(item, node) for item in site.ancestors if isinstance(item, _BRANCHES))
    return (name, site.function.start, id(manager), branches, max(assigned, default=-1))

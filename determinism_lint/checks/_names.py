"""Compares the names that durable calls use with those that the project registers."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from posixpath import dirname

from determinism_lint.analysis.events import Called, Problem
from determinism_lint.analysis.facts import Located, ProjectFacts
from determinism_lint.analysis.sdk import Kind
from determinism_lint.analysis.values import FunctionValue, Values, text
from determinism_lint.checks._shared import is_test, target_of

_NOUNS = {Kind.ACTIVITY: "activity", Kind.ORCHESTRATION: "orchestrator", Kind.ENTITY: "entity"}
_SHORTEST = 4
"""What is no chance resemblance."""


def unknown_names(facts: ProjectFacts, kind: Kind, binding_type: str, noun: str) -> Iterator[Located]:
    """Calls of `kind` whose name is a known string that nothing registers, where the project registers others."""
    declared = [item for item in facts.survey.declared if item.kind is kind]
    names = {item.name for item in declared if item.name is not None}
    names |= {binding.name for binding in facts.bindings if binding_type in binding.types}
    if not names:
        return
    names |= {item.function.node.name for item in declared if item.function is not None and item.name is None}
    lower = {name.lower() for name in names}
    places = {dirname(item.module.path) for item in declared}
    places |= {dirname(dirname(binding.path)) for binding in facts.bindings if binding_type in binding.types}
    certain = not facts.survey.is_open(kind) and all(item.name is not None for item in declared)
    for called in facts.operations:
        name = _name(called, kind, facts)
        target = target_of(called)
        if name is None or name in names or called.member is None or is_test(called.site.module.path):
            continue
        if target is None or (called.member.runtime.sdk.ignores_case and name.lower() in lower):
            continue
        if not _registers_nearby(called.site.module.path, places):
            continue
        near = _nearest(name, names)
        others = [_NOUNS[item.kind] for item in facts.survey.declared if item.name == name and item.kind is not kind]
        if near is None and not others and all(item.partial for item in declared):
            continue
        advice = (
            f"`{name}` is an {others[0]}" if others
            else f"did you mean `{near}`?" if near is not None
            else f"register it, or call one of: {_listed(names)}"
        )  # fmt: skip
        problem = Problem(target[0], f"nothing registers an {noun} named `{name}`", advice)
        yield Located(
            called.site.module, called.member.runtime, problem, called.site.function, None if certain else "info"
        )


def _nearest(name: str, names: set[str]) -> str | None:
    """One that is spelled almost like it, or differs only in its case, its underscores, or what stands at its end."""
    folded = {_folded(each): each for each in sorted(names, reverse=True)}
    near = get_close_matches(_folded(name), folded, n=1, cutoff=0.8)
    near += [each for each in sorted(folded) if _begins(each, _folded(name))]
    return folded[near[0]] if near else None


def _folded(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")


def _begins(one: str, other: str) -> bool:
    """Whether a name of some length is how the other begins."""
    return min(len(one), len(other)) >= _SHORTEST and (one.startswith(other) or other.startswith(one))


def _registers_nearby(path: str, places: set[str]) -> bool:
    """Whether the same app registers things: in a folder around the file, below it, or beside it."""
    app = dirname(dirname(path))
    return any(path.startswith(place + "/") or place == app or place.startswith(app + "/") for place in places)


def _name(called: Called, kind: Kind, facts: ProjectFacts) -> str | None:
    target = target_of(called) if called.member is not None and called.member.kind is kind else None
    if target is None:
        return None
    values = target[1]
    if any(isinstance(value, FunctionValue) for value in values):
        return _name_of_unregistered(called, values, facts)
    return text(values)


def _name_of_unregistered(called: Called, values: Values, facts: ProjectFacts) -> str | None:
    """The name of a function that is passed itself and that nothing registers under any name.

    In Azure Functions decorators make of a function what is passed, so nothing is said there.
    """
    function = values[0]
    if called.member is None or len(values) != 1 or not isinstance(function, FunctionValue):
        return None
    if called.member.runtime.sdk.passes_names or function.node.decorators or function.wraps:
        return None
    known = any(item.function is not None and item.function.node is function.node for item in facts.survey.declared)
    return None if known else facts.survey.name_of(function)


def _listed(names: set[str]) -> str:
    shown = sorted(names)
    return ", ".join(f"`{name}`" for name in shown[:5]) + (", …" if len(shown) > 5 else "")

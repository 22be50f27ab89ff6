"""Members that the context, or a type of the SDK, does not have."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from determinism_lint.analysis.events import Called, Missing, Problem
from determinism_lint.analysis.values import External
from determinism_lint.languages.csharp.api import members, types
from determinism_lint.languages.csharp.sdks import instead_of


def missing(event: Missing) -> Iterator[Problem]:
    """Only names that are known for something: any other may be a method that extends the context from elsewhere."""
    runtime, name = event.site.runtime, event.node.attr
    known = instead_of(name, runtime)
    if known is not None:
        yield Problem(event.node, f"the orchestration context has no member `{name}`", f"use {known}")


def called(event: Called) -> Iterator[Problem]:
    """`EntityInstanceId.Parse("…")`: a static method that a recorded type does not have."""
    for value in event.callee:
        owner, _, name = value.name.rpartition(".") if isinstance(value, External) else ("", "", "")
        if owner not in types() or External(owner) not in event.base or "bases" in types()[owner]:
            continue
        held = members(owner)
        if name not in held and not name.startswith("%"):
            near = get_close_matches(name, held, n=1, cutoff=0.3)
            advice = f"did you mean `{near[0]}`?" if near else "look the name up in the SDK"
            yield Problem(event.node, f"`{owner.rpartition('.')[2]}` has no member `{name}`", advice)

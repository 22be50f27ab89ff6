"""What .NET's classes do, as far as replay safety depends on it."""

from __future__ import annotations

from determinism_lint.analysis.frontend import Library, Special
from determinism_lint.languages.csharp.containers import LINQ_METHODS, MAKERS, MUTATORS
from determinism_lint.languages.csharp.parse import CONSTRUCTORS


def called(name: str) -> str:
    """The name under which the rules' tables know what is called."""
    return name


LIBRARY = Library(
    builtins=frozenset(MAKERS),
    mutators=MUTATORS,
    assumed_methods=LINQ_METHODS,
    makers=MAKERS,
)

SPECIAL = Special(constructors=CONSTRUCTORS, call="()", leave="Dispose", leave_async="DisposeAsync")

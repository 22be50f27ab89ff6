"""What a declared type says of a value."""

from __future__ import annotations

from collections.abc import Callable

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.sdk import Runtime, Sdk
from determinism_lint.analysis.values import (
    UNKNOWN,
    Container,
    Context,
    Instance,
    Values,
    join,
)
from determinism_lint.languages.java.sdks import sdk_owning
from determinism_lint.languages.treesitter import named_type

_LISTS = frozenset({"java.util.List", "java.util.Collection", "java.util.ArrayList", "java.lang.Iterable"})
_OBJECTS = frozenset(
    {
        "java.lang.Thread",
        "java.lang.Process",
        "java.lang.ProcessBuilder",
        "java.lang.Runtime",
        "java.lang.Class",
        "java.lang.ClassLoader",
        "java.lang.ThreadLocal",
        "java.lang.Throwable",
        "java.lang.Exception",
        "java.lang.RuntimeException",
    }
)


def described(annotation: s.Expression | None, evaluate: Callable[[s.Expression], Values]) -> Values:
    """The values that a type allows, as far as they matter."""
    match annotation:
        case s.Subscript(value=s.Name(id="%array"), index=index):
            return (Container("list", join(*(described(part, evaluate) for part in index))),)
        case s.Subscript(value=value, index=index):
            named = described(value, evaluate)
            if any(isinstance(each, Container) for each in named):
                return (Container("list", join(*(described(part, evaluate) for part in index))),)
            return named
        case s.Name() | s.Attribute():
            return named_type(annotation, evaluate, _outside)
    return UNKNOWN


def _outside(name: str) -> Values:
    sdk = context_sdk(name)
    if sdk is not None:
        return (Context(Runtime(sdk)),)
    if name in _LISTS:
        return (Container("list"),)
    if name in _OBJECTS or not name.startswith(("java.lang.", "unknown.", "java.util.function.")):
        return (Instance(name),)
    return UNKNOWN


def context_sdk(name: str) -> Sdk | None:
    """The SDK whose orchestration context a qualified type name denotes."""
    owner = sdk_owning(name)
    return owner if owner is not None and name.rsplit(".", 1)[-1] in owner.context_types else None

"""What a type annotation of TypeScript says of a value."""

from __future__ import annotations

from collections.abc import Callable

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.sdk import Runtime, Sdk
from determinism_lint.analysis.values import (
    UNKNOWN,
    Container,
    Context,
    Instance,
    Literal,
    Values,
    join,
)
from determinism_lint.languages.javascript.library import BUILTINS
from determinism_lint.languages.javascript.sdks import sdk_owning
from determinism_lint.languages.treesitter import named_type

_LISTS = frozenset({"Array", "ReadonlyArray"})


def described(annotation: s.Expression | None, evaluate: Callable[[s.Expression], Values]) -> Values:
    """The values that an annotation allows, as far as they matter."""
    match annotation:
        case s.Constant(value=None):
            return (Literal(None),)
        case s.Operation(operator="|", operands=operands):
            found = join(*(described(operand, evaluate) for operand in operands))
            return UNKNOWN if found == (Literal(None),) else found
        case s.Subscript(value=s.Name(id=name), index=index) if name in _LISTS:
            return (Container("list", join(*(described(part, evaluate) for part in index))),)
        case s.Subscript(value=value):
            return described(value, evaluate)
        case s.Name() | s.Attribute():
            return named_type(annotation, evaluate, _outside)
    return UNKNOWN


def _outside(name: str) -> Values:
    sdk = context_sdk(name)
    if sdk is not None:
        return (Context(Runtime(sdk)),)
    if name == "Date" or (name not in BUILTINS and name.rsplit(".", 1)[-1][:1].isupper()):
        return (Instance(name),)
    return UNKNOWN


def context_sdk(name: str) -> Sdk | None:
    """The SDK whose orchestration context a qualified type name denotes."""
    owner = sdk_owning(name)
    return owner if owner is not None and name.rsplit(".", 1)[-1] in owner.context_types else None

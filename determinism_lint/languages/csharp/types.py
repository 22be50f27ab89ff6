"""What a declared type says of a value."""

from __future__ import annotations

from collections.abc import Callable

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.sdk import Runtime, Sdk
from determinism_lint.analysis.values import UNKNOWN, Container, Context, Instance, Values, join
from determinism_lint.languages.csharp.lowered import OUTSIDE
from determinism_lint.languages.csharp.sdks import sdk_owning
from determinism_lint.languages.treesitter import named_type

_GENERIC = "System.Collections.Generic"
_LIST_NAMES = "ICollection IEnumerable IList IReadOnlyCollection IReadOnlyList LinkedList List Queue SortedSet Stack"
_LISTS = frozenset(f"{_GENERIC}.{name}" for name in _LIST_NAMES.split())
_PLAIN = frozenset({"System.Func", "System.Action", "System.Object", "System.String", "System.Threading.Tasks.Task"})
"""Types that say nothing of what can be done with a value."""


def described(annotation: s.Expression | None, evaluate: Callable[[s.Expression], Values]) -> Values:
    """The values that a type allows, as far as they matter."""
    match annotation:
        case s.Subscript(value=s.Name(id="%array"), index=index):
            return (Container("list", join(*(described(part, evaluate) for part in index))),)
        case s.Subscript(value=s.Name(id=name), index=(inner,)) if name == OUTSIDE:
            return tuple(each for each in described(inner, evaluate) if isinstance(each, Instance))
        case s.Subscript(value=value, index=index):
            named = described(value, evaluate)
            if any(isinstance(each, Container) for each in named):
                return (Container("list", join(*(described(part, evaluate) for part in index))),)
            return named
        case s.Name(id="%string"):
            return (Instance("System.String"),)
        case s.Name() | s.Attribute():
            return named_type(annotation, evaluate, _outside)
    return UNKNOWN


def _outside(name: str) -> Values:
    sdk = context_sdk(name)
    if sdk is not None:
        return (Context(Runtime(sdk)),)
    if name in _LISTS:
        return (Container("list"),)
    if name in _PLAIN or name.startswith("unknown."):
        return UNKNOWN
    return (Instance(name),)


def context_sdk(name: str) -> Sdk | None:
    """The SDK whose orchestration context a qualified type name denotes."""
    owner = sdk_owning(name)
    return owner if owner is not None and name.rsplit(".", 1)[-1] in owner.context_types else None

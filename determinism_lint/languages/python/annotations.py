"""What a type annotation says of a value."""

from __future__ import annotations

import ast
from collections.abc import Callable

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.sdk import Runtime, Sdk
from determinism_lint.analysis.values import (
    UNKNOWN,
    ClassValue,
    Container,
    Context,
    External,
    Instance,
    Literal,
    ObjectValue,
    Values,
    join,
)
from determinism_lint.languages.python.sdks import SDKS, sdk_owning

_WRAPPERS = {"Optional", "Union", "Annotated", "Final", "ClassVar", "Required", "NotRequired"}
_COLLECTIONS = {
    "list": "list",
    "List": "list",
    "Sequence": "list",
    "Iterable": "list",
    "tuple": "tuple",
    "Tuple": "tuple",
    "set": "set",
    "Set": "set",
    "frozenset": "set",
    "FrozenSet": "set",
    "AbstractSet": "set",
    "dict": "dict",
    "Dict": "dict",
    "Mapping": "dict",
}


def described(annotation: s.Expression | None, evaluate: Callable[[s.Expression], Values]) -> Values:
    """The values that an annotation allows, as far as they matter."""
    match annotation:
        case None:
            return UNKNOWN
        case s.Constant(value=None):
            return (Literal(None),)
        case s.Constant(value=str(text)):
            return described(_parsed(annotation, text), evaluate)
        case s.Operation(operator="|", operands=operands):
            return _known(join(*(described(operand, evaluate) for operand in operands)))
        case s.Subscript(value=value, index=index):
            name = (s.dotted(value) or "").rsplit(".", 1)[-1]
            if name in _WRAPPERS:
                inner = index[:1] if name == "Annotated" else index
                found = join(*(described(part, evaluate) for part in inner))
                return _known(join(found, (Literal(None),)) if name == "Optional" else found)
            if name in _COLLECTIONS:
                element = index[-1:] if _COLLECTIONS[name] == "dict" else index[:1]
                return (Container(_COLLECTIONS[name], join(*(described(part, evaluate) for part in element))),)
            return described(value, evaluate)
        case s.Name() | s.Attribute():
            return _named(annotation, evaluate)
    return UNKNOWN


def _known(values: Values) -> Values:
    """None alone says nothing: the other alternatives are not known."""
    return UNKNOWN if values == (Literal(None),) else values


def _named(annotation: s.Expression, evaluate: Callable[[s.Expression], Values]) -> Values:
    name = s.dotted(annotation) or ""
    values = evaluate(annotation)
    found: list[Values] = []
    for value in values:
        match value:
            case ClassValue():
                found.append((ObjectValue(value),))
            case External(name=qualified):
                found.append(_external(qualified))
    if not values and (sdk := context_sdk(name)) is not None:
        found.append((Context(Runtime(sdk)),))
    return join(*found)


def _external(qualified: str) -> Values:
    sdk = context_sdk(qualified)
    if sdk is not None:
        return (Context(Runtime(sdk)),)
    kind = _COLLECTIONS.get(qualified.rsplit(".", 1)[-1])
    if kind is not None and (qualified == kind or qualified.startswith(("typing.", "collections.abc."))):
        return (Container(kind),)
    if qualified.rsplit(".", 1)[-1][:1].isupper() and not qualified.startswith(("typing.", "collections.abc.")):
        return (Instance(qualified),)
    return UNKNOWN


def context_sdk(name: str) -> Sdk | None:
    """The SDK whose orchestration context a type name denotes: qualified, or bare where it could not be resolved."""
    last = name.rsplit(".", 1)[-1]
    owner = sdk_owning(name)
    if owner is not None:
        # what Azure Functions binds, not what an orchestrator gets
        return owner if last in owner.context_types and not name.startswith("azure.functions.") else None
    if "." in name and name.split(".")[0] not in ("df", "task", "wf", "durabletask"):
        return None
    for sdk in SDKS.values():
        if last in sdk.context_types and last != "WorkflowContext":  # which other libraries have, too
            return sdk
    return None


def _parsed(node: s.Expression, text: str) -> s.Expression | None:
    """An annotation written as a string, as a forward reference is."""
    try:
        return _lowered(node, ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _lowered(node: s.Expression, part: ast.expr) -> s.Expression | None:
    """The part of a string annotation, placed where the string is."""
    at = node.start, node.end
    match part:
        case ast.Name():
            return s.Name(*at, part.id)
        case ast.Constant(value=None):
            return s.Constant(*at, None)
        case ast.Attribute():
            owner = _lowered(node, part.value)
            return None if owner is None else s.Attribute(*at, owner, part.attr)
        case ast.Subscript():
            owner = _lowered(node, part.value)
            parts = part.slice.elts if isinstance(part.slice, ast.Tuple) else [part.slice]
            index = tuple(item for each in parts if (item := _lowered(node, each)) is not None)
            return None if owner is None else s.Subscript(*at, owner, index)
        case ast.BinOp(op=ast.BitOr()):
            sides = (_lowered(node, part.left), _lowered(node, part.right))
            return s.Operation(*at, "|", tuple(side for side in sides if side is not None))
    return None

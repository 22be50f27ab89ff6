"""How Python is read and understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.frontend import Frontend
from determinism_lint.analysis.values import (
    SAFE_LOGGER,
    UNKNOWN,
    Arguments,
    FunctionValue,
    Instance,
    Literal,
    ObjectValue,
    Value,
    Values,
)
from determinism_lint.languages.python import LANGUAGE
from determinism_lint.languages.python.annotations import described
from determinism_lint.languages.python.concerned import concerned
from determinism_lint.languages.python.containers import grown, method_result
from determinism_lint.languages.python.discovery import declare, unregistered
from determinism_lint.languages.python.fields import field_default, filled, is_described
from determinism_lint.languages.python.generations import runtime_of
from determinism_lint.languages.python.imports import Importer
from determinism_lint.languages.python.library import LIBRARY, SPECIAL
from determinism_lint.languages.python.models import hooks
from determinism_lint.languages.python.parse import decode, encoding_of, parse
from determinism_lint.languages.python.sdks import TASK_ATTRIBUTES, combinator
from determinism_lint.languages.python.substitutions import FIXES, substitution

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.statements import Activation


def _attribute(run: Activation, node: s.Attribute, value: Value) -> Values:
    """Attributes of built-in values that have a meaning of their own."""
    name = node.attr
    match value:
        case Instance(name="pathlib.Path") if name == "parent":
            return (value,)
        case ObjectValue() if name == "__class__":
            return (value.of,)
        case Literal() if name == "value" and value.value is not None:
            return (value,)  # a member of an enumeration of strings or numbers
        case FunctionValue() if name == "__name__":
            return (Literal(value.name),)
    return UNKNOWN


def _constructed(run: Activation, node: s.Call, made: ObjectValue, arguments: Arguments) -> Values:
    """Calling an enumeration runs no constructor; an adapter of a replay-safe logger is one, too."""
    bases = run.machine.external_bases(made.of)
    if bases and {"enum.Enum", "enum.Flag"}.issuperset(bases):
        return (made,)
    if any(base.endswith(".LoggerAdapter") for base in bases):
        return tuple(item for values in arguments.positional[:1] for item in values if item == SAFE_LOGGER)
    return UNKNOWN


def _qualified(owner: str, name: str | None) -> str:
    if name is None:
        return owner
    return name if owner == "builtins" else f"{owner}.{name}"


FRONTEND = Frontend(
    language=LANGUAGE,
    parse=parse,
    decode=decode,
    encoding_of=encoding_of,
    importer=Importer,
    concerned=concerned,
    declare=declare,
    unregistered=unregistered,
    runtime_of=runtime_of,
    combinator=combinator,
    described=described,
    library=LIBRARY,
    special=SPECIAL,
    checks=("determinism_lint.languages.python.checks",),
    filled=filled,
    hooks=hooks,
    declares_field=is_described,
    field_default=field_default,
    constructed=_constructed,
    attribute=_attribute,
    container_method=method_result,
    grown=grown,
    task_attributes=TASK_ATTRIBUTES,
    called=lambda name: name.removesuffix(".__init__"),
    qualified=_qualified,
    fixes=FIXES,
    substitution=substitution,
)

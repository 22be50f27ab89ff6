"""How JavaScript and TypeScript are read and understood."""

from __future__ import annotations

from determinism_lint.analysis.frontend import Frontend
from determinism_lint.analysis.interpreter.machine import Machine
from determinism_lint.analysis.values import UNKNOWN, ClassValue, Container, External, Values, join
from determinism_lint.languages.javascript import LANGUAGE
from determinism_lint.languages.javascript.containers import attribute, grown, method_result
from determinism_lint.languages.javascript.discovery import declare, unregistered
from determinism_lint.languages.javascript.imports import Importer, source_of
from determinism_lint.languages.javascript.library import LIBRARY, SPECIAL, qualified
from determinism_lint.languages.javascript.parse import DEFAULT, EXPORT, EXPORTS, parse
from determinism_lint.languages.javascript.releases import runtime_of
from determinism_lint.languages.javascript.sdks import TASK_ATTRIBUTES, combinator
from determinism_lint.languages.javascript.substitutions import FIXES, substitution
from determinism_lint.languages.javascript.types import described
from determinism_lint.languages.treesitter import decode, encoding_of


def _export(machine: Machine, path: str, name: str) -> Values:
    """What a module of the project exports under a name, be it by `export` or by `module.exports`."""
    loaded = machine.module(path)
    if loaded is None:
        return UNKNOWN
    names = loaded.scope.names
    if EXPORT + name in names:
        return names[EXPORT + name]
    whole = names.get(EXPORTS)
    if whole is not None:
        if name == DEFAULT:
            return whole
        return join(*(_member(machine, value, name) for value in whole))
    if name in names and not loaded.scope.stars:
        return names[name]  # modules that import each other: it is exported once this one has run
    return tuple(External(qualified(module, name)) for module in loaded.scope.stars)


def _member(machine: Machine, value: object, name: str) -> Values:
    match value:
        case Container(kind="dict") if name in value.keys:
            return value.elements[value.keys.index(name)]
        case ClassValue():
            return machine.class_attribute(value, name)
        case External():
            return (External(qualified(value.name, name)),)
    return UNKNOWN


def _module_value(machine: Machine, path: str) -> Values:
    """What `require` returns: `module.exports` where that was set, else the module."""
    loaded = machine.module(path)
    return UNKNOWN if loaded is None else loaded.scope.names.get(EXPORTS, UNKNOWN)


FRONTEND = Frontend(
    language=LANGUAGE,
    parse=parse,
    decode=decode,
    encoding_of=encoding_of,
    importer=Importer,
    declare=declare,
    unregistered=unregistered,
    runtime_of=runtime_of,
    combinator=combinator,
    described=described,
    library=LIBRARY,
    special=SPECIAL,
    checks=("determinism_lint.languages.javascript.checks",),
    attribute=attribute,
    container_method=method_result,
    grown=grown,
    task_attributes=TASK_ATTRIBUTES,
    qualified=qualified,
    export=_export,
    module_value=_module_value,
    runs_async_at_once=True,
    fixes=FIXES,
    substitution=substitution,
    source_of=source_of,
)

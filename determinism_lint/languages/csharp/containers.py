"""Collections, LINQ and objects: their attributes and methods, and what the lowering writes as calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Iterated
from determinism_lint.analysis.frontend import Maker, Passed
from determinism_lint.analysis.interpreter import calls, changes, fields
from determinism_lint.analysis.interpreter.statements import Activation
from determinism_lint.analysis.values import (
    UNKNOWN,
    Arguments,
    Container,
    Instance,
    Literal,
    ObjectValue,
    Value,
    Values,
    join,
)
from determinism_lint.languages.csharp.classes import base_member, merge
from determinism_lint.languages.csharp.names import HASHED

_SAME = frozenset(
    {
        "Append",
        "AsEnumerable",
        "AsReadOnly",
        "Concat",
        "Distinct",
        "DistinctBy",
        "Prepend",
        "Reverse",
        "Skip",
        "SkipWhile",
        "Take",
        "TakeWhile",
        "ToArray",
        "ToList",
        "Union",
        "Where",
        "WhereAsync",
    }
)
_HASHES = frozenset({"ToFrozenSet", "ToHashSet", "ToImmutableHashSet"})
_SORTED = frozenset({"Order", "OrderBy", "OrderByDescending", "OrderDescending", "ThenBy", "ThenByDescending"})
_MAPPED = frozenset({"Select", "SelectMany", "Zip"})
_GROUPED = frozenset({"Chunk", "GroupBy", "GroupJoin", "ToDictionary", "ToLookup"})
_ONE = frozenset(
    {
        "Dequeue",
        "ElementAt",
        "ElementAtOrDefault",
        "Find",
        "First",
        "FirstOrDefault",
        "Last",
        "LastOrDefault",
        "MaxBy",
        "MinBy",
        "Peek",
        "Pop",
        "Single",
        "SingleOrDefault",
    }
)
_COUNTS = frozenset({"Aggregate", "All", "Any", "Average", "Count", "Exists", "Max", "Min", "RemoveAll", "Sum"})
_ORDERED = (_SAME | _MAPPED | _GROUPED | _ONE | {"Aggregate", "ForEach"}) - {"MaxBy", "MinBy", "Distinct", "Union"}
LINQ_METHODS = (_SAME | _SORTED | _MAPPED | _GROUPED | _ONE | _COUNTS | {"ConvertAll", "FindAll", "ForEach"}) - {
    "Append",
    "Dequeue",
    "Peek",
    "Pop",
    "Reverse",
}
"""Methods that call what they are passed, there and then, or when somebody asks for what they return."""
MUTATORS = frozenset(
    {
        "Add",
        "AddFirst",
        "AddLast",
        "AddRange",
        "Clear",
        "Dequeue",
        "Enqueue",
        "ExceptWith",
        "GetOrAdd",
        "Insert",
        "InsertRange",
        "Pop",
        "Push",
        "Remove",
        "RemoveAll",
        "RemoveAt",
        "RemoveRange",
        "Sort",
        "TryAdd",
        "TryDequeue",
        "TryRemove",
        "TryUpdate",
        "UnionWith",
    }
)


def method_result(run: Activation, node: s.Call, value: Container, name: str, arguments: Passed) -> Values:
    """What a method of a collection, or of what may be one, returns, after running what it is passed."""
    if name in _ORDERED and value.kind == HASHED:
        run.emit(lambda site: Iterated(node, (value,), site))
    passed = [values for argument, values in arguments if argument.keyword is None]
    callbacks = tuple(v for values in passed for v in values if not isinstance(v, (Container, Literal, Instance)))
    made = UNKNOWN
    if callbacks and name in LINQ_METHODS:
        given = None if name in ("Aggregate", "Zip", "GroupJoin") or not value.items else [value.items]
        made = calls.run_callbacks(run, node, callbacks, given)
    filled = value.empty if value.empty is False else None
    if name in _MAPPED or name == "ConvertAll":
        flat = join(*(v.items if isinstance(v, Container) else (v,) for v in made)) if name == "SelectMany" else made
        return (Container("list", changes.shallow(flat), filled if name != "SelectMany" else None),)
    if name in _HASHES:
        return (replace(value, kind=HASHED, elements=(), shared=False),)
    if name in _SORTED:
        return (replace(value, kind="list", elements=(), shared=False),)
    if name in ("Append", "Prepend"):
        return (changes.added(replace(value, shared=False), passed[0] if passed else UNKNOWN),)
    if name in ("Concat", "Union"):
        return (changes.extended(replace(value, shared=False), passed[0] if passed else UNKNOWN),)
    if name in _SAME or name == "FindAll":
        kept = name in ("ToArray", "ToList", "AsEnumerable", "AsReadOnly")
        kind = "list" if name in ("ToArray", "ToList") else value.kind
        elements = value.elements if kept else ()
        return (replace(value, kind=kind, elements=elements, empty=value.empty if kept else filled, shared=False),)
    if name in _GROUPED:
        return (Container("list", UNKNOWN, filled),)
    if name in _ONE:
        return value.items
    if name == "Aggregate":
        return made
    return UNKNOWN


def grown(value: Value, method: str, given: list[Values], named: Container | None) -> Value:
    """What a collection is after one of its methods changed it."""
    if not isinstance(value, Container):
        return value
    match method:
        case "Add" | "AddFirst" | "AddLast" | "Enqueue" | "Insert" | "Push" | "TryAdd":
            return changes.added(value, given[-1] if given else UNKNOWN)
        case "AddRange" | "InsertRange" | "UnionWith":
            return changes.extended(value, given[-1]) if given else value
        case "Sort":
            return changes.reordered(value)
    return changes.shrunk(value)


# --- what the lowering writes as calls --------------------------------------------------------------------------


def _base(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    return calls.superclass(run)


def _cast(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    """A value, or, where nothing is known of it, what its type says."""
    known = tuple(value for value in arguments.positional[0] if value != Literal(None))
    return known or run.machine.language.described(
        node.arguments[1].value, lambda each: Activation.outside(run.machine, run.scope, each)
    )


def _typeof(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    return (Instance("System.Type"),)


def _with(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    """An object with what an initializer gives to its properties."""
    given = dict(arguments.keywords)
    made: list[Value] = []
    for value in arguments.positional[0]:
        for name, values in given.items():
            if isinstance(value, ObjectValue):
                scope = value.of.scope
                scope.attributes[name] = join(scope.attributes.get(name, UNKNOWN), values)
        made.append(fields.holding(value, given) if isinstance(value, ObjectValue) else value)
    return tuple(made)


def _filled(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    """A collection with what an initializer adds to it."""
    made: list[Value] = []
    for value in arguments.positional[0]:
        if isinstance(value, Container):
            for item in arguments.positional[1:]:
                value = changes.added(value, item)
        made.append(value)
    return tuple(made)


def _array(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    sizes = [values[0].value for values in arguments.positional if len(values) == 1 and isinstance(values[0], Literal)]
    return (Container("list", UNKNOWN, True if sizes == [0] else False if sizes and None not in sizes else None),)


MAKERS: Mapping[str, Maker] = {
    "base": _base,
    "typeof": _typeof,
    "%array": _array,
    "%base": base_member,
    "%cast": _cast,
    "%filled": _filled,
    "%merge": merge,
    "%with": _with,
}
"""What the lowering writes as calls of names that no program can have."""

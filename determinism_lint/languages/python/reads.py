"""Whether an expression only reads, so that it does not matter whether it is evaluated."""

from __future__ import annotations

import re

from determinism_lint.analysis import syntax as s

_NEVER_RAISE = frozenset({"repr", "str", "type"})
_MAY_RAISE = frozenset({"abs", "bool", "float", "int", "isinstance", "json.dumps", "len", "round"})
_METHODS = frozenset({"format", "isoformat", "lower", "strftime", "strip", "title", "total_seconds", "upper"})
_LOGIC = frozenset({"and", "or", "not", "is", "is not", "==", "!="})
_STREAMS = frozenset({"sys.stdout", "sys.stderr"})


def only_reads(arguments: tuple[s.Argument, ...], *, may_raise: bool) -> bool:
    """Whether evaluating a log call's arguments changes nothing, as far as their form tells.

    A call, a generator or an iterator that is not known could do anything, and a `defaultdict` makes what it lacks.

    Args:
        may_raise: nobody catches what is raised here, so that it ends the orchestration the first time, too.
    """
    return all(_is_passed(each, may_raise) for each in arguments)


def _is_passed(argument: s.Argument, may_raise: bool) -> bool:
    if argument.keyword == "file":
        return s.dotted(argument.value) in _STREAMS
    return not argument.unpack and _reads(argument.value, may_raise)


def _reads(node: s.Node, may_raise: bool) -> bool:
    match node:
        case s.Name() | s.Constant():
            return True
        case s.Attribute() | s.Template() | s.Conditional():
            pass
        case s.Collection(kind=kind):
            if kind in ("dict", "set") and not may_raise:
                return False
        case s.Operation(operator=operator):
            if operator in ("in", "not in") or not (may_raise or operator in _LOGIC):
                return False  # `in` takes items from an iterator
        case s.Subscript(value=value):
            if not may_raise or isinstance(value, s.Call):
                return False
        case s.Call(function=function, arguments=arguments):
            if any(argument.unpack for argument in arguments) or not _is_reader(node, may_raise):
                return False
            below = [argument.value for argument in arguments]
            return all(_reads(each, may_raise) for each in (*below, *_receiver(function)))
        case _:
            return False
    return all(_reads(child, may_raise) for child in s.children(node))


def _receiver(function: s.Expression) -> tuple[s.Expression, ...]:
    return (function.value,) if isinstance(function, s.Attribute) else ()


def _is_reader(call: s.Call, may_raise: bool) -> bool:
    name = s.dotted(call.function) or ""
    if name in _NEVER_RAISE:
        return True
    if not may_raise:
        return False
    if name in _MAY_RAISE:
        return True
    if not isinstance(call.function, s.Attribute):
        return False
    if call.function.attr == "get":  # of a dictionary: what else has a `get` takes a URL, or nothing
        first = call.arguments[0].value if call.arguments else None
        return isinstance(first, s.Constant) and re.fullmatch(r"[\w-]+", str(first.value)) is not None
    return call.function.attr in _METHODS

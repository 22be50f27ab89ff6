"""Handlers that catch the runtime's own control flow, or that can never match a failed activity."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Finished, Problem
from determinism_lint.checks._shared import suspensions_in

_EVERYTHING = frozenset({"BaseException", "GeneratorExit"})
_BUILTIN_FAILURES = frozenset(
    {
        "ArithmeticError",
        "AssertionError",
        "ConnectionError",
        "FileNotFoundError",
        "IOError",
        "ImportError",
        "IndexError",
        "KeyError",
        "LookupError",
        "NotImplementedError",
        "OSError",
        "PermissionError",
        "RuntimeError",
        "TimeoutError",
        "ValueError",
        "ZeroDivisionError",
    }
)


def finished(event: Finished) -> Iterator[Problem]:
    for node in s.walk(event.function.body):
        if not isinstance(node, s.Try) or not suspensions_in(event, node.body):
            continue
        for handler in node.handlers:
            names = _caught(handler.types)
            if _reraises(handler.body):
                if handler.types is None or names & _EVERYTHING:
                    break  # what is dropped never comes to the handlers below
                continue
            if (handler.types is None or names & _EVERYTHING) and not _only_returns(handler.body):
                written = "a bare `except`" if handler.types is None else f"`except {sorted(names & _EVERYTHING)[0]}`"
                yield Problem(handler, f"{written} around a `yield` runs whenever the suspended generator is dropped")
            elif names and names <= _BUILTIN_FAILURES and _only_durable(event, node.body):
                message = f"`except {', '.join(sorted(names))}` never matches: a failed activity raises another type"
                yield Problem(handler, message)


def _caught(types: s.Expression | None) -> set[str]:
    """Names of the caught types; an unknown one makes the set say nothing."""
    parts = types.items if isinstance(types, s.Collection) else () if types is None else (types,)
    return {s.dotted(part) or "?" for part in parts}


def _reraises(body: s.Block) -> bool:
    """Whether a handler always raises in the end."""
    return bool(body) and isinstance(body[-1], s.Raise)


def _only_returns(body: s.Block) -> bool:
    """Whether a handler leaves the generator at once, without effects: nobody notices that it ran."""
    if not body or not isinstance(body[-1], s.Return):
        return False
    for node in s.walk(body):
        if isinstance(node, (s.Suspend, s.Delegate, s.Loop, s.Try, s.With)):
            return False
        if isinstance(node, s.Call) and s.dotted(node.function) not in ("repr", "str"):
            return False
    return True


def _only_durable(event: Finished, body: s.Block) -> bool:
    """Whether nothing in a block but the durable calls themselves can raise."""
    for node in s.walk(body):
        if isinstance(node, s.Call) and event.kind(node) is None:
            return False
        if isinstance(node, (s.Raise, s.Subscript, s.Delegate)):
            return False
        if isinstance(node, s.Operation) and node.operator in ("/", "//", "%", "-", "+", "*", "assert"):
            return False
    return True

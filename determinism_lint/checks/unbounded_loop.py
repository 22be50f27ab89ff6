"""Endless loops of durable calls: the history grows until the instance cannot be loaded."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Finished, Problem
from determinism_lint.analysis.interpreter.statements import breaks
from determinism_lint.analysis.sdk import Kind
from determinism_lint.checks._shared import performs, suspensions_in

_ENDLESS = frozenset({"itertools.count", "itertools.cycle", "itertools.repeat", "count", "cycle"})


def finished(event: Finished) -> Iterator[Problem]:
    for node in s.walk(event.function.body):
        if not isinstance(node, s.Loop) or not _is_endless(node) or not suspensions_in(event, node.body):
            continue
        if breaks(node.body) or _leaves(node.body) or performs(event, node.body, Kind.RESTART):
            continue
        yield Problem(
            s.Name(node.start, node.start + len("while" if node.target is None else "for"), "loop"),
            "this loop never ends, and each round adds to the history",
        )


def _is_endless(node: s.Loop) -> bool:
    if node.target is None:
        return isinstance(node.subject, s.Constant) and bool(node.subject.value)
    return isinstance(node.subject, s.Call) and s.dotted(node.subject.function) in _ENDLESS


def _leaves(body: s.Block) -> bool:
    return any(isinstance(node, (s.Return, s.Raise)) for node in s.walk(body))

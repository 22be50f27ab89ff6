"""Reads the plan of an orchestrator from its tree and from what the interpreter saw there.

The tree gives the order, the branches and the loops; the events tell which calls are durable operations, and the edges
of the call graph which calls lead into helpers, whose plans stand in the place of the calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Called
from determinism_lint.analysis.interpreter.machine import Edge
from determinism_lint.analysis.sdk import Kind
from determinism_lint.analysis.values import FunctionValue, text
from determinism_lint.checks._shared import target_of
from determinism_lint.plan import Branch, End, Part, Plan, Repeat, Step

_MAX_DEPTH = 20
"""Of helpers that call helpers."""
_LONGEST = 60
_VERSION = re.compile(r"version|patched", re.IGNORECASE)
_SHOWN = frozenset(Kind) - {Kind.VALUE, Kind.REPLAYING, Kind.LOGGER, Kind.NAMESPACE, Kind.STATUS}


@dataclass(slots=True)
class Reader:
    """Knows what each call of a project is."""

    operations: Mapping[int, Sequence[Called]]
    """Durable operations, by the identity of the call: each way in which replay comes to it."""
    callees: Mapping[int, Sequence[tuple[s.Module, s.Function]]]
    """Functions of the project that a call may lead into, by its identity, each with the module of the function."""
    names: Mapping[int, str]
    """Registered names of functions, by the identity of their node."""

    def plan(self, module: s.Module, function: s.Function) -> Plan:
        """What a function does."""
        return self._block(module, function.body, (function,))

    def _block(self, module: s.Module, block: Iterable[s.Node], inside: tuple[s.Function, ...]) -> Plan:
        parts: list[Part] = []
        for node in block:
            parts += self._statement(module, node, inside)
        return tuple(parts)

    def _statement(self, module: s.Module, node: s.Node, inside: tuple[s.Function, ...]) -> list[Part]:
        line = module.line(node)
        match node:
            case s.Function() | s.Class():
                return []
            case s.If():
                ways = [
                    (word, self._block(module, way, inside)) for word, way in (("yes", node.body), ("no", node.orelse))
                ]
                return [*self._expression(module, node.test, inside), *self._branch(module, node.test, ways, line)]
            case s.Loop():
                subject = [*self._expression(module, node.subject, inside), *self._own(module, node, inside)]
                repeats = node.target is None  # The condition is read each time.
                body = (*(subject if repeats else ()), *self._block(module, node.body, inside))
                for_ever = isinstance(node.subject, s.Constant) and bool(node.subject.value)
                condition = "" if for_ever else _written(module, node.subject)
                looped = [Repeat(condition, body, line, not repeats)] if _does_something(body) else []
                return [*(() if repeats else subject), *looped, *self._block(module, node.orelse, inside)]
            case s.Try():
                ways = [(_caught(module, each), self._block(module, each.body, inside)) for each in node.handlers]
                tried = self._block(module, (*node.body, *node.orelse), inside)
                caught = any(way for _, way in ways)
                return [
                    *([Branch("", (("tried", tried), *ways), False, line)] if caught else tried),
                    *self._block(module, node.final, inside),
                ]
            case s.With():
                entered = [part for item, _ in node.items for part in self._expression(module, item, inside)]
                return [*entered, *self._block(module, node.body, inside)]
            case s.Match():
                ways = [(f"case {n}", self._block(module, each.body, inside)) for n, each in enumerate(node.cases, 1)]
                subject = self._expression(module, node.subject, inside)
                return [*subject, *self._branch(module, node.subject, ways, line)]
            case s.Return() | s.Raise():
                value = [] if node.value is None else self._expression(module, node.value, inside)
                return [*value, End("return" if isinstance(node, s.Return) else "raise", line)]
            case s.Break() | s.Continue():
                return [End("break" if isinstance(node, s.Break) else "continue", line)]
            case s.Evaluate() if self._is_never_scheduled(node.value):
                node = node.value
        return [part for child in s.children(node) for part in self._expression(module, child, inside)]

    def _is_never_scheduled(self, node: s.Node) -> bool:
        """Whether it is a durable call that nothing waits for, where the SDK schedules only what is yielded."""
        members = [called.member for called in self.operations.get(id(node), ())]
        return bool(members) and all(
            member is not None
            and member.kind.is_awaitable
            and member.runtime.major in member.runtime.sdk.schedules_when_yielded
            for member in members
        )

    def _branch(self, module: s.Module, test: s.Node, found: Iterable[tuple[str, Plan]], line: int) -> list[Part]:
        ways = tuple(found)
        if not any(way for _, way in ways):
            return []
        written = _written(module, test)
        return [Branch(written, ways, _VERSION.search(written) is not None, line)]

    def _expression(self, module: s.Module, node: s.Node, inside: tuple[s.Function, ...]) -> list[Part]:
        """What evaluating an expression does, its operands first."""
        line = module.line(node)
        match node:
            case s.Lambda() | s.Function() | s.Class():
                return []
            case s.Conditional():
                ways = [
                    (word, tuple(self._expression(module, way, inside)))
                    for word, way in (("yes", node.body), ("no", node.orelse))
                ]
                return [*self._expression(module, node.test, inside), *self._branch(module, node.test, ways, line)]
            case s.Comprehension():
                first, *others = node.clauses
                inner = [part for clause in others for part in self._expression(module, clause, inside)]
                inner += [part for each in (*first.conditions, *node.elements)
                          for part in self._expression(module, each, inside)]  # fmt: skip
                looped = [Repeat(_written(module, first.iterable), tuple(inner), line, True)] if inner else []
                return [*self._expression(module, first.iterable, inside), *looped]
        parts = [part for child in s.children(node) for part in self._expression(module, child, inside)]
        return parts + self._own(module, node, inside)

    def _own(self, module: s.Module, node: s.Node, inside: tuple[s.Function, ...]) -> list[Part]:
        """The operation that a call is, or what the helper does that it calls; a generator runs where it is driven."""
        for called in self.operations.get(id(node), ())[:1]:
            assert called.member is not None
            kind, names = called.member.kind, {self._name(each) for each in self.operations[id(node)]}
            known = names.pop() if len(names) == 1 else None
            name = self._written_name(called) if known is None else known
            step = Step(kind.value, name, module.path, module.line(node), is_known=known is not None)
            return [step] if kind in _SHOWN else []
        ways = [
            # A helper that ends goes back to the one who called it.
            (function.name, tuple(_without_ends(self._block(helper, function.body, (*inside, function)))))
            for helper, function in self.callees.get(id(node), ())
            if function not in inside and len(inside) <= _MAX_DEPTH
        ]
        return self._branch(module, node, ways, module.line(node)) if len(ways) > 1 else [*ways[0][1]] if ways else []

    def _name(self, called: Called) -> str | None:
        target = target_of(called)
        functions = [value for value in target[1] if isinstance(value, FunctionValue)] if target is not None else []
        if len(functions) == 1:
            return self.names.get(id(functions[0].node), functions[0].name)
        return (text(target[1]) if target is not None else None) or None

    def _written_name(self, called: Called) -> str:
        """What stands in the code where the name is: for what is not known, or is more than one thing."""
        target, first = target_of(called), called.argument(0)
        node = target[0].value if target is not None else first[0] if first is not None else None
        return "" if node is None else _written(called.site.module, node)


def read_plans(
    roots: Iterable[tuple[s.Module, s.Function]],
    operations: Iterable[Called],
    edges: Iterable[Edge],
    names: Mapping[int, str],
) -> list[Plan]:
    """The plans of orchestrators; `names` are by the identity of a function's node."""
    known: dict[int, list[Called]] = {}
    for called in operations:
        known.setdefault(id(called.node), []).append(called)
    callees: dict[int, dict[int, tuple[s.Module, s.Function]]] = {}
    for edge in edges:
        callees.setdefault(id(edge.node), {})[id(edge.callee)] = (edge.home, edge.callee)
    reader = Reader(known, {node: tuple(found.values()) for node, found in callees.items()}, names)
    return [reader.plan(module, function) for module, function in roots]


def _without_ends(plan: Plan) -> Iterator[Part]:
    for part in plan:
        match part:
            case Branch():
                ways = tuple((word, tuple(_without_ends(way))) for word, way in part.ways)
                if any(way for _, way in ways):
                    yield replace(part, ways=ways)
            case Repeat():
                body = tuple(_without_ends(part.body))
                if _does_something(body):
                    yield replace(part, body=body)
            case Step() | End(how="break" | "continue"):
                yield part


def _does_something(body: Plan) -> bool:
    """Whether a loop does more than to end."""
    return any(
        isinstance(part, Step | Repeat)
        or (isinstance(part, End) and part.how in ("return", "raise"))
        or (isinstance(part, Branch) and any(_does_something(way) for _, way in part.ways))
        for part in body
    )


def _caught(module: s.Module, handler: s.Handler) -> str:
    return f"on {_written(module, handler.types)}" if handler.types is not None else "on any failure"


def _written(module: s.Module, node: s.Node) -> str:
    return _text(module, node.start, node.end)


def _text(module: s.Module, start: int, end: int) -> str:
    written = " ".join(module.text[start:end].split())
    return written if len(written) <= _LONGEST else written[: _LONGEST - 1] + "…"

"""Which orchestrators reach a function, and along which calls."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.interpreter.machine import Edge
from determinism_lint.model import Hop, Orchestrator


class CallGraph:
    """The calls that replay makes, between functions of the project."""

    def __init__(self) -> None:
        self._outgoing: dict[int, list[Edge]] = defaultdict(list)
        self._roots: dict[int, tuple[s.Function, Orchestrator]] = {}
        self._reached: dict[int, list[tuple[Orchestrator, tuple[Hop, ...]]]] | None = None

    def add(self, edges: Iterable[Edge]) -> None:
        for edge in edges:
            self._outgoing[id(edge.caller)].append(edge)

    def root(self, function: s.Function, orchestrator: Orchestrator) -> None:
        self._roots[id(function)] = (function, orchestrator)

    def trace(self, function: s.Function) -> tuple[tuple[Orchestrator, ...], tuple[Hop, ...]]:
        """All orchestrators that reach a function, and the shortest way from the nearest of them."""
        if self._reached is None:
            self._reached = self._search()
        ways = self._reached.get(id(function), [])
        if not ways:
            return (), ()
        orchestrators = tuple(sorted({orchestrator for orchestrator, _ in ways}))
        return orchestrators, min((way for _, way in ways), key=lambda way: (len(way), [hop.path for hop in way]))

    def _search(self) -> dict[int, list[tuple[Orchestrator, tuple[Hop, ...]]]]:
        reached: dict[int, list[tuple[Orchestrator, tuple[Hop, ...]]]] = defaultdict(list)
        for function, orchestrator in self._roots.values():
            start = (Hop(orchestrator.name, orchestrator.path, orchestrator.line),)
            ways: dict[int, tuple[Hop, ...]] = {id(function): start}
            queue = deque([function])
            while queue:
                current = queue.popleft()
                way = ways[id(current)]
                for edge in self._outgoing.get(id(current), ()):
                    if id(edge.callee) not in ways:
                        hop = Hop(edge.callee.name, edge.module.path, edge.module.line(edge.node))
                        ways[id(edge.callee)] = (*way, hop)
                        queue.append(edge.callee)
            for identity, way in ways.items():
                reached[identity].append((orchestrator, way))
        return reached

"""Which orchestrators reach a function, and along which calls."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Set
from typing import TypeAlias

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.interpreter.machine import Edge
from determinism_lint.model import Hop, Orchestrator

_Ways: TypeAlias = "list[tuple[Orchestrator, tuple[Hop, ...]]]"


class CallGraph:
    """The calls that replay makes, between runs of the project's functions."""

    def __init__(self) -> None:
        self._outgoing: dict[int, list[Edge]] = defaultdict(list)
        self._runs: dict[int, set[int]] = defaultdict(set)
        """The runs of a function, by its identity."""
        self._roots: dict[int, Orchestrator] = {}
        self._reached: dict[int, _Ways] | None = None

    def add(self, edges: Iterable[Edge]) -> None:
        for edge in edges:
            self._outgoing[edge.caller].append(edge)
            self._runs[id(edge.callee)].add(edge.run)

    def root(self, run: int, function: s.Function, orchestrator: Orchestrator) -> None:
        self._roots[run] = orchestrator
        self._runs[id(function)].add(run)

    def trace(self, function: s.Function, runs: Set[int]) -> tuple[tuple[Orchestrator, ...], tuple[Hop, ...]]:
        """All orchestrators that reach a function in one of the runs, and the shortest way from the nearest of them.

        Where 0 is among the runs, any run counts.
        """
        if self._reached is None:
            self._reached = self._search()
        wanted = self._runs.get(id(function), set()) if 0 in runs else runs
        ways = [way for run in wanted for way in self._reached.get(run, ())]
        if not ways:
            return (), ()
        orchestrators = tuple(sorted({orchestrator for orchestrator, _ in ways}))
        return orchestrators, min(
            (way for _, way in ways), key=lambda way: (len(way), [(hop.path, hop.line) for hop in way])
        )

    def _search(self) -> dict[int, _Ways]:
        reached: dict[int, _Ways] = defaultdict(list)
        for root, orchestrator in self._roots.items():
            start = (Hop(orchestrator.name, orchestrator.path, orchestrator.line),)
            ways: dict[int, tuple[Hop, ...]] = {root: start}
            queue = deque([root])
            while queue:
                current = queue.popleft()
                for edge in self._outgoing.get(current, ()):
                    if edge.run not in ways:
                        hop = Hop(edge.callee.name, edge.module.path, edge.module.line(edge.node))
                        ways[edge.run] = (*ways[current], hop)
                        queue.append(edge.run)
            for run, way in ways.items():
                reached[run].append((orchestrator, way))
        return reached

"""Which part of an orchestrator's body moves into an activity along with a call that does I/O.

Either an expression, or statements of one block that run straight through: assignments to names, calls, and `with`
around those. A loop, a condition or a handler never moves.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.moves import Place
from determinism_lint.languages.python.extraction.json import Json, json_in
from determinism_lint.languages.python.extraction.moved import assigned_in, inputs_of, last_of
from determinism_lint.languages.python.extraction.place import allows_yield, path_to
from determinism_lint.languages.python.extraction.uses import is_used_after, mentions


@dataclass(frozen=True, slots=True)
class Region:
    """What moves: one expression, or statements of one block."""

    nodes: tuple[s.Node, ...]
    inputs: tuple[str, ...]
    """Variables that the activity is passed."""
    result: str | None
    """The variable that gets the result of statements, where there is one."""
    parent: s.Node | None
    """What an expression is a part of."""


def region_of(place: Place, calls: Collection[s.Node]) -> Region | None:
    """What to move so that the call at `place` is no longer in the orchestrator.

    Args:
        calls: the calls that run functions of the project.
    """
    around = path_to(place.orchestrator.body, place.node)
    if around is None:
        return None
    search = _Search(place, calls, json_in(place.orchestrator, place.module))
    statements = [node for node in around if isinstance(node, s.Statement)]
    # A `with` moves as a whole: a yield in it would be cleaned up after in another way.
    first = next((node for node in statements if isinstance(node, s.With)), statements[-1])
    is_dropped = isinstance(first, s.Evaluate) and first.value.start == place.node.start
    found = None if is_dropped or isinstance(first, s.With) else search.expression(around)
    return found or search.statements(first, around[: around.index(first)])


@dataclass(frozen=True, slots=True)
class _Search:
    place: Place
    calls: Collection[s.Node]
    json: Json

    def expression(self, around: Sequence[s.Node]) -> Region | None:
        """The smallest expression around the call that is JSON, and what goes on with it and needs no other input."""
        found: Region | None = None
        nodes = [*around, self.place.node]
        for index in range(len(around), 0, -1):
            node, outside = nodes[index], nodes[:index]
            if isinstance(node, s.Statement) or (found is not None and not _goes_on(node, nodes[index + 1])):
                break
            if isinstance(node, s.Expression) and self.json.holds(node) and allows_yield(outside, node):
                larger = self._region((node,), None, outside[-1])
                if larger is not None and (found is None or larger.inputs == found.inputs):
                    found = larger
        return found

    def statements(self, first: s.Statement, outside: list[s.Node]) -> Region | None:
        """The statements from `first` on, up to the last that uses what cannot leave the activity."""
        if not allows_yield(outside, first):
            return None
        block = _block_from(first, outside[-1] if outside else self.place.orchestrator)
        is_repeated = any(isinstance(node, s.Loop) for node in outside)
        for count, statement in enumerate(block, 1):
            if not _is_simple(statement):
                return None
            moved, rest = block[:count], block[count:]
            last = last_of(moved)
            if isinstance(last, s.Return):
                return self._region(moved, None, None) if self.json.holds(last.value) else None
            results = [name for name in assigned_in(moved) if is_used_after(name, moved, rest, is_repeated, self.place)]
            if all(map(self.json.is_name, results)):
                return self._region(moved, next(iter(results), None), None) if len(results) < 2 else None
        return None

    def _region(self, nodes: tuple[s.Node, ...], result: str | None, parent: s.Node | None) -> Region | None:
        inputs = inputs_of(nodes, result, self.place, self.calls)
        before = self.place.module.text[self.place.orchestrator.end : nodes[0].start]
        if inputs is None or not all(self.json.is_name(name) and mentions(before, name) for name in inputs):
            return None
        return Region(nodes, inputs, result, parent)


def _block_from(statement: s.Statement, owner: s.Node) -> s.Block:
    """A statement of a block of `owner`, and those that follow it there."""
    blocks: list[s.Block] = [getattr(owner, name, ()) for name in ("body", "orelse")]
    block = next(block for block in blocks if statement in block)
    return block[block.index(statement) :]


def _is_simple(node: s.Statement) -> bool:
    """Whether a statement always runs to its end, unless it raises, and assigns to plain names only."""
    match node:
        case s.Assign(targets=(s.Name(),), value=value, augmented=False):
            return value is not None
        case s.Evaluate(value=s.Call()):
            return True
        case s.Return(value=value):
            return value is not None
        case s.With(items=items, body=body) if body:
            names = all(entered is None or isinstance(entered, s.Name) for _, entered in items)
            inner = all(_is_simple(each) and not isinstance(last_of([each]), s.Return) for each in body[:-1])
            return names and inner and _is_simple(body[-1])
    return False


_CONVERSIONS = frozenset({"bool", "float", "int", "json.load", "json.loads", "len", "list", "sorted", "str"})


def _goes_on(node: s.Node, inner: s.Node) -> bool:
    """Whether an expression goes on with the JSON inside it: takes a part of it, calls its method, converts it."""
    match node:
        case s.Attribute() | s.Subscript():
            return node.value is inner
        case s.Call(function=function):
            return function is inner or s.dotted(function) in _CONVERSIONS
    return isinstance(node, s.Argument)

"""Which part of an orchestrator's body moves into an activity along with a call that does I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from determinism_lint import syntax as s
from determinism_lint.extraction.changes import Changes
from determinism_lint.extraction.flow import Liveness, Reading, assigned_in, block_of
from determinism_lint.extraction.json import Json, json_constants, json_parameters
from determinism_lint.extraction.place import Place, allows_yield, path_to
from determinism_lint.scopes import bound_names


@dataclass(frozen=True, slots=True)
class Input:
    """A value that the activity is passed."""

    name: str
    """What it is called inside."""
    nodes: tuple[s.Expression, ...] = ()
    """The moved expressions that it replaces; none where it is a variable of that name."""


@dataclass(frozen=True, slots=True)
class Region:
    """What moves: an expression, or statements of one block."""

    expression: s.Expression | None
    parent: s.Node | None
    """What the expression is a part of."""
    statements: s.Block
    """What moves otherwise; it may end in a `return`."""
    result: str | None
    """The variable that gets the result, where there is one."""
    inputs: tuple[Input, ...]
    imports: tuple[s.Import, ...]
    """Imports in the orchestrator's body that it depends on."""

    @property
    def returns(self) -> bool:
        """Whether the activity returns something."""
        ends = bool(self.statements) and isinstance(self.statements[-1], s.Return)
        return ends or self.expression is not None or self.result is not None


def region_of(place: Place, calls: Mapping[s.Node, s.Function]) -> Region | None:
    """What to move so that the call at `place` is no longer in the orchestrator.

    Args:
        calls: the calls that run functions of the project, and those functions.
    """
    around = path_to(place.orchestrator.body, place.node)
    if around is None:
        return None
    search = _Search(place, calls)
    statements = [node for node in around if isinstance(node, s.Statement)]
    guard = next((node for node in statements if isinstance(node, (s.With, s.Try))), None)
    if guard is not None:  # A yield in it would be cleaned up after, or handled, in another way.
        return search.statements(guard, around[: around.index(guard)])
    statement = statements[-1]
    outside = around[: around.index(statement)]
    if isinstance(statement, s.Evaluate) and _starts_with(statement.value, place.node):
        return search.statements(statement, outside) or search.expression(around)
    found = search.expression(around)
    if found is None and isinstance(statement, (s.Evaluate, s.Assign)):
        return search.statements(statement, outside)
    return found


def _starts_with(node: s.Node, call: s.Node) -> bool:
    """Whether it is the call, or methods of what the call returns."""
    while node is not call and isinstance(node, (s.Call, s.Attribute, s.Subscript)):
        node = node.function if isinstance(node, s.Call) else node.value
    return node is call


@dataclass(frozen=True, slots=True)
class _Search:
    place: Place
    calls: Mapping[s.Node, s.Function]

    def expression(self, around: list[s.Node]) -> Region | None:
        """The largest expression around the call that is JSON and needs no further input."""
        found: Region | None = None
        nodes = [*around, self.place.node]
        for index in range(len(around), 0, -1):
            node, outside, inner = nodes[index], nodes[:index], nodes[index + 1] if index < len(around) else None
            if isinstance(node, s.Argument):
                continue
            if isinstance(node, s.Statement) or (found is not None and not _continues(node, inner)):
                break
            larger = self._expression(node, outside)
            if larger is not None and (found is None or larger.inputs == found.inputs):
                found = larger
            elif found is not None:
                break
        return found

    def _expression(self, node: s.Node, outside: list[s.Node]) -> Region | None:
        if not isinstance(node, s.Expression) or not self._json().holds(node) or not allows_yield(outside, node):
            return None
        needs = self._needs((node,))
        return Region(node, outside[-1], (), _target(outside[-1]), *needs) if needs is not None else None

    def statements(self, first: s.Statement, outside: list[s.Node]) -> Region | None:
        """The statements from `first` on, up to the last that uses what cannot leave the activity."""
        if not allows_yield(outside, first):
            return None
        around = tuple(node for node in outside if isinstance(node, s.Statement))
        block = block_of(first, around[-1] if around else None, self.place.orchestrator)
        liveness = Liveness(self.place.orchestrator, self.place.module, around)
        moved: list[s.Statement] = []
        for statement in block[block.index(first) :]:
            if isinstance(statement, s.Return):
                return self._with_return(moved, statement)
            if not _may_move([statement]):
                return None
            moved.append(statement)
            live = liveness.after(assigned_in(moved), statement)
            if all(self._json().holds(s.Name(0, 0, name)) for name in live):
                return self._of(moved, live)
        return None

    def _of(self, moved: list[s.Statement], live: list[str]) -> Region | None:
        """Statements of which at most one variable is read later."""
        reading = Reading(self.place.module)
        reading.block(moved)
        needs = self._needs(tuple(moved)) if len(live) < 2 and reading.assigned.issuperset(live) else None
        return Region(None, None, tuple(moved), live[0] if live else None, *needs) if needs is not None else None

    def _with_return(self, moved: list[s.Statement], statement: s.Return) -> Region | None:
        """Statements before a `return` whose value is made of what they made."""
        value = statement.value
        needs = self._needs((*moved, value)) if value is not None and self._json().holds(value) else None
        return Region(None, None, (*moved, statement), None, *needs) if needs is not None and moved else None

    def _json(self) -> Json:
        function = self.place.orchestrator
        constants = json_constants(self.place.module) - bound_names(function)
        return Json(function, json_parameters(function) | constants)

    def _needs(self, nodes: tuple[s.Node, ...]) -> tuple[tuple[Input, ...], tuple[s.Import, ...]] | None:
        """What code needs to run elsewhere; None where it must not."""
        function, module = self.place.orchestrator, self.place.module
        local = bound_names(function)
        given = _given(nodes, self.place.context)
        reading = Reading(module, skipped=frozenset(node for each in given for node in each.nodes))
        for node in nodes:
            if isinstance(node, s.Statement):
                reading.block([node])
            else:
                reading.expression(node)
        imports = {node.local: node for node in s.walk(function.body) if isinstance(node, s.Import)}
        names = [name for name in reading.read if name in local and name not in imports]
        imported = [name for name in reading.read if name in imports]
        if (
            not _may_move(nodes)
            or self.place.context in names
            or {each.name for each in given} & ({*reading.read, *reading.assigned} | local)
            or not all(self._may_be_passed(name, nodes[0].start) for name in names)
            or not all(map(self._is_imported, imported))
            or Changes(nodes, local, frozenset(names), module, self.calls).any()
        ):
            return None
        return (*map(Input, names), *given), tuple(imports[name] for name in imported)

    def _may_be_passed(self, name: str, start: int) -> bool:
        """Whether a variable may have been assigned before the moved code starts, and holds JSON."""
        before = self.place.module.text[self.place.orchestrator.start : start]
        return re.search(rf"\b{name}\b", before) is not None and self._json().holds(s.Name(0, 0, name))

    def _is_imported(self, name: str) -> bool:
        """Whether a name is bound by one import and nothing else."""
        nodes = list(s.walk(self.place.orchestrator.body))
        imports = [node for node in nodes if isinstance(node, s.Import) and node.local == name]
        assigned = assigned_in(node for node in nodes if isinstance(node, (s.Assign, s.Function)))
        return len(imports) == 1 and name not in assigned


_STAYS = (
    s.Suspend,
    s.Delegate,
    s.Return,
    s.Break,
    s.Continue,
    s.Outer,
    s.Function,
    s.Class,
    s.Lambda,
    s.Match,
    s.Delete,
    s.Bind,
)
_OF_THE_PROCESS = frozenset(
    {
        "_exit",
        "abort",
        "alarm",
        "dir",
        "eval",
        "exit",
        "fork",
        "forkpty",
        "globals",
        "input",
        "kill",
        "killpg",
        "locals",
        "quit",
        "raise_signal",
        "setattr",
        "setitimer",
        "signal",
        "super",
        "vars",
    }
)
"""Functions that concern the process or the function in which they are called."""


def _may_move(nodes: tuple[s.Node, ...] | list[s.Node]) -> bool:
    for node in s.walk(tuple(nodes)):
        if isinstance(node, _STAYS):
            return False
        module, _, name = (s.dotted(node.function) or "").rpartition(".") if isinstance(node, s.Call) else ("", "", "")
        if module in ("", "os", "signal", "sys") and (name in _OF_THE_PROCESS or name.startswith("exec")):
            return False
    return True


def _target(node: s.Node) -> str | None:
    """The name that an assignment gives to its value."""
    match node:
        case s.Assign(targets=(s.Name(id=name),), augmented=False):
            return name
    return None


_CONVERSIONS = frozenset({"bool", "float", "int", "json.load", "json.loads", "len", "list", "sorted", "str"})


def _continues(node: s.Node, inner: s.Node | None) -> bool:
    """Whether an expression goes on with the JSON inside it: takes a part of it, calls its method, converts it."""
    match node:
        case s.Attribute() | s.Subscript():
            return node.value is inner
        case s.Call(function=function):
            return function is inner or s.dotted(function) in _CONVERSIONS
    return False


# --- the context ------------------------------------------------------------------------------------------------


def _given(nodes: tuple[s.Node, ...], context: str) -> tuple[Input, ...]:
    """The values that the moved code reads from the context and that can be passed instead."""
    found: dict[str, list[s.Expression]] = {}
    stack = list(reversed(nodes))
    while stack:
        node = stack.pop()
        name = _name_of_value(node, context) if isinstance(node, s.Expression) else None
        if name is not None and isinstance(node, s.Expression):
            found.setdefault(name, []).append(node)
        else:
            stack.extend(reversed(list(s.children(node))))
    return tuple(Input(name, tuple(values)) for name, values in found.items())


def _name_of_value(node: s.Expression, context: str) -> str | None:
    """What to call a value of the context that is JSON."""
    match node:
        case s.Attribute(value=s.Name(id=name), attr="instance_id" as member) if name == context:
            return member
        case s.Call(function=s.Attribute(value=s.Name(id=name), attr="get_input"), arguments=()) if name == context:
            return "received"
        case s.Call(
            function=s.Attribute(
                value=s.Attribute(value=s.Name(id=name), attr="current_utc_datetime"), attr="isoformat"
            ),
            arguments=(),
        ) if name == context:
            return "now"
    return None

"""What happens when an orchestrator runs, as the checks see it.

The interpreter walks everything that replay reaches and reports each relevant step as one of these events. A check is a
module of `determinism_lint.checks` with a function named after the event it judges.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import TypeAlias

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.sdk import Kind, Runtime
from determinism_lint.analysis.values import Member, Values
from determinism_lint.model import Fix, Refusal


@dataclass(slots=True, eq=False, repr=False)
class Site:
    """Where an event happens and what is known there."""

    module: s.Module
    function: s.Function
    runtime: Runtime
    context: str | None
    """The local name of the orchestration context, where the function has one."""
    guarded: bool
    """Whether the runtime is known not to be replaying."""
    on_replay_flag: bool
    """Whether the path depends on the replay flag, either way."""
    continued: bool
    """Whether continue_as_new has been called on the path."""
    cleanup: bool
    """Whether this runs when a suspended generator is dropped: in `finally` or on leaving `with` around a yield."""
    driven: bool
    """Whether the runtime drives this function: a yield in it suspends the orchestration."""
    is_orchestrator: bool
    """Whether the runtime itself runs this function, so that no code of the project catches what it raises."""
    ancestors: tuple[s.Node, ...]
    """Statements and expressions around the node in its function, outermost first."""
    run: int = 0
    """Which run of the function it happens in: each has arguments of another kind."""


@dataclass(slots=True, eq=False, repr=False)
class Called:
    """A call is evaluated."""

    node: s.Call
    callee: Values
    base: Values
    """The object that the callee was read from, where it is an attribute."""
    arguments: tuple[tuple[s.Argument, Values], ...]
    result: Values
    site: Site
    decorates: Values | None = None
    """The function that this call decorates, when it is a decorator."""

    @property
    def member(self) -> Member | None:
        """The durable operation that is called, if it is one."""
        for value in self.callee:
            if isinstance(value, Member):
                return value
        return None

    def argument(self, position: int, keyword: str | None = None) -> tuple[s.Expression, Values] | None:
        """The argument at a position, or the one passed by keyword."""
        for index, (argument, values) in enumerate(self.arguments):
            if argument.unpack:
                return None
            if (argument.keyword is None and index == position) or (keyword and argument.keyword == keyword):
                return argument.value, values
        return None


@dataclass(slots=True, eq=False, repr=False)
class Suspended:
    """A value is yielded or awaited."""

    node: s.Suspend
    values: Values
    site: Site


@dataclass(slots=True, eq=False, repr=False)
class Loaded:
    """A name or attribute is read as a value, not called."""

    node: s.Name | s.Attribute
    values: Values
    site: Site
    registrars: Set[int] = frozenset()
    """Functions that change names of modules while these are imported, by identity of their node."""
    mutators: Set[str] = frozenset()
    """Methods of built-in collections that change them."""
    origin: tuple[s.Module, str, bool] | None = None
    """The other module to which a global belongs and its name there; and whether it was imported by that name, so that
    it stays what it was when the module is given another."""


@dataclass(slots=True, eq=False, repr=False)
class Stored:
    """State that outlives the call is changed: a module variable, a class attribute, a container behind one."""

    node: s.Node
    name: str
    site: Site


@dataclass(slots=True, eq=False, repr=False)
class Iterated:
    """A value is consumed in the order in which it yields its items."""

    node: s.Node
    values: Values
    site: Site


@dataclass(slots=True, eq=False, repr=False)
class Dropped:
    """A statement evaluates an expression and drops its value."""

    node: s.Evaluate
    values: Values
    site: Site


@dataclass(slots=True, eq=False, repr=False)
class Misused:
    """A durable task, or a generator that has not run, is used as if it were its result."""

    node: s.Node
    values: Values
    site: Site


@dataclass(slots=True, eq=False, repr=False)
class Missing:
    """A member is used that the orchestration context does not have."""

    node: s.Attribute
    site: Site


@dataclass(slots=True, eq=False, repr=False)
class Decided:
    """A condition decides which way to go."""

    node: s.If | s.Loop
    values: Values
    site: Site

    @property
    def body(self) -> s.Block:
        """Everything that depends on the condition: also what follows, where a branch leaves."""
        branches = (*self.node.body, *self.node.orelse)
        if not any(isinstance(node, (s.Return, s.Raise, s.Break, s.Continue)) for node in s.walk(branches)):
            return branches
        return (*branches, *(node for node in self.site.function.body if node.end > self.node.end))


@dataclass(slots=True, eq=False, repr=False)
class Finished:
    """A function has been walked through; what happened in it, by node."""

    function: s.Function
    site: Site
    calls: Mapping[s.Call, Called]
    suspensions: Mapping[s.Suspend, Suspended]
    returned: Values
    is_orchestrator: bool
    performed: Mapping[int, Set[Kind]]
    """The durable operations that functions perform, themselves or through others, by identity of their node."""

    def kind(self, node: s.Node) -> Kind | None:
        """The durable operation that a call node is, if it is one."""
        called = self.calls.get(node) if isinstance(node, s.Call) else None
        return called.member.kind if called is not None and called.member is not None else None


Event: TypeAlias = Called | Suspended | Loaded | Stored | Iterated | Dropped | Misused | Missing | Decided | Finished


@dataclass(slots=True, eq=False, repr=False)
class Problem:
    """What a check reports: a place, and what is wrong there.

    `message` is a clause with a subject, lower case, without a period. `help` overrides the rule's own advice.
    """

    node: s.Node
    message: str
    help: str | None = None
    fix: Fix | Refusal | None = None

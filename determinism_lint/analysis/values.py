"""What the analysis knows of a value: a small abstract domain.

An expression evaluates to `Values`, the alternatives it may be. No alternatives means "unknown", which no rule ever
judges.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.sdk import Kind, Runtime

if TYPE_CHECKING:
    from determinism_lint.analysis.scopes import Scope

_DATA_LIMIT = 12
"""Alternatives of plain data that are kept of one value; real code rarely has three. Whatever can be called is kept."""


@dataclass(frozen=True, slots=True)
class External:
    """Something defined outside the project, by its qualified name: a module, class, function, method."""

    name: str


@dataclass(frozen=True, slots=True)
class Instance:
    """An object made by calling `name`: an external class, or a function that returns a client."""

    name: str
    naive: bool = False
    """Of a `datetime`: whether it is UTC but does not say so."""


@dataclass(frozen=True, slots=True)
class ModuleValue:
    """A module of the project."""

    path: str


@dataclass(frozen=True, slots=True)
class FunctionValue:
    """A function of the project, with the scope it closes over and the object it is bound to, if any."""

    node: s.Function
    scope: Scope = field(compare=False)
    receiver: Value | None = None
    wraps: FunctionValue | None = None
    """The function that it stands for since `functools.wraps`, whose name it has."""
    role: str = ""
    """What a class makes of it, if its own decorators do not tell: `property`, `staticmethod`, or `method`."""
    defaults: tuple[tuple[str, Values], ...] = ()
    """What the defaults of its parameters were where replay defined it; of other functions each call evaluates them."""
    around: Values = ()
    """Context managers that are entered for each call, since they decorate it."""

    @property
    def name(self) -> str:
        """Its `__name__`, unless the program changes it."""
        return self.node.name if self.wraps is None else self.wraps.name


@dataclass(frozen=True, slots=True)
class ClassValue:
    """A class of the project."""

    node: s.Class
    scope: Scope = field(compare=False)


@dataclass(frozen=True, slots=True)
class ObjectValue:
    """An instance of a class of the project."""

    of: ClassValue
    shared: bool = False
    """Whether it was made when a module was imported, and so outlives every call."""
    fresh: bool = False
    """Whether replay itself makes it, so that what other code gives to objects of its class says nothing of it."""
    wraps: FunctionValue | None = None
    """The function that it decorates: others, which objects of its class decorate, are not in its attributes."""
    given: tuple[tuple[str, Values], ...] = ()
    """Attributes that the constructor gave to this very object."""
    present: frozenset[str] = frozenset()
    """Those that are not None, since the caller passed them."""

    def bare(self) -> ObjectValue:
        """The same without what it was given."""
        return replace(self, given=(), present=frozenset())


@dataclass(frozen=True, slots=True)
class Super:
    """An object or class whose attributes are looked up behind one of its classes: `super()`."""

    receiver: ObjectValue | ClassValue
    behind: ClassValue


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant known to the analysis: a string, number, boolean or None."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Container:
    """A built-in collection; `items` joins what it may hold."""

    kind: str
    items: Values = ()
    empty: bool | None = None
    """True when it certainly is empty, False when it certainly is not, None when it may be."""
    elements: tuple[Values, ...] = ()
    """What it holds position by position, where that is known; if `empty` is None, there may be more at the end."""
    keys: tuple[str | int | float | bool | None, ...] = ()
    """The keys of a dict, in the order of `elements`."""
    shared: bool = False
    """Whether it was made when a module was imported, and so outlives every call."""

    def element(self, index: object) -> Values:
        """What an index or key yields: exactly, where that is known, else any item."""
        if index is not None and index in self.keys:
            return self.elements[self.keys.index(index)]
        if index is not None and self.keys and None not in self.keys:
            return UNKNOWN
        first = 0 if self.empty is None else -len(self.elements)
        if not self.keys and isinstance(index, int) and first <= index < len(self.elements):
            return self.elements[index]
        return self.items


@dataclass(frozen=True, slots=True)
class Context:
    """The orchestration context."""

    runtime: Runtime
    inside: bool = False
    """Whether it is the part of a host's context that belongs to the SDK: `context.df`."""


@dataclass(frozen=True, slots=True)
class Member:
    """A method of the orchestration context, or a function that combines durable tasks."""

    name: str
    kind: Kind
    runtime: Runtime


@dataclass(frozen=True, slots=True)
class Task:
    """A durable task that has been created: what `context.call_activity(…)` returns."""

    kind: Kind
    call: s.Call = field(compare=False)
    start: int = -1
    """Where it was created: tells tasks apart without comparing trees."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a call passes, by position and by keyword."""

    positional: tuple[Values, ...] = ()
    keywords: tuple[tuple[str, Values], ...] = ()
    unpacked: bool = False
    """Whether `*args` or `**kwargs` may fill any other parameter."""
    optional: frozenset[int | str] = frozenset()
    """Positions and keywords of unknown arguments that may be None: a caller's own optional, `order.get("x")`."""

    def without_data(self) -> Arguments:
        """What can be called of it, which is all that still matters once data has been tried often enough."""
        keywords = tuple((name, without_data(values)) for name, values in self.keywords)
        return replace(self, positional=tuple(map(without_data, self.positional)), keywords=keywords)

    def is_given(self, place: int | str, values: Values) -> bool:
        """Whether what is passed at a position or by keyword is taken as given: it is not None, nor an optional."""
        return place not in self.optional and Literal(None) not in values


@dataclass(frozen=True, slots=True)
class Generator:
    """A generator of the project that has been called but not run."""

    function: FunctionValue
    arguments: Arguments
    call: s.Call = field(compare=False)
    start: int = -1


@dataclass(frozen=True, slots=True)
class Coroutine:
    """A call of a function of the project declared `async`, not awaited yet."""

    function: FunctionValue
    arguments: Arguments
    call: s.Call = field(compare=False)
    start: int = -1


@dataclass(frozen=True, slots=True)
class Replaying:
    """A boolean that tells whether the runtime is replaying.

    `when_true` and `when_false` are what holds then: True for replaying, False for not replaying, None for neither.
    """

    when_true: bool | None = True
    when_false: bool | None = False


@dataclass(frozen=True, slots=True)
class Partial:
    """A function with some arguments bound."""

    function: Value
    arguments: Arguments = Arguments(unpacked=True)


@dataclass(frozen=True, slots=True)
class Ambient:
    """A module-level value read once per process from what differs between processes."""

    name: str
    """The qualified name it was read from: `os.environ`, `uuid.uuid4`."""
    origin: tuple[str, int] | None = None
    """Where it was read: the module's path and the offset of the expression."""


Value: TypeAlias = (
    External
    | Instance
    | ModuleValue
    | FunctionValue
    | ClassValue
    | ObjectValue
    | Super
    | Literal
    | Container
    | Context
    | Member
    | Task
    | Generator
    | Coroutine
    | Replaying
    | Partial
    | Ambient
)
Values: TypeAlias = tuple[Value, ...]

UNKNOWN: Values = ()

_DATA = (External, Instance, Literal, Container, Generator, Coroutine)
"""What a loop or a recursion can make ever new ones of."""


def join(*alternatives: Iterable[Value]) -> Values:
    """All alternatives, each once, in the order they were met."""
    filled = [values for values in alternatives if values]
    if not filled:
        return UNKNOWN
    if len(filled) == 1 and isinstance(filled[0], tuple) and len(filled[0]) == 1:
        return filled[0]
    merged: dict[Value, None] = {}
    room = _DATA_LIMIT
    for values in filled:
        for value in values:
            if value not in merged and (room > 0 or not isinstance(value, _DATA)):
                merged[value] = None
                room -= isinstance(value, _DATA)
    return tuple(merged)


def without_data(values: Values) -> Values:
    """The alternatives that are no plain data; None is kept, by which a function knows what it is not given."""
    kept = (value for value in values if not isinstance(value, _DATA) or value == Literal(None))
    return tuple(dict.fromkeys(value.bare() if isinstance(value, ObjectValue) else value for value in kept))


def mixed(*alternatives: Values) -> Values:
    """The same; where one of them is unknown, without plain data, since it may be any other then."""
    values = join(*alternatives)
    if all(alternatives):
        return values
    return tuple(v for v in values if not (isinstance(v, Literal) or (isinstance(v, Container) and v.empty)))


def literal(values: Values) -> str | int | float | bool | None:
    """The constant, when there is exactly one alternative and it is one; None also for unknown."""
    if len(values) == 1 and isinstance(values[0], Literal):
        return values[0].value
    return None


_CODE = (ModuleValue, FunctionValue, ClassValue, Partial, Generator, Coroutine)
_PRESENT = (*_CODE, ObjectValue, Container, Context, Task)
"""What is never None."""


def is_present(value: Value, plain: frozenset[str]) -> bool:
    """Whether a value certainly is not None. `plain` are classes that are named like functions."""
    match value:
        case Literal():
            return value.value is not None
        case Instance():
            # what other calls return may be None, whatever they are named
            return value.name.rsplit(".", 1)[-1][:1].isupper() or value == TEXT or value.name in plain
    return isinstance(value, _PRESENT)


TEXT = Instance("str")
"""Text that is not known."""
SAFE_LOGGER = Instance("durabletask.ReplaySafeLogger")
"""A logger that is silent while the runtime is replaying."""


def text(values: Values) -> str | None:
    """The string, when the value is exactly one known string."""
    value = literal(values)
    return value if isinstance(value, str) else None

"""What the analysis knows of a value: a small abstract domain.

An expression evaluates to `Values`, the alternatives it may be. No alternatives means "unknown", which no rule ever
judges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.sdk import Kind, Runtime

if TYPE_CHECKING:
    from determinism_lint.analysis.scopes import Scope

_T = TypeVar("_T")
_DEPTH = 4
"""How deep values may hold one another, as functions do that are bound to arguments; what lies deeper is unknown."""
_DATA_LIMIT = 12
"""Alternatives of plain data that are kept of one value; real code rarely has three. Whatever can be called is kept."""


@dataclass(frozen=True, slots=True)
class _Compound:
    """A value that holds others. It knows its hash and its depth, so that neither takes a walk through all below it."""

    code: int = field(init=False, compare=False, repr=False, default=0)
    depth: int = field(init=False, compare=False, repr=False, default=0)

    def __post_init__(self) -> None:
        parts = _COMPARED[type(self)][1](self)
        object.__setattr__(self, "code", hash(parts))
        object.__setattr__(self, "depth", 1 + depth_of(parts))

    def __hash__(self) -> int:
        return self.code


class _Compared(dict[type[_Compound], tuple[tuple[str, ...], Callable[[Any], tuple[object, ...]]]]):
    """The fields of a kind of value that tell it from others: their names, and what reads them."""

    def __missing__(self, kind: type[_Compound]) -> tuple[tuple[str, ...], Callable[[Any], tuple[object, ...]]]:
        names = tuple(each.name for each in fields(kind) if each.compare)
        self[kind] = names, attrgetter(*names)
        return self[kind]


_COMPARED = _Compared()


def depth_of(part: object) -> int:
    """How many values lie in one another, at most."""
    if isinstance(part, _Compound):
        return part.depth
    deepest = 0
    if type(part) is tuple:
        for each in part:
            if each and (type(each) is tuple or isinstance(each, _Compound)):
                deepest = max(deepest, depth_of(each))
    return deepest


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
class FunctionValue(_Compound):
    """A function of the project, with the scope it closes over and the object it is bound to, if any."""

    __hash__ = _Compound.__hash__

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

    def bound_to(self, receiver: Value | None) -> FunctionValue:
        """The function as the method of an object: what `replace` makes, which takes twice as long."""
        return FunctionValue(self.node, self.scope, receiver, self.wraps, self.role, self.defaults, self.around)


@dataclass(frozen=True, slots=True)
class ClassValue:
    """A class of the project."""

    node: s.Class
    scope: Scope = field(compare=False)


@dataclass(frozen=True, slots=True)
class ObjectValue(_Compound):
    """An instance of a class of the project."""

    __hash__ = _Compound.__hash__

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
        """This object without the attributes that it was given."""
        return replace(self, given=(), present=frozenset())


@dataclass(frozen=True, slots=True)
class Super(_Compound):
    """An object or class whose attributes are looked up behind one of its classes: `super()`."""

    __hash__ = _Compound.__hash__

    receiver: ObjectValue | ClassValue
    behind: ClassValue


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant known to the analysis: a string, number, boolean or None."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Container(_Compound):
    """A built-in collection; `items` joins what it may hold."""

    __hash__ = _Compound.__hash__

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
class Arguments(_Compound):
    """What a call passes, by position and by keyword."""

    __hash__ = _Compound.__hash__

    positional: tuple[Values, ...] = ()
    keywords: tuple[tuple[str, Values], ...] = ()
    unpacked: bool = False
    """Whether `*args` or `**kwargs` may fill any other parameter."""
    optional: frozenset[int | str] = frozenset()
    """Positions and keywords of unknown arguments that may be None: a caller's own optional, `order.get("x")`."""

    def is_given(self, place: int | str, values: Values) -> bool:
        """Whether what is passed at a position or by keyword is taken as given: it is not None, nor an optional."""
        return place not in self.optional and Literal(None) not in values


@dataclass(frozen=True, slots=True)
class Generator(_Compound):
    """A generator of the project that has been called but not run."""

    __hash__ = _Compound.__hash__

    function: FunctionValue
    arguments: Arguments
    call: s.Call = field(compare=False)
    start: int = -1


@dataclass(frozen=True, slots=True)
class Coroutine(_Compound):
    """A call of a function of the project declared `async`, not awaited yet."""

    __hash__ = _Compound.__hash__

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
class Partial(_Compound):
    """A function with some arguments bound."""

    __hash__ = _Compound.__hash__

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


def cut(value: _T, depth: int = _DEPTH) -> _T:
    """A value, or arguments, of limited depth: what is nested deeper is left out."""
    if not isinstance(value, _Compound) or value.depth <= depth:
        return value
    parts: dict[str, Any]
    if depth > 1:
        parts = {name: _cut(getattr(value, name), depth - 1) for name in _COMPARED[type(value)][0]}
    elif isinstance(value, FunctionValue):
        parts = {"receiver": cut(value.receiver, 1), "wraps": None, "defaults": (), "around": ()}
    elif isinstance(value, ObjectValue):
        parts = {"given": (), "present": frozenset(), "wraps": cut(value.wraps, 1)}
    elif isinstance(value, (Generator, Coroutine, Partial)):
        parts = {"function": cut(value.function, 1), "arguments": Arguments(unpacked=True)}
    elif isinstance(value, Super):
        parts = {"receiver": cut(value.receiver, 1)}
    elif isinstance(value, Container):
        parts = {"items": (), "elements": (), "keys": (), "empty": value.empty and None}
    else:
        parts = {"positional": (), "keywords": (), "unpacked": True}
    return cast(_T, replace(cast(Any, value), **parts))


def _cut(part: object, depth: int) -> object:
    return tuple([_cut(each, depth) for each in part]) if type(part) is tuple else cut(part, depth)


def code_of(value: Value) -> Any:
    """The code that a value stands for, by which calls are told apart once there were many; None for plain data.

    There are no more of these than the program has functions, classes and places where tasks are made.
    """
    match value:
        case FunctionValue():
            receiver = value.receiver.of.node if isinstance(value.receiver, ObjectValue) else None
            return value.node, value.scope.context, receiver
        case ObjectValue():
            return value.of.node, ObjectValue
        case Generator() | Coroutine():
            return value.function.node, Generator
        case Partial():
            code = code_of(value.function)
            return code[0] if type(code) is tuple else code, Partial
        case External():
            return value if value.name.count(".") <= _DEPTH else None
        case Literal():  # None tells a function what it is not given
            return value if value.value is None else None
        case Container() | Instance():
            return None
    return value


def mixed(*alternatives: Values) -> Values:
    """All alternatives; without constants and empty containers where one of them is unknown and may be any data."""
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

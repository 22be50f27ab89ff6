"""The language-neutral syntax tree that every frontend lowers to and every rule judges.

It keeps what replay safety depends on (names, calls, suspension points, control flow) and nothing else. Nodes compare
by identity; `start` and `end` are character offsets into the module's text, turned into lines and columns only for
findings. Nothing changes a node once it is made. The dataclasses do not enforce that, because frozen ones take three
times as long to define and to make, and every run pays for both.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal, TypeAlias, get_args

from determinism_lint.model import Excerpt, Language, Span


@dataclass(slots=True, eq=False, repr=False)
class Node:
    start: int
    end: int


# --- expressions ------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False, repr=False)
class Name(Node):
    id: str


@dataclass(slots=True, eq=False, repr=False)
class Attribute(Node):
    value: Expression
    attr: str


@dataclass(slots=True, eq=False, repr=False)
class Constant(Node):
    value: object


@dataclass(slots=True, eq=False, repr=False)
class Template(Node):
    """A string with interpolated values."""

    values: tuple[Expression, ...]
    conversions: tuple[str, ...] = ()
    """How each value is converted before it is formatted: `r` for `f"{value!r}"`, mostly empty."""


@dataclass(slots=True, eq=False, repr=False)
class Argument(Node):
    value: Expression
    keyword: str | None = None
    unpack: Literal["", "*", "**"] = ""


@dataclass(slots=True, eq=False, repr=False)
class Call(Node):
    function: Expression
    arguments: tuple[Argument, ...]


@dataclass(slots=True, eq=False, repr=False)
class Suspend(Node):
    """A point where the function may pause: `yield value` or `await value`."""

    value: Expression | None
    keyword: Literal["yield", "await"]


@dataclass(slots=True, eq=False, repr=False)
class Delegate(Node):
    """`yield from value`, `yield* value`: runs another generator in place."""

    value: Expression


@dataclass(slots=True, eq=False, repr=False)
class Lambda(Node):
    function: Function


@dataclass(slots=True, eq=False, repr=False)
class Collection(Node):
    kind: Literal["list", "set", "dict", "tuple", "slice"]
    items: tuple[Expression, ...]
    keys: tuple[Expression, ...] = ()


@dataclass(slots=True, eq=False, repr=False)
class Clause(Node):
    target: Expression
    iterable: Expression
    conditions: tuple[Expression, ...]


@dataclass(slots=True, eq=False, repr=False)
class Comprehension(Node):
    kind: Literal["list", "set", "dict", "generator"]
    elements: tuple[Expression, ...]
    clauses: tuple[Clause, ...]


@dataclass(slots=True, eq=False, repr=False)
class Operation(Node):
    """Any operator; `operator` is spelled as in Python (`not`, `and`, `==`, `is not`, `+`)."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(slots=True, eq=False, repr=False)
class Conditional(Node):
    test: Expression
    body: Expression
    orelse: Expression


@dataclass(slots=True, eq=False, repr=False)
class Subscript(Node):
    value: Expression
    index: tuple[Expression, ...]


@dataclass(slots=True, eq=False, repr=False)
class Bind(Node):
    """An assignment that is an expression: `(target := value)`."""

    target: Expression
    value: Expression


@dataclass(slots=True, eq=False, repr=False)
class Starred(Node):
    value: Expression


Expression: TypeAlias = (
    Name
    | Attribute
    | Constant
    | Template
    | Call
    | Suspend
    | Delegate
    | Lambda
    | Collection
    | Comprehension
    | Operation
    | Conditional
    | Subscript
    | Bind
    | Starred
)
EXPRESSIONS = frozenset(get_args(Expression))


# --- statements -------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False, repr=False)
class Evaluate(Node):
    """An expression whose value is dropped."""

    value: Expression


@dataclass(slots=True, eq=False, repr=False)
class Assign(Node):
    targets: tuple[Expression, ...]
    value: Expression | None
    annotation: Expression | None = None
    augmented: bool = False
    operator: str = ""
    """Of an augmented assignment: `+` for `target += value`."""


@dataclass(slots=True, eq=False, repr=False)
class Delete(Node):
    targets: tuple[Expression, ...]


@dataclass(slots=True, eq=False, repr=False)
class If(Node):
    test: Expression
    body: Block
    orelse: Block


@dataclass(slots=True, eq=False, repr=False)
class Loop(Node):
    """`while subject` when `target` is None, else `for target in subject`."""

    target: Expression | None
    subject: Expression
    body: Block
    orelse: Block


@dataclass(slots=True, eq=False, repr=False)
class Handler(Node):
    types: Expression | None
    name: str | None
    body: Block


@dataclass(slots=True, eq=False, repr=False)
class Try(Node):
    body: Block
    handlers: tuple[Handler, ...]
    orelse: Block
    final: Block


@dataclass(slots=True, eq=False, repr=False)
class With(Node):
    items: tuple[tuple[Expression, Expression | None], ...]
    body: Block


@dataclass(slots=True, eq=False, repr=False)
class Case(Node):
    captures: tuple[Name, ...]
    guard: Expression | None
    body: Block


@dataclass(slots=True, eq=False, repr=False)
class Match(Node):
    subject: Expression
    cases: tuple[Case, ...]


@dataclass(slots=True, eq=False, repr=False)
class Return(Node):
    value: Expression | None


@dataclass(slots=True, eq=False, repr=False)
class Raise(Node):
    value: Expression | None
    cause: Expression | None = None


@dataclass(slots=True, eq=False, repr=False)
class Break(Node):
    pass


@dataclass(slots=True, eq=False, repr=False)
class Continue(Node):
    pass


@dataclass(slots=True, eq=False, repr=False)
class Import(Node):
    """Binds `local` to the module `module`, or to `attribute` in it; `level` counts the dots of a relative import.

    `local` is None for `from module import *`.
    """

    module: str
    attribute: str | None
    local: str | None
    level: int = 0


@dataclass(slots=True, eq=False, repr=False)
class Outer(Node):
    """Declares that assignments to `names` reach an outer scope: `global`, `nonlocal`."""

    keyword: Literal["global", "nonlocal"]
    names: tuple[str, ...]


@dataclass(slots=True, eq=False, repr=False)
class Parameter(Node):
    name: str
    annotation: Expression | None
    default: Expression | None
    kind: Literal["positional", "keyword", "*", "**"] = "positional"


@dataclass(slots=True, eq=False, repr=False)
class Function(Node):
    """A function, method or lambda. `start` and `end` cover its signature's name, where findings about it sit."""

    name: str
    parameters: tuple[Parameter, ...]
    written: Block | Callable[[], Block]
    """Its body, or what reads that when it is needed: most functions of a library that is imported never are."""
    decorators: tuple[Expression, ...] = ()
    returns: Expression | None = None
    is_async: bool = False
    is_generator: bool = False
    role: str = ""
    """What its class makes of it where the language's syntax says so: `staticmethod`, `classmethod`, `property`,
    `setter`; decorators may say the same."""

    @property
    def body(self) -> Block:
        if callable(self.written):
            self.written = self.written()
        return self.written


@dataclass(slots=True, eq=False, repr=False)
class Class(Node):
    name: str
    bases: tuple[Expression, ...]
    body: Block
    decorators: tuple[Expression, ...] = ()


Statement: TypeAlias = (
    Evaluate
    | Assign
    | Delete
    | If
    | Loop
    | Try
    | With
    | Match
    | Return
    | Raise
    | Break
    | Continue
    | Import
    | Outer
    | Function
    | Class
)
Block: TypeAlias = tuple[Statement, ...]


@dataclass(slots=True, eq=False, repr=False)
class Module:
    """One parsed source file."""

    path: str
    language: Language
    text: str
    body: Block
    too_deep: list[Function] = field(default_factory=list)
    """Functions whose bodies turned out to be nested too deeply when they were read; they count as empty."""
    _line_starts: list[int] = field(default_factory=list, repr=False)

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column of a character offset."""
        starts = self._starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line(self, node: Node) -> int:
        return self.position(node.start)[0]

    def span(self, node: Node) -> Span:
        return Span(*self.position(node.start), *self.position(node.end))

    def excerpt(self, span: Span) -> Excerpt:
        """The lines of `span` with one line of context around them."""
        starts = self._starts()
        first, last = max(1, span.line - 1), min(len(starts), span.end_line + 1)
        ends = [*starts[first : last + 1], len(self.text)][: last - first + 1]
        lines = tuple(
            self.text[begin:end].rstrip("\r\n\f") for begin, end in zip(starts[first - 1 : last], ends, strict=True)
        )
        return Excerpt(first, lines)

    def _starts(self) -> list[int]:
        if not self._line_starts:
            self._line_starts.extend(line_starts(self.text))
        return self._line_starts


def line_starts(text: str) -> list[int]:
    """Offsets at which lines begin; `\\n`, `\\r\\n` and `\\r` end a line."""
    starts, offset = [0], 0
    for line in text.replace("\x0c", " ").replace("\x0b", " ").splitlines(keepends=True) if text else ():
        offset += len(line)
        if line[-1] in "\r\n":
            starts.append(offset)
    return starts


_CHILD_FIELDS: dict[type[Node], tuple[str, ...]] = {}
_LEAVES = re.compile(r"(?:int|str|bool|object|None|Literal\[.*\]|tuple\[str, \.\.\.\]|[ |])+")
"""Annotations of fields that hold no nodes."""


def _child_fields(kind: type[Node]) -> tuple[str, ...]:
    names = _CHILD_FIELDS.get(kind)
    if names is None:
        names = tuple(each.name for each in fields(kind) if not _LEAVES.fullmatch(str(each.type)))
        names = tuple("body" if name == "written" else name for name in names)
        _CHILD_FIELDS[kind] = names
    return names


def children(node: Node) -> list[Node]:
    """The direct child nodes, in source order of their fields."""
    found: list[Node] = []
    for name in _child_fields(type(node)):
        value = getattr(node, name)
        if type(value) is tuple:
            for item in value:
                if type(item) is tuple:
                    found.extend(part for part in item if part is not None)
                else:
                    found.append(item)
        elif value is not None:
            found.append(value)
    return found


def walk(node: Node | tuple[Node, ...], *, into_functions: bool = False) -> Iterator[Node]:
    """The node and all below it, outermost first; what nested functions and classes hold only when asked for.

    A function or class that is given itself is not nested; one in a block that is given is.
    """
    return iter(_below(node, into_functions))


@lru_cache(maxsize=16384)
def _below(node: Node | tuple[Node, ...], into_functions: bool) -> tuple[Node, ...]:
    found: list[Node] = []
    stack: list[Any] = list(reversed(node)) if isinstance(node, tuple) else [node]
    while stack:
        current = stack.pop()
        kind = type(current)
        if kind is tuple:  # the parts of a field
            stack += current[::-1]
        elif current is not None:
            found.append(current)
            if into_functions or current is node or (kind is not Function and kind is not Class):
                stack += _PARTS[kind](current)
    return tuple(found)


class _Parts(dict[type[Node], Callable[[Any], Iterable[Any]]]):
    """Reads the fields of a node that hold others, the last one first; made for each kind of node when it is met."""

    def __missing__(self, kind: type[Node]) -> Callable[[Any], Iterable[Any]]:
        names = _child_fields(kind)[::-1]
        read = attrgetter(*names) if names else lambda node: ()
        self[kind] = read if len(names) != 1 else lambda node: (read(node),)
        return self[kind]


_PARTS = _Parts()


def imports(module: Module) -> Iterator[Import]:
    """All imports of a module, as they are written. Most stand at the top, so the rest of the tree is seldom read."""
    for statement in module.body:
        if isinstance(statement, Import):
            yield statement
        else:
            yield from (node for node in walk(statement, into_functions=True) if isinstance(node, Import))


@lru_cache(maxsize=1024)
def imports_by_name(module: Module) -> Mapping[str, Import]:
    """The imports at the top level of a module, by the name that each binds."""
    return {node.local: node for node in module.body if isinstance(node, Import) and node.local is not None}


def roles(function: Function) -> set[str]:
    """What a class makes of a function, and the last segments of its decorators: `setter` for `@total.setter`."""
    names = {(dotted(decorator) or "").rsplit(".", 1)[-1] for decorator in function.decorators}
    return names | {function.role} if function.role else names


def dotted(expression: Expression | None) -> str | None:
    """`a.b.c` for a chain of plain names, else None."""
    parts: list[str] = []
    while isinstance(expression, Attribute):
        parts.append(expression.attr)
        expression = expression.value
    if not isinstance(expression, Name):
        return None
    parts.append(expression.id)
    return ".".join(reversed(parts))

"""What the core asks a language: how code is read, what its built-ins do, and what a project declares.

The core knows no language. It gets one `Frontend` and follows what that says; whatever a language does not have keeps
its default, which means "nothing of the kind".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.declarations import Binding, Declared, Survey
from determinism_lint.analysis.events import Called, Problem
from determinism_lint.analysis.sdk import Kind, Runtime, Sdk
from determinism_lint.analysis.values import (
    UNKNOWN,
    Arguments,
    Container,
    FunctionValue,
    ObjectValue,
    Value,
    Values,
)
from determinism_lint.model import Fix, Refusal

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.machine import LoadedModule, Machine
    from determinism_lint.analysis.interpreter.statements import Activation
    from determinism_lint.analysis.language import Language

Passed: TypeAlias = tuple[tuple[s.Argument, Values], ...]
"""The arguments of a call, as they are written and what they are."""
Parse: TypeAlias = Callable[[str, bytes], s.Module]
Maker: TypeAlias = "Callable[[Activation, s.Call, Arguments], Values | None]"


class Importer(Protocol):
    """Where imports lead: to a file of the project, or outside it. Looks at no disk."""

    def resolve(self, module: str, level: int, importer: str) -> str | None:
        """The file, or the folder of a package without a file of its own, that an import loads.

        None for whatever is not in the project: modules outside are known by name only.
        """

    def submodule(self, package: str, name: str) -> str | None:
        """The file or folder of a module inside a package's."""

    def is_external(self, name: str) -> bool:
        """Whether a top-level name is that of an SDK, though the project may have a folder of that name."""


@dataclass(frozen=True, slots=True)
class Special:
    """The names of methods that the language itself calls on objects; of several, each object's first."""

    constructors: tuple[str, ...] = ()
    """What making an object runs, one after the other."""
    after_construction: tuple[str, ...] = ()
    """What it runs then, without arguments."""
    subclass: tuple[str, ...] = ()
    """What defining a class runs of those it extends."""
    call: str = ""
    enter: str = ""
    leave: str = ""
    enter_async: str = ""
    leave_async: str = ""
    iterate: tuple[str, ...] = ()
    advance: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """What reading an attribute runs that an object does not have."""
    read: tuple[str, ...] = ()
    """What `value[index]` runs."""
    write: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    truth: tuple[str, ...] = ()
    """What tells whether an object counts as true."""
    name: str = ""
    """The attribute that holds a function's name, if a program can change it."""

    @property
    def initializers(self) -> tuple[str, ...]:
        """All methods that run, in this order, when an object is made."""
        return (*self.constructors, *self.after_construction)


def _nothing_known(name: str, arguments: tuple[Values, ...], items: tuple[Values, ...] | None = None) -> Values:
    return UNKNOWN


@dataclass(frozen=True, slots=True)
class Library:
    """What built-ins and libraries do, as far as replay safety depends on it. Names are qualified."""

    builtins: frozenset[str] = frozenset()
    """Names that are known everywhere."""
    data: frozenset[str] = frozenset()
    """Names in the rules' tables that are data: a hazard when they are read. All others are functions and classes."""
    data_below: tuple[str, ...] = ()
    """Prefixes of further names that are data."""
    describes: frozenset[str] = frozenset()
    """What every class or module has, and what is data: it does not do what the class or module does."""
    random_sources: frozenset[str] = frozenset()
    """Sources of random numbers, whose every method is as random as they are."""
    importers: frozenset[str] = frozenset()
    """Functions that return the module of a name."""
    order_sensitive: frozenset[str] = frozenset()
    """Functions whose result depends on the order of the items of their arguments."""
    keeps_order: frozenset[str] = frozenset()
    """Those of them that pass the items on, so that a function for which order does not matter may come after."""
    orderless: frozenset[str] = frozenset()
    """Built-ins for which the order of the items does not matter."""
    leaves_alone: frozenset[str] = frozenset()
    """Built-ins that do not iterate over their arguments."""
    callbacks: Mapping[str, tuple[int | str, ...]] = field(default_factory=dict)
    """Functions that call what is passed to them at these places, there and then."""
    called_with_items: frozenset[str] = frozenset()
    """Those that call it with an item of each other argument."""
    returns_results: frozenset[str] = frozenset()
    """Those that return what these calls return, one after the other."""
    hooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Methods that a function calls on objects of the classes that are passed to it."""
    mutators: frozenset[str] = frozenset()
    """Methods of built-in collections that change them."""
    assumed_methods: frozenset[str] = frozenset()
    """Methods that call what they are passed, which are so named that any object that has them is a collection."""
    consumers: frozenset[str] = frozenset()
    """Methods of built-in collections and strings that iterate over their arguments."""
    indexed: frozenset[str] = frozenset()
    """Classes whose items are read as their methods are called."""
    roles: frozenset[str] = frozenset()
    """Functions that say what a class makes of a function."""
    dispatchers: frozenset[str] = frozenset()
    """Decorators with which a function chooses among others by the type of its argument."""
    never_true: frozenset[str] = frozenset()
    """Names of conditions under which code is read but never runs."""
    ranges: frozenset[str] = frozenset()
    """Functions that count up to their argument."""
    truthy: frozenset[str] = frozenset()
    """Classes whose instances count as true."""
    plain: frozenset[str] = frozenset()
    """Classes, named like functions, whose instances are never None."""
    operators: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """What an operator makes of an instance: (operator, class) -> class."""
    makers: Mapping[str, Maker] = field(default_factory=dict)
    """What calls of these return, where that takes a look at the whole call; None if it does not."""
    result_of: Callable[[str, tuple[Values, ...], tuple[Values, ...] | None], Values] = _nothing_known
    """What calling an external name returns, by its arguments and by what iterating over each of them yields."""

    def is_data(self, name: str) -> bool:
        """Whether a name is that of data, not of a function or class."""
        return name in self.data or (bool(self.data_below) and name.startswith(self.data_below))


def _no_values(*_: object) -> Values:
    return UNKNOWN


def _dotted(owner: str, name: str | None) -> str:
    return owner if name is None else f"{owner}.{name}"


def _as_made(machine: Machine, made: ObjectValue, arguments: Arguments, caller: Activation) -> ObjectValue:
    return made


def _unchanged(value: Value, method: str, given: list[Values], named: Container | None) -> Value:
    return value


def _no_names(_: s.Function) -> set[str]:
    return set()


def _no_fix(*_: object) -> Fix | Refusal | None:
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Frontend:
    """All that the core has to know of one language."""

    language: Language
    parse: Callable[[str, bytes], s.Module]
    """Parses one file. Raises `ParseError`, and nothing else."""
    decode: Callable[[bytes], str]
    """The text of a file. Raises `ParseError`."""
    encoding_of: Callable[[bytes], str]
    """The encoding that a file declares. Raises `ParseError`."""
    importer: Callable[[frozenset[str], Callable[[str], bytes]], Importer]
    """Makes the importer of a project from its files and what reads them."""
    declare: Callable[[Survey, Called], None]
    """Notes what a call or decorator declares, whether replay reaches it or not."""
    unregistered: Callable[[Machine, str], Iterator[Declared]]
    """The functions of a module that are written like orchestrators."""
    runtime_of: Callable[[Declared, Callable[[str], bytes]], Runtime]
    """What runs a declaration."""
    combinator: Callable[[str], tuple[Kind, Sdk] | None]
    """What a qualified function of an SDK does with tasks, if it combines them, and the SDK."""
    concerned: Callable[[Sequence[str], frozenset[str], Callable[[str], bytes], Parse], list[str]] = (
        lambda candidates, files, read, parse: list(candidates)
    )
    """The candidates that can have to do with an SDK; all others are left alone, and what they import with them."""
    declare_module: Callable[[Survey, LoadedModule, Sequence[Binding]], None] = lambda survey, module, bindings: None
    """Notes what a module declares as a whole, by what it exports and what function.json files say of it."""
    surveys: Callable[[FunctionValue], bool] = lambda function: True
    """Whether a function is run before anything is judged, since that can tell what is declared, and what is called."""
    described: Callable[[s.Expression | None, Callable[[s.Expression], Values]], Values] = _no_values
    """What a type annotation says of a value, given what evaluates the names in it."""
    library: Library = field(default_factory=Library)
    special: Special = field(default_factory=Special)
    checks: tuple[str, ...] = ()
    """Packages of checks, as `determinism_lint.checks`, for what rules mean in this language alone."""
    filled: Callable[[Machine, ObjectValue, Arguments, Activation], ObjectValue] = _as_made
    """A new object with what a generated constructor puts into its fields."""
    hooks: Callable[[Machine, ObjectValue], Iterable[FunctionValue]] = lambda machine, made: ()
    """Methods that making an object runs because of how they are declared."""
    declares_field: Callable[[s.Expression | None], bool] = lambda value: False
    """Whether a value in a class body only describes a field, so that each object has its own."""
    field_default: Callable[[Activation, s.Call], Values] = _no_values
    """What such a description makes for each object."""
    constructed: Callable[[Activation, s.Call, ObjectValue, Arguments], Values] = _no_values
    """What calling a class gives instead of the new object."""
    attribute: Callable[[Activation, s.Attribute, Value], Values] = _no_values
    """What an attribute of a built-in value is, where the language has an answer of its own."""
    container_method: Callable[[Activation, s.Call, Container, str, Passed], Values] = _no_values
    """What a method of a built-in collection returns, after running what it runs."""
    grown: Callable[[Value, str, list[Values], Container | None], Value] = _unchanged
    """What a collection is after one of its methods changed it, with what was passed by position and by keyword."""
    task_attributes: frozenset[str] = frozenset()
    """What may be read of a durable task that has not completed."""
    called: Callable[[str], str] = lambda name: name
    """The name under which the rules' tables know what is called."""
    qualified: Callable[[str, str | None], str] = _dotted
    """The qualified name of what a module outside the project, or a class, has under a name; None for all of it."""
    export: Callable[[Machine, str, str], Values] | None = None
    """What a module of the project exports under a name; its global of that name where the language has no exports."""
    module_value: Callable[[Machine, str], Values] = _no_values
    """What importing a module of the project as a whole gives, where that can be more than the module."""
    imports_late: bool = False
    """Whether imports are looked up where a name is used: files may import each other, and most of it is never used."""
    waits_in_functions: bool = False
    """Whether any function can wait that an orchestrator calls, since waiting holds up or leaves all of them."""
    runs_async_at_once: bool = False
    """Whether calling an asynchronous function runs it, up to where it waits."""
    fixes: Mapping[str, Callable[[Any, Problem], Fix | Refusal | None]] = field(default_factory=dict)
    """Rule -> what mends a problem, given the event that shows it."""
    substitution: Callable[[str, Called], Fix | Refusal | None] = _no_fix
    """Replaces a call by the template that a rule's table has for it."""
    source_of: Callable[[str, frozenset[str]], str | None] = lambda path, files: None
    """The source file from which a file that the project does not hold was made."""

    def script_of(self, binding: Binding, files: frozenset[str]) -> str | None:
        """The source file that a function.json runs, if it is one of `files`."""
        script = binding.script_of(self.language.script)
        return script if script in files else self.source_of(script, files)

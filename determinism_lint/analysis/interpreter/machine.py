"""Modules, calls and objects: what outlives the activation of one function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.derived import shared
from determinism_lint.analysis.events import Called, Event
from determinism_lint.analysis.frontend import Frontend, Importer
from determinism_lint.analysis.interpreter import fields
from determinism_lint.analysis.interpreter.statements import Activation, Flags
from determinism_lint.analysis.scopes import Scope, bound_names
from determinism_lint.analysis.sdk import Kind, Runtime
from determinism_lint.analysis.values import (
    UNKNOWN,
    Ambient,
    Arguments,
    ClassValue,
    Container,
    Context,
    Coroutine,
    External,
    FunctionValue,
    Generator,
    Literal,
    ModuleValue,
    ObjectValue,
    Value,
    Values,
    code_of,
    cut,
    join,
    mixed,
)
from determinism_lint.errors import ParseError

_MAX_REENTRY = 2
"""How often one function may be active at once before recursion is taken as understood."""
_EXACT = 16
"""With how many different arguments a function is run exactly. Further ones are told apart without their plain data."""
_APART = 64
"""With how many it is run in every combination. From then on it is run again only for code that it never met."""
BUDGET = 200_000
"""Statements and expressions that are evaluated for one module's survey, or for one orchestrator, before the rest of it
is judged coarsely: each function once, with the arguments that came first. Real code needs 40,000."""


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """The run `caller` of a function calls `callee`, which is then in the run `run`, at `node` in `module`."""

    caller: int
    run: int
    callee: s.Function
    module: s.Module
    node: s.Node
    home: s.Module
    """The module of the callee."""


class Outcome(NamedTuple):
    """What a function returns and, of a generator, what it yields on the way."""

    returned: Values = UNKNOWN
    yielded: Values = UNKNOWN
    attributes: Mapping[str, Values | None] = MappingProxyType({})
    """What a method gives to attributes of its object; None for what is taken as given."""
    runs: frozenset[int] = frozenset()
    """The runs of the function that this tells of: one for each kind of arguments."""


def _joined(one: Outcome, other: Outcome) -> Outcome:
    attributes = dict(one.attributes)
    for name, values in other.attributes.items():
        known = attributes.get(name, values)
        attributes[name] = None if known is None and values is None else mixed(known or (), values or ())
    returned, yielded = mixed(one.returned, other.returned), mixed(one.yielded, other.yielded)
    return Outcome(returned, yielded, attributes, one.runs | other.runs)


@dataclass(slots=True, eq=False)
class _Summary:
    """What all runs of a function under the same flags have in common."""

    outcome: Outcome | None = None
    met: set[object] = field(default_factory=set)
    """The code that was passed so far: parameter and what `code_of` tells."""


@dataclass(slots=True, eq=False)
class LoadedModule:
    """A project module whose top level has been run."""

    tree: s.Module
    scope: Scope


@dataclass(slots=True)
class Machine:
    """Runs functions of one project. `emit` receives every event of what replay reaches."""

    language: Frontend
    files: frozenset[str]
    parse: Callable[[str], s.Module]
    is_hazard: Callable[[str, bool], bool]
    emit: Callable[[Event], None]
    importer: Importer
    surveyed: Callable[[Called], None] = lambda called: None
    """Receives every call and decorator, whether replay reaches it or not."""
    edges: dict[tuple[int, int, s.Node], Edge] = field(default_factory=dict)
    renamed: dict[int, str | None] = field(default_factory=dict)
    """Functions whose `__name__` the program changes, by identity of their node; None for a computed name."""
    registered: dict[int, list[FunctionValue]] = field(default_factory=dict)
    """What was registered for some type of its argument with a function that dispatches, by identity of its node."""
    made: dict[int, set[str]] = field(default_factory=dict)
    """Generators and coroutines that were made: the function's identity, and the files that call it."""
    performed: dict[int, set[Kind]] = field(default_factory=dict)
    """The kinds of durable operations that a function performs, itself or through others, by identity of its node."""
    witnessed: set[tuple[str, int]] = field(default_factory=set)
    """Where replay itself reads what differs between processes: module and offset, as in `Ambient.origin`."""
    registrars: set[int] = field(default_factory=set)
    """Functions that change names of modules while these are imported, by identity of their node."""
    classes: dict[s.Call, ClassValue] = field(default_factory=dict)
    """Classes that calls make, such as named tuples."""
    defined: list[ClassValue] = field(default_factory=list)
    """The classes of the modules that were run so far, and those in them, but for those that functions define."""
    too_deep: set[str] = field(default_factory=set)
    """Files in which the analysis gave up, because of nesting that it cannot follow."""
    steps: int = 0
    """Statements and expressions that were evaluated since `begin`."""
    total: int = 0
    """Statements and expressions that were evaluated before the last `begin`."""
    coarse: set[str] = field(default_factory=set)
    """Files for which the budget was spent."""
    _path: str = ""
    _modules: dict[str, LoadedModule | None] = field(default_factory=dict)
    _memo: dict[object, Outcome] = field(default_factory=dict)
    _runs: int = 0
    _active: dict[int, int] = field(default_factory=dict)
    _variants: Counter[tuple[s.Function, bool]] = field(default_factory=Counter)
    _summaries: dict[tuple[s.Function, Flags], _Summary] = field(default_factory=dict)
    _first: dict[object, Value] = field(default_factory=dict)
    """Of values that stand for the same code, the one that came first."""
    _prepared: set[tuple[int, int]] = field(default_factory=set)
    _late: dict[s.Import, Values] = field(default_factory=dict)
    _orders: dict[Scope, tuple[ClassValue | External, ...]] = field(default_factory=dict)
    # --- modules

    def module(self, path: str) -> LoadedModule | None:
        """Parse and run a module's top level, once; None when it cannot be parsed (that is reported elsewhere)."""
        if path in self._modules:
            return self._modules[path]
        self._modules[path] = None
        try:
            tree = self.parse(path)
        except (OSError, ParseError):
            return None
        loaded = LoadedModule(tree, Scope(tree, None, None))
        self._modules[path] = loaded
        function = s.Function(0, 0, "<module>", (), tree.body)
        try:
            Activation(self, loaded.scope, function, None, Flags(judged=False, imported=True)).run()
        except RecursionError:
            self.too_deep.add(path)
        return loaded

    def imported(self, node: s.Import, importer: str) -> Mapping[str, Values]:
        """The names that an import statement binds, with what they are."""
        path = self.importer.resolve(node.module, node.level, importer)
        if node.local is None:
            return self._all_of(path)
        if node.attribute is None:
            if "." in node.module and node.local == node.module.split(".")[0]:
                return {node.local: self._package_value(node.local, importer)}
            return {node.local: self.import_module(node.module, importer)}
        outside = External(self.language.qualified(node.module, node.attribute))
        if path is None:
            return {node.local: (outside,) if not node.level else UNKNOWN}
        values = self.module_attribute(path, node.attribute)
        if not values and path not in self.files:
            values = (outside,)
        return {node.local: values}

    def imported_late(self, node: s.Import, scope: Scope) -> Values:
        """What the name of an import is, the first time that it is used and is known."""
        values = self._late.get(node, UNKNOWN)
        if not values:
            values = self._late[node] = next(iter(self.imported(node, scope.module.path).values()), UNKNOWN)
        return values

    def star_modules(self, node: s.Import, importer: str) -> tuple[str, ...]:
        """The modules outside the project whose names `from … import *` brings in, directly or not."""
        path = self.importer.resolve(node.module, node.level, importer)
        if path is None:
            return () if node.level else (node.module,)
        loaded = self.module(path) if path in self.files else None
        return () if loaded is None else loaded.scope.stars

    def import_module(self, name: str, importer: str) -> Values:
        """What importing the module of that name gives."""
        path = self.importer.resolve(name, 0, importer)
        if path is None:
            return (External(self.language.qualified(name, None)),)
        return self.language.module_value(self, path) or (ModuleValue(path),)

    def _package_value(self, name: str, importer: str) -> Values:
        path = self.importer.resolve(name, 0, importer)
        is_outside = path is None or (path not in self.files and self.importer.is_external(name))
        return (External(name),) if is_outside or path is None else (ModuleValue(path),)

    def _all_of(self, path: str | None) -> Mapping[str, Values]:
        loaded = self.module(path) if path is not None and path in self.files else None
        if loaded is None:
            return {}
        return {name: values for name, values in loaded.scope.names.items() if not name.startswith("_")}

    def module_attribute(self, path: str, name: str) -> Values:
        """What `name` is in a module or package: one of its globals, or a submodule."""
        if self.language.export is not None:
            return self.language.export(self, path, name)
        loaded = self.module(path) if path in self.files else None
        if loaded is not None and name in loaded.scope.names:
            return loaded.scope.names[name]
        submodule = self.importer.submodule(path, name)
        return UNKNOWN if submodule is None else (ModuleValue(submodule),)

    @property
    def loaded(self) -> tuple[LoadedModule, ...]:
        """The modules that have been run so far."""
        return tuple(each for each in self._modules.values() if each is not None)

    # --- calls

    def invoke(
        self, function: FunctionValue, arguments: Arguments, flags: Flags, caller: Activation, node: s.Call
    ) -> Values:
        """Call a function of the project; a generator or coroutine is only made, and runs when it is driven."""
        if function.node.is_generator or function.node.is_async:
            self.made.setdefault(id(function.node), set()).add(caller.scope.module.path)
        if function.node.is_generator:
            return (cut(Generator(function, arguments, node, node.start)),)
        if function.node.is_async:
            if self.language.runs_async_at_once:
                self.run(function, arguments, flags, caller, node)
            return (cut(Coroutine(function, arguments, node, node.start)),)
        return self.run(function, arguments, flags, caller, node)

    def run(
        self,
        function: FunctionValue,
        arguments: Arguments,
        flags: Flags,
        caller: Activation | None,
        node: s.Node,
    ) -> Values:
        """Run a function's body with what is known of its arguments; returns what it returns."""
        return self.outcome(function, arguments, flags, caller, node).returned

    def outcome(
        self,
        function: FunctionValue,
        arguments: Arguments,
        flags: Flags,
        caller: Activation | None,
        node: s.Node,
        *,
        is_orchestrator: bool = False,
    ) -> Outcome:
        """Run a function's body; returns what it returns and what it yields."""
        target = function.node
        if self._active.get(id(target), 0) >= _MAX_REENTRY:
            return Outcome()
        summary = self._summaries.setdefault((target, flags), _Summary())
        key = (target, function.scope, function.receiver, function.defaults, arguments, flags)
        known = self._memo.get(key)
        passed: frozenset[tuple[object, Any]] = frozenset()
        if known is None:
            passed = frozenset(_passed(function, arguments, flags))
            count = self._variants[target, flags.judged]
            if self._is_coarse():
                known = summary.outcome
            elif count >= _EXACT:
                receiver = function.receiver.bare() if isinstance(function.receiver, ObjectValue) else function.receiver
                function = function.bound_to(receiver)
                arguments = self._without_data(arguments)
                key = (target, function.scope, function.receiver, function.defaults, arguments, flags)
                known = self._memo.get(key)
                if known is None and count >= (_APART if flags.judged else _EXACT) and passed <= summary.met:
                    known = summary.outcome
        if known is not None:
            self._perform_through(caller, target)
            return self._handed_over(known, function, caller, node)
        self._variants[target, flags.judged] += 1
        summary.met |= passed
        self._runs += 1
        runs = frozenset({self._runs})
        self._memo[key] = Outcome(runs=runs)
        scope = Scope(function.scope.module, target, function.scope)
        scope.assigned = bound_names(target)
        met = (code[0] if type(code) is tuple else code for place, code in passed if place is not None)
        scope.context = function.scope.context.union(met)
        activation = Activation(self, scope, target, function.receiver, flags, self._runs, is_orchestrator)
        self._active[id(target)] = self._active.get(id(target), 0) + 1
        outcome = Outcome(runs=runs)
        try:
            self._bind(function, arguments, activation)
            outcome = Outcome(activation.run(), activation.yielded, activation.attributes, runs)
        except RecursionError:
            self.too_deep.add(scope.module.path)
        finally:
            self._active[id(target)] -= 1
        self._memo[key] = outcome
        summary.outcome = outcome if summary.outcome is None else _joined(summary.outcome, outcome)
        self._perform_through(caller, target)
        return self._handed_over(outcome, function, caller, node)

    def _handed_over(
        self, outcome: Outcome, function: FunctionValue, caller: Activation | None, node: s.Node
    ) -> Outcome:
        """Note the call, and pass on what a method gives to attributes to the method of the same object around it."""
        if caller is not None:
            for run in outcome.runs:
                edge = Edge(caller.run_id, run, function.node, caller.scope.module, node, function.scope.module)
                self.edges.setdefault((caller.run_id, run, node), edge)
        if outcome.attributes and caller is not None and caller.receiver == function.receiver:
            for name, values in outcome.attributes.items():
                caller.keep(name, values)
        return outcome

    def begin(self, path: str) -> None:
        """What follows is done for the file `path`, and has a budget of its own."""
        self.total, self.steps, self._path = self.total + self.steps, 0, path

    def _is_coarse(self) -> bool:
        """Whether the budget is spent, so that no function is run twice."""
        if self.steps <= BUDGET:
            return False
        self.coarse.add(self._path)
        return True

    def _without_data(self, arguments: Arguments) -> Arguments:
        """The code among arguments; of what stands for the same code always the same."""

        def kept(values: Values) -> Values:
            found = {code_of(value): value for value in values}
            return tuple(self._first.setdefault(code, _bare(v)) for code, v in found.items() if code is not None)

        keywords = tuple((name, kept(values)) for name, values in arguments.keywords)
        return replace(arguments, positional=tuple(map(kept, arguments.positional)), keywords=keywords)

    def perform(self, function: s.Function, kinds: Iterable[Kind]) -> None:
        """Note that a function performs durable operations."""
        self.performed.setdefault(id(function), set()).update(kinds)

    def _perform_through(self, caller: Activation | None, callee: s.Function) -> None:
        if caller is not None:
            self.perform(caller.function, self.performed.get(id(callee), ()))

    def _bind(self, function: FunctionValue, arguments: Arguments, activation: Activation) -> None:
        names = activation.scope.names
        parameters = list(function.node.parameters)
        positional = list(arguments.positional)
        first = 0
        if function.receiver is not None and parameters:
            positional.insert(0, (function.receiver,))
            first = -1
        given: set[str] = set()
        keywords, defaults = dict(arguments.keywords), dict(function.defaults)

        def evaluate(node: s.Expression) -> Values:
            return Activation.outside(self, function.scope, node)

        for parameter in parameters:
            known = self.language.described(parameter.annotation, evaluate)
            if known and isinstance(parameter.default, s.Constant) and parameter.default.value is None:
                known = join(known, (Literal(None),))
            if parameter.kind == "*":
                names[parameter.name] = _collected("tuple", positional, (), arguments.unpacked)
                positional.clear()
                continue
            if parameter.kind == "**":
                names[parameter.name] = _collected("dict", keywords.values(), keywords, arguments.unpacked)
                continue
            if parameter.kind == "positional" and positional:
                place: int | str = first + parameters.index(parameter)
                values = positional.pop(0)
                given.update((parameter.name,) if arguments.is_given(place, values) else ())
            elif parameter.name in keywords:
                values = keywords.pop(parameter.name)
                given.update((parameter.name,) if arguments.is_given(parameter.name, values) else ())
            elif parameter.name in defaults and not arguments.unpacked:
                values = defaults[parameter.name]
            elif parameter.default is not None and not arguments.unpacked:
                values = activation.default(parameter.default, function.scope)
                if function.scope.parent is None or isinstance(function.scope.node, s.Class):
                    values = shared(values)
            else:
                values = UNKNOWN
            if parameter.name in given:
                known = tuple(value for value in known if value != Literal(None))
            names[parameter.name] = _refined(values, known)
        passed = {parameter.name for parameter in parameters if parameter.default is not None} - given
        activation.given, activation.optional = frozenset(given), frozenset(passed)

    def caller(self, function: FunctionValue, flags: Flags, run: int) -> Activation:
        """An activation that stands for a run of `function` as the caller of what it returned."""
        return Activation(self, function.scope, function.node, None, flags, run)

    def forget(self) -> None:
        """Forget what functions returned, so that the next phase runs them again."""
        self._memo.clear()
        self._variants.clear()
        self._summaries.clear()

    # --- objects

    def construct(
        self, value: ClassValue, arguments: Arguments, flags: Flags, caller: Activation, node: s.Call
    ) -> Values:
        """Make an object: run its field defaults and its constructor, or that of a base class outside the project."""
        made = ObjectValue(value, shared=flags.imported, fresh=flags.judged)
        if instead := self.language.constructed(caller, node, made, arguments):
            return instead
        special = self.language.special
        if not any(self.class_attribute(value, name) for name in special.constructors):
            bases = tuple(External(base) for base in self.external_bases(value))
            passed = tuple((argument, UNKNOWN) for argument in node.arguments)
            caller.emit(lambda site: Called(node, bases, UNKNOWN, passed, UNKNOWN, site))
        made = self.language.filled(self, made, arguments, caller)
        for name in special.initializers:
            for method in self.class_attribute(value, name):
                if isinstance(method, FunctionValue):
                    bound = method.bound_to(made)
                    handed = arguments if name in special.constructors else Arguments()
                    assigned = self.outcome(bound, handed, flags, caller, node).attributes
                    made = fields.constructed(made, assigned, self.language.library.plain)
        for hook in self.language.hooks(self, made):
            self.run(hook, Arguments(unpacked=True), flags, caller, node)
        return (made,)

    def bases(self, value: ClassValue) -> tuple[ClassValue | External, ...]:
        """The classes that a class extends, inside and outside the project."""
        return tuple(b for b in value.scope.bases if isinstance(b, (ClassValue, External)) and b != value)

    def class_attribute(self, value: ClassValue, name: str) -> Values:
        """A name of the class body or of a base class of the project."""
        definer = self.definer(value, name)
        return UNKNOWN if definer is None else definer.scope.names[name]

    def definer(self, value: ClassValue, name: str) -> ClassValue | None:
        """The class, or base class of the project, whose body gives a name a value."""
        if name in value.scope.names:
            return value
        for base in self.order(value)[1:]:
            if isinstance(base, ClassValue) and base.scope.names.get(name):
                return base
        return None

    def order(self, value: ClassValue) -> tuple[ClassValue | External, ...]:
        """A class and all that it extends, in the order in which attributes are looked for."""
        order = self._orders.get(value.scope)
        if order is None:
            found: list[ClassValue | External] = [value]
            for base in self.bases(value):
                found.extend(self.order(base) if isinstance(base, ClassValue) else (base,))
            order = tuple(dict.fromkeys(reversed(found)))[::-1]
            self._orders[value.scope] = order
        return order

    def external_bases(self, value: ClassValue) -> list[str]:
        """Qualified names of the classes outside the project that a class extends."""
        return [base.name for base in self.order(value) if isinstance(base, External)]

    def instance_attribute(self, value: ObjectValue, name: str) -> Values:
        """What `self.name` is: assigned by a method, declared in the class body, or inherited."""
        assigned = self.assigned_attribute(value.of, name, fresh=value.fresh)
        given = next((values for held, values in value.given if held == name), None)
        grows = any(isinstance(item, Container) for item in given or ())
        if given is not None and not grows and not self.is_changed(value.of, name):
            return given
        return join(given or self.class_attribute(value.of, name), assigned)

    def is_reset(self, value: ClassValue, name: str) -> bool:
        """Whether a method sets an attribute to None."""
        run = self.language.special.initializers
        return any(name in _reset(kind.node, run) for kind in self.order(value) if isinstance(kind, ClassValue))

    def is_changed(self, value: ClassValue, name: str) -> bool:
        """Whether anything but a constructor assigns to an attribute, as far as that was run."""
        return any(name in kind.scope.changed for kind in self.order(value) if isinstance(kind, ClassValue))

    def assigned_attribute(self, value: ClassValue, name: str, *, fresh: bool = False) -> Values:
        """Join what the methods assign to an attribute, running each of them once without judging it."""
        found: list[Values] = []
        for owner in self.order(value):
            if isinstance(owner, ClassValue):
                self._prepare(owner)
                found.append((owner.scope.fresh if fresh else owner.scope.attributes).get(name, UNKNOWN))
        return tuple(v for v in join(*found) if not (isinstance(v, Ambient) and v.origin in self.witnessed))

    def _prepare(self, value: ClassValue) -> None:
        """Run the methods of a class that assign attributes, once."""
        key = (id(value.node), id(value.scope))
        if key in self._prepared:
            return
        self._prepared.add(key)
        for methods in list(value.scope.names.values()):
            for method in methods:
                if not isinstance(method, FunctionValue) or not _assigns_attributes(method.node):
                    continue
                # As a fresh one: what is known without the arguments holds for every object. Only the constructor of
                # fresh ones has been run with what it was given.
                fresh = method.node.name not in self.language.special.initializers
                bound = method.bound_to(ObjectValue(value, fresh=fresh))
                self.run(bound, Arguments(unpacked=True), Flags(judged=False), None, method.node)


@lru_cache(maxsize=4096)
def _reset(kind: s.Class, initializers: tuple[str, ...]) -> frozenset[str]:
    """The attributes that methods of a class, other than constructors, set to None."""
    return frozenset(
        target.attr
        for method in kind.body
        if isinstance(method, s.Function) and method.name not in initializers
        for node in s.walk(method.body)
        if isinstance(node, s.Assign) and isinstance(node.value, s.Constant) and node.value.value is None
        for target in node.targets
        if isinstance(target, s.Attribute)
    )


def _passed(function: FunctionValue, arguments: Arguments, flags: Flags) -> Iterator[tuple[object, Any]]:
    """The code that a call brings: what is called, on what object, and what is passed at which place."""
    yield None, function.scope.context
    if function.receiver is not None and flags.judged:  # else each class is prepared by itself
        yield "", code_of(function.receiver)
    for place, values in (*enumerate(arguments.positional), *arguments.keywords):
        for value in values:
            if (code := code_of(value)) is not None:
                yield place, code


def _bare(value: Value) -> Value:
    match value:
        case ObjectValue():
            return value.bare()
        case Generator() | Coroutine():
            return replace(value, arguments=Arguments(unpacked=True))
    return value


@lru_cache(maxsize=8192)
def _assigns_attributes(function: s.Function) -> bool:
    return any(
        isinstance(target, s.Attribute)
        for node in s.walk(function.body)
        if isinstance(node, s.Assign)
        for target in node.targets
    )


def _collected(kind: str, elements: Iterable[Values], keys: Iterable[str], more: bool) -> Values:
    """What `*` or `**` before a parameter collects; there may be `more` than the known elements."""
    known = tuple(elements)
    if more:
        return (Container(kind, UNKNOWN, None, known, tuple(keys)),) if known else UNKNOWN
    return (Container(kind, mixed(*known), not known, known, tuple(keys)),)


def _refined(values: Values, known: Values) -> Values:
    """An argument, made more precise by the parameter's annotation where the call says nothing."""
    meaningful = [value for value in values if not (isinstance(value, Literal) and value.value is None)]
    if not meaningful:
        return join(known, values)
    if any(isinstance(value, Context) for value in known) and not any(isinstance(v, Context) for v in meaningful):
        return join(known, values)
    return values


def runtime_flags(runtime: Runtime) -> Flags:
    """The flags with which the runtime starts an orchestrator."""
    return Flags(judged=True, runtime=runtime, driven=True)

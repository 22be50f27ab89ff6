"""One activation of a function: its statements, run along every path with what is known there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.derived import ambient, items_of, shared
from determinism_lint.analysis.events import (
    Called,
    Decided,
    Dropped,
    Event,
    Finished,
    Iterated,
    Site,
    Stored,
    Suspended,
)
from determinism_lint.analysis.frontend import Library, Special
from determinism_lint.analysis.interpreter import calls, changes, containers, expressions, operators
from determinism_lint.analysis.scopes import Scope
from determinism_lint.analysis.sdk import Kind, Runtime
from determinism_lint.analysis.values import (
    UNKNOWN,
    Arguments,
    ClassValue,
    Container,
    Context,
    Coroutine,
    External,
    FunctionValue,
    Generator,
    Instance,
    Literal,
    ModuleValue,
    ObjectValue,
    Replaying,
    Value,
    Values,
    join,
    literal,
    mixed,
    text,
)

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.machine import Machine


_NONE = Literal(None)

_EXACT_LOOPS = 2
"""Loops nested deeper than this are walked through once, so that the work stays bounded."""


_PASSES = 4
"""How often an outermost loop is walked through at most, until nothing new comes out of it."""


@dataclass(frozen=True, slots=True)
class Flags:
    """What is known when a function is entered."""

    judged: bool
    """Whether replay reaches it; otherwise it is only read for what it defines and returns."""
    imported: bool = False
    """Whether it runs because a module is imported."""
    runtime: Runtime | None = None
    """What runs the orchestrator; None where replay does not reach it."""
    guarded: bool = False
    on_replay_flag: bool = False
    continued: bool = False
    cleanup: bool = False
    driven: bool = False


@dataclass(slots=True)
class _Path:
    """The state of one path through a function."""

    names: dict[str, Values]
    guarded: bool
    on_replay_flag: bool
    continued: bool
    given: frozenset[str]
    optional: frozenset[str]
    dead: bool = False


@dataclass(slots=True)
class _LoopPaths:
    """The paths that leave the body of a loop early."""

    broken: list[_Path] = field(default_factory=list)
    continued: list[_Path] = field(default_factory=list)


class _Inside:
    """Leaves the innermost node when its block ends; a class, since every node is entered by one."""

    __slots__ = ("ancestors",)

    def __init__(self, ancestors: list[s.Node]) -> None:
        self.ancestors = ancestors

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self.ancestors.pop()


@dataclass(slots=True, eq=False)
class Activation:
    """Walks one function body."""

    machine: Machine
    scope: Scope
    function: s.Function
    receiver: Value | None
    flags: Flags
    run_id: int = 0
    is_orchestrator: bool = False
    returned: Values = UNKNOWN
    yielded: Values = UNKNOWN
    calls: dict[s.Call, Called] = field(default_factory=dict)
    suspensions: dict[s.Suspend, Suspended] = field(default_factory=dict)
    ancestors: list[s.Node] = field(default_factory=list)
    guarded: bool = False
    on_replay_flag: bool = False
    continued: bool = False
    dead: bool = False
    cleanup: bool = False
    vague: set[str] = field(default_factory=set)
    """Names that on some path may be anything."""
    given: frozenset[str] = frozenset()
    """Parameters for which the caller passes something that is no optional of its own, as long as they keep it."""
    optional: frozenset[str] = frozenset()
    """Names that may be None, whatever else they may be."""
    attributes: dict[str, Values | None] = field(default_factory=dict)
    """What this method gives to attributes of its object; None for what is taken as given."""
    library: Library = field(init=False)
    """What the language's built-ins and libraries do."""
    _loops: list[_LoopPaths] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.library = self.machine.language.library
        self.guarded = self.flags.guarded
        self.on_replay_flag = self.flags.on_replay_flag
        self.continued = self.flags.continued
        self.cleanup = self.flags.cleanup

    @property
    def special(self) -> Special:
        """The methods that the language calls by itself."""
        return self.machine.language.special

    @classmethod
    def outside(cls, machine: Machine, scope: Scope, node: s.Expression) -> Values:
        """Evaluate an expression in a scope, silently: annotations, bases, decorators."""
        function = scope.node if isinstance(scope.node, s.Function) else s.Function(0, 0, "<module>", (), ())
        return cls(machine, scope, function, None, Flags(judged=False)).evaluate(node)

    def run(self) -> Values:
        """Run the body; returns the joined values of its `return` statements."""
        self.block(self.function.body)
        if self.flags.judged:
            self.machine.emit(
                Finished(
                    self.function,
                    self.site(),
                    self.calls,
                    self.suspensions,
                    self.returned,
                    self.is_orchestrator,
                    self.machine.performed,
                )
            )
        if self.returned and not self.dead and not self.function.is_generator:
            return join(self.returned, (Literal(None),))
        return self.returned

    # --- what the outside sees

    def site(self) -> Site:
        return Site(
            self.scope.module,
            self.function,
            self.flags.runtime,  # type: ignore[arg-type]  # events are seen of what is judged alone
            self._context_name() if self.flags.judged else None,
            self.guarded,
            self.on_replay_flag,
            self.continued,
            self.cleanup,
            self.flags.driven,
            self.is_orchestrator,
            tuple(self.ancestors),
            self.run_id,
        )

    def _context_name(self) -> str | None:
        scope: Scope | None = self.scope
        while scope is not None:
            for name, values in scope.names.items():
                if any(isinstance(value, Context) for value in values):
                    return name
            scope = scope.parent
        return None

    def emit(self, make: Callable[[Site], Event]) -> None:
        """Report an event, if this code is judged."""
        if self.flags.judged:
            self.machine.emit(make(self.site()))

    def report(self, event: Event) -> None:
        """Report an event that is made already, if this code is judged."""
        if self.flags.judged:
            self.machine.emit(event)

    def entry_flags(self, *, driven: bool = False) -> Flags:
        """The flags for a function called from here."""
        flags = self.flags
        driven = driven or (flags.driven and self.machine.language.waits_in_functions)
        state = self.guarded, self.on_replay_flag, self.continued, self.cleanup, driven
        if state == (flags.guarded, flags.on_replay_flag, flags.continued, flags.cleanup, flags.driven):
            return flags
        return Flags(flags.judged, flags.imported, flags.runtime, *state)

    # --- expressions

    def evaluate(self, node: s.Expression) -> Values:
        return expressions.evaluate(self, node)

    def _outside(self, node: s.Expression) -> Values:
        return Activation.outside(self.machine, self.scope, node)

    def default(self, node: s.Expression, scope: Scope) -> Values:
        """Evaluate a parameter's default where it was written, but as part of this activation."""
        definer = Activation(self.machine, scope, self.function, None, self.flags, self.run_id)
        definer.guarded, definer.on_replay_flag = self.guarded, self.on_replay_flag
        return definer.evaluate(node)

    def field_defaults(self, value: ClassValue, names: set[str]) -> dict[str, Values]:
        """Evaluate what a class body gives to some of its fields; returns what their factories make."""
        definer = Activation(self.machine, value.scope, self.function, None, self.entry_flags(), self.run_id)
        made = {}
        for statement in value.node.body:
            if not isinstance(statement, s.Assign) or not isinstance(statement.value, s.Call):
                continue
            for target in statement.targets[:1]:
                if isinstance(target, s.Name) and target.id in names:
                    made[target.id] = self.machine.language.field_default(definer, statement.value)
        return made

    # --- statements

    def block(self, statements: s.Block) -> None:
        for statement in statements:
            if self.dead:
                return
            self.statement(statement)

    def inside(self, node: s.Node) -> _Inside:
        """Note that what follows lies below `node`."""
        self.ancestors.append(node)
        return _Inside(self.ancestors)

    def statement(self, node: s.Statement) -> None:
        self.machine.steps += 1
        self.ancestors.append(node)
        self._execute(node)
        self.ancestors.pop()

    def _execute(self, node: s.Statement) -> None:
        match node:
            case s.Evaluate():
                values = self.evaluate(node.value)
                if self.flags.judged:
                    self.machine.emit(Dropped(node, values, self.site()))
            case s.Assign():
                self._assign(node)
            case s.Return():
                if node.value is not None:
                    self.returned = join(self.returned, self.evaluate(node.value))
                self.dead = True
            case s.Raise():
                for value in (node.value, node.cause):
                    if value is not None:
                        self._raise(value)
                self.dead = True
            case s.If():
                self._if(node)
            case s.Loop():
                self._loop(node)
            case s.Try():
                self._try(node)
            case s.With():
                self._with(node)
            case s.Match():
                self._match(node)
            case s.Break():
                if self._loops:
                    self._loops[-1].broken.append(self._path())
                self.dead = True
            case s.Continue():
                if self._loops:
                    self._loops[-1].continued.append(self._path())
                self.dead = True
            case s.Import(local=str(local)) if self.machine.language.imports_late:
                self.scope.late[local] = node
            case s.Import():
                for name, values in self.machine.imported(node, self.scope.module.path).items():
                    self.bind(name, values)
                if node.local is None:
                    self.scope.stars += self.machine.star_modules(node, self.scope.module.path)
            case s.Outer():
                self._outer(node)
            case s.Function():
                self._define(node)
            case s.Class():
                self._define_class(node)
            case s.Delete():
                for target in node.targets:
                    if not isinstance(target, s.Name):
                        containers.stored(self, target)
                    if isinstance(target, s.Subscript):
                        self.call_method(target, expressions.reference(self, target.value), *self.special.delete)
                    elif isinstance(target, s.Attribute):
                        for owner in expressions.reference(self, target.value):
                            self._run_accessors("deleter", target, owner, Arguments())

    def bind(self, name: str, values: Values) -> None:
        """Assign to a name of this scope, or of the one it is declared to belong to."""
        owner = self.scope.globals.get(name)
        self.given, self.optional = self.given - {name}, self.optional - {name}
        if (owner or self.scope).node is None:
            values = shared(values)
        if owner is None:
            self.scope.names[name] = values
        else:
            self.registers(owner)
            owner.names[name] = mixed(owner.names.get(name, UNKNOWN), values)

    def registers(self, owner: Scope) -> None:
        """Note that this function changes a name of `owner`, if it does so while a module is imported."""
        if self.flags.imported and owner.node is None and owner is not self.scope:
            self.machine.registrars.add(id(self.function))

    def _outer(self, node: s.Outer) -> None:
        for name in node.names:
            if node.keyword == "global":
                self.scope.globals[name] = self.scope.root
                continue
            scope = self.scope.parent
            while scope is not None and (
                isinstance(scope.node, s.Class) or name not in scope.assigned | scope.names.keys()
            ):
                scope = scope.parent
            if scope is not None:
                self.scope.globals[name] = scope

    def _assign(self, node: s.Assign) -> None:
        values = UNKNOWN if node.value is None else self.evaluate(node.value)
        if node.annotation is not None and not values:
            values = self.machine.language.described(node.annotation, self._outside)
        if node.augmented:
            target = node.targets[0]
            values = containers.augmented(self, target, node.operator, values)
        if node.value is None and isinstance(node.targets[0], s.Name) and node.targets[0].id in self.scope.names:
            return
        for target in node.targets:
            self.store(target, values, node.value)
            if isinstance(target, s.Name) and not values and node.value is not None:
                self.optional |= {target.id} if operators.is_optional(self, node.value) else set()

    def keep(self, name: str, values: Values | None) -> None:
        """Note what this method gives to an attribute of its object."""
        held = self.attributes.get(name, values)
        self.attributes[name] = values if held == values else mixed(held or UNKNOWN, values or UNKNOWN)

    def store(self, target: s.Expression, values: Values, source: s.Expression | None = None) -> None:
        """Assign values, those of the expression `source`, to a target of any form."""
        match target:
            case s.Name():
                owner = self.scope.globals.get(target.id)
                if owner is not None and owner.parent is None:
                    self.emit(lambda site: Stored(target, target.id, site))
                self.bind(target.id, values)
            case s.Attribute():
                base = self.evaluate(target.value)
                for value in base:
                    if value == self.receiver and isinstance(value, ObjectValue):
                        taken = source is not None and operators.is_settled(self, source, values)
                        self.keep(target.attr, None if taken and not values else values)
                    if isinstance(value, ObjectValue):
                        if value.shared:
                            self.emit(lambda site: Stored(target, target.attr, site))
                        self._store_attribute(target, value, values)
                    elif isinstance(value, (ClassValue, ModuleValue)):
                        if isinstance(value, ModuleValue) or not value.scope.in_function:
                            self.emit(lambda site: Stored(target, target.attr, site))
                        changes.attach(self, value, target.attr, values)
                    elif isinstance(value, FunctionValue) and target.attr == self.special.name:
                        self.machine.renamed[id(value.node)] = text(values)
            case s.Subscript():
                containers.stored(self, target)
                if changes.is_slice(target):
                    values = containers.consumed(self, target, values)
                changes.assign(self, target, values)
                self.call_method(target, expressions.reference(self, target.value), *self.special.write)
            case s.Collection():
                items = self.iterate(target, values)
                exact = values[0] if len(values) == 1 and isinstance(values[0], Container) else None
                known = exact is not None and not exact.keys and len(exact.elements) == len(target.items)
                for position, item in enumerate(target.items):
                    self.store(item, exact.elements[position] if known and exact is not None else items)
            case s.Starred():
                self.store(target.value, (Container("list", values),))

    def _run_accessors(self, role: str, target: s.Attribute, value: Value, arguments: Arguments) -> bool:
        """Run the setters or deleters of a property; returns whether there are any."""
        found = self.machine.class_attribute(value.of, target.attr) if isinstance(value, ObjectValue) else UNKNOWN
        accessors = [
            item.bound_to(value)
            for item in found
            if isinstance(item, FunctionValue) and role in expressions.decorator_names(item)
        ]
        for accessor in accessors:
            self.machine.run(accessor, arguments, self.entry_flags(), self, target)
        return bool(accessors)

    def _is_missing(self, target: s.Attribute) -> bool:
        """Whether this gives an attribute a value where it has none: `if self.client is None: self.client = …`."""
        name = s.dotted(target)
        return any(
            isinstance(part, s.Attribute) and s.dotted(part) == name
            for node in self.ancestors
            if isinstance(node, s.If)
            for part in s.walk(node.test)
        )

    def _store_attribute(self, target: s.Attribute, value: ObjectValue, values: Values) -> None:
        if not self._run_accessors("setter", target, value, Arguments((values,))):
            scope = value.of.scope
            made = value == self.receiver and self.function.name in self.special.initializers
            if not made and not self._is_missing(target):
                scope.changed.add(target.attr)
            for attributes in (scope.attributes, scope.fresh) if value.fresh else (scope.attributes,):
                attributes[target.attr] = join(attributes.get(target.attr, UNKNOWN), values)

    def _raise(self, node: s.Expression) -> None:
        """Evaluate what is raised; a class is called."""
        call = s.Call(node.start, node.end, node, ())
        for value in self.evaluate(node):
            if isinstance(value, ClassValue):
                self.machine.construct(value, Arguments(), self.entry_flags(), self, call)

    # --- definitions

    def _define(self, node: s.Function) -> None:
        values: Values = (expressions.defined(self, node),)
        for decorator in reversed(node.decorators):
            if isinstance(decorator, s.Attribute) and decorator.attr in ("setter", "deleter"):
                values = join(self.scope.names.get(node.name, UNKNOWN), values)
            else:
                values = calls.decorated(self, decorator, values)
        if isinstance(self.scope.node, s.Class):
            values = tuple(
                replace(value, role="method")
                if isinstance(value, FunctionValue) and value.scope is not self.scope and not value.role
                else value
                for value in values
            )
        self.bind(node.name, values)

    def _define_class(self, node: s.Class) -> None:
        scope = Scope(self.scope.module, node, self.scope)
        scope.context = self.scope.context
        scope.bases = join(*(self.evaluate(base) for base in node.bases))
        value = ClassValue(node, scope)
        self.scope.names.setdefault(node.name, (value,))
        if not scope.in_function:
            self.machine.defined.append(value)
        body = Activation(
            self.machine, scope, self.function, None, self.entry_flags(), self.run_id, ancestors=self.ancestors
        )
        body.block(node.body)
        for base in self.machine.order(value)[1:]:
            for name in self.special.subclass:
                for hook in base.scope.names.get(name, ()) if isinstance(base, ClassValue) else ():
                    if isinstance(hook, FunctionValue):
                        bound, arguments = hook.bound_to(value), Arguments(unpacked=True)
                        self.machine.run(bound, arguments, self.entry_flags(), self, node)
        values: Values = (value,)
        for decorator in reversed(node.decorators):
            values = calls.decorated(self, decorator, values)
        self.bind(node.name, values)

    # --- control flow

    def _path(self) -> _Path:
        names, given, optional = dict(self.scope.names), self.given, self.optional
        return _Path(names, self.guarded, self.on_replay_flag, self.continued, given, optional, self.dead)

    def _resume(self, path: _Path) -> None:
        self.scope.names = dict(path.names)
        self.guarded = path.guarded
        self.on_replay_flag = path.on_replay_flag
        self.continued = path.continued
        self.given, self.optional = path.given, path.optional
        self.dead = path.dead

    def _merge(self, *paths: _Path) -> None:
        """Continue with what holds on every path that is still alive."""
        alive = [path for path in paths if not path.dead]
        if not alive:
            self._resume(paths[0])
            self.dead = True
            return
        first, *others = alive
        names = dict(first.names)
        given, optional = first.given, set(first.optional)
        for path in others:
            given, optional = given & path.given, optional | path.optional
            for name, values in path.names.items():
                if name not in names:
                    names[name] = values
                elif names[name] != values:
                    if not names[name] or not values:
                        self.vague.add(name)
                    if _NONE in names[name] or _NONE in values:
                        optional.add(name)
                    names[name] = mixed(names[name], values)
        self.scope.names = names
        self.given, self.optional = given, frozenset(optional)
        self.guarded = all(path.guarded for path in alive)
        self.on_replay_flag = all(path.on_replay_flag for path in alive)
        self.continued = any(path.continued for path in alive)
        self.dead = False

    def _if(self, node: s.If) -> None:
        test = self.evaluate(node.test)
        self._decide(node, node.test, test)
        taken = operators.taken_branch(self, node)
        settled = taken is True or operators.is_truthy_parameter(self, node.test, test)
        truth = True if settled else literal(test) if taken is None else taken
        when_true, when_false = replay_facts(test)
        before = self._path()
        flags = self.flags
        if (s.dotted(node.test) or "").rsplit(".", 1)[
            -1
        ] in self.library.never_true:  # read for what it defines, though it never runs
            truth, self.flags = None, replace(flags, judged=False)
        self._branch(when_true, node.body, skip=truth is False)
        self.flags = flags
        after_body = self._path()
        self._resume(before)
        self._branch(when_false, node.orelse, skip=truth is True and bool(node.orelse))
        self.dead = self.dead or settled or operators.is_settled_comparison(self, node.test, test)
        after_else = self._path()
        self._merge(after_body, after_else)
        if not after_body.dead and not after_else.dead:
            self.on_replay_flag = before.on_replay_flag

    def _decide(self, node: s.If | s.Loop, test: s.Expression, values: Values) -> None:
        operators.used(self, test, values)
        self.emit(lambda site: Decided(node, values, site))

    def _branch(self, fact: bool | None, body: s.Block, *, skip: bool = False) -> None:
        """Run one side of a condition; `fact` says that the runtime is replaying (True) or is not (False)."""
        if fact is not None:
            self.on_replay_flag = True
            self.guarded = self.guarded or not fact
        if skip:
            return
        self.block(body)

    def _loop(self, node: s.Loop) -> None:
        subject = self.evaluate(node.subject)
        if node.target is None:
            self._decide(node, node.subject, subject)
        items = self.iterate(node.subject, subject) if node.target is not None else UNKNOWN
        if node.target is not None and (limits := ambient(subject)):
            self.emit(lambda site: Decided(node, limits, site))
        before = self._path()
        if node.target is None:
            when_true, _ = replay_facts(subject)
            if when_true is not None:
                self.on_replay_flag, self.guarded = True, self.guarded or not when_true
        filled = node.target is not None and containers.surely_filled(self, node.subject)
        deep = sum(isinstance(ancestor, s.Loop) for ancestor in self.ancestors) > _EXACT_LOOPS
        broken: list[_Path] = []
        nested = any(isinstance(ancestor, s.Loop) for ancestor in self.ancestors[:-1])
        for _ in range(2 if nested else _PASSES):
            start = dict(self.scope.names), self.continued
            paths = _LoopPaths()
            self._loops.append(paths)
            if node.target is not None:
                self.store(node.target, items)
            self.block(node.body)
            self._loops.pop()
            broken.extend(paths.broken)
            self._merge(*(() if filled else (before,)), self._path(), *paths.continued)
            if self.dead or deep or (self.scope.names, self.continued) == start:
                break
            if node.target is None:
                self.evaluate(node.subject)
        if node.target is None and literal(subject) not in (None, False):
            self.dead = True  # an endless loop is left by `break` only
        self.block(node.orelse)
        self._merge(self._path(), *broken)

    def iterate(self, node: s.Node, values: Values) -> Values:
        """Run what iterating over a value runs, and return its items."""
        self.emit(lambda site: Iterated(node, values, site))
        return self.consume(node, values)

    def consume(self, node: s.Node, values: Values) -> Values:
        """Run what yields the items of a value, such as a generator of the project; returns the items."""
        items = [items_of(values)]
        for value in values:
            if not isinstance(value, (Generator, Coroutine, ObjectValue)):
                continue
            match value:
                case Generator() | Coroutine():
                    outcome = self.machine.outcome(value.function, value.arguments, self.entry_flags(), self, node)
                    items.append(outcome.yielded)
                case ObjectValue():
                    iterators = self.call_method(node, (value,), *self.special.iterate)
                    objects = tuple(each for each in iterators if isinstance(each, ObjectValue))
                    items.append(self.call_method(node, objects, *self.special.advance))
                    items.append(self.consume(node, tuple(each for each in iterators if each not in objects)))
        return join(*items)

    def _try(self, node: s.Try) -> None:
        before = self._path()
        self.block(node.body)
        after_body = self._path()
        ends = []
        for handler in node.handlers:
            after_body.dead, was_dead = False, after_body.dead
            self._merge(before, after_body)
            after_body.dead = was_dead
            with self.inside(handler):
                caught = UNKNOWN if handler.types is None else self.evaluate(handler.types)
                if handler.name is not None:
                    self.bind(handler.name, self._caught(caught))
                self.block(handler.body)
            ends.append(self._path())
        self._resume(after_body)
        self.block(node.orelse)
        self._merge(self._path(), *ends)
        if node.final:
            dead, self.dead = self.dead, False
            with self._cleaning(suspends(node.body) or any(suspends(handler.body) for handler in node.handlers)):
                self.block(node.final)
            self.dead = self.dead or dead

    def _caught(self, types: Values) -> Values:
        """Objects of the project's classes that a handler names, unless they inherit from those of a library."""
        kinds = (*types, *items_of(types))
        return tuple(
            ObjectValue(kind)
            for kind in kinds
            if isinstance(kind, ClassValue) and not any("." in base for base in self.machine.external_bases(kind))
        )

    @contextmanager
    def _cleaning(self, around_suspension: bool) -> Iterator[None]:
        before = self.cleanup
        self.cleanup = before or (around_suspension and self.flags.driven)
        try:
            yield
        finally:
            self.cleanup = before

    def _with(self, node: s.With) -> None:
        managers: list[Values] = []
        for value, target in node.items:
            manager = self._manager(value)
            managers.append(manager)
            entered = self.enter(value, manager)
            if target is not None:
                self.store(target, entered)
        self.block(node.body)
        dead, self.dead = self.dead, False
        with self._cleaning(suspends(node.body)):
            for (value, _), manager in zip(node.items, managers, strict=True):
                self.leave(value, manager)
        self.dead = dead

    def _manager(self, node: s.Expression) -> Values:
        """A context manager; that of `async with` is awaited as it is entered."""
        if not isinstance(node, s.Suspend) or node.value is None:
            return self.evaluate(node)
        with self.inside(node):
            manager = self.evaluate(node.value)
        self.suspend(node, manager)
        return manager

    def leave(self, node: s.Expression, manager: Values) -> None:
        self.call_method(node, manager, self.special.leave_async if isinstance(node, s.Suspend) else self.special.leave)

    def enter(self, node: s.Expression, manager: Values) -> Values:
        entered: list[Values] = []
        for value in manager:
            match value:
                case Generator():
                    outcome = self.machine.outcome(value.function, value.arguments, self.entry_flags(), self, node)
                    entered.append(outcome.yielded)
                case ObjectValue():
                    name = self.special.enter_async if isinstance(node, s.Suspend) else self.special.enter
                    entered.append(self.call_method(node, (value,), name))
                case Instance():
                    call, method = (
                        s.Call(node.start, node.end, node, ()),
                        External(f"{value.name}.{self.special.enter}"),
                    )
                    self.report(Called(call, (method,), manager, (), UNKNOWN, self.site()))
                    entered.append((value,))
                case _:
                    entered.append((value,))
        return join(*entered)

    def call_method(self, node: s.Node, values: Values, *names: str) -> Values:
        """What the language calls by itself on an object of the project.

        Of several names, each object's first.
        """
        results: list[Values] = []
        for value in values:
            if isinstance(value, ObjectValue):
                found = (self.machine.class_attribute(value.of, name) for name in names)
                for method in next(filter(None, found), UNKNOWN):
                    if isinstance(method, FunctionValue):
                        bound, arguments = method.bound_to(value), Arguments(unpacked=True)
                        if method.node.is_generator:
                            call = s.Call(node.start, node.end, s.Name(node.start, node.start, method.name), ())
                            results.append((Generator(bound, arguments, call, node.start),))
                        else:
                            results.append(self.machine.run(bound, arguments, self.entry_flags(), self, node))
        return join(*results) if results else UNKNOWN

    def has_method(self, value: Value, name: str) -> bool:
        """Whether a value is an object of the project whose class has a method."""
        return isinstance(value, ObjectValue) and bool(self.machine.class_attribute(value.of, name))

    def _match(self, node: s.Match) -> None:
        self.evaluate(node.subject)
        before = self._path()
        ends = [before]
        for case in node.cases:
            self._resume(before)
            with self.inside(case):
                for capture in case.captures:
                    self.bind(capture.id, UNKNOWN)
                if case.guard is not None:
                    self.evaluate(case.guard)
                self.block(case.body)
            ends.append(self._path())
        self._merge(*ends)

    # --- durable semantics

    def suspend(self, node: s.Suspend, values: Values) -> Values:
        """Yield or await values; returns what comes back."""
        suspended = Suspended(node, values, self.site())
        self.suspensions[node] = suspended
        self.report(suspended)
        if node.keyword == "yield" and not self.flags.driven:
            self.yielded = join(self.yielded, values)
        results: list[Values] = []
        for value in values:
            match value:
                case Coroutine():
                    flags = self.entry_flags(driven=self.flags.driven)
                    results.append(self.machine.run(value.function, value.arguments, flags, self, node))
                case Instance() if node.keyword == "await":
                    results.append((value,))  # a factory, such as `await connect(…)`
        return join(*results)

    def delegate(self, node: s.Delegate, values: Values) -> Values:
        """`yield from values`: run another generator as part of this one."""
        results: list[Values] = []
        for value in values:
            if isinstance(value, Generator):
                flags = self.entry_flags(driven=self.flags.driven)
                outcome = self.machine.outcome(value.function, value.arguments, flags, self, node)
                results.append(outcome.returned)
                self.yielded = join(self.yielded, outcome.yielded)
            else:
                self.yielded = join(self.yielded, self.consume(node, (value,)))
        return join(*results)

    def after_call(self, called: Called) -> None:
        """Remember what a durable call changes for the rest of the path."""
        member = called.member
        if member is None:
            return
        self.machine.perform(self.function, (member.kind,))
        if member.kind is Kind.RESTART:
            self.continued = True
            self.dead = self.dead or (self.flags.judged and member.runtime.sdk.restart_leaves)


def replay_facts(values: Values) -> tuple[bool | None, bool | None]:
    """What a condition says of the replay flag when it holds, and when it does not: True, False or None."""
    flags = [value for value in values if isinstance(value, Replaying)]
    if len(flags) != 1:
        return None, None
    return flags[0].when_true, flags[0].when_false


def suspends(statements: s.Block) -> bool:
    """Whether a block can pause."""
    return any(isinstance(node, (s.Suspend, s.Delegate)) for node in s.walk(statements))


def breaks(body: s.Block) -> bool:
    """Whether a `break` in the body leaves this very loop."""
    for node in body:
        match node:
            case s.Break():
                return True
            case s.If():
                if breaks(node.body) or breaks(node.orelse):
                    return True
            case s.Try():
                blocks = (node.body, node.orelse, node.final, *(handler.body for handler in node.handlers))
                if any(breaks(block) for block in blocks):
                    return True
            case s.With():
                if breaks(node.body):
                    return True
            case s.Loop():
                if breaks(node.orelse):
                    return True
            case s.Match():
                if any(breaks(case.body) for case in node.cases):
                    return True
    return False

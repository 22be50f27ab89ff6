"""Evaluates expressions to abstract values, in the order in which they run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from determinism_lint import syntax as s
from determinism_lint.events import Called, Iterated, Loaded, Missing, Misused, Stored
from determinism_lint.interpreter import library
from determinism_lint.scopes import Scope
from determinism_lint.sdks import DURABLE_FUNCTIONS_PYTHON, Kind, combinator, members_of
from determinism_lint.values import (
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
    Instance,
    Literal,
    Member,
    ModuleValue,
    ObjectValue,
    Partial,
    Replaying,
    Task,
    Value,
    Values,
    is_present,
    join,
    literal,
    text,
)

if TYPE_CHECKING:
    from determinism_lint.interpreter.statements import Activation


def evaluate(run: Activation, node: s.Expression) -> Values:
    """The value of an expression used as a value."""
    match node:
        case s.Name() | s.Attribute():
            values = reference(run, node)
            if run.flags.judged:
                witness(run, node, values)
            run.emit(lambda site: Loaded(node, values, site))
            if run.flags.judged:  # what is reported here is not reported again where it goes
                return tuple(v for v in values if not isinstance(v, External) or v.name not in library.DATA)
            return values
        case s.Constant():
            value = node.value
            known = value is None or isinstance(value, (str, int, float))
            return (Literal(value),) if known else UNKNOWN  # type: ignore[arg-type]
        case s.Call():
            return _call(run, node)
        case s.Suspend():
            with run.inside(node):
                values = UNKNOWN if node.value is None else evaluate(run, node.value)
            if node.value is None:
                values = (Literal(None),)
            return run.suspend(node, values)
        case s.Delegate():
            with run.inside(node):
                values = evaluate(run, node.value)
            return run.delegate(node, values)
        case s.Lambda():
            return (FunctionValue(node.function, run.scope),)
        case s.Collection():
            return _collection(run, node)
        case s.Comprehension():
            return _comprehension(run, node)
        case s.Operation():
            return _operation(run, node)
        case s.Conditional():
            return _conditional(run, node)
        case s.Subscript():
            return _subscript(run, node)
        case s.Template():
            parts = []
            with run.inside(node):
                for part in node.values:
                    values = evaluate(run, part)
                    used(run, part, values)
                    run.call_method(part, values, "__str__")
                    parts.append(values)
            return (*library.ambient(*parts), Instance("str"))
        case s.Bind():
            values = evaluate(run, node.value)
            run.store(node.target, values)
            return values
        case s.Starred():
            return run.iterate(node, evaluate(run, node.value))


# --- names and attributes ---------------------------------------------------------------------------------------


def reference(run: Activation, node: s.Expression) -> Values:
    """What a name or attribute refers to, without reporting that it is read."""
    match node:
        case s.Name():
            return _named(run, node)
        case s.Attribute():
            base = (
                reference(run, node.value)
                if isinstance(node.value, (s.Name, s.Attribute))
                else evaluate(run, node.value)
            )
            return attribute(run, node, base)
    return evaluate(run, node)


def witness(run: Activation, node: s.Expression, values: Values) -> None:
    """Remember that replay itself reads this, so that what was read is not taken for a value of import time."""
    if any(isinstance(value, External) and value.name in library.DATA for value in values):
        run.machine.witnessed.add((run.scope.module.path, node.start))


def _named(run: Activation, node: s.Name) -> Values:
    """What a name refers to; a combinator that was imported by its name is what it is as an attribute."""
    found: list[Value] = []
    for value in lookup(run.scope, node.id):
        kind = combinator(value.name) if isinstance(value, External) else None
        found.append(value if kind is None else Member(node.id, kind, run.flags.runtime))
    return tuple(found)


def lookup(scope: Scope, name: str) -> Values:
    owner = scope.owner(name)
    if owner is not None:
        return owner.names.get(name, UNKNOWN)
    if name in library.BUILTINS:
        return (External(name),)
    return tuple(External(f"{module}.{name}") for module in scope.root.stars)


def attribute(run: Activation, node: s.Attribute, base: Values) -> Values:
    """What `base.attr` is."""
    return join(*(_attribute_of(run, node, value) for value in base))


def _attribute_of(run: Activation, node: s.Attribute, value: Value) -> Values:
    name = node.attr
    match value:
        case External() | Instance():
            kind = combinator(f"{value.name}.{name}")
            if kind is not None:
                return (Member(name, kind, run.flags.runtime),)
            if value.name == "builtins":
                return (External(name),)
            if value == Instance("pathlib.Path") and name == "parent":
                return (value,)
            return (External(f"{value.name}.{name}"),)
        case ModuleValue():
            return run.machine.module_attribute(value.path, name)
        case ClassValue():
            found = run.machine.class_attribute(value, name)
            if not found:
                return tuple(External(f"{base}.{name}") for base in run.machine.external_bases(value))
            return join(*(_bound(item, value) for item in found))
        case ObjectValue():
            return _object_attribute(run, node, value)
        case Context():
            if name not in members_of(value.runtime) and not name.startswith("_"):
                run.emit(lambda site: Missing(node, site))
            return _context_attribute(value, name)
        case Task() | Generator():
            if isinstance(value, Generator) or name not in _TASK_ATTRIBUTES:
                run.emit(lambda site: Misused(node, (value,), site))
            return UNKNOWN
        case Ambient():
            return (value,)
        case FunctionValue() if name == "__name__":
            return (Literal(value.name),)
    return UNKNOWN


_TASK_ATTRIBUTES = frozenset(
    {
        "result",
        "get_result",
        "get_exception",
        "is_complete",
        "is_completed",
        "is_faulted",
        "is_failed",
        "is_cancelled",
        "is_canceled",
        "cancel",
        "cancelled",
        "exception",
        "id",
        "state",
        "parent",
        "children",
        "action_repr",
        "get_tasks",
        "get_completed_tasks",
        "pending_tasks",
        "completed_tasks",
        "failed_tasks",
        "fire_at",
    }
)


def _context_attribute(context: Context, name: str) -> Values:
    kind = members_of(context.runtime).get(name)
    if kind is None:
        return UNKNOWN
    if kind is Kind.REPLAYING:
        return (Replaying(),)
    if name == "current_utc_datetime":
        naive = not context.runtime.startswith(DURABLE_FUNCTIONS_PYTHON.id) or context.runtime.endswith("-native")
        return (Instance("datetime.datetime", naive=naive),)
    return (Member(name, kind, context.runtime),)


def _object_attribute(run: Activation, node: s.Attribute, value: ObjectValue) -> Values:
    found = run.machine.instance_attribute(value, node.attr)
    results: list[Values] = []
    if value.shared and any(not isinstance(item, FunctionValue) for item in found):
        bases = run.machine.external_bases(value.of)
        results.append(tuple(Ambient(base) for base in bases if run.machine.is_hazard(base, True)))
    for item in found:
        if isinstance(item, FunctionValue) and isinstance(item.scope.node, s.Class):
            decorators = decorator_names(item.node)
            if decorators & {"setter", "deleter"}:
                continue
            if decorators & {"property", "cached_property"}:
                bound = replace(item, receiver=value)
                results.append(run.machine.run(bound, Arguments(), run.entry_flags(), run, node))
                continue
        results.append(_bound(item, value))
    if not found:
        results.append(run.call_method(node, (value,), "__getattr__"))
        results.extend((External(f"{base}.{node.attr}"),) for base in run.machine.external_bases(value.of))
    return join(*results)


def decorator_names(function: s.Function) -> set[str]:
    """The last segments of a function's decorators: `setter` for `@total.setter`."""
    return {(s.dotted(decorator) or "").rsplit(".", 1)[-1] for decorator in function.decorators}


def _bound(item: Value, receiver: Value) -> Values:
    """A function of a class, bound to the object or class it was read from."""
    if not isinstance(item, FunctionValue) or not isinstance(item.scope.node, s.Class) or item.receiver is not None:
        return (item,)
    decorators = decorator_names(item.node)
    if "staticmethod" in decorators:
        return (item,)
    if "classmethod" in decorators:
        owner = receiver.of if isinstance(receiver, ObjectValue) else receiver
        return (replace(item, receiver=owner),)
    if isinstance(receiver, ClassValue):
        return (item,)
    return (replace(item, receiver=receiver),)


# --- calls ------------------------------------------------------------------------------------------------------


def _call(run: Activation, node: s.Call) -> Values:
    with run.inside(node):
        callee, base = _callee(run, node.function)
        arguments = tuple((argument, _argument(run, argument)) for argument in node.arguments)
    results = [_invoke(run, node, value, base, arguments) for value in callee]
    results.append(_method_of_container(run, node, base, arguments))
    result = join(*results)
    called = Called(node, callee, base, arguments, result, run.site())
    run.calls[node] = called
    run.machine.surveyed(called)
    run.report(called)
    run.after_call(called)
    return result


def _callee(run: Activation, node: s.Expression) -> tuple[Values, Values]:
    """What is called, and the object it was read from."""
    match node:
        case s.Attribute():
            simple = isinstance(node.value, (s.Name, s.Attribute))
            base = reference(run, node.value) if simple else evaluate(run, node.value)
            return attribute(run, node, base), base
        case s.Name():
            return _named(run, node), UNKNOWN
    return evaluate(run, node), UNKNOWN


def _argument(run: Activation, argument: s.Argument) -> Values:
    values = evaluate(run, argument.value)
    if argument.unpack == "*":
        run.emit(lambda site: Iterated(argument, values, site))
    if isinstance(argument.value, s.Name) and argument.value.id in run.vague and all(map(is_present, values)):
        return join(values, (Literal(None),)) if values else UNKNOWN
    return values


def bound_arguments(arguments: tuple[tuple[s.Argument, Values], ...]) -> Arguments:
    positional: list[Values] = []
    keywords: list[tuple[str, Values]] = []
    unpacked = False
    for argument, values in arguments:
        if argument.unpack:
            unpacked = True
        elif argument.keyword is not None:
            keywords.append((argument.keyword, values))
        elif not unpacked:
            positional.append(values)
    return Arguments(tuple(positional), tuple(keywords), unpacked)


def _invoke(
    run: Activation, node: s.Call, value: Value, base: Values, arguments: tuple[tuple[s.Argument, Values], ...]
) -> Values:
    machine, flags = run.machine, run.entry_flags()
    match value:
        case FunctionValue():
            return machine.invoke(value, bound_arguments(arguments), flags, run, node)
        case ClassValue():
            return machine.construct(value, bound_arguments(arguments), flags, run, node)
        case ObjectValue():
            found = machine.class_attribute(value.of, "__call__")
            bound = [replace(item, receiver=value) for item in found if isinstance(item, FunctionValue)]
            return join(*(machine.invoke(item, bound_arguments(arguments), flags, run, node) for item in bound))
        case Partial():
            return _invoke_partial(run, node, value, arguments)
        case Member():
            return _operation_of(run, node, value, arguments)
        case External():
            return _external(run, node, value, arguments)
        case Instance():
            return (Instance(f"{value.name}.__call__"),)
        case Ambient():
            return (value,)
    return UNKNOWN


def _invoke_partial(
    run: Activation, node: s.Call, value: Partial, passed: tuple[tuple[s.Argument, Values], ...]
) -> Values:
    if isinstance(value.function, FunctionValue):
        bound, given = value.arguments, bound_arguments(passed)
        positional = bound.positional if bound.unpacked else (*bound.positional, *given.positional)
        keywords = {**dict(bound.keywords), **dict(given.keywords)}
        arguments = Arguments(positional, tuple(keywords.items()), bound.unpacked or given.unpacked)
        return run.machine.invoke(value.function, arguments, run.entry_flags(), run, node)
    _call_somewhere(run, node, value.function)
    return UNKNOWN


def _call_somewhere(run: Activation, node: s.Call, function: Value) -> None:
    """Report that `function` is called because of `node`, with arguments of which nothing is known."""
    passed = s.Argument(node.start, node.end, node.function)
    run.emit(lambda site: Called(node, (function,), UNKNOWN, ((passed, UNKNOWN),), UNKNOWN, site))


def _operation_of(
    run: Activation, node: s.Call, member: Member, arguments: tuple[tuple[s.Argument, Values], ...]
) -> Values:
    """A durable operation: makes a task."""
    if member.kind is Kind.LOGGER:
        return (library.SAFE_LOGGER,)
    if member.kind is Kind.VALUE and member.name in _NEW_IDS:
        return (Instance(_NEW_IDS[member.name]),)
    if not member.kind.is_awaitable:
        return UNKNOWN
    return (Task(member.kind, node, node.start),)


_NEW_IDS = {"new_uuid": "str", "new_guid": "uuid.UUID", "uuid4": "uuid.UUID"}


def _external(
    run: Activation, node: s.Call, value: External, arguments: tuple[tuple[s.Argument, Values], ...]
) -> Values:
    name = value.name
    positional = tuple(values for argument, values in arguments if not argument.unpack and argument.keyword is None)
    if name in library.RUNS_CALLBACK:
        for _, values in arguments:
            _run_callbacks(run, node, values)
    if name in library.ORDER_SENSITIVE and not (name in library.KEEPS_ORDER and _order_is_forgotten(run)):
        for argument, values in arguments:
            run.emit(lambda site, argument=argument, values=values: Iterated(argument, values, site))  # type: ignore[misc]
    for argument, values in arguments:
        run.consume(argument, values)
    special = run.call_method(node, positional[0], library.SPECIAL_CALLS.get(name, "")) if positional else UNKNOWN
    if name in ("functools.partial", "partial") and positional:
        bound = bound_arguments(arguments[1:])
        return join(*((Partial(function, bound),) for function in positional[0]))
    if name == "super":
        return _super(run)
    if name == "functools.wraps":
        return (Partial(value, bound_arguments(arguments)),)
    if name == "functools.update_wrapper":
        return UNKNOWN
    if name == "typing.cast" and len(positional) == 2:
        return tuple(ObjectValue(kind) for kind in positional[0] if isinstance(kind, ClassValue)) or positional[1]
    if name in library.IMPORTERS and positional and (module := text(positional[0])) is not None:
        return run.machine.import_module(module, run.scope.module.path)
    if name == "getattr" and len(positional) == 2 and (attr := text(positional[1])) is not None:
        return attribute(run, s.Attribute(node.start, node.end, node.arguments[0].value, attr), positional[0])
    if run.machine.is_hazard(name, bool(arguments)):
        origin = run.scope.module.path, node.start
        if not run.flags.judged:
            return (Ambient(name, origin),)
        run.machine.witnessed.add(origin)
    return special or library.result_of(name, positional)


def _run_callbacks(run: Activation, node: s.Call, values: Values) -> None:
    for value in values:
        if isinstance(value, FunctionValue):
            run.machine.run(value, Arguments(unpacked=True), run.entry_flags(), run, node)
        elif isinstance(value, External):
            _call_somewhere(run, node, value)


def _super(run: Activation) -> Values:
    scope: Scope | None = run.scope
    while scope is not None and not isinstance(scope.node, s.Class):
        scope = scope.parent
    if scope is None:
        return UNKNOWN
    bases = run.machine.bases(ClassValue(cast("s.Class", scope.node), scope))
    if not bases and isinstance(run.receiver, ObjectValue):  # a mixin goes on to its sibling
        siblings = run.machine.bases(run.receiver.of)
        after = [position for position, base in enumerate(siblings, 1) if getattr(base, "node", None) is scope.node]
        bases = siblings[after[0] : after[0] + 1] if after else ()
    receiver = run.receiver if isinstance(run.receiver, ObjectValue) else None
    return tuple(
        Instance(base.name)
        if isinstance(base, External)
        else replace(receiver, of=base)
        if receiver is not None
        else ObjectValue(base)
        for base in bases
    )


def _method_of_container(
    run: Activation, node: s.Call, base: Values, arguments: tuple[tuple[s.Argument, Values], ...]
) -> Values:
    """Methods of built-in collections, and `str.join`."""
    if not isinstance(node.function, s.Attribute):
        return UNKNOWN
    name, results = node.function.attr, []
    first = arguments[0][1] if arguments else UNKNOWN
    for value in base:
        if isinstance(value, Container):
            results.append(_container_method(run, node, value, name, first))
        elif isinstance(value, Literal) and isinstance(value.value, str) and name == "join" and arguments:
            run.emit(lambda site: Iterated(arguments[0][0], first, site))
    if name in library.MUTATORS:
        _mutated(run, node.function.value, base, name, first)
    return join(*results)


def _container_method(run: Activation, node: s.Call, value: Container, name: str, first: Values) -> Values:
    if name == "copy":
        return library.copied((value,), deeply=False)
    if name == "sort":
        for argument in node.arguments:
            _run_callbacks(run, node, reference(run, argument.value))
    if name == "values":
        return (Container("list", value.items, value.empty),)
    if name == "items":
        return (Container("list", (library.pair(UNKNOWN, value.items),), value.empty),)
    if name == "keys":
        return (Container("list", UNKNOWN, value.empty),)
    if name in ("union", "intersection", "difference", "symmetric_difference"):
        return (Container("set", join(value.items, library.items_of(first))),)
    if name == "extend" and value.kind == "list":
        run.emit(lambda site: Iterated(node.arguments[0], first, site))
    if name == "pop" and value.kind == "set":
        run.emit(lambda site: Iterated(node, (value,), site))
    if name in ("pop", "get", "popleft", "setdefault"):
        return value.element(literal(first)) if name == "get" else value.items
    return UNKNOWN


def _mutated(run: Activation, target: s.Expression, base: Values, method: str, added: Values) -> None:
    """A collection changes in place: remember what it holds now, and report state that outlives the call."""
    if not any(isinstance(value, (Container, Ambient)) for value in base):
        return
    if isinstance(target, s.Name) and target.id in run.scope.names:
        grown = tuple(_grown(value, method, added) for value in run.scope.names[target.id])
        run.scope.names[target.id] = grown
    stored(run, target, base)


def _grown(value: Value, method: str, added: Values) -> Value:
    if not isinstance(value, Container):
        return value
    changed = replace(value, elements=(), keys=())
    if method in ("append", "add", "insert", "appendleft"):
        return replace(changed, items=_shallow(join(value.items, added)), empty=False)
    if method in ("extend", "update"):
        filled = any(isinstance(other, Container) and other.empty is False for other in added)
        empty = False if filled or value.empty is False else None
        return replace(changed, items=_shallow(join(value.items, library.items_of(added))), empty=empty)
    return replace(changed, empty=None)


def _shallow(values: Values, depth: int = 2) -> Values:
    """Cut nested collections off, so that growth in a loop comes to an end."""
    if depth == 0:
        return tuple(value for value in values if not isinstance(value, Container))
    return tuple(
        replace(
            value,
            items=_shallow(value.items, depth - 1),
            elements=tuple(_shallow(element, depth - 1) for element in value.elements),
        )
        if isinstance(value, Container)
        else value
        for value in values
    )


def stored(run: Activation, target: s.Expression, changed: Values = UNKNOWN) -> None:
    """Report a change of something that is reached through a module variable or a class, or that `changed` tells of."""
    root: s.Expression = target
    while isinstance(root, (s.Attribute, s.Subscript)):
        root = root.value
    if target is not root or isinstance(target, s.Name):
        for part in _index_parts(target):
            evaluate(run, part)
    if isinstance(root, s.Name):
        owner = run.scope.owner(root.id)
        if owner is not None and owner.parent is None and owner is not run.scope:
            values = owner.names.get(root.id, UNKNOWN)
            if any(isinstance(value, (Container, ModuleValue, ClassValue, ObjectValue)) for value in values):
                run.emit(lambda site: Stored(target, root.id, site))
                return
    base = target.value if isinstance(target, s.Subscript) else target
    if isinstance(base, s.Attribute) and any(
        isinstance(value, ClassValue) or _is_shared(run, value, base.attr) for value in reference(run, base.value)
    ):
        attr = base.attr
        run.emit(lambda site: Stored(target, attr, site))
        return
    if isinstance(target, s.Subscript) and not changed:
        changed = reference(run, target.value)
    name = s.dotted(base)
    if name is not None and any(isinstance(value, Container) and value.shared for value in changed):
        run.emit(lambda site: Stored(target, name, site))


def _is_shared(run: Activation, value: Value, name: str) -> bool:
    """Whether an attribute is a container of the class, or of an object that outlives the call."""
    if isinstance(value, ObjectValue) and value.shared:
        return any(isinstance(item, Container) for item in run.machine.instance_attribute(value, name))
    if not isinstance(value, ObjectValue) or run.machine.assigned_attribute(value.of, name):
        return False
    given = any(
        isinstance(node, s.Assign)
        and node.value is not None
        and any(isinstance(target, s.Name) and target.id == name for target in node.targets)
        for node in value.of.node.body
    )
    return given and any(isinstance(item, Container) for item in value.of.scope.names.get(name, UNKNOWN))


def _index_parts(target: s.Expression) -> tuple[s.Expression, ...]:
    return target.index if isinstance(target, s.Subscript) else ()


def augmented(run: Activation, target: s.Expression, added: Values) -> Values:
    """`target += added`."""
    current = evaluate(run, target)
    if any(isinstance(value, Container) and value.kind == "list" for value in current):
        run.emit(lambda site: Iterated(target, added, site))
    grown = tuple(_grown(value, "extend", added) for value in current if isinstance(value, Container))
    return join(grown, library.ambient(current, added))


def decorated(run: Activation, decorator: s.Expression, values: Values) -> Values:
    """What applying a decorator makes of a function: what a project decorator returns, else the function itself."""
    factory = evaluate(run, decorator)
    results = [
        run.machine.run(value, Arguments((values,)), run.entry_flags(), run, decorator)
        for value in factory
        if isinstance(value, FunctionValue)
    ]
    wrapped = tuple(value for value in join(*results) if isinstance(value, FunctionValue))
    replaced: Values = wrapped or _wrapping(decorator, factory, values)
    node = decorator if isinstance(decorator, s.Call) else s.Call(decorator.start, decorator.end, decorator, ())
    base = UNKNOWN
    if isinstance(node.function, s.Attribute) and s.dotted(node.function) is not None:
        base = reference(run, node.function.value)
    arguments = tuple((argument, reference(run, argument.value)) for argument in node.arguments)
    run.machine.surveyed(Called(node, factory, base, arguments, UNKNOWN, run.site(), decorates=values))
    return replaced or values


def _wrapping(decorator: s.Expression, factory: Values, values: Values) -> Values:
    """`@functools.wraps(function)`: what it decorates has that function's name."""
    original = next((value.arguments.positional[:1] for value in factory if isinstance(value, Partial)), ())
    functions = [value for each in original for value in each if isinstance(value, FunctionValue)]
    if len(functions) != 1 or not isinstance(decorator, s.Call):
        return UNKNOWN
    return tuple(replace(value, wraps=functions[0]) for value in values if isinstance(value, FunctionValue))


def field_default(run: Activation, node: s.Call) -> None:
    """`field(default_factory=f)`: constructing an object calls `f`."""
    callee, _ = _callee(run, node.function)
    names = {value.name.rsplit(".", 1)[-1] for value in callee if isinstance(value, External)}
    if not names & _FIELDS:
        evaluate(run, node)
        return
    for position, argument in enumerate(node.arguments):
        if argument.keyword in ("default_factory", "factory") or ("Factory" in names and position == 0):
            call = s.Call(argument.start, argument.end, argument.value, ())
            evaluate(run, call)
        elif argument.keyword == "default" and isinstance(argument.value, s.Call):
            field_default(run, argument.value)


_FIELDS = frozenset({"field", "Field", "PrivateAttr", "Factory", "ib", "attrib"})
"""Functions that describe a field: of dataclasses, pydantic and attrs."""


# --- operators and collections ----------------------------------------------------------------------------------


def _collection(run: Activation, node: s.Collection) -> Values:
    if node.kind == "slice":
        return library.ambient(*(evaluate(run, bound) for bound in node.items))
    with run.inside(node):
        keys = tuple(literal(evaluate(run, key)) for key in node.keys)
        elements = tuple(_item(run, node.kind, item) for item in node.items)
    starred = any(isinstance(item, s.Starred) for item in node.items)
    empty = True if not node.items else None if starred and len(node.items) == 1 else False
    known = node.kind != "set" or all(elements)
    items = _shallow(join(*elements)) if known else UNKNOWN
    if starred or node.kind == "set" or len(elements) > _EXACT:
        return (Container(node.kind, items, empty),)
    return (Container(node.kind, items, empty, tuple(map(_shallow, elements)), keys),)


def _item(run: Activation, kind: str, item: s.Expression) -> Values:
    """What one entry of a literal adds; `**mapping` adds what the mapping maps to."""
    if kind == "dict" and isinstance(item, s.Starred):
        return join(*(value.items for value in evaluate(run, item.value) if isinstance(value, Container)))
    return evaluate(run, item)


_EXACT = 32
"""Literals longer than this are known by what they may hold, not position by position."""


def _comprehension(run: Activation, node: s.Comprehension) -> Values:
    saved = dict(run.scope.names)
    conditional = False
    with run.inside(node):
        for clause in node.clauses:
            subject = evaluate(run, clause.iterable)
            if (node.kind in ("generator", "list") and _order_is_forgotten(run)) or node.kind == "set":
                run.consume(clause.iterable, subject)
                items = library.items_of(subject)
            else:
                items = run.iterate(clause.iterable, subject)
            run.store(clause.target, items)
            for condition in clause.conditions:
                evaluate(run, condition)
                conditional = True
        each = [evaluate(run, element) for element in node.elements]
        elements = each[-1]  # of a dict, what it maps to
    run.scope.names = saved
    kind = "list" if node.kind == "generator" else node.kind
    sources = [c.iterable for c in node.clauses]
    empty = False if not conditional and all(surely_filled(run, source) for source in sources) else None
    return (Container(kind, _shallow(elements), empty),)


def surely_filled(run: Activation, node: s.Expression) -> bool:
    """Whether an iterable certainly has items: a literal, a constant with items, `range(3)`."""
    match node:
        case s.Collection():
            return bool(node.items) and not all(isinstance(item, s.Starred) for item in node.items)
        case s.Call(function=s.Name(id="range"), arguments=arguments) if len(arguments) == 1:
            size = arguments[0].value
            known = literal(lookup(run.scope, size.id)) if isinstance(size, s.Name) else None
            return (isinstance(size, s.Constant) and bool(size.value)) or (isinstance(known, int) and known > 0)
        case s.Name():
            values = lookup(run.scope, node.id)
            return bool(values) and all(isinstance(value, Container) and value.empty is False for value in values)
    return False


def _order_is_forgotten(run: Activation) -> bool:
    """Whether the expression being evaluated goes, maybe through others, to a function for which order is nothing."""
    for node in reversed(run.ancestors):
        name = node.function.id if isinstance(node, s.Call) and isinstance(node.function, s.Name) else None
        if name in library.ORDERLESS:
            return True
        if name not in library.KEEPS_ORDER and not isinstance(node, s.Comprehension):
            return False
    return False


def _operation(run: Activation, node: s.Operation) -> Values:
    operator = node.operator
    if operator in ("and", "or"):
        return _boolean(run, node)
    with run.inside(node):
        operands = [evaluate(run, operand) for operand in node.operands]
    for operand, values in zip(node.operands, operands, strict=True):
        if operator not in ("is", "is not", "in", "not in", "==", "!=", "not", "assert"):
            used(run, operand, values)
    for method in library.OPERATOR_METHODS.get(operator, ()):
        run.call_method(node, operands[-1 if method == "__contains__" else 0], method)
    if operator == "not":
        surely = is_truthy_parameter(run, node.operands[0], operands[0])
        return (Literal(False),) if surely else _negated(operands[0])
    if operator in ("is", "==", "is not", "!=") and len(operands) == 2:
        if literal_none(operands[1]) and is_settled(run, node.operands[0], operands[0]):
            return (Literal(operator in ("is not", "!=")),)
        return _compared(operator, operands)
    if operator in ("|", "&", "-", "^") and len(operands) == 2:
        sets = library.set_operation(operator, *operands)
        if sets:
            return sets
    if operator == "/" and any(value == Instance("pathlib.Path") for values in operands for value in values):
        return (Instance("pathlib.Path"),)
    if operator == "+":
        lists = tuple(value for values in operands for value in values if isinstance(value, Container))
        if lists:
            empty = False if any(value.empty is False for value in lists) else None
            return (Container(lists[0].kind, join(*(value.items for value in lists)), empty),)
    return library.ambient(*operands)


def literal_none(values: Values) -> bool:
    return values == (Literal(None),)


def is_settled(run: Activation, node: s.Expression, values: Values) -> bool:
    """Whether a parameter certainly is not None: it was passed such a value, and nothing unknown replaced it since."""
    if not isinstance(node, s.Name) or node.id in run.vague or not values:
        return False
    parameters = run.function.parameters
    return any(parameter.name == node.id for parameter in parameters) and all(map(is_present, values))


def is_settled_comparison(run: Activation, node: s.Expression, values: Values) -> bool:
    """Whether a condition `parameter is not None` certainly holds."""
    if not isinstance(node, s.Operation) or node.operator not in ("is not", "!=") or literal(values) is not True:
        return False
    return is_settled(run, node.operands[0], reference(run, node.operands[0]))


def is_truthy_parameter(run: Activation, node: s.Expression, values: Values) -> bool:
    """Whether a parameter certainly counts as true: `now or datetime.now()` where `now` is passed."""
    return is_settled(run, node, values) and all(_is_truthy(run, value) for value in values)


def _is_truthy(run: Activation, value: Value) -> bool:
    match value:
        case Literal():
            return bool(value.value)
        case Instance():
            return value.name in _TRUTHY
        case ObjectValue():
            hooks = (run.machine.class_attribute(value.of, name) for name in ("__bool__", "__len__"))
            return not any(hooks) and not run.machine.external_bases(value.of)
        case FunctionValue() | ClassValue() | Partial():
            return True
    return False


_TRUTHY = frozenset({"datetime.datetime", "datetime.date", "random.Random", "str", "uuid.UUID"})
"""Classes whose instances count as true; of strings those that are made from other values or by the context."""


def _negated(values: Values) -> Values:
    results: list[Value] = []
    for value in values:
        match value:
            case Replaying():
                results.append(Replaying(value.when_false, value.when_true))
            case Literal():
                results.append(Literal(not value.value))
            case Ambient():
                results.append(value)
    return tuple(results)


def _compared(operator: str, operands: list[Values]) -> Values:
    """`flag is False` and the like keep their meaning."""
    for flag, other in (operands, operands[::-1]):
        constant = literal(other)
        if isinstance(constant, bool):
            positive = constant == (operator in ("is", "=="))
            return flag if positive else _negated(flag)
    return library.ambient(*operands)


def _boolean(run: Activation, node: s.Operation) -> Values:
    """`and`, `or`: the right side runs only under what the left side says."""
    left = evaluate(run, node.operands[0])
    if node.operator == "or" and is_truthy_parameter(run, node.operands[0], left):
        return left
    flag = next((value for value in left if isinstance(value, Replaying)), None)
    fact = None if flag is None else flag.when_true if node.operator == "and" else flag.when_false
    before = run.guarded, run.on_replay_flag
    if fact is not None:
        run.on_replay_flag, run.guarded = True, run.guarded or not fact
    right = evaluate(run, node.operands[1])
    run.guarded, run.on_replay_flag = before
    other = next((value for value in right if isinstance(value, Replaying)), None)
    if flag is None and other is None:
        return join(left, right)
    facts = [value for value in (flag, other) if value is not None]
    if node.operator == "and":
        known = next((value.when_true for value in facts if value.when_true is not None), None)
        return (Replaying(known, facts[0].when_false if len(facts) == 2 and facts[0] == facts[1] else None),)
    known = next((value.when_false for value in facts if value.when_false is not None), None)
    return (Replaying(facts[0].when_true if len(facts) == 2 and facts[0] == facts[1] else None, known),)


def _conditional(run: Activation, node: s.Conditional) -> Values:
    with run.inside(node):
        test = evaluate(run, node.test)
        flag = next((value for value in test if isinstance(value, Replaying)), None)
        truth = True if is_truthy_parameter(run, node.test, test) else literal(test)
        before = run.guarded, run.on_replay_flag
        results = []
        for branch, fact, excluded in (
            (node.body, flag and flag.when_true, truth is False),
            (node.orelse, flag and flag.when_false, truth is True),
        ):
            if excluded:
                continue
            if flag is not None and fact is not None:
                run.on_replay_flag, run.guarded = True, before[0] or not fact
            results.append(evaluate(run, branch))
            run.guarded, run.on_replay_flag = before
    return join(*results)


def _subscript(run: Activation, node: s.Subscript) -> Values:
    with run.inside(node):
        values = evaluate(run, node.value)
        index = [evaluate(run, part) for part in node.index]
    used(run, node, values)
    sliced = any(isinstance(part, s.Collection) and part.kind == "slice" for part in node.index)
    results: list[Values] = [library.ambient(*index)]
    for value in values:
        match value:
            case Container() if sliced:
                results.append((replace(value, elements=(), keys=(), shared=False),))
            case Container():
                results.append(value.element(literal(index[0])) if len(index) == 1 else (value,))
            case Instance() | ClassValue():
                results.append((value,))
            case ObjectValue():
                results.append(run.call_method(node, (value,), "__getitem__"))
            case External() if not run.flags.judged and run.machine.is_hazard(value.name, False):
                results.append((Ambient(value.name, (run.scope.module.path, node.start)),))
            case Ambient():
                results.append((value,))
    return join(*results)


def used(run: Activation, node: s.Expression, values: Values) -> None:
    """A value is used as plain data: report tasks and generators that have not run."""
    misused = tuple(value for value in values if isinstance(value, (Task, Generator, Coroutine)))
    if misused and len(misused) == len(values):
        run.emit(lambda site: Misused(node, misused, site))

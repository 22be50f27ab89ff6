"""Calls, decorators and callbacks: what runs, and what comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from determinism_lint import syntax as s
from determinism_lint.events import Called, Iterated
from determinism_lint.interpreter import containers, expressions, library
from determinism_lint.scopes import Scope
from determinism_lint.sdks import Kind
from determinism_lint.values import (
    UNKNOWN,
    Ambient,
    Arguments,
    ClassValue,
    External,
    FunctionValue,
    Instance,
    Literal,
    Member,
    ObjectValue,
    Partial,
    Task,
    Value,
    Values,
    is_present,
    join,
    text,
)

if TYPE_CHECKING:
    from determinism_lint.interpreter.statements import Activation


def call(run: Activation, node: s.Call) -> Values:
    with run.inside(node):
        callee, base = _callee(run, node.function)
        arguments = tuple((argument, _argument(run, argument)) for argument in node.arguments)
    results = [_invoke(run, node, value, base, arguments) for value in callee]
    results.append(containers.method_of_container(run, node, base, arguments))
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
            base = expressions.reference(run, node.value) if simple else expressions.evaluate(run, node.value)
            return expressions.attribute(run, node, base), base
        case s.Name():
            return expressions.named(run, node), UNKNOWN
    return expressions.evaluate(run, node), UNKNOWN


def _argument(run: Activation, argument: s.Argument) -> Values:
    values = expressions.evaluate(run, argument.value)
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
            run_callbacks(run, node, values)
    if name in library.ORDER_SENSITIVE and not (name in library.KEEPS_ORDER and containers.order_is_forgotten(run)):
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
        return expressions.attribute(
            run, s.Attribute(node.start, node.end, node.arguments[0].value, attr), positional[0]
        )
    if run.machine.is_hazard(name, bool(arguments)):
        origin = run.scope.module.path, node.start
        if not run.flags.judged:
            return (Ambient(name, origin),)
        run.machine.witnessed.add(origin)
    return special or library.result_of(name, positional)


def run_callbacks(run: Activation, node: s.Call, values: Values) -> None:
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


def decorated(run: Activation, decorator: s.Expression, values: Values) -> Values:
    """What applying a decorator makes of a function: what a project decorator returns, else the function itself."""
    factory = expressions.evaluate(run, decorator)
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
        base = expressions.reference(run, node.function.value)
    arguments = tuple((argument, expressions.reference(run, argument.value)) for argument in node.arguments)
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
        expressions.evaluate(run, node)
        return
    for position, argument in enumerate(node.arguments):
        if argument.keyword in ("default_factory", "factory") or ("Factory" in names and position == 0):
            call = s.Call(argument.start, argument.end, argument.value, ())
            expressions.evaluate(run, call)
        elif argument.keyword == "default" and isinstance(argument.value, s.Call):
            field_default(run, argument.value)


_FIELDS = frozenset({"field", "Field", "PrivateAttr", "Factory", "ib", "attrib"})
"""Functions that describe a field: of dataclasses, pydantic and attrs."""

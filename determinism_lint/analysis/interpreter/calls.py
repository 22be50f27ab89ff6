"""Calls, decorators and callbacks: what runs, and what comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.derived import with_role
from determinism_lint.analysis.events import Called, Iterated
from determinism_lint.analysis.interpreter import containers, expressions, operators
from determinism_lint.analysis.scopes import Scope
from determinism_lint.analysis.sdk import Kind
from determinism_lint.analysis.values import (
    SAFE_LOGGER,
    UNKNOWN,
    Ambient,
    Arguments,
    ClassValue,
    Container,
    Context,
    External,
    FunctionValue,
    Generator,
    Instance,
    Literal,
    Member,
    ObjectValue,
    Partial,
    Replaying,
    Super,
    Task,
    Value,
    Values,
    cut,
    is_present,
    join,
)

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.statements import Activation


def call(run: Activation, node: s.Call) -> Values:
    run.ancestors.append(node)
    callee, base = callee_of(run, node.function)
    arguments = tuple([(argument, _argument(run, argument)) for argument in node.arguments])
    run.ancestors.pop()
    results = [_invoke(run, node, value, base, arguments) for value in callee]
    if isinstance(node.function, s.Attribute):
        results.append(containers.method_of_container(run, node, node.function, base, arguments))
    result = join(*results)
    called = Called(node, callee, base, arguments, result, run.site())
    run.calls[node] = called
    run.machine.surveyed(called)
    run.report(called)
    run.after_call(called)
    return result


def callee_of(run: Activation, node: s.Expression) -> tuple[Values, Values]:
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
    if (
        isinstance(argument.value, s.Name)
        and argument.value.id in run.vague
        and all(is_present(value, run.library.plain) for value in values)
    ):
        return join(values, (Literal(None),)) if values else UNKNOWN
    return values


def bound_arguments(run: Activation, arguments: tuple[tuple[s.Argument, Values], ...]) -> Arguments:
    positional: list[Values] = []
    keywords: list[tuple[str, Values]] = []
    optional: set[int | str] = set()
    unpacked = False
    for argument, values in arguments:
        if not values and not argument.unpack and operators.is_optional(run, argument.value):
            optional.add(argument.keyword or len(positional))
        if argument.unpack:
            known = values[0] if len(values) == 1 and isinstance(values[0], Container) else Container("list")
            if argument.unpack == "**":
                keywords.extend(
                    (key, item) for key, item in zip(known.keys, known.elements, strict=False) if isinstance(key, str)
                )
            elif not unpacked and not known.keys:
                positional.extend(known.elements)
            unpacked = unpacked or not _is_whole(run, argument.value, known)
        elif argument.keyword is not None:
            keywords.append((argument.keyword, values))
        elif not unpacked:
            positional.append(values)
    return Arguments(tuple(positional), tuple(keywords), unpacked, frozenset(optional))


def _is_whole(run: Activation, node: s.Expression, value: Container) -> bool:
    """Whether nothing but the known elements is unpacked: other names for a list or dict may have changed it."""
    if value.empty is None or (value.empty is False and not value.elements):
        return False
    own = (parameter.name for parameter in run.function.parameters if parameter.kind == "**")
    return value.kind == "tuple" or (isinstance(node, s.Name) and node.id in own)


def _invoke(
    run: Activation, node: s.Call, value: Value, base: Values, arguments: tuple[tuple[s.Argument, Values], ...]
) -> Values:
    match value:
        case FunctionValue() | ClassValue() | ObjectValue():
            return _apply(run, node, value, bound_arguments(run, arguments))
        case Partial():
            return _invoke_partial(run, node, value, arguments)
        case Member():
            return _operation_of(run, node, value, arguments)
        case External():
            return _external(run, node, value, arguments)
        case Instance():
            return (Instance(f"{value.name}.{run.special.call}"),)
        case Ambient():  # what is drawn from a source is reported there and then
            return UNKNOWN if run.flags.judged and value.name in run.library.random_sources else (value,)
    return UNKNOWN


def _apply(run: Activation, node: s.Call, value: Value, arguments: Arguments) -> Values:
    """Call a function, class or object of the project."""
    machine, flags = run.machine, run.entry_flags()
    match value:
        case FunctionValue():
            others = machine.registered.get(id(value.node), ())
            if not value.around and not others:
                return machine.invoke(value, arguments, flags, run, node)
            run.enter(node, value.around)
            each = (value, *(other.bound_to(value.receiver) for other in others))
            result = join(*(machine.invoke(one, arguments, flags, run, node) for one in each))
            run.leave(node, value.around)
            return result
        case ClassValue():
            return machine.construct(value, arguments, flags, run, node)
        case ObjectValue():
            found = machine.class_attribute(value.of, run.special.call)
            bound = [item.bound_to(value) for item in found if isinstance(item, FunctionValue)]
            return join(*(machine.invoke(item, arguments, flags, run, node) for item in bound))
    return UNKNOWN


def _invoke_partial(
    run: Activation, node: s.Call, value: Partial, passed: tuple[tuple[s.Argument, Values], ...]
) -> Values:
    if isinstance(value.function, (FunctionValue, ClassValue, ObjectValue)):
        return _apply(run, node, value.function, _added(value.arguments, bound_arguments(run, passed)))
    _call_somewhere(run, node, value.function)
    return UNKNOWN


def partial_of(function: Value, bound: Arguments) -> Partial:
    """`partial(function, …)`; one of another partial is one of what that was made of."""
    if isinstance(function, Partial):
        return cut(Partial(function.function, _added(function.arguments, bound)))
    return cut(Partial(function, bound))


def _added(bound: Arguments, given: Arguments) -> Arguments:
    positional = bound.positional if bound.unpacked else (*bound.positional, *given.positional)
    keywords = {**dict(bound.keywords), **dict(given.keywords)}
    shifted = (each + len(bound.positional) if isinstance(each, int) else each for each in given.optional)
    optional = bound.optional - {name for name, _ in given.keywords} | set(shifted)
    return Arguments(positional, tuple(keywords.items()), bound.unpacked or given.unpacked, optional)


def _call_somewhere(run: Activation, node: s.Call, function: Value) -> None:
    """Report that `function` is called because of `node`, with arguments of which nothing is known."""
    passed = s.Argument(node.start, node.end, node.function)
    run.emit(lambda site: Called(node, (function,), UNKNOWN, ((passed, UNKNOWN),), UNKNOWN, site))


def _operation_of(
    run: Activation, node: s.Call, member: Member, arguments: tuple[tuple[s.Argument, Values], ...]
) -> Values:
    """A durable operation: makes a task."""
    if member.kind is Kind.LOGGER:
        return (SAFE_LOGGER,)
    if member.kind is Kind.REPLAYING:
        return (Replaying(),)
    if member.kind is Kind.NAMESPACE:
        return (Context(member.runtime, inside=True),)
    if member.name in member.runtime.sdk.values:
        return (Instance(member.runtime.sdk.values[member.name]),)
    if not member.kind.is_awaitable:
        return UNKNOWN
    return (Task(member.kind, node, node.start),)


def _external(
    run: Activation, node: s.Call, value: External, arguments: tuple[tuple[s.Argument, Values], ...]
) -> Values:
    name = value.name
    positional = tuple(values for argument, values in arguments if not argument.unpack and argument.keyword is None)
    if name in run.library.order_sensitive and not (
        name in run.library.keeps_order and containers.order_is_forgotten(run)
    ):
        for argument, values in arguments:
            run.emit(lambda site, argument=argument, values=values: Iterated(argument, values, site))  # type: ignore[misc]
    consumed = [
        (
            argument,
            run.consume(argument, values) if argument.unpack or name not in run.library.leaves_alone else UNKNOWN,
        )
        for argument, values in arguments
    ]
    items = tuple(values for argument, values in consumed if not argument.unpack and argument.keyword is None)
    returned = _called_back(run, node, name, arguments, items)
    maker = run.library.makers.get(name)
    if maker is not None and (made := maker(run, node, bound_arguments(run, arguments))) is not None:
        return made
    if name in run.library.returns_results:
        return (Container("list", returned),)
    known = run.machine.language.called(name)
    if run.machine.is_hazard(known, bool(arguments)):
        origin = run.scope.module.path, node.start
        if not run.flags.judged:
            return (Ambient(known, origin),) if run.flags.imported else UNKNOWN
        run.machine.witnessed.add(origin)
    return run.library.result_of(name, positional, items)


def outside(run: Activation, node: s.Call, value: External) -> Values:
    """A call without arguments that is written as something else: reading a property of a class outside the project."""
    result = _external(run, node, value, ())
    run.emit(lambda site: Called(node, (value,), UNKNOWN, (), result, site))
    return result


def _called_back(
    run: Activation,
    node: s.Call,
    name: str,
    arguments: tuple[tuple[s.Argument, Values], ...],
    items: tuple[Values, ...],
) -> Values:
    """Run the functions that a library is given to call there and then; returns what they return."""
    places = run.library.callbacks.get(name)
    if places is None:
        return UNKNOWN
    returned: list[Values] = []
    for position, (argument, values) in enumerate(arguments):
        place = argument.keyword or position
        if place not in places or argument.unpack:
            continue
        others = [each for index, each in enumerate(items) if index != place]
        known = name in run.library.called_with_items and not any(other.unpack for other, _ in arguments)
        returned.append(run_callbacks(run, node, values, others if known else None))
    made = join(*returned)
    run.call_method(node, made, *run.library.hooks.get(name, ()))
    return made


def run_callbacks(run: Activation, node: s.Call, values: Values, passed: list[Values] | None = None) -> Values:
    """Call functions on behalf of a library with what may be passed, if that is known; returns what they return."""
    at = node.start, node.end, node.function
    arguments: tuple[tuple[s.Argument, Values], ...] = ((s.Argument(*at, unpack="*"), UNKNOWN),)
    if passed is not None:
        arguments = tuple((s.Argument(*at), join(each, (Literal(None),)) if each else UNKNOWN) for each in passed)
    returned: list[Values] = []
    for value in values:
        match value:
            case FunctionValue() if value.node.is_async:
                returned.append(run.machine.run(value, bound_arguments(run, arguments), run.entry_flags(), run, node))
            case FunctionValue() | ClassValue() | ObjectValue() | Partial():
                returned.append(_invoke(run, node, value, UNKNOWN, arguments))
            case External():
                _call_somewhere(run, node, value)
                returned.append(_external(run, node, value, arguments))
    return join(*returned)


def superclass(run: Activation) -> Values:
    """What `super` stands for in a method."""
    scope: Scope | None = run.scope
    while scope is not None and not isinstance(scope.node, s.Class):
        scope = scope.parent
    if scope is None:
        return UNKNOWN
    here = ClassValue(cast("s.Class", scope.node), scope)
    receiver = run.receiver if isinstance(run.receiver, (ObjectValue, ClassValue)) else ObjectValue(here)
    return (Super(receiver, here),)


def decorated(run: Activation, decorator: s.Expression, values: Values) -> Values:
    """What applying a decorator makes of a function or class: what one of the project returns, else the same."""
    factory = expressions.evaluate(run, decorator)
    call = s.Call(decorator.start, decorator.end, decorator, ())
    results = [_apply(run, call, value, Arguments((values,))) for value in factory]
    for value in factory:
        if isinstance(value, External) and value.name in run.library.roles:
            around = (each for each in values if isinstance(each, FunctionValue))
            others = tuple(each for each in around if decorator not in each.node.decorators)
            results.append(with_role(value.name, others))
    _register(run, decorator, values)
    replaced = _replacing(run, join(*results), values) or _around(run, factory, values)
    replaced = replaced or _wrapping(decorator, factory, values)
    node = decorator if isinstance(decorator, s.Call) else call
    base = UNKNOWN
    if isinstance(node.function, s.Attribute) and s.dotted(node.function) is not None:
        base = expressions.reference(run, node.function.value)
    arguments = tuple((argument, expressions.reference(run, argument.value)) for argument in node.arguments)
    run.machine.surveyed(Called(node, factory, base, arguments, UNKNOWN, run.site(), decorates=values))
    return replaced or values


def _replacing(run: Activation, made: Values, values: Values) -> Values:
    """What a decorator of the project returned, as far as it can stand for what it decorates."""
    functions = [value for value in values if isinstance(value, FunctionValue)]
    replaced: list[Value] = []
    for value in made:
        match value:
            case FunctionValue() if functions:
                replaced.append(value)
            case ObjectValue() if functions and run.has_method(value, run.special.call):
                replaced.append(replace(value, wraps=functions[0]))
            case ClassValue() if not functions:
                replaced.append(value)
    return tuple(replaced)


def _around(run: Activation, factory: Values, values: Values) -> Values:
    """A context manager as a decorator: each call enters it."""
    managers = tuple(v for v in factory if isinstance(v, Generator) or run.has_method(v, run.special.enter))
    if not managers:
        return UNKNOWN
    return tuple(
        replace(value, around=(*managers, *value.around)) for value in values if isinstance(value, FunctionValue)
    )


def _register(run: Activation, decorator: s.Expression, values: Values) -> None:
    """`@described.register`: what is decorated may run where `described` is called."""
    method = decorator.function if isinstance(decorator, s.Call) else decorator
    if not isinstance(method, s.Attribute) or method.attr != "register":
        return
    for value in expressions.reference(run, method.value):
        if isinstance(value, FunctionValue) and expressions.decorator_names(value) & run.library.dispatchers:
            functions = [each for each in values if isinstance(each, FunctionValue)]
            run.machine.registered.setdefault(id(value.node), []).extend(functions)


def _wrapping(decorator: s.Expression, factory: Values, values: Values) -> Values:
    """`@functools.wraps(function)`: what it decorates has that function's name."""
    original = next((value.arguments.positional[:1] for value in factory if isinstance(value, Partial)), ())
    functions = [value for each in original for value in each if isinstance(value, FunctionValue)]
    if len(functions) != 1 or not isinstance(decorator, s.Call):
        return UNKNOWN
    return tuple(replace(value, wraps=functions[0]) for value in values if isinstance(value, FunctionValue))

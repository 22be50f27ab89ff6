"""Evaluates expressions to abstract values, in the order in which they run. Also names and attributes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.derived import ambient
from determinism_lint.analysis.events import Loaded, Missing, Misused
from determinism_lint.analysis.interpreter import calls, containers, operators
from determinism_lint.analysis.sdk import Kind, Runtime
from determinism_lint.analysis.values import (
    UNKNOWN,
    Ambient,
    Arguments,
    ClassValue,
    Context,
    External,
    FunctionValue,
    Generator,
    Instance,
    Literal,
    Member,
    ModuleValue,
    ObjectValue,
    Replaying,
    Super,
    Task,
    Value,
    Values,
    cut,
    join,
)

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.machine import LoadedModule
    from determinism_lint.analysis.interpreter.statements import Activation


def evaluate(run: Activation, node: s.Expression) -> Values:
    """The value of an expression used as a value."""
    run.machine.steps += 1
    match node:
        case s.Name() | s.Attribute():
            values = reference(run, node)
            if not run.flags.judged:
                return values
            witness(run, node, values)
            origin = _origin(run, node)
            run.report(Loaded(node, values, run.site(), run.machine.registrars, run.library.mutators, origin))
            # what is reported here is not reported again where it goes
            return tuple(v for v in values if not isinstance(v, External) or not run.library.is_data(v.name))
        case s.Constant():
            value = node.value
            known = value is None or isinstance(value, (str, int, float))
            return (Literal(value),) if known else UNKNOWN  # type: ignore[arg-type]
        case s.Call():
            return calls.call(run, node)
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
            return (defined(run, node.function),)
        case s.Collection():
            return containers.collection(run, node)
        case s.Comprehension():
            return containers.comprehension(run, node)
        case s.Operation():
            return operators.operation(run, node)
        case s.Conditional():
            return operators.conditional(run, node)
        case s.Subscript():
            return containers.subscript(run, node)
        case s.Template():
            parts = []
            with run.inside(node):
                for part in node.values:
                    values = evaluate(run, part)
                    operators.used(run, part, values)
                    parts.append(values)
            return (*ambient(*parts), Instance("str"))
        case s.Bind():
            values = evaluate(run, node.value)
            run.store(node.target, values)
            return values
        case s.Starred():
            return run.iterate(node, evaluate(run, node.value))


def _origin(run: Activation, node: s.Name | s.Attribute) -> tuple[s.Module, str, bool] | None:
    """The other module of the project that a global belongs to, its name there, and whether it is imported by name."""
    if isinstance(node, s.Attribute):
        for value in reference(run, node.value) if isinstance(node.value, (s.Name, s.Attribute)) else ():
            if isinstance(value, ModuleValue) and (loaded := _module(run, value.path)) is not None:
                return loaded.tree, node.attr, False
        return None
    owner = run.scope.owner(node.id)
    statement = s.imports_by_name(owner.module).get(node.id) if owner is not None and owner.node is None else None
    if statement is None or statement.attribute is None:
        return None
    path = run.machine.importer.resolve(statement.module, statement.level, run.scope.module.path)
    found = None if path is None else _module(run, path)
    return None if found is None else (found.tree, statement.attribute, True)


def _module(run: Activation, path: str) -> LoadedModule | None:
    return run.machine.module(path) if path in run.machine.files else None


def defined(run: Activation, node: s.Function) -> FunctionValue:
    """The function that a `def` or `lambda` makes, which evaluates the defaults if replay comes to it."""
    function = FunctionValue(node, run.scope)
    if not run.flags.judged:
        return function
    defaults = ((each.name, evaluate(run, each.default)) for each in node.parameters if each.default is not None)
    return cut(replace(function, defaults=tuple(defaults)))


# --- names and attributes ---------------------------------------------------------------------------------------


def reference(run: Activation, node: s.Expression) -> Values:
    """What a name or attribute refers to, without reporting that it is read."""
    match node:
        case s.Name():
            return named(run, node)
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
    if any(isinstance(value, External) and run.library.is_data(value.name) for value in values):
        run.machine.witnessed.add((run.scope.module.path, node.start))


def named(run: Activation, node: s.Name) -> Values:
    """What a name refers to; a combinator that was imported by its name is what it is as an attribute."""
    values = lookup(run, node.id)
    for value in values:
        if isinstance(value, External) and _combinator(run, node.id, value.name) is not None:
            return tuple(
                (_combinator(run, node.id, each.name) if isinstance(each, External) else None) or each
                for each in values
            )
    return values


def _combinator(run: Activation, name: str, qualified: str) -> Member | None:
    """A function of an SDK that combines durable tasks."""
    found = run.machine.language.combinator(qualified)
    return None if found is None else Member(name, found[0], run.flags.runtime or Runtime(found[1]))


def lookup(run: Activation, name: str) -> Values:
    owner = run.scope.owner(name)
    if owner is not None:
        late = owner.late.get(name)
        return owner.names.get(name, UNKNOWN) if late is None else run.machine.imported_late(late, owner)
    if name in run.library.builtins:
        return (External(name),)
    return tuple(External(f"{module}.{name}") for module in run.scope.root.stars)


def attribute(run: Activation, node: s.Attribute, base: Values) -> Values:
    """What `base.attr` is."""
    return join(*[_attribute_of(run, node, value) for value in base]) if base else UNKNOWN


def _attribute_of(run: Activation, node: s.Attribute, value: Value) -> Values:
    name, language = node.attr, run.machine.language
    if own := language.attribute(run, node, value):
        return own
    match value:
        case External() | Instance() if name in run.library.describes:
            return UNKNOWN
        case External() | Instance():
            qualified = language.qualified(value.name, name)
            return (_combinator(run, name, qualified) or External(qualified),)
        case ModuleValue():
            return run.machine.module_attribute(value.path, name)
        case ClassValue():
            found = run.machine.class_attribute(value, name)
            if not found:
                return tuple(External(f"{base}.{name}") for base in run.machine.external_bases(value))
            return join(*(_bound(run, node, item, value) for item in found))
        case ObjectValue():
            return _object_attribute(run, node, value)
        case Super():
            return _inherited(run, node, value)
        case Context():
            return _context_attribute(run, node, value)
        case Task() | Generator():
            if isinstance(value, Generator) or name not in language.task_attributes:
                run.emit(lambda site: Misused(node, (value,), site))
            return UNKNOWN
        case Ambient():
            return (value,)
    return UNKNOWN


def _context_attribute(run: Activation, node: s.Attribute, context: Context) -> Values:
    name, runtime = node.attr, context.runtime
    kind = runtime.members.get(name)
    if runtime.sdk.namespace is not None and not context.inside and name != runtime.sdk.namespace:
        return (External(f"{runtime.sdk.host}.{name}"),)
    if kind is Kind.NAMESPACE:
        return (replace(context, inside=True),)
    if kind is None:
        if not name.startswith("_"):
            run.emit(lambda site: Missing(node, site))
        return UNKNOWN
    if kind is Kind.REPLAYING:
        return (Replaying(),)
    if name in runtime.sdk.properties:
        return (Instance(runtime.sdk.properties[name], naive=runtime.native or runtime.sdk.has_naive_clock),)
    return (Member(name, kind, runtime),)


def _inherited(run: Activation, node: s.Attribute, value: Super) -> Values:
    """What `super().attr` is: of the next class that has it. Of classes outside the project that is not known."""
    receiver = value.receiver
    order = run.machine.order(receiver.of if isinstance(receiver, ObjectValue) else receiver)
    if value.behind not in order:
        order = run.machine.order(value.behind)
    outside: list[Value] = []
    for owner in order[order.index(value.behind) + 1 :]:
        if isinstance(owner, External):
            outside.append(External(f"{owner.name}.{node.attr}"))
        elif found := owner.scope.names.get(node.attr):
            return join(outside, *(_bound(run, node, item, receiver) for item in found))
    return tuple(outside)


def _object_attribute(run: Activation, node: s.Attribute, value: ObjectValue) -> Values:
    found = run.machine.instance_attribute(value, node.attr)
    if value.wraps is not None and value.wraps in found:
        found = (value.wraps,)
    results: list[Values] = []
    if value.shared and any(not isinstance(item, FunctionValue) for item in found):
        bases = run.machine.external_bases(value.of)
        results.append(tuple(Ambient(base) for base in bases if run.machine.is_hazard(base, True)))
    results.extend(_bound(run, node, item, value) for item in found)
    if not found:
        results.append(run.call_method(node, (value,), *run.special.missing))
        results.extend((External(f"{base}.{node.attr}"),) for base in run.machine.external_bases(value.of))
    return join(*results)


def decorator_names(function: FunctionValue) -> set[str]:
    """What a class makes of a function, and the last segments of its decorators: `setter` for `@total.setter`."""
    names = s.roles(function.node)
    return names | {function.role} if function.role else names


def _bound(run: Activation, node: s.Node, item: Value, receiver: ObjectValue | ClassValue) -> Values:
    """What reading a name of a class gives: a function is bound to the object or class it was read from."""
    if not isinstance(item, FunctionValue) or item.receiver is not None:
        return (item,)
    if not isinstance(item.scope.node, s.Class) and not item.role:
        return (item,)
    decorators = decorator_names(item)
    if "staticmethod" in decorators:
        return (item,)
    if "classmethod" in decorators:
        owner = receiver.of if isinstance(receiver, ObjectValue) else receiver
        return (item.bound_to(owner),)
    if isinstance(receiver, ClassValue):
        return (item,)
    if decorators & {"setter", "deleter"}:
        return UNKNOWN
    bound = item.bound_to(receiver)
    if decorators & {"property", "cached_property"}:
        return run.machine.run(bound, Arguments(), run.entry_flags(), run, node)
    return (bound,)

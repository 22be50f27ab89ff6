"""Classes and their objects: overloads, properties, interfaces, extension methods, parts, and how objects are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.interpreter import calls, expressions, fields
from determinism_lint.analysis.interpreter.machine import Machine
from determinism_lint.analysis.interpreter.statements import Activation
from determinism_lint.analysis.sdk import Kind
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
    Instance,
    Literal,
    Member,
    ObjectValue,
    Super,
    Task,
    Value,
    Values,
    join,
)
from determinism_lint.checks._shared import is_test
from determinism_lint.languages.csharp.imports import Importer, qualified
from determinism_lint.languages.csharp.lowered import ABSTRACT, CONSTRUCTOR, EXTENSION, FIELDS
from determinism_lint.languages.csharp.names import NEW, PROPERTIES, PROXY
from determinism_lint.languages.csharp.reading import of_task, read
from determinism_lint.languages.csharp.sdks import generated

_CALLED = frozenset({"DynamicInvoke", "Invoke"})
"""The methods of delegates."""


def attribute(run: Activation, node: s.Attribute, value: Value) -> Values:
    """Attributes of built-in values, overloads, static properties, and methods of interfaces."""
    match value:
        case Container(kind="dict") if node.attr in value.keys:
            return value.element(node.attr)
        case Container(kind="tuple") if node.attr.startswith("Item") and node.attr[4:].isdecimal():
            return value.element(int(node.attr[4:]) - 1)
        case Context(runtime=runtime):
            kind = runtime.members.get(node.attr)
            if kind in (Kind.REPLAYING, Kind.NAMESPACE) and _called(run, node) is not None:
                return (Member(node.attr, kind, runtime),)
            if kind is not None:
                return UNKNOWN
            if found := _extension(run, node, value):
                return found
            made = generated(node.attr, runtime)
            return UNKNOWN if made is None else (made,)
        case FunctionValue() if node.attr in _CALLED and _called(run, node) is not None:
            return (value,)
        case Task() | Coroutine():
            return of_task(run, node, value)
        case ClassValue() if node.attr == NEW[1:]:
            return (value,)
        case ClassValue() | ObjectValue():
            return _member(run, node, value)
        case External() | Instance():
            return _outside(run, node, value)
        case Literal() | Container():
            return _extension(run, node, value)
    return UNKNOWN


def _called(run: Activation, node: s.Attribute) -> s.Call | None:
    """The call of which an attribute is the function."""
    call = run.ancestors[-1] if run.ancestors else None
    return call if isinstance(call, s.Call) and call.function is node else None


def _count(call: s.Call) -> int:
    """How many arguments a call has, without types."""
    return sum(not (argument.keyword or "").startswith("%") for argument in call.arguments)


def _outside(run: Activation, node: s.Attribute, value: External | Instance) -> Values:
    """What a namespace, a type or an object from outside the project has under a name."""
    name = qualified(value.name, node.attr)
    importer = run.machine.importer
    if isinstance(value, External) and isinstance(importer, Importer) and importer.is_namespace(value.name):
        path = importer.resolve(name, 0, run.scope.module.path)
        if path is not None:
            return run.machine.module_attribute(path, node.attr)
    if _called(run, node) is not None:
        return UNKNOWN if isinstance(value, External) else _extension(run, node, value)
    return read(run, node, name) if name in PROPERTIES else UNKNOWN


# --- members ----------------------------------------------------------------------------------------------------


def _member(run: Activation, node: s.Attribute, value: ClassValue | ObjectValue) -> Values:
    machine = run.machine
    kind = value.of if isinstance(value, ObjectValue) else value
    call = _called(run, node)
    if call is None:
        if isinstance(value, ClassValue):
            return _static_property(run, node, kind)
        return _of_others(run, node, value) or _unimplemented(run, node, value)
    count = _count(call)
    found = _overload(machine, kind, node.attr, count)
    if not found and isinstance(value, ObjectValue) and not machine.class_attribute(kind, node.attr):
        if _is_proxy(run, node):
            return UNKNOWN
        if is_abstract(kind) and len(kinds := implementations(run, kind)) == 1:
            value = replace(value, of=kinds[0], given=(), present=frozenset())
            found = _overload(machine, kinds[0], node.attr, count) or machine.class_attribute(kinds[0], node.attr)
        elif not machine.instance_attribute(value, node.attr):
            return _extension(run, node, value)
    made: list[Value] = []
    for item in found:
        if isinstance(item, FunctionValue) and item.receiver is None:
            static = item.node.role == "staticmethod" or isinstance(value, ClassValue)
            made.append(item if static else item.bound_to(value))
    return tuple(made)


def _of_others(run: Activation, node: s.Attribute, value: ObjectValue) -> Values:
    """An attribute that other objects of the class were given as a program began, which says nothing of this one."""
    found = () if value.shared else run.machine.instance_attribute(value, node.attr)
    if not any(isinstance(each, Ambient) for each in found):
        return UNKNOWN
    return tuple(each for each in found if not isinstance(each, (Ambient, FunctionValue))) or (Instance("property"),)


def _is_proxy(run: Activation, node: s.Attribute) -> bool:
    """Whether a method is called on what only sends the call on, to an activity or an entity."""
    if not isinstance(node.value, (s.Name, s.Attribute)):
        return False
    return Instance(PROXY) in expressions.reference(run, node.value)


def _overload(machine: Machine, kind: ClassValue, name: str, count: int) -> Values:
    """The method of a name that takes so many arguments, where there are several."""
    return machine.class_attribute(kind, f"{name}/{count}")


def _static_property(run: Activation, node: s.Attribute, kind: ClassValue) -> Values:
    found = [each for each in run.machine.class_attribute(kind, node.attr) if _is_property(each)]
    return join(
        *(run.machine.run(each, Arguments(), run.entry_flags(), run, node) for each in found)  # type: ignore[arg-type]
    )


def _is_property(value: Value) -> bool:
    return isinstance(value, FunctionValue) and value.node.role == "property" and value.receiver is None


def _unimplemented(run: Activation, node: s.Attribute, value: ObjectValue) -> Values:
    """A property of an interface that one class implements."""
    if not is_abstract(value.of) or run.machine.class_attribute(value.of, node.attr):
        return UNKNOWN
    kinds = implementations(run, value.of)
    if len(kinds) != 1:
        return UNKNOWN
    made = replace(value, of=kinds[0], given=(), present=frozenset())
    found = run.machine.class_attribute(kinds[0], node.attr)
    return join(
        *(
            run.machine.run(each.bound_to(made), Arguments(), run.entry_flags(), run, node)
            for each in found
            if isinstance(each, FunctionValue) and _is_property(each)
        )
    )


def is_abstract(kind: ClassValue) -> bool:
    """Whether a class is an interface or abstract."""
    return any(s.dotted(each) == ABSTRACT for each in kind.node.decorators)


def implementations(run: Activation, interface: ClassValue) -> list[ClassValue]:
    """The classes of the project, other than those of its tests, that implement an interface: the first two."""
    importer = run.machine.importer
    name = interface.node.name.partition("`")[0]
    paths = importer.implementing(name) if isinstance(importer, Importer) else []
    found: list[ClassValue] = []
    for path in paths:
        loaded = None if is_test(path) else run.machine.module(path)
        for kind in classes_in(loaded.scope.names) if loaded is not None else ():
            if kind != interface and not is_abstract(kind) and interface in run.machine.order(kind):
                found.append(kind)
                if len(found) == 2:
                    return found
    return found


def classes_in(names: dict[str, Values]) -> Iterator[ClassValue]:
    """The classes among the names of a file or class, and in them."""
    for name, values in list(names.items()):
        for value in values:
            if isinstance(value, ClassValue) and value.node.name == name and value.scope.names is not names:
                yield value
                yield from (inner for inner in classes_in(value.scope.names) if inner.scope.parent is value.scope)


def _extension(run: Activation, node: s.Attribute, value: Value) -> Values:
    """The only extension method of the project that has a name and extends such a value."""
    call = _called(run, node)
    if call is None:
        return UNKNOWN
    count = _count(call) + 1
    found = [
        function
        for function, extended in _extensions(run.machine, node.attr, count)
        if any(_is_extended(run.machine, each, value) for each in extended)
    ]
    return (replace(found[0], receiver=value),) if len(found) == 1 else UNKNOWN


def _extensions(machine: Machine, name: str, count: int) -> list[tuple[FunctionValue, Values]]:
    """The extension methods of a name that take so many arguments, with what each extends."""
    importer = machine.importer
    if not isinstance(importer, Importer) or not (paths := importer.extending(name)):
        return []
    known = importer.extensions.get((name, count))
    if known is not None:
        return known
    found: list[tuple[FunctionValue, Values]] = []
    for path in paths:
        loaded = machine.module(path)
        for kind in classes_in(loaded.scope.names) if loaded is not None else ():
            names = kind.scope.names
            for each in names.get(f"{name}/{count}") or names.get(name, ()):
                if isinstance(each, FunctionValue) and any(s.dotted(d) == EXTENSION for d in each.node.decorators):
                    found.append((each, _extended(machine, each)))
    importer.extensions[name, count] = found
    return found


def _extended(machine: Machine, function: FunctionValue) -> Values:
    annotation = function.node.parameters[0].annotation
    return machine.language.described(annotation, lambda each: Activation.outside(machine, function.scope, each))


def _is_extended(machine: Machine, extended: Value, value: Value) -> bool:
    match extended, value:
        case (Context(), Context()) | (Container(), Container()):
            return True
        case Instance(name=name), Instance(name=other):
            return name == other
        case Instance(name="System.String"), Literal(value=str()):
            return True
        case ObjectValue(of=kind), ObjectValue(of=other_kind):
            return kind in machine.order(other_kind)
    return False


# --- making objects ---------------------------------------------------------------------------------------------


def constructed(run: Activation, node: s.Call, made: ObjectValue, arguments: Arguments) -> Values:
    """A new object of a class that has several constructors: runs the one that takes so many arguments."""
    machine = run.machine
    chosen = machine.class_attribute(made.of, f"{CONSTRUCTOR}/{len(node.arguments)}")
    if not chosen:
        return UNKNOWN
    for method in (*machine.class_attribute(made.of, FIELDS), *chosen):
        if isinstance(method, FunctionValue):
            bound = method.bound_to(made)
            assigned = machine.outcome(bound, arguments, run.entry_flags(), run, node).attributes
            made = fields.constructed(made, assigned, machine.language.library.plain)
    return (made,)


def base_member(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    """Run what a base class of the project has under a name, without arguments."""
    ((name,),) = arguments.positional
    for each in calls.superclass(run):
        if not isinstance(each, Super) or not isinstance(name, Literal):
            continue
        order = run.machine.order(each.receiver.of if isinstance(each.receiver, ObjectValue) else each.receiver)
        later = order[order.index(each.behind) + 1 :] if each.behind in order else ()
        for kind in later:
            found = kind.scope.names.get(str(name.value), ()) if isinstance(kind, ClassValue) else ()
            methods = [each for each in found if isinstance(each, FunctionValue)]
            for method in methods:
                bound = method.bound_to(each.receiver)
                run.machine.run(bound, Arguments(), run.entry_flags(), run, node)
            if methods:
                break
    return UNKNOWN


def merge(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    """Bring the parts of a partial class together: each then has the members of all."""
    importer, (kinds, (name,)) = run.machine.importer, arguments.positional
    if not isinstance(importer, Importer) or not isinstance(name, Literal) or name.value in importer.merging:
        return UNKNOWN
    importer.merging.add(str(name.value))  # reading a part leads here again
    parts = [kind for kind in kinds if isinstance(kind, ClassValue)]
    for path in importer.parts(str(name.value), run.scope.module.path):
        loaded = run.machine.module(path)
        found = loaded.scope.names.get(parts[0].node.name, ()) if loaded is not None and parts else ()
        parts.extend(part for part in found if isinstance(part, ClassValue))
    importer.merging.discard(str(name.value))
    names: dict[str, Values] = {}
    for part in parts:
        for member, values in part.scope.names.items():
            names[member] = join(names.get(member, UNKNOWN), values)
    bases = join(*(part.scope.bases for part in parts))
    for part in parts:
        part.scope.names, part.scope.bases = names, bases
        part.scope.attributes, part.scope.fresh = parts[0].scope.attributes, parts[0].scope.fresh
        part.scope.changed = parts[0].scope.changed
    return UNKNOWN

"""Collections: displays, comprehensions, subscripts, and methods that read or change them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.derived import ambient, items_of
from determinism_lint.analysis.events import Iterated, Stored
from determinism_lint.analysis.interpreter import calls, changes, expressions, operators
from determinism_lint.analysis.values import (
    UNKNOWN,
    Ambient,
    ClassValue,
    Container,
    External,
    Instance,
    Literal,
    ModuleValue,
    ObjectValue,
    Value,
    Values,
    join,
    literal,
    mixed,
)

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.statements import Activation


def method_of_container(
    run: Activation,
    node: s.Call,
    method: s.Attribute,
    base: Values,
    arguments: tuple[tuple[s.Argument, Values], ...],
) -> Values:
    """Methods of built-in collections, `str.join` and `str.format`."""
    name, results = method.attr, []
    if not base and name in run.library.assumed_methods:
        base = (Container("list"),)
    if name in run.library.consumers and any(isinstance(value, (Container, Literal, Instance)) for value in base):
        arguments = tuple((argument, consumed(run, argument, values)) for argument, values in arguments)
    first = arguments[0][1] if arguments else UNKNOWN
    for value in base:
        if isinstance(value, Container):
            results.append(run.machine.language.container_method(run, node, value, name, arguments))
        elif isinstance(value, Literal) and isinstance(value.value, str) and name == "join" and arguments:
            run.emit(lambda site: Iterated(arguments[0][0], first, site))
    if name in run.library.mutators:
        _mutated(run, method.value, base, name, arguments)
    return mixed(*results)


def _mutated(
    run: Activation,
    target: s.Expression,
    base: Values,
    method: str,
    arguments: tuple[tuple[s.Argument, Values], ...],
) -> None:
    """A collection changes in place: remember what it holds now, and report state that outlives the call."""
    if not any(isinstance(value, (Container, Ambient)) for value in base):
        return
    changes.grow(run, target, method, [(argument.keyword, values) for argument, values in arguments])
    stored(run, target, base)


def stored(run: Activation, target: s.Expression, changed: Values = UNKNOWN) -> None:
    """Report a change of something that is reached through a module variable or a class, or that `changed` tells of."""
    root: s.Expression = target
    member = ""
    while isinstance(root, (s.Attribute, s.Subscript)):
        member = member or (root.attr if isinstance(root, s.Attribute) else "")
        root = root.value
    if target is not root or isinstance(target, s.Name):
        for part in _index_parts(target):
            expressions.evaluate(run, part)
    if isinstance(root, s.Name):
        owner = run.scope.owner(root.id)
        if owner is not None and owner.parent is None and owner is not run.scope:
            values = owner.names.get(root.id, UNKNOWN)
            if any(isinstance(value, (Container, ModuleValue, ClassValue, ObjectValue)) for value in values):
                of_class = member and any(isinstance(value, ClassValue) for value in values)
                run.emit(lambda site: Stored(target, member if of_class else root.id, site))
                return
    base = target.value if isinstance(target, s.Subscript) else target
    if isinstance(base, s.Attribute) and any(
        isinstance(value, ClassValue) or _is_shared(run, value, base.attr)
        for value in expressions.reference(run, base.value)
    ):
        attr = base.attr
        run.emit(lambda site: Stored(target, attr, site))
        return
    if isinstance(target, s.Subscript) and not changed:
        changed = expressions.reference(run, target.value)
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
        and not run.machine.language.declares_field(node.value)
        and any(isinstance(target, s.Name) and target.id == name for target in node.targets)
        for node in value.of.node.body
    )
    return given and any(isinstance(item, Container) for item in value.of.scope.names.get(name, UNKNOWN))


def _index_parts(target: s.Expression) -> tuple[s.Expression, ...]:
    return target.index if isinstance(target, s.Subscript) else ()


def augmented(run: Activation, target: s.Expression, operator: str, added: Values) -> Values:
    """`target += added`."""
    current = expressions.evaluate(run, target)
    added = consumed(run, target, added)
    if any(isinstance(value, Container) and value.kind == "list" for value in current):
        run.emit(lambda site: Iterated(target, added, site))
    grown = tuple(
        changes.updated(value, added) if value.kind == "dict" else changes.extended(value, added)
        for value in current
        if isinstance(value, Container)
    )
    return join(grown, ambient(current, added))


def consumed(run: Activation, node: s.Node, values: Values) -> Values:
    """What is iterated over at once: a generator or an object stands for the list of its items."""
    lists = [value for value in values if isinstance(value, (Container, Ambient, Literal))]
    others = tuple(value for value in values if value not in lists)
    items = run.consume(node, others)
    return join(lists, (Container("list", items),) if items else others)


def collection(run: Activation, node: s.Collection) -> Values:
    if node.kind == "slice":
        return ambient(*(expressions.evaluate(run, bound) for bound in node.items))
    with run.inside(node):
        named = [expressions.evaluate(run, key) for key in node.keys]
        keys = tuple(map(literal, named))
        elements = tuple(_item(run, node.kind, item) for item in node.items)
    starred = any(isinstance(item, s.Starred) for item in node.items)
    empty = True if not node.items else None if starred and len(node.items) == 1 else False
    known = node.kind != "set" or all(elements)
    items = changes.shallow(mixed(*elements)) if known else UNKNOWN
    if starred or node.kind == "set" or len(elements) > changes.EXACT:
        return (Container(node.kind, items, empty),)
    return (Container(node.kind, items, empty, tuple(map(changes.shallow, elements)), keys),)


def _item(run: Activation, kind: str, item: s.Expression) -> Values:
    """What one entry of a literal adds; `**mapping` adds what the mapping maps to."""
    if kind == "dict" and isinstance(item, s.Starred):
        return join(*(value.items for value in expressions.evaluate(run, item.value) if isinstance(value, Container)))
    return expressions.evaluate(run, item)


def comprehension(run: Activation, node: s.Comprehension) -> Values:
    saved = dict(run.scope.names)
    conditional = False
    with run.inside(node):
        for clause in node.clauses:
            subject = expressions.evaluate(run, clause.iterable)
            if (node.kind in ("generator", "list") and order_is_forgotten(run)) or node.kind == "set":
                run.consume(clause.iterable, subject)
                items = items_of(subject)
            else:
                items = run.iterate(clause.iterable, subject)
            run.store(clause.target, items)
            for condition in clause.conditions:
                expressions.evaluate(run, condition)
                conditional = True
        each = [expressions.evaluate(run, element) for element in node.elements]
        elements = each[-1]  # of a dict, what it maps to
    run.scope.names = saved
    kind = "list" if node.kind == "generator" else node.kind
    sources = [c.iterable for c in node.clauses]
    empty = False if not conditional and all(surely_filled(run, source) for source in sources) else None
    return (Container(kind, changes.shallow(elements), empty),)


def surely_filled(run: Activation, node: s.Expression) -> bool:
    """Whether an iterable certainly has items: a literal, a constant with items, `range(3)`."""
    match node:
        case s.Collection():
            return bool(node.items) and not all(isinstance(item, s.Starred) for item in node.items)
        case s.Call(function=s.Name(id=called), arguments=arguments) if called in run.library.ranges:
            limits = [_whole_number(run, argument.value) for argument in arguments]
            known = [limit for limit in limits if limit is not None]
            return 0 < len(known) == len(limits) <= 3 and 0 not in known[2:] and bool(range(*known))
        case s.Name():
            values = expressions.lookup(run, node.id)
            return bool(values) and all(isinstance(value, Container) and value.empty is False for value in values)
    return False


def _whole_number(run: Activation, node: s.Expression) -> int | None:
    value = node.value if isinstance(node, s.Constant) else None
    if isinstance(node, s.Name):
        value = literal(expressions.lookup(run, node.id))
    if isinstance(node, s.Operation) and node.operator == "-" and len(node.operands) == 1:
        size = _whole_number(run, node.operands[0])
        return None if size is None else -size
    return value if isinstance(value, int) else None


def order_is_forgotten(run: Activation) -> bool:
    """Whether the expression being evaluated goes, maybe through others, to a function for which order is nothing."""
    for node in reversed(run.ancestors):
        name = node.function.id if isinstance(node, s.Call) and isinstance(node.function, s.Name) else None
        if name in run.library.orderless:
            return True
        if name not in run.library.keeps_order and not isinstance(node, s.Comprehension):
            return False
    return False


def subscript(run: Activation, node: s.Subscript) -> Values:
    with run.inside(node):
        values = expressions.evaluate(run, node.value)
        index = [expressions.evaluate(run, part) for part in node.index]
    operators.used(run, node, values)
    sliced = changes.is_slice(node)
    results: list[Values] = []
    for value in values:
        match value:
            case Container() if sliced:
                results.append((replace(value, elements=(), keys=(), shared=False),))
            case Container():
                results.append(value.element(literal(index[0])) if len(index) == 1 else (value,))
            case Instance() if value.name in run.library.indexed:
                call = s.Call(node.start, node.end, node, ())
                results.append(calls.outside(run, call, External(f"{value.name}.Item")))
            case Instance() | ClassValue():
                results.append((value,))
            case ObjectValue():
                results.append(run.call_method(node, (value,), *run.special.read))
            case External() if not run.flags.judged and run.machine.is_hazard(value.name, False):
                results.append((Ambient(value.name, (run.scope.module.path, node.start)),))
            case Ambient():
                results.append((value,))
    return join(ambient(*index), mixed(*results))

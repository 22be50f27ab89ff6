"""Functions of the standard library that make dicts, objects and classes, or look into what they are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.interpreter import changes, expressions, fields
from determinism_lint.analysis.scopes import Scope
from determinism_lint.analysis.values import (
    UNKNOWN,
    Arguments,
    ClassValue,
    Container,
    Context,
    FunctionValue,
    Literal,
    ObjectValue,
    Partial,
    Values,
    join,
    text,
)
from determinism_lint.languages.python.sdks import members_of

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.statements import Activation


def _dict(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    made = Container("dict", empty=True)
    for values in arguments.positional[:1]:
        made = Container("dict", join(*(_mapped(value) for value in values if isinstance(value, Container))))
        if len(values) == 1 and isinstance(values[0], Container) and values[0].kind == "dict":
            made = replace(values[0], shared=False)
    if arguments.unpacked:
        made = replace(made, elements=(), keys=(), empty=None)
    return (changes.merged(made, changes.of_keywords(dict(arguments.keywords))),)


def _mapped(value: Container) -> Values:
    """What a dict made of a dict, or of pairs, maps to."""
    if value.kind == "dict":
        return value.items
    pairs = (pair.elements for pair in value.items if isinstance(pair, Container) and not pair.keys)
    return join(*(elements[1] for elements in pairs if len(elements) == 2))


def _type(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    if len(arguments.positional) != 1:
        return UNKNOWN
    return join(*((value.of,) for value in arguments.positional[0] if isinstance(value, ObjectValue)))


def _new(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    kinds = (value for value in join(*arguments.positional[:1]) if isinstance(value, ClassValue))
    return tuple(ObjectValue(kind, run.flags.imported, run.flags.judged) for kind in kinds)


def _getattr(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    """A default says nothing as long as the attribute is not known, but that the program looks whether it is there."""
    if len(arguments.positional) < 2 or (name := text(arguments.positional[1])) is None:
        return UNKNOWN
    owner, _, *default = arguments.positional
    if default:
        owner = tuple(v for v in owner if not isinstance(v, Context) or name in members_of(v.runtime))
    found = expressions.attribute(run, s.Attribute(node.start, node.end, node.arguments[0].value, name), owner)
    return join(found, *default) if found else UNKNOWN


def _setattr(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    plain = not any(argument.unpack or argument.keyword for argument in node.arguments)
    if plain and len(arguments.positional) == 3 and (name := text(arguments.positional[1])) is not None:
        target = s.Attribute(node.start, node.end, node.arguments[0].value, name)
        run.store(target, arguments.positional[2])
    return UNKNOWN


def _callable(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    values = join(*arguments.positional[:1])
    surely = bool(values) and all(isinstance(value, (FunctionValue, ClassValue, Partial)) for value in values)
    return (Literal(True),) if surely else UNKNOWN


def _replaced(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    """`replace(old, name=value)` calls the constructor with all that the old object holds."""
    made: list[Values] = []
    for value in join(*arguments.positional[:1]):
        if isinstance(value, ObjectValue):
            known = Arguments(keywords=tuple({**dict(value.given), **dict(arguments.keywords)}.items()), unpacked=True)
            made.append(run.machine.construct(value.of, known, run.entry_flags(), run, node))
    return join(*made)


def _namespace(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    made = ObjectValue(_class(run, node, "SimpleNamespace", ()), run.flags.imported, run.flags.judged)
    return (fields.holding(made, dict(arguments.keywords)),)


def _namedtuple(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    declared = [*arguments.positional, UNKNOWN, UNKNOWN][1] or dict(arguments.keywords).get("field_names", UNKNOWN)
    if len(declared) != 1:
        return UNKNOWN
    written = text(declared)
    elements = declared[0].elements if isinstance(declared[0], Container) else ()
    names = [text(element) for element in elements] if written is None else written.replace(",", " ").split()
    known = tuple(name for name in names if name is not None)
    return (_class(run, node, "namedtuple", known),) if len(known) == len(names) else UNKNOWN


def _class(run: Activation, node: s.Call, name: str, attributes: tuple[str, ...]) -> ClassValue:
    """The class that a call makes; the same each time."""
    made = run.machine.classes.get(node)
    if made is None:
        at = node.start, node.end
        unknown = s.Constant(*at, ...)
        body = tuple(s.Assign(*at, (s.Name(*at, attribute),), None, unknown) for attribute in attributes)
        tree = s.Class(*at, name, (), body)
        made = run.machine.classes[node] = ClassValue(tree, Scope(run.scope.module, tree, None))
    return made


MAKERS: dict[str, Callable[[Activation, s.Call, Arguments], Values]] = {
    "callable": _callable,
    "collections.OrderedDict": _dict,
    "collections.namedtuple": _namedtuple,
    "copy.replace": _replaced,
    "dataclasses.replace": _replaced,
    "dict": _dict,
    "getattr": _getattr,
    "object.__new__": _new,
    "object.__setattr__": _setattr,
    "setattr": _setattr,
    "type": _type,
    "types.SimpleNamespace": _namespace,
}
"""What calls of these return."""

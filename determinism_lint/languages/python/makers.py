"""Functions of the standard library that make dicts, objects and classes, or look into what they are given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.frontend import Maker
from determinism_lint.analysis.interpreter import calls, changes, expressions, fields
from determinism_lint.analysis.scopes import Scope
from determinism_lint.analysis.values import (
    UNKNOWN,
    Arguments,
    ClassValue,
    Container,
    Context,
    External,
    FunctionValue,
    Literal,
    ObjectValue,
    Partial,
    Values,
    join,
    text,
)

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
        owner = tuple(v for v in owner if not isinstance(v, Context) or name in v.runtime.members)
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


def _defaultdict(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    return (Container("dict", calls.run_callbacks(run, node, join(*arguments.positional[:1]))),)


def _iter(run: Activation, node: s.Call, arguments: Arguments) -> Values | None:
    """`iter(function, sentinel)` calls the function until it returns the other."""
    if len(arguments.positional) != 2:
        return None
    return (Container("list", calls.run_callbacks(run, node, arguments.positional[0])),)


def _partial(run: Activation, node: s.Call, arguments: Arguments) -> Values | None:
    if not arguments.positional:
        return None
    function, *others = arguments.positional
    bound = replace(arguments, positional=tuple(others))
    return tuple(dict.fromkeys(calls.partial_of(value, bound) for value in function))


def _super(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    return calls.superclass(run)


def _wraps(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    return (Partial(External("functools.wraps"), arguments),)


def _update_wrapper(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    return UNKNOWN


def _cast(run: Activation, node: s.Call, arguments: Arguments) -> Values | None:
    if len(arguments.positional) != 2:
        return None
    kinds, values = arguments.positional
    return tuple(ObjectValue(kind) for kind in kinds if isinstance(kind, ClassValue)) or values


def _module(run: Activation, node: s.Call, arguments: Arguments) -> Values | None:
    name = text(arguments.positional[0]) if arguments.positional else None
    return None if name is None else run.machine.import_module(name, run.scope.module.path)


MAKERS: dict[str, Maker] = {
    "__import__": _module,
    "callable": _callable,
    "collections.OrderedDict": _dict,
    "collections.defaultdict": _defaultdict,
    "collections.namedtuple": _namedtuple,
    "copy.replace": _replaced,
    "dataclasses.replace": _replaced,
    "dict": _dict,
    "functools.partial": _partial,
    "functools.update_wrapper": _update_wrapper,
    "functools.wraps": _wraps,
    "getattr": _getattr,
    "importlib.import_module": _module,
    "iter": _iter,
    "object.__new__": _new,
    "object.__setattr__": _setattr,
    "partial": _partial,
    "setattr": _setattr,
    "super": _super,
    "type": _type,
    "types.SimpleNamespace": _namespace,
    "typing.cast": _cast,
}
"""What calls of these return; None where nothing special does."""

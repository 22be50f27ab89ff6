"""Whether the items of a set can certainly be compared with each other, so that `sorted` cannot fail."""

from __future__ import annotations

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Site

_SETS = frozenset({"AbstractSet", "FrozenSet", "Set", "frozenset", "set"})
_ITEMS = frozenset({"bytes", "date", "datetime", "float", "int", "str"})


def are_comparable(node: s.Node, site: Site) -> bool:
    """By its form, or by an annotation such as `set[str]`."""
    match node:
        case s.Collection(kind="set" | "list" | "tuple", items=items):
            return bool(items) and (all(map(_is_text, items)) or all(map(_is_number, items)))
        case s.Comprehension(elements=(element,)):
            return _is_text(element)
        case s.Call(function=s.Name(id="set" | "frozenset"), arguments=(s.Argument(value=value, unpack=""),)):
            return are_comparable(value, site)
        case s.Call(function=s.Name(id=name)):
            made = [each for each in site.module.body if isinstance(each, s.Function) and each.name == name]
            return bool(made) and all(_is_annotated(each.returns) for each in made)
        case s.Name(id=name):
            return _is_comparable_name(name, site)
    return False


def _is_comparable_name(name: str, site: Site) -> bool:
    """A variable that is annotated, or is bound once and then only gone through, so that nothing is added to it."""
    function = site.function
    annotations = [each.annotation for each in function.parameters if each.name == name]
    bound: list[s.Expression | None] = []
    for node in s.walk(function.body, into_functions=True):
        if isinstance(node, s.Assign) and any(_is_name(target, name) for target in node.targets):
            annotations.append(node.annotation)
            bound.append(node.value)
    if any(map(_is_annotated, annotations)):
        return True
    mentions = sum(_is_name(node, name) for node in s.walk(function.body, into_functions=True))
    value = bound[0] if len(bound) == 1 and mentions == 2 else None
    return value is not None and not _is_name(value, name) and are_comparable(value, site)


def _is_name(node: s.Node, name: str) -> bool:
    return isinstance(node, s.Name) and node.id == name


def _is_annotated(annotation: s.Expression | None) -> bool:
    match annotation:
        case s.Subscript(
            value=s.Name(id=kind) | s.Attribute(attr=kind), index=(s.Name(id=item) | s.Attribute(attr=item),)
        ):
            return kind in _SETS and item in _ITEMS
    return False


def _is_text(node: s.Expression) -> bool:
    match node:
        case s.Constant(value=str()) | s.Template() | s.Call(function=s.Name(id="str")):
            return True
    return False


def _is_number(node: s.Expression) -> bool:
    return isinstance(node, s.Constant) and isinstance(node.value, (int, float))

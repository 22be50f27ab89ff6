"""The parts of the parser's nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tree_sitter import Node

from determinism_lint.analysis import syntax as s
from determinism_lint.languages.treesitter import field_of

TYPES = frozenset(
    {
        "class_declaration",
        "enum_declaration",
        "interface_declaration",
        "record_declaration",
        "struct_declaration",
    }
)
IGNORED = frozenset(
    {
        "attribute_list",
        "comment",
        "delegate_declaration",
        "empty_statement",
        "extern_alias_directive",
        "global_attribute",
        "goto_statement",
        "interpolation_alignment_clause",
        "interpolation_format_clause",
        "modifier",
        "shebang_directive",
    }
)


@dataclass(slots=True)
class WrittenParameter:
    """A parameter as it is written."""

    node: Node
    name: Node
    type: Node | None
    default: Node | None
    collects: bool = False


def parameters_in(node: Node | None) -> list[WrittenParameter]:
    """The parameters in a list; those of the form `params T[] x` have no node of their own."""
    found: list[WrittenParameter] = []
    if node is None:
        return found
    for child in node.named_children:
        if child.type == "parameter" and (name := child.child_by_field_name("name")) is not None:
            found.append(WrittenParameter(child, name, child.child_by_field_name("type"), value_of(child)))
    if any(child.type == "params" for child in node.children):
        name = node.child_by_field_name("name")
        if name is not None:
            found.append(WrittenParameter(node, name, node.child_by_field_name("type"), None, True))
    return found


def value_of(node: Node) -> Node | None:
    """What stands behind `=`."""
    seen = False
    for child in node.children:
        if seen and child.is_named and child.type not in IGNORED:
            return child
        seen = seen or child.type == "="
    return None


def child_of(node: Node | None, kind: str) -> Node | None:
    """The first child of a kind."""
    if node is None:
        return None
    return next((child for child in node.named_children if child.type == kind), None)


def code_in(node: Node | None) -> list[Node]:
    """The parts of a node that are code."""
    if node is None:
        return []
    return [
        child
        for child in node.children
        if (child.is_named and child.type not in IGNORED) or child.type in ("this", "base")
    ]


def first_in(node: Node) -> Node:
    return code_in(node)[0]


def first_or_none(node: Node) -> Node | None:
    found = code_in(node)
    return found[0] if found else None


def plain_name(node: Node) -> Node:
    """The name in a name with types."""
    return node.named_children[0] if node.type == "generic_name" else node


def sign_of(node: Node) -> str:
    """The operator of a unary expression."""
    return next((child.type for child in node.children if not child.is_named), "")


def words_of(node: Node) -> set[str]:
    return {child.type for child in node.children if not child.is_named}


def modifiers_of(node: Node) -> set[str]:
    return {
        child.children[0].type if child.children else child.text.decode() if child.text else ""
        for child in node.named_children
        if child.type == "modifier"
    }


def declarators_in(node: Node) -> list[Node]:
    declaration = child_of(node, "variable_declaration")
    return [
        each
        for each in code_in(declaration)
        if each.type == "variable_declarator" and each.child_by_field_name("name") is not None
    ]


def type_parameters_of(node: Node) -> list[Node]:
    """The names of the types that a class or method is open in."""
    found = node.child_by_field_name("type_parameters") or child_of(node, "type_parameter_list")
    return [name for each in code_in(found) if (name := each.child_by_field_name("name")) is not None]


def type_arguments_of(node: Node | None) -> list[Node]:
    """The types that a name is given; those of `List<>` are as many as there can be."""
    if node is not None and node.type == "qualified_name":
        node = node.child_by_field_name("name")
    found = child_of(node, "type_argument_list")
    return code_in(found)


def members_in(node: Node) -> list[Node]:
    """The members of a class."""
    return code_in(node.child_by_field_name("body"))


def base_types_of(node: Node) -> list[Node]:
    """What a class extends and implements."""
    found: list[Node] = []
    for each in code_in(child_of(node, "base_list")):
        if each.type == "primary_constructor_base_type":
            found.append(field_of(each, "type"))
        elif each.type != "argument_list":
            found.append(each)
    return found


def is_auto(member: Node) -> bool:
    """Whether a property keeps its value by itself."""
    return "abstract" not in modifiers_of(member)


def bases_first(types: list[tuple[Node, str]], text: Callable[[Node], str]) -> list[tuple[Node, str]]:
    """Classes in an order in which each comes after those that it extends."""
    by_name = {text(field_of(node, "name")): (node, space) for node, space in types}
    found: list[tuple[Node, str]] = []
    seen: set[int] = set()

    def add(node: Node, space: str) -> None:
        if node.id in seen:
            return
        seen.add(node.id)
        for base in base_types_of(node):
            other = by_name.get(text(base).split("<", 1)[0])
            if other is not None:
                add(*other)
        found.append((node, space))

    for node, space in types:
        add(node, space)
    return found


def either(at: tuple[int, int], found: list[s.Expression]) -> s.Expression:
    """All that a name may be."""
    made = found[-1]
    for each in reversed(found[:-1]):
        made = s.Conditional(*at, s.Constant(*at, ...), each, made)
    return made


def all_of(tests: list[s.Expression]) -> s.Expression | None:
    if not tests:
        return None
    made = tests[0]
    for each in tests[1:]:
        made = s.Operation(made.start, each.end, "and", (made, each))
    return made

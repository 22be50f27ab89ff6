"""Small questions about the syntax tree of a C# source."""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter_c_sharp
from tree_sitter import Language, Node, Parser

from tests.dotnet.api import TypeName, parse_type

PARSER = Parser(Language(tree_sitter_c_sharp.language()))

TYPE_DECLARATIONS = (
    "class_declaration",
    "record_declaration",
    "struct_declaration",
    "interface_declaration",
    "enum_declaration",
)
LITERALS = {
    "string_literal": "string",
    "verbatim_string_literal": "string",
    "raw_string_literal": "string",
    "interpolated_string_expression": "string",
    "integer_literal": "int",
    "real_literal": "double",
    "boolean_literal": "bool",
}
LATE = {
    "lambda_expression",
    "anonymous_method_expression",
    "implicit_object_creation_expression",
    "collection_expression",
}


def kids(node: Node) -> list[Node]:
    """The named children, without comments."""
    return [child for child in node.named_children if child.type != "comment"]


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in kids(node):
        yield from walk(child)


def modifiers(node: Node) -> set[str]:
    return {text_of(child) for child in node.children if child.type == "modifier"}


def parameters_of(node: Node | None) -> list[tuple[str, TypeName | None]]:
    return [
        (text_of(field_of(child, "name")), parse_type(text_of(field_of(child, "type"))))
        for child in (kids(node) if node is not None else ())
        if child.type == "parameter"
    ]


def lambda_parameters(node: Node) -> list[tuple[str, TypeName | None]]:
    listed = field_of(node, "parameters")
    if listed is None:
        return []
    if listed.type != "parameter_list":
        return [(text_of(listed), None)]
    return [(name, type_ if type_ and type_.name else None) for name, type_ in parameters_of(listed)]


def expression_of(argument: Node) -> Node | None:
    """An argument without its name and its `out`."""
    label = field_of(argument, "name")
    values = [child for child in kids(argument) if child != label and child.type != "comment"]
    return values[-1] if values else None


def called_name(node: Node) -> tuple[str, list[TypeName]]:
    """The name and the written type arguments of what is called."""
    if node.type != "generic_name":
        return text_of(node), []
    whole = parse_type(text_of(node))
    return text_of(kids(node)[0]), list(whole.args) if whole else []


def text_of(node: Node | None) -> str:
    return node.text.decode() if node is not None and node.text is not None else ""


def field_of(node: Node, name: str) -> Node | None:
    return node.child_by_field_name(name)


def syntax_errors(text: str) -> list[str]:
    """Where the parser gave up, as `line: text`."""

    def walk(node: Node) -> Iterator[str]:
        if node.type == "ERROR" or node.is_missing:
            yield f"{node.start_point[0] + 1}: {text_of(node)[:60]!r}"
        for child in node.children:
            if child.has_error or child.is_missing:
                yield from walk(child)

    return list(walk(PARSER.parse(text.encode()).root_node))

"""C#, parsed by tree-sitter and lowered to the neutral tree.

What the neutral tree does not have is written with what it has:

- `this` is the first parameter of a method that is not static. Bare names of members become attributes of it, or of
  their class if they are static. The parameter that triggers an orchestrator stands first behind it.
- What a class body gives to fields and properties is given by a method, `FIELDS`, that runs before the constructor,
  `.ctor`. The parameters of a primary constructor are fields.
- Properties with code are functions whose role is `property`, and `setter` below the name `set:Name`; those that are
  static have no parameter `this`.
- Of methods that share a name, each is also bound to `Name/1`, for each number of arguments that it takes.
- Names of types that a file does not declare are imported from `?namespaces:Name`: see `imports`.
- Attributes of a class, a method or its parameters that declare something are its decorators: `@Function("name")`;
  those of a parameter say which one it is by `%parameter`.
- `Method<T>(x)` passes `T` by the keyword `%0`, which the method calls `%type:T`; `nameof(A.B)` is the text `B`.
- `typeof(T)`, `(T)x` and `x as T`, `x with {…}` and initialisers are calls of `typeof`, `%cast`, `%with` and `%filled`:
  see `containers`.
"""

from __future__ import annotations

from functools import cache

import tree_sitter
import tree_sitter_c_sharp
from tree_sitter import Node

from determinism_lint.analysis import syntax as s
from determinism_lint.errors import ParseError
from determinism_lint.languages import treesitter
from determinism_lint.languages.csharp.directives import readings
from determinism_lint.languages.csharp.imports import FREE
from determinism_lint.languages.csharp.lowering.members import Members
from determinism_lint.languages.csharp.lowering.names import Frame
from determinism_lint.languages.csharp.lowering.nodes import (
    IGNORED,
    TYPES,
    bases_first,
    modifiers_of,
    type_arguments_of,
    type_parameters_of,
)
from determinism_lint.languages.treesitter import field_of, refuse_nesting, refuse_size, syntax_error


def parse(path: str, data: bytes) -> s.Module:
    """Parse one file. Raises `ParseError` for whatever cannot be analyzed, and nothing else."""
    text = decode(data)
    refuse_size(data)
    refuse_nesting(text)
    source = text.encode("utf-8", "surrogatepass")
    trees = map(_parser().parse, readings(source))
    tree = next(trees)
    if tree.root_node.has_error:
        first, tree = tree, next((each for each in trees if not each.root_node.has_error), tree)
        if tree is first:
            raise syntax_error(tree.root_node, source)
    try:
        body = _Lowering(source).module(tree.root_node)
    except RecursionError:
        raise ParseError("is nested too deeply to be analyzed") from None
    return s.Module(path, "csharp", text, body)


def encoding_of(data: bytes) -> str:
    """The encoding of a file. The compiler reads what is no UTF-8 in the code page of old editors."""
    encoding = treesitter.encoding_of(data)
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return "latin-1"
    return encoding


def decode(data: bytes) -> str:
    """The text of a file. Raises `ParseError`."""
    return treesitter.decode(data, encoding_of(data))


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_c_sharp.language()))


class _Lowering(Members):
    """A file: its imports, its classes, and its top-level statements."""

    def module(self, root: Node) -> s.Block:
        types: list[tuple[Node, str]] = []
        statements: list[Node] = []
        self._collect(root, "", types, statements)
        spaces = dict.fromkeys(
            ".".join(parts[:count])
            for space in self._spaces or [""]
            for parts in (space.split("."),)
            for count in range(len(parts), 0, -1)
        )
        self._search = f"{FREE}{','.join(spaces)};{','.join(dict.fromkeys(self._usings))}:"
        for node, _ in types:
            name = self._text(field_of(node, "name"))
            self._names.add(name)
            count = len(type_parameters_of(node))
            self._top.add(f"{name}`{count}" if count else name)
        body: list[s.Statement] = []
        for node, space in bases_first(types, self._text):
            made = self._class(node)
            body.append(made)
            if "partial" in modifiers_of(node):
                at = made.start, made.end
                whole = f"{space}.{self._text(field_of(node, 'name'))}".lstrip(".")
                passed = (s.Argument(*at, s.Name(*at, made.name)), s.Argument(*at, s.Constant(*at, whole)))
                body.append(s.Evaluate(*at, s.Call(*at, s.Name(*at, "%merge"), passed)))
        if statements:
            self._frames.append(Frame({"args"}, True, set()))
            body.extend(self._statements(statements))
            self._frames.pop()
        return (*self._imported.values(), *body)

    def _collect(self, node: Node, space: str, types: list[tuple[Node, str]], statements: list[Node]) -> None:
        for child in node.named_children:
            kind = child.type
            if kind in TYPES:
                types.append((child, space))
                if space not in self._spaces:
                    self._spaces.append(space)
            elif kind == "using_directive":
                self._using(child)
            elif kind == "namespace_declaration":
                name = self._joined(field_of(child, "name"))
                self._collect(field_of(child, "body"), f"{space}.{name}".lstrip("."), types, statements)
            elif kind == "file_scoped_namespace_declaration":
                space = self._joined(field_of(child, "name"))
                if len(child.named_children) > 1:
                    self._collect(child, space, types, statements)
            elif kind == "global_statement":
                statements.extend(child.named_children)

    def _using(self, node: Node) -> None:
        words = {child.type for child in node.children}
        target = next((child for child in reversed(node.named_children) if child.type not in IGNORED), None)
        if target is None:
            return
        name, alias = self._joined(target), node.child_by_field_name("name")
        if alias is not None:
            if target.type in ("identifier", "qualified_name", "generic_name", "alias_qualified_name"):
                local, count = self._text(alias), len(type_arguments_of(target))
                last = name.rsplit(".", 1)[-1] + (f"`{count}" if count else "")
                self._imported[local] = s.Import(*self._at(node), name, last, local)
        elif "static" in words:
            self._statics.append(name)
            local = f"%static:{name}"
            self._imported[local] = s.Import(*self._at(node), name, name.rsplit(".", 1)[-1], local)
        else:
            self._usings.append(name)

"""Java, parsed by tree-sitter and lowered to the neutral tree.

What the neutral tree does not have is written with what it has:

- `this` is the first parameter of a method, `this%1` in a class inside a method. Bare names of members become
  attributes of it, or of their class if they are static.
- What a class body gives to fields stands at the start of its constructor, `<init>`; one is made where none is written.
- Of methods that share a name, each is also bound to `name/1`, with the number of its parameters.
- Names of types that a file neither declares nor imports are imported from `?packages:Name`: see `imports`.
- `task.await()` suspends.
- Annotations of a method that declare something are its decorators, and so are those of its parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import tree_sitter
import tree_sitter_java
from tree_sitter import Node

from determinism_lint.analysis import syntax as s
from determinism_lint.errors import ParseError
from determinism_lint.languages.java.imports import FREE
from determinism_lint.languages.treesitter import (
    Lowering,
    decode,
    field_of,
    refuse_nesting,
    refuse_size,
    syntax_error,
)

CONSTRUCTOR = "<init>"
ANONYMOUS = "lambda"
OPAQUE = "%opaque"
"""Decorates a class of whose objects nothing can be read from outside."""
ABSTRACT = "%interface"
"""Decorates an interface."""
ANNOTATIONS = frozenset(
    {
        "FunctionName",
        "DurableOrchestrationTrigger",
        "DurableActivityTrigger",
        "DurableEntityTrigger",
        "DurableClientInput",
    }
)
"""What declares something."""


def parse(path: str, data: bytes) -> s.Module:
    """Parse one file. Raises `ParseError` for whatever cannot be analyzed, and nothing else."""
    text = decode(data)
    refuse_size(data)
    refuse_nesting(text)
    source = text.encode("utf-8", "surrogatepass")
    tree = _parser().parse(source)
    if tree.root_node.has_error:
        raise syntax_error(tree.root_node, source)
    try:
        body = _Lowering(source).module(tree.root_node)
    except RecursionError:
        raise ParseError("is nested too deeply to be analyzed") from None
    return s.Module(path, "java", text, body)


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_java.language()))


# --- lowering ---------------------------------------------------------------------------------------------------

_TYPES = frozenset({"class_declaration", "interface_declaration", "enum_declaration", "record_declaration"})
_OPERATORS = {"&&": "and", "||": "or", "<=": "<", ">=": ">", "!": "not", ">>>": ">>"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "s": " ", "0": "\0"}
_IGNORED = frozenset({"line_comment", "block_comment", ";", "package_declaration", "annotation_type_declaration"})
_TELLING = _TYPES.union(
    *(
        ("class_body", "variable_declarator", "formal_parameter", "catch_formal_parameter", "resource"),
        ("enhanced_for_statement", "instanceof_expression", "type_pattern", "record_pattern_component"),
        ("lambda_expression",),
    )
)
"""What tells names of variables, or that there are none below."""
_SHOUTED = frozenset({"UUID", "URL", "URI"})
"""Classes whose names look like those of constants."""
_SEEN_FROM_OUTSIDE = re.compile(r"@(?:Json|Data\b|Getter\b|Value\b|XmlRoot|Serial)|\b(?:extends|implements)\b")


@dataclass(slots=True)
class _Kind:
    """A class around the code at hand."""

    name: str
    path: s.Expression
    this: str
    members: dict[str, bool]
    """Fields and methods, and whether they are static."""
    inner: dict[str, s.Expression]
    extends: bool

    def attribute(self, name: str) -> str:
        """What a field is called: one that shares its name with a method, as those of records do, has another."""
        return f"%{name}" if f"{name}()" in self.members else name


@dataclass(slots=True)
class _Local:
    """What a method, or a lambda in a field, has of its own."""

    names: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)


class _Lowering(Lowering):
    """Turns the parser's nodes into neutral ones. A method per node type, found by its name."""

    def __init__(self, source: bytes) -> None:
        super().__init__(source)
        self._methods: dict[str, Callable[[Node], Any]] = {}
        self._kinds: list[_Kind] = []
        self._locals: list[_Local] = []
        self._imported: set[str] = set()
        self._packages: list[str] = []
        self._top: set[str] = set()
        self._free: dict[str, Node] = {}

    # files

    def module(self, root: Node) -> s.Block:
        imports: list[s.Statement] = []
        kinds: list[Node] = []
        own = ""
        for node in root.named_children:
            if node.type == "package_declaration":
                own = re.sub(r"\s", "", self._text(node.named_children[-1]))
            if node.type == "import_declaration":
                imports.extend(self._import(node))
            elif node.type in _TYPES:
                kinds.append(node)
                self._top.add(self._text(field_of(node, "name")))
        body = [self._class_of(kind, None) for kind in _bases_first(kinds, self._text)]
        packages = ",".join((own, *self._packages))
        for name, node in self._free.items():
            whole = name[1:]
            if name.startswith("%"):
                imports.append(s.Import(*self._at(node), whole, whole.rsplit(".", 1)[-1], name))
            else:
                imports.append(s.Import(*self._at(node), f"{FREE}{packages}:{name}", name, name))
        # files may import each other: what defines a class comes first, what its methods need last
        needed = set().union(*map(_needed, body))
        first = [each for each in imports if isinstance(each, s.Import) and each.local in needed]
        others = [each for each in imports if each not in first]
        return (*first, *body, *others)

    def _import(self, node: Node) -> Iterable[s.Statement]:
        words = {child.type for child in node.children}
        name = self._text(next(c for c in node.named_children if c.type in ("scoped_identifier", "identifier")))
        name = re.sub(r"\s", "", name)
        at = self._at(node)
        if "static" in words:
            if "asterisk" in words:
                return [s.Import(*at, name, None, None)]
            owner, _, member = name.rpartition(".")
            self._imported.add(member)
            return [s.Import(*at, owner, member, member)]
        if "asterisk" in words:
            self._packages.append(name)
            return []
        last = name.rsplit(".", 1)[-1]
        self._imported.add(last)
        return [s.Import(*at, name, last, last)]

    # names

    def _type_name(self, name: str, node: Node) -> s.Expression:
        at = self._at(node)
        for level in range(len(self._kinds) - 1, -1, -1):
            kind = self._kinds[level]
            if any(name in local.classes for local in self._locals):
                return s.Name(*at, name)
            if name == kind.name:
                return kind.path
            if name in kind.inner:
                return kind.inner[name]
        if name not in self._top and name not in self._imported:
            self._free.setdefault(name, node)
        return s.Name(*at, name)

    def _bare(self, name: str, node: Node, called: bool = False) -> s.Expression:
        """A name without an owner: a variable, a member of a class around, a type."""
        at = self._at(node)
        if not called and any(name in local.names for local in self._locals):
            return s.Name(*at, name)
        for kind in reversed(self._kinds):
            key = f"{name}()" if called else name
            if key in kind.members:
                owner = kind.path if kind.members[key] else s.Name(*at, kind.this)
                return s.Attribute(*at, owner, name if called else kind.attribute(name))
        if name in self._imported:
            return s.Name(*at, name)
        if not called and (
            name[:1].isupper() and (name in _SHOUTED or not (name.isupper() and len(name) > 1 and self._extends()))
        ):
            return self._type_name(name, node)
        if self._extends():
            return s.Attribute(*at, s.Name(*at, self._kinds[-1].this), name)
        return s.Name(*at, name)

    def _extends(self) -> bool:
        return bool(self._kinds) and self._kinds[-1].extends

    # classes

    def _class_of(self, node: Node, body: Node | None, bases: tuple[s.Expression, ...] = ()) -> s.Class:
        """A declared class, or the body of an anonymous one."""
        named = node.child_by_field_name("name") if body is None else None
        at = self._at(named or node)
        name = self._text(named) if named is not None else "anonymous class"
        in_function = bool(self._locals)
        if named is None or in_function or not self._kinds:
            path: s.Expression = s.Name(*at, name)
        else:
            path = s.Attribute(*at, self._kinds[-1].path, name)
        members = _parts(body or field_of(node, "body"))
        kind = _Kind(name, path, f"this%{len(self._kinds)}" if in_function else "this", {}, {}, False)
        kind.extends = bool(bases) or node.child_by_field_name("superclass") is not None or bool(_interfaces(node))
        self._note_members(node, kind, members)
        outside = bases or self._bases(node)
        self._kinds.append(kind)
        made = self._members(node, kind, members)
        decorators: list[s.Expression] = []
        if node.type == "interface_declaration":
            decorators.append(s.Name(*at, ABSTRACT))
        elif node.type == "class_declaration" and self._is_opaque(node, members):
            decorators.append(s.Name(*at, OPAQUE))
        self._kinds.pop()
        return s.Class(*at, name, outside, tuple(made), tuple(decorators))

    def _bases(self, node: Node) -> tuple[s.Expression, ...]:
        found: list[s.Expression] = []
        superclass = node.child_by_field_name("superclass")
        for each in (*(superclass.named_children if superclass is not None else ()), *_interfaces(node)):
            base = self._type(each)
            if base is not None:
                found.append(base)
        return tuple(found)

    def _is_opaque(self, node: Node, members: list[Node]) -> bool:
        head = self._source[node.start_byte : field_of(node, "body").start_byte].decode("utf-8", "replace")
        if _SEEN_FROM_OUTSIDE.search(head):
            return False
        for member in members:
            words = _modifiers(member)
            if "@Json" in self._text(member):
                return False
            if member.type == "field_declaration" and "public" in words:
                return False
            is_method = member.type == "method_declaration" and "public" in words and "static" not in words
            if is_method and re.match(r"get|is", self._text(field_of(member, "name"))):
                return False
        return True

    def _note_members(self, node: Node, kind: _Kind, members: list[Node]) -> None:
        of_interface = node.type == "interface_declaration"
        parameters = node.child_by_field_name("parameters")
        for each in parameters.named_children if parameters is not None and node.type == "record_declaration" else ():
            if (name := each.child_by_field_name("name")) is not None:
                kind.members[self._text(name)] = False
                kind.members[f"{self._text(name)}()"] = False
        for member in members:
            is_static = "static" in _modifiers(member)
            if member.type in ("field_declaration", "constant_declaration"):
                for declarator in _declarators(member):
                    kind.members[self._text(field_of(declarator, "name"))] = is_static or of_interface
            elif member.type == "method_declaration":
                kind.members[f"{self._text(field_of(member, 'name'))}()"] = is_static
            elif member.type == "enum_constant":
                kind.members[self._text(field_of(member, "name"))] = True
            elif member.type in _TYPES:
                name = field_of(member, "name")
                kind.inner[self._text(name)] = s.Attribute(*self._at(name), kind.path, self._text(name))

    def _members(self, node: Node, kind: _Kind, members: list[Node]) -> list[s.Statement]:
        inner = [
            self._class_of(each, None) for each in _bases_first([m for m in members if m.type in _TYPES], self._text)
        ]
        methods: list[s.Statement] = []
        fields: list[s.Statement] = []
        static: list[s.Statement] = []
        constructors: list[Node] = []
        names = [self._text(field_of(m, "name")) for m in members if m.type == "method_declaration"]
        for member in members:
            is_static = "static" in _modifiers(member) or (
                node.type == "interface_declaration" and member.type == "constant_declaration"
            )
            match member.type:
                case "method_declaration":
                    if member.child_by_field_name("body") is None:
                        continue
                    made = self._method(member, kind, is_static)
                    methods.append(made)
                    if names.count(made.name) > 1:
                        count = len(made.parameters) - (not is_static)
                        at = made.start, made.end
                        target = s.Name(*at, f"{made.name}/{count}")
                        methods.append(s.Assign(*at, (target,), s.Name(*at, made.name)))
                case "constructor_declaration" | "compact_constructor_declaration":
                    constructors.append(member)
                case "field_declaration" | "constant_declaration":
                    self._locals.append(_Local(self._scan(member, False)))
                    annotation = self._type(member.child_by_field_name("type"))
                    for declarator in _declarators(member):
                        value = declarator.child_by_field_name("value")
                        lowered = None if value is None else self._expr(value)
                        at, named = self._at(declarator), field_of(declarator, "name")
                        name = self._text(named)
                        if is_static:
                            static.append(
                                s.Assign(*at, (s.Name(*self._at(named), kind.attribute(name)),), lowered, annotation)
                            )
                        else:
                            own = s.Attribute(*self._at(named), s.Name(*at, kind.this), kind.attribute(name))
                            fields.append(s.Assign(*at, (own,), lowered, annotation))
                    self._locals.pop()
                case "static_initializer" | "block":
                    self._locals.append(_Local(self._scan(member, True)))
                    block = (
                        member
                        if member.type == "block"
                        else next(c for c in member.named_children if c.type == "block")
                    )
                    (static if member.type != "block" else fields).extend(self._suite(block))
                    self._locals.pop()
                case "enum_constant":
                    at, named = self._at(member), field_of(member, "name")
                    arguments = member.child_by_field_name("arguments")
                    self._locals.append(_Local())
                    passed = () if arguments is None else self._arguments(arguments)
                    self._locals.pop()
                    static.append(
                        s.Assign(*at, (s.Name(*self._at(named), self._text(named)),), s.Call(*at, kind.path, passed))
                    )
        record = node.child_by_field_name("parameters") if node.type == "record_declaration" else None
        if record is not None:
            for each in record.named_children:
                named_each = each.child_by_field_name("name")
                if named_each is not None and self._text(named_each) not in names:
                    at, name = self._at(named_each), self._text(named_each)
                    this = s.Parameter(*at, kind.this, None, None)
                    read = s.Attribute(*at, s.Name(*at, kind.this), kind.attribute(name))
                    methods.append(s.Function(*at, name, (this,), (s.Return(*at, read),)))
        made_constructor = self._constructor(node, kind, constructors, fields, record)
        return [*inner, *methods, *([made_constructor] if made_constructor is not None else []), *static]

    def _constructor(
        self, node: Node, kind: _Kind, written: list[Node], fields: list[s.Statement], record: Node | None
    ) -> s.Function | None:
        """The constructor, of several that with the most parameters; it gives the fields their values first."""
        at = self._at(node.child_by_field_name("name") or node)
        this = s.Parameter(*at, kind.this, None, None)
        chosen = max(written, key=lambda each: len(_parameters(each)), default=None)
        if record is not None:
            local = _Local(self._scan(record, True))
            self._locals.append(local)
            parameters = self._lowered_parameters(record)
            compact = next((each for each in written if each.type == "compact_constructor_declaration"), None)
            body: s.Block = ()
            if compact is not None:
                local.names |= self._scan(compact, True)
                body = self._suite(field_of(compact, "body"))
            self._locals.pop()
            given = tuple(
                s.Assign(
                    *at,
                    (s.Attribute(*at, s.Name(*at, kind.this), kind.attribute(each.name)),),
                    s.Name(*at, each.name),
                    each.annotation,
                )
                for each in parameters
            )
            return s.Function(*at, CONSTRUCTOR, (this, *parameters), (*fields, *body, *given))
        if chosen is not None:
            made = self._method(chosen, kind, False, CONSTRUCTOR)
            made.written = (*fields, *made.body)
            return made
        if not fields:
            return None
        if node.child_by_field_name("superclass") is not None:
            base = s.Attribute(*at, s.Call(*at, s.Name(*at, "super"), ()), CONSTRUCTOR)
            fields = [s.Evaluate(*at, s.Call(*at, base, ())), *fields]
        return s.Function(*at, CONSTRUCTOR, (this,), tuple(fields))

    def _method(self, node: Node, kind: _Kind, is_static: bool, name: str | None = None) -> s.Function:
        named = field_of(node, "name")
        at = self._at(named)
        local = _Local(self._scan(node, True))
        self._locals.append(local)
        parameters = self._lowered_parameters(node.child_by_field_name("parameters"))
        body = self._suite(node.child_by_field_name("body"))
        decorators = self._decorators(node)
        returns = self._type(node.child_by_field_name("type"))
        self._locals.pop()
        if not is_static:
            parameters = (s.Parameter(*at, kind.this, None, None), *parameters)
        role = "staticmethod" if is_static else ""
        return s.Function(*at, name or self._text(named), parameters, body, decorators, returns, role=role)

    def _decorators(self, node: Node) -> tuple[s.Expression, ...]:
        found: list[s.Expression] = []
        for annotation in _annotations(node):
            name = self._text(field_of(annotation, "name")).rsplit(".", 1)[-1]
            if name in ANNOTATIONS:
                found.append(self._annotation(annotation, name))
        for parameter in _parameters(node):
            for annotation in _annotations(parameter):
                name = self._text(field_of(annotation, "name")).rsplit(".", 1)[-1]
                if name in ANNOTATIONS:
                    found.append(self._annotation(annotation, name))
        return tuple(found)

    def _annotation(self, node: Node, name: str) -> s.Call:
        at, arguments = self._at(node), node.child_by_field_name("arguments")
        passed: list[s.Argument] = []
        for each in arguments.named_children if arguments is not None else ():
            if each.type == "element_value_pair":
                key, value = self._text(field_of(each, "key")), field_of(each, "value")
                passed.append(s.Argument(*self._at(each), self._expr(value), None if key == "value" else key))
            elif each.type not in _IGNORED:
                passed.append(s.Argument(*self._at(each), self._expr(each)))
        return s.Call(*at, s.Name(*at, f"@{name}"), tuple(passed))

    def _lowered_parameters(self, node: Node | None) -> tuple[s.Parameter, ...]:
        made: list[s.Parameter] = []
        for each in node.named_children if node is not None else ():
            if each.type == "formal_parameter":
                name = field_of(each, "name")
                annotation = self._type(each.child_by_field_name("type"))
                made.append(s.Parameter(*self._at(name), self._text(name), annotation, None))
            elif each.type == "spread_parameter":
                declarator = next((c for c in each.named_children if c.type == "variable_declarator"), None)
                if declarator is not None:
                    name = field_of(declarator, "name")
                    made.append(s.Parameter(*self._at(name), self._text(name), None, None, "*"))
            elif each.type == "identifier":
                made.append(s.Parameter(*self._at(each), self._text(each), None, None))
        return tuple(made)

    def _scan(self, node: Node, whole: bool) -> set[str]:
        """The names of variables that are declared in a node; those of fields only below them."""
        names: set[str] = set()
        stack = list(node.named_children)
        while stack:
            each = stack.pop()
            kind = each.type
            if kind not in _TELLING:
                stack.extend(each.named_children)
                continue
            if kind in _TYPES or kind == "class_body":
                continue
            if kind in ("variable_declarator", "formal_parameter", "catch_formal_parameter", "resource"):
                name = each.child_by_field_name("name")
                if name is not None and (whole or each.parent is None or each.parent.id != node.id):
                    names.add(self._text(name))
            elif kind in ("enhanced_for_statement", "instanceof_expression"):
                name = each.child_by_field_name("name")
                if name is not None:
                    names.add(self._text(name))
            elif kind in ("type_pattern", "record_pattern_component"):
                names.update(self._text(c) for c in each.named_children if c.type == "identifier")
            elif kind == "lambda_expression":
                parameters = each.child_by_field_name("parameters")
                if parameters is not None and parameters.type == "identifier":
                    names.add(self._text(parameters))
                elif parameters is not None and parameters.type == "inferred_parameters":
                    names.update(self._text(c) for c in parameters.named_children if c.type == "identifier")
            stack.extend(each.named_children)
        return names

    # types

    def _type(self, node: Node | None) -> s.Expression | None:
        """A type as an expression, as far as it can say something of a value."""
        if node is None:
            return None
        at = self._at(node)
        match node.type:
            case "type_identifier":
                name = self._text(node)
                return None if name == "var" else self._type_name(name, node)
            case "scoped_type_identifier":
                return self._qualified(re.sub(r"\s|<.*>", "", self._text(node)), node)
            case "generic_type":
                owner = self._type(node.named_children[0])
                arguments = next((c for c in node.named_children if c.type == "type_arguments"), None)
                inner = (self._type(each) for each in arguments.named_children) if arguments is not None else ()
                known = tuple(each for each in inner if each is not None)
                return None if owner is None else s.Subscript(*at, owner, known)
            case "array_type":
                element = self._type(node.child_by_field_name("element"))
                return s.Subscript(*at, s.Name(*at, "%array"), () if element is None else (element,))
            case "annotated_type":
                return self._type(node.named_children[-1])
            case "integral_type" | "floating_point_type" | "boolean_type":
                return s.Name(*at, f"%{self._text(node)}")
        return None

    def _qualified(self, name: str, node: Node) -> s.Expression:
        first, *rest = name.split(".")
        at = self._at(node)
        if first[:1].islower() and rest:  # a package: up to the class
            parts = name.split(".")
            count = next((i for i, part in enumerate(parts) if part[:1].isupper()), len(parts) - 1)
            whole = ".".join(parts[: count + 1])
            self._free.setdefault(f"%{whole}", node)
            made: s.Expression = s.Name(*at, f"%{whole}")
            rest = parts[count + 1 :]
        else:
            made = self._type_name(first, node)
        for part in rest:
            made = s.Attribute(*at, made, part)
        return made

    # statements

    def _suite(self, node: Node | None) -> s.Block:
        if node is None:
            return ()
        if node.type in ("block", "constructor_body"):
            return tuple(each for child in node.named_children for each in self._statement(child))
        return self._statement(node)

    def _statement(self, node: Node) -> tuple[s.Statement, ...]:
        if node.type in _IGNORED:
            return ()
        if node.type in _TYPES:
            self._locals[-1].classes.add(self._text(field_of(node, "name")))
            return (self._class_of(node, None),)
        if node.type == "switch_expression":
            return (self._switch(node),)
        result = self._lower(node)
        if isinstance(result, tuple):
            return result
        if type(result) in s.EXPRESSIONS:
            return (s.Evaluate(*self._at(node), result),)
        return (result,)

    def _expr(self, node: Node | None) -> s.Expression:
        assert node is not None
        method = self._methods.get(node.type)
        result: s.Expression = self._lower(node) if method is None else method(node)
        return result if type(result) in s.EXPRESSIONS else s.Constant(*self._at(node), ...)

    def _lower(self, node: Node) -> Any:
        method = self._methods.get(node.type)
        if method is None:
            method = self._methods[node.type] = getattr(self, f"_{node.type}", self._unknown)
        return method(node)

    def _unknown(self, node: Node) -> s.Expression:
        """Something that this version does not know: its parts are evaluated, its value is not known."""
        parts = tuple(self._expr(child) for child in node.named_children if child.type not in _IGNORED)
        return s.Template(*self._at(node), parts) if parts else s.Constant(*self._at(node), ...)

    def _block(self, node: Node) -> s.Block:
        return self._suite(node)

    def _expression_statement(self, node: Node) -> tuple[s.Statement, ...]:
        return self._effect(node, _first(node))

    def _effect(self, whole: Node, node: Node) -> tuple[s.Statement, ...]:
        """An expression whose value is dropped."""
        at = self._at(whole)
        if node.type == "assignment_expression":
            target = self._expr(field_of(node, "left"))
            value = self._expr(field_of(node, "right"))
            operator = self._text(field_of(node, "operator"))[:-1]
            return (s.Assign(*at, (target,), value, None, bool(operator), operator),)
        if node.type == "update_expression":
            target = self._expr(_first(node))
            return (s.Assign(*at, (target,), s.Constant(*self._at(node), 1), None, True, "+"),)
        if node.type == "switch_expression":
            return (self._switch(node),)
        return (s.Evaluate(*at, self._expr(node)),)

    def _local_variable_declaration(self, node: Node) -> tuple[s.Statement, ...]:
        annotation = self._type(node.child_by_field_name("type"))
        made: list[s.Statement] = []
        for declarator in _declarators(node):
            name, value = field_of(declarator, "name"), declarator.child_by_field_name("value")
            if value is None and annotation is None:
                continue
            lowered = None if value is None else self._expr(value)
            target = s.Name(*self._at(name), self._text(name))
            made.append(s.Assign(*self._at(declarator), (target,), lowered, annotation))
        return tuple(made)

    def _if_statement(self, node: Node) -> s.If:
        return s.If(
            *self._at(node),
            self._expr(node.child_by_field_name("condition")),
            self._suite(node.child_by_field_name("consequence")),
            self._suite(node.child_by_field_name("alternative")),
        )

    def _while_statement(self, node: Node) -> s.Loop:
        test = self._expr(node.child_by_field_name("condition"))
        return s.Loop(*self._at(node), None, test, self._suite(node.child_by_field_name("body")), ())

    _do_statement = _while_statement

    def _for_statement(self, node: Node) -> tuple[s.Statement, ...]:
        first: list[s.Statement] = []
        after: list[s.Statement] = []
        for each in node.children_by_field_name("init"):
            first.extend(self._statement(each) if each.type.endswith("declaration") else self._effect(each, each))
        for each in node.children_by_field_name("update"):
            after.extend(self._effect(each, each))
        condition = node.child_by_field_name("condition")
        test = s.Constant(*self._at(node), True) if condition is None else self._expr(condition)
        body = self._suite(node.child_by_field_name("body"))
        return (*first, s.Loop(*self._at(node), None, test, (*body, *after), ()))

    def _enhanced_for_statement(self, node: Node) -> s.Loop:
        name, subject = field_of(node, "name"), self._expr(node.child_by_field_name("value"))
        target = s.Name(*self._at(name), self._text(name))
        body = self._suite(node.child_by_field_name("body"))
        annotation = self._type(node.child_by_field_name("type"))
        if annotation is not None:
            at = self._at(name)
            body = (s.Assign(*at, (s.Name(*at, target.id),), s.Name(*at, target.id), annotation), *body)
        return s.Loop(*self._at(node), target, subject, body, ())

    def _try_statement(self, node: Node) -> s.Try:
        handlers: list[s.Handler] = []
        final: s.Block = ()
        for child in node.named_children:
            if child.type == "catch_clause":
                handlers.append(self._handler(child))
            elif child.type == "finally_clause":
                final = self._suite(_first(child))
        body = self._suite(node.child_by_field_name("body"))
        return s.Try(*self._at(node), body, tuple(handlers), (), final)

    def _handler(self, node: Node) -> s.Handler:
        parameter = next((c for c in node.named_children if c.type == "catch_formal_parameter"), None)
        types: list[s.Expression] = []
        name = None
        if parameter is not None:
            name = self._text(field_of(parameter, "name"))
            for kinds in (c for c in parameter.named_children if c.type == "catch_type"):
                types.extend(t for each in kinds.named_children if (t := self._type(each)) is not None)
        at = self._at(node)
        caught: s.Expression | None = s.Collection(*at, "tuple", tuple(types)) if len(types) > 1 else None
        caught = types[0] if len(types) == 1 else caught
        return s.Handler(*at, caught, name, self._suite(node.child_by_field_name("body")))

    def _try_with_resources_statement(self, node: Node) -> tuple[s.Statement, ...]:
        items: list[tuple[s.Expression, s.Expression | None]] = []
        for resource in field_of(node, "resources").named_children:
            if resource.type != "resource":
                continue
            name, value = resource.child_by_field_name("name"), resource.child_by_field_name("value")
            if value is None:
                items.append((self._expr(_first(resource)), None))
            else:
                target = None if name is None else s.Name(*self._at(name), self._text(name))
                items.append((self._expr(value), target))
        whole = self._try_statement(node)
        entered = s.With(*self._at(node), tuple(items), whole.body)
        if not whole.handlers and not whole.final:
            return (entered,)
        return (s.Try(*self._at(node), (entered,), whole.handlers, (), whole.final),)

    def _return_statement(self, node: Node) -> s.Return:
        value = _first_or_none(node)
        return s.Return(*self._at(node), None if value is None else self._expr(value))

    _yield_statement = _return_statement

    def _throw_statement(self, node: Node) -> s.Raise:
        return s.Raise(*self._at(node), self._expr(_first(node)))

    def _break_statement(self, node: Node) -> s.Break:
        return s.Break(*self._at(node))

    def _continue_statement(self, node: Node) -> s.Continue:
        return s.Continue(*self._at(node))

    def _labeled_statement(self, node: Node) -> tuple[s.Statement, ...]:
        return self._statement(node.named_children[-1])

    def _synchronized_statement(self, node: Node) -> s.Block:
        return self._suite(node.child_by_field_name("body"))

    def _assert_statement(self, node: Node) -> s.Expression:
        operands = tuple(self._expr(c) for c in node.named_children if c.type not in _IGNORED)
        return s.Operation(*self._at(node), "assert", operands)

    def _explicit_constructor_invocation(self, node: Node) -> s.Expression:
        at = self._at(node)
        which = self._text(field_of(node, "constructor"))
        passed = self._arguments(field_of(node, "arguments"))
        owner: s.Expression = s.Name(*at, self._kinds[-1].this)
        if which == "super":
            owner = s.Call(*at, s.Name(*at, "super"), ())
        return s.Call(*at, s.Attribute(*at, owner, CONSTRUCTOR), passed)

    def _switch(self, node: Node, returns: bool = False) -> s.Statement:
        cases: list[s.Case] = []
        for group in field_of(node, "body").named_children:
            if group.type not in ("switch_block_statement_group", "switch_rule"):
                continue
            body: list[s.Statement] = []
            for child in group.named_children:
                if child.type == "switch_label" or child.type in _IGNORED:
                    continue
                if returns and child.type == "expression_statement" and group.type == "switch_rule":
                    body.append(s.Return(*self._at(child), self._expr(_first(child))))
                else:
                    body.extend(self._statement(child))
            if body and isinstance(body[-1], s.Break):
                body.pop()
            cases.append(s.Case(*self._at(group), (), None, tuple(body)))
        at = self._at(node)
        made = s.Match(*at, self._expr(node.child_by_field_name("condition")), tuple(cases))
        if any(isinstance(each, s.Break) for case in cases for each in s.walk(case.body)):
            # a `break` deeper in a case leaves the switch, as it would a loop that runs once
            return s.Loop(*at, None, s.Constant(*at, True), (made, s.Break(*at)), ())
        return made

    # expressions

    def _switch_expression(self, node: Node) -> s.Expression:
        at = self._at(node)
        function = s.Function(*at, "switch", (), (self._switch(node, True),))
        return s.Call(*at, s.Lambda(*at, function), ())

    def _identifier(self, node: Node) -> s.Expression:
        return self._bare(self._text(node), node)

    def _type_identifier(self, node: Node) -> s.Expression:
        return self._type_name(self._text(node), node)

    def _generic_type(self, node: Node) -> s.Expression:
        return self._type(node.named_children[0]) or s.Constant(*self._at(node), ...)

    def _scoped_type_identifier(self, node: Node) -> s.Expression:
        return self._type(node) or s.Constant(*self._at(node), ...)

    _scoped_identifier = _scoped_type_identifier

    def _array_type(self, node: Node) -> s.Expression:
        return s.Constant(*self._at(node), ...)

    def _this(self, node: Node) -> s.Name:
        return s.Name(*self._at(node), self._kinds[-1].this if self._kinds else "this")

    def _super(self, node: Node) -> s.Call:
        return s.Call(*self._at(node), s.Name(*self._at(node), "super"), ())

    def _true(self, node: Node) -> s.Constant:
        return s.Constant(*self._at(node), True)

    def _false(self, node: Node) -> s.Constant:
        return s.Constant(*self._at(node), False)

    def _null_literal(self, node: Node) -> s.Constant:
        return s.Constant(*self._at(node), None)

    def _decimal_integer_literal(self, node: Node) -> s.Constant:
        return s.Constant(*self._at(node), int(re.sub(r"[_lL]", "", self._text(node)) or "0"))

    def _hex_integer_literal(self, node: Node) -> s.Constant:
        return s.Constant(*self._at(node), ...)

    _octal_integer_literal = _hex_integer_literal
    _binary_integer_literal = _hex_integer_literal
    _decimal_floating_point_literal = _hex_integer_literal
    _hex_floating_point_literal = _hex_integer_literal
    _character_literal = _hex_integer_literal

    def _string_literal(self, node: Node) -> s.Constant:
        parts = []
        for child in node.named_children:
            text = self._text(child)
            parts.append(_ESCAPES.get(text[1:2], text[1:]) if child.type == "escape_sequence" else text)
        return s.Constant(*self._at(node), "".join(parts))

    def _parenthesized_expression(self, node: Node) -> s.Expression:
        return self._expr(_first(node))

    def _cast_expression(self, node: Node) -> s.Expression:
        return self._expr(node.child_by_field_name("value"))

    def _field_access(self, node: Node) -> s.Expression:
        owner, name = field_of(node, "object"), self._text(field_of(node, "field"))
        at = self._at(node)
        text = re.sub(r"\s", "", self._text(node))
        if self._is_package(owner, text):
            return self._qualified(text, node)
        if name == "this" and owner.type == "identifier":
            kind = next((each for each in self._kinds if each.name == self._text(owner)), None)
            return s.Name(*at, kind.this if kind is not None else "this")
        if owner.type == "this" and self._kinds:
            name = self._kinds[-1].attribute(name)
        return s.Attribute(*at, self._expr(owner), name)

    def _is_package(self, owner: Node, text: str) -> bool:
        """Whether a chain of names is that of a class: `java.time.Instant`."""
        if not re.fullmatch(r"[a-z]\w*(?:\.[a-z]\w*)+(?:\.[A-Z]\w*)+(?:\.\w+)*", text):
            return False
        first = text.split(".", 1)[0]
        if any(first in local.names for local in self._locals):
            return False
        return not any(first in kind.members for kind in self._kinds)

    def _method_invocation(self, node: Node) -> s.Expression:
        at = self._at(node)
        owner, named = node.child_by_field_name("object"), field_of(node, "name")
        name, arguments = self._text(named), self._arguments(field_of(node, "arguments"))
        if owner is None:
            return s.Call(*at, self._bare(name, named, True), arguments)
        value = self._expr(owner)
        if name == "await" and not arguments:
            return s.Suspend(*at, value, "await")
        function = s.Attribute(at[0], self._at(named)[1], value, name)
        return s.Call(*at, function, arguments)

    def _arguments(self, node: Node) -> tuple[s.Argument, ...]:
        children = [child for child in node.named_children if child.type not in _IGNORED]
        return tuple([s.Argument(*self._at(child), self._expr(child)) for child in children])

    def _object_creation_expression(self, node: Node) -> s.Expression:
        at = self._at(node)
        kind = self._type(field_of(node, "type")) or s.Constant(*at, ...)
        if isinstance(kind, s.Subscript):
            kind = kind.value
        arguments = node.child_by_field_name("arguments")
        passed = () if arguments is None else self._arguments(arguments)
        body = next((c for c in node.named_children if c.type == "class_body"), None)
        if body is None:
            return s.Call(*at, kind, passed)
        self._locals.append(_Local())
        made = self._class_of(node, body, (kind,))
        self._locals.pop()
        function = s.Function(*at, made.name, (), (made, s.Return(*at, s.Name(*at, made.name))))
        return s.Call(*at, s.Call(*at, s.Lambda(*at, function), ()), passed)

    def _array_creation_expression(self, node: Node) -> s.Expression:
        value = node.child_by_field_name("value")
        if value is not None:
            return self._array_initializer(value)
        return self._unknown_parts(node)

    def _unknown_parts(self, node: Node) -> s.Expression:
        parts = tuple(
            self._expr(inner)
            for child in node.named_children
            if child.type == "dimensions_expr"
            for inner in child.named_children
        )
        at = self._at(node)
        return s.Subscript(*at, s.Collection(*at, "tuple", (s.Constant(*at, ...), *parts)), (s.Constant(*at, 0),))

    def _array_initializer(self, node: Node) -> s.Collection:
        items = tuple(self._expr(child) for child in node.named_children if child.type not in _IGNORED)
        return s.Collection(*self._at(node), "list", items)

    def _array_access(self, node: Node) -> s.Expression:
        value, index = self._expr(field_of(node, "array")), self._expr(field_of(node, "index"))
        return s.Subscript(*self._at(node), value, (index,))

    def _assignment_expression(self, node: Node) -> s.Expression:
        target, value = self._expr(field_of(node, "left")), self._expr(field_of(node, "right"))
        operator = self._text(field_of(node, "operator"))[:-1]
        if operator:
            value = s.Operation(*self._at(node), operator, (target, value))
        return s.Bind(*self._at(node), target, value)

    def _update_expression(self, node: Node) -> s.Expression:
        target = self._expr(_first(node))
        at = self._at(node)
        return s.Bind(*at, target, s.Operation(*at, "+", (target, s.Constant(*at, 1))))

    def _unary_expression(self, node: Node) -> s.Expression:
        operator = self._text(field_of(node, "operator"))
        return s.Operation(
            *self._at(node), _OPERATORS.get(operator, operator), (self._expr(field_of(node, "operand")),)
        )

    def _binary_expression(self, node: Node) -> s.Expression:
        operator = self._text(field_of(node, "operator"))
        operands = (self._expr(field_of(node, "left")), self._expr(field_of(node, "right")))
        return s.Operation(*self._at(node), _OPERATORS.get(operator, operator), operands)

    def _instanceof_expression(self, node: Node) -> s.Expression:
        at, value = self._at(node), self._expr(field_of(node, "left"))
        name, right = node.child_by_field_name("name"), node.child_by_field_name("right")
        if name is not None:
            value = s.Bind(*at, s.Name(*self._at(name), self._text(name)), value)
        kind = self._type(right)
        return s.Operation(*at, "is", (value,) if kind is None else (value, kind))

    def _ternary_expression(self, node: Node) -> s.Conditional:
        parts = (node.child_by_field_name(name) for name in ("condition", "consequence", "alternative"))
        test, body, orelse = (self._expr(part) for part in parts)
        return s.Conditional(*self._at(node), test, body, orelse)

    def _lambda_expression(self, node: Node) -> s.Lambda:
        parameters, body = field_of(node, "parameters"), field_of(node, "body")
        if parameters.type == "identifier":
            lowered: tuple[s.Parameter, ...] = (s.Parameter(*self._at(parameters), self._text(parameters), None, None),)
        else:
            lowered = self._lowered_parameters(parameters)
        local = _Local(self._scan(node, True) | {each.name for each in lowered})
        self._locals.append(local)
        statements = self._suite(body) if body.type == "block" else (s.Return(*self._at(body), self._expr(body)),)
        self._locals.pop()
        at = self._at(node)
        return s.Lambda(*at, s.Function(*self._at(parameters), ANONYMOUS, lowered, statements))

    def _method_reference(self, node: Node) -> s.Expression:
        owner, last = node.children[0], node.children[-1]
        value = self._expr(owner)
        return value if last.type == "new" else s.Attribute(*self._at(node), value, self._text(last))

    def _class_literal(self, node: Node) -> s.Expression:
        at = self._at(node)
        kind = self._type(_first(node))
        return s.Attribute(*at, kind, "class") if kind is not None else s.Constant(*at, ...)


def _needed(kind: s.Class) -> set[str]:
    """The names that running a class's definition reads: what it extends, and what gives static fields their values."""
    run = [each for each in kind.body if not isinstance(each, (s.Class, s.Function))]
    names = {part.id for part in s.walk((*kind.bases, *run), into_functions=True) if isinstance(part, s.Name)}
    return names.union(*(_needed(each) for each in kind.body if isinstance(each, s.Class)))


def _first(node: Node) -> Node:
    found = _first_or_none(node)
    assert found is not None, node.type
    return found


def _first_or_none(node: Node) -> Node | None:
    """The first part of a node that is no comment."""
    return next((child for child in node.named_children if child.type not in _IGNORED), None)


def _parts(body: Node) -> list[Node]:
    """The members in a class body; those of an enumeration stand in a part of their own."""
    found: list[Node] = []
    for child in body.named_children:
        found.extend(child.named_children if child.type == "enum_body_declarations" else (child,))
    return found


def _modifiers(node: Node) -> set[str]:
    found = next((child for child in node.children if child.type == "modifiers"), None)
    return {child.type for child in found.children} if found is not None else set()


def _annotations(node: Node) -> list[Node]:
    found = next((child for child in node.children if child.type == "modifiers"), None)
    children = found.named_children if found is not None else []
    return [child for child in children if child.type in ("annotation", "marker_annotation")]


def _declarators(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type == "variable_declarator"]


def _parameters(node: Node) -> list[Node]:
    found = node.child_by_field_name("parameters")
    return [] if found is None else [c for c in found.named_children if c.type.endswith("_parameter")]


def _interfaces(node: Node) -> list[Node]:
    """The types after `implements`, and after `extends` of an interface."""
    for child in node.named_children:
        if child.type in ("super_interfaces", "extends_interfaces"):
            return [each for part in child.named_children if part.type == "type_list" for each in part.named_children]
    return []


def _bases_first(nodes: list[Node], text: Callable[[Node], str]) -> list[Node]:
    """Classes in an order in which each comes after those that it extends."""
    by_name = {text(field_of(node, "name")): node for node in nodes}
    found: list[Node] = []
    seen: set[int] = set()

    def add(node: Node) -> None:
        if node.id in seen:
            return
        seen.add(node.id)
        superclass = node.child_by_field_name("superclass")
        for base in (*(superclass.named_children if superclass is not None else ()), *_interfaces(node)):
            other = by_name.get(text(base).split("<", 1)[0])
            if other is not None:
                add(other)
        found.append(node)

    for node in nodes:
        add(node)
    return found

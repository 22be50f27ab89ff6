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
- `Method<T>(x)` passes `T` by the keyword `%0`; `nameof(A.B)` is the text `B`.
- `typeof(T)`, `(T)x` and `x as T`, `x with {…}` and initialisers are calls of `typeof`, `%cast`, `%with` and `%filled`:
  see `containers`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import tree_sitter
import tree_sitter_c_sharp
from tree_sitter import Node

from determinism_lint.analysis import syntax as s
from determinism_lint.errors import ParseError
from determinism_lint.languages import treesitter
from determinism_lint.languages.csharp.directives import readings
from determinism_lint.languages.csharp.imports import FREE, is_known
from determinism_lint.languages.csharp.names import NEW
from determinism_lint.languages.treesitter import (
    Lowering,
    field_of,
    refuse_nesting,
    refuse_size,
    syntax_error,
)

FIELDS, CONSTRUCTOR = "field initializers", ".ctor"
CONSTRUCTORS = (FIELDS, CONSTRUCTOR)
"""What runs when an object is made."""
ANONYMOUS = "lambda"
INDEXER = "this[]"
ABSTRACT = "%interface"
"""Decorates an interface."""
EXTENSION = "%extension"
"""Decorates an extension method."""
ATTRIBUTES = frozenset(
    {
        "ActivityTrigger",
        "DurableClient",
        "DurableTask",
        "EntityTrigger",
        "Function",
        "FunctionName",
        "OrchestrationClient",
        "OrchestrationTrigger",
    }
)
"""What declares something."""


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


# --- lowering ---------------------------------------------------------------------------------------------------

_TYPES = frozenset(
    {
        "class_declaration",
        "enum_declaration",
        "interface_declaration",
        "record_declaration",
        "struct_declaration",
    }
)
_IGNORED = frozenset(
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
_OPERATORS = {
    "&&": "and",
    "||": "or",
    "??": "or",
    "<=": "<",
    ">=": ">",
    "!": "not",
    ">>>": ">>",
    "^": "-",
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "0": "\0", "e": "\x1b"}
_PREDEFINED = {
    "bool": "Boolean",
    "byte": "Byte",
    "char": "Char",
    "decimal": "Decimal",
    "double": "Double",
    "float": "Single",
    "int": "Int32",
    "long": "Int64",
    "object": "Object",
    "sbyte": "SByte",
    "short": "Int16",
    "string": "String",
    "uint": "UInt32",
    "ulong": "UInt64",
    "ushort": "UInt16",
}
_RETURNS_ITS_TYPE = frozenset(
    {
        "CallActivityAsync",
        "CallActivityWithRetryAsync",
        "CallChildWorkflowAsync",
        "CallEntityAsync",
        "CallSubOrchestratorAsync",
        "CallSubOrchestratorWithRetryAsync",
        "GetInput",
        "GetRequiredService",
        "GetService",
        "ReadFromJsonAs",
        "WaitForExternalEvent",
        "WaitForExternalEventAsync",
    }
)
"""Generic methods that return, at last, the type that they are given."""
_ITEMS = "%items"
"""Holds what an iterator yields."""


@dataclass(slots=True)
class _Kind:
    """A class around the code at hand."""

    name: str
    path: s.Expression
    members: dict[str, bool]
    """Fields, properties, methods and events, and whether they are static."""
    inner: dict[str, s.Expression]
    inherits: bool
    """Whether it has members that are not seen here."""
    parameters: frozenset[str]
    """Of its types."""
    assigned: set[str]
    """Fields and properties that its methods give a value."""


@dataclass(slots=True)
class _Frame:
    """What a method, a lambda or the value of a field has of its own."""

    names: set[str]
    is_static: bool
    outer: set[str]
    """Names of functions around it to which it assigns."""
    yields: bool = False


class _Lowering(Lowering):
    """Turns the parser's nodes into neutral ones. A method per node type, found by its name."""

    def __init__(self, source: bytes) -> None:
        super().__init__(source)
        self._methods: dict[str, Callable[[Node], Any]] = {}
        self._kinds: list[_Kind] = []
        self._frames: list[_Frame] = []
        self._receivers: list[s.Expression] = []
        """What `?.` was written behind."""
        self._generic: list[frozenset[str]] = []
        self._top: set[str] = set()
        """Types of the file, those with parameters as `Name` and `` Name`1 ``."""
        self._names: set[str] = set()
        self._imported: dict[str, s.Import] = {}
        """Aliases, and whatever the file does not declare, by the name that it has here."""
        self._spaces: list[str] = []
        self._usings: list[str] = []
        self._statics: list[str] = []
        self._search = ""

    # files

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
            count = len(_type_parameters(node))
            self._top.add(f"{name}`{count}" if count else name)
        body: list[s.Statement] = []
        for node, space in _bases_first(types, self._text):
            made = self._class(node)
            body.append(made)
            if "partial" in _modifiers(node):
                at = made.start, made.end
                whole = f"{space}.{self._text(field_of(node, 'name'))}".lstrip(".")
                passed = (s.Argument(*at, s.Name(*at, made.name)), s.Argument(*at, s.Constant(*at, whole)))
                body.append(s.Evaluate(*at, s.Call(*at, s.Name(*at, "%merge"), passed)))
        if statements:
            self._frames.append(_Frame({"args"}, True, set()))
            body.extend(self._statements(statements))
            self._frames.pop()
        return (*self._imported.values(), *body)

    def _collect(self, node: Node, space: str, types: list[tuple[Node, str]], statements: list[Node]) -> None:
        for child in node.named_children:
            kind = child.type
            if kind in _TYPES:
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

    def _joined(self, node: Node) -> str:
        """A dotted name without spaces, arguments of types, and `global::`."""
        return re.sub(r"\s|<.*>|^\w+\s*::", "", self._text(node))

    def _using(self, node: Node) -> None:
        words = {child.type for child in node.children}
        target = next((child for child in reversed(node.named_children) if child.type not in _IGNORED), None)
        if target is None:
            return
        name, alias = self._joined(target), node.child_by_field_name("name")
        if alias is not None:
            if target.type in ("identifier", "qualified_name", "generic_name", "alias_qualified_name"):
                local, count = self._text(alias), len(_type_arguments(target))
                last = name.rsplit(".", 1)[-1] + (f"`{count}" if count else "")
                self._imported[local] = s.Import(*self._at(node), name, last, local)
        elif "static" in words:
            self._statics.append(name)
            local = f"%static:{name}"
            self._imported[local] = s.Import(*self._at(node), name, name.rsplit(".", 1)[-1], local)
        else:
            self._usings.append(name)

    # names

    def _type_name(self, name: str, node: Node, count: int = 0) -> s.Expression:
        """A type that is called by its last name alone, with the number of types that it is given."""
        at = self._at(node)
        for kind in reversed(self._kinds):
            if name == kind.name and count == len(kind.parameters):
                return kind.path
            if name in kind.inner:
                return kind.inner[name]
        whole = f"{name}`{count}" if count else name
        if whole in self._top:
            return s.Name(*at, whole)
        if name in self._imported and not count:
            return s.Name(*at, name)
        if whole not in self._imported:
            self._imported[whole] = s.Import(*at, f"{self._search}{whole}", whole, whole)
        return s.Name(*at, whole)

    def _is_local(self, name: str) -> bool:
        return any(name in frame.names for frame in reversed(self._frames))

    def _this(self, node: Node) -> s.Name:
        return s.Name(*self._at(node), "this")

    def _member(self, name: str, at: tuple[int, int]) -> s.Expression | None:
        """A name as a member of a class around."""
        for kind in reversed(self._kinds):
            is_static = kind.members.get(name)
            if is_static is not None:
                return s.Attribute(*at, kind.path if is_static else s.Name(*at, "this"), name)
        return None

    def _inherited(self, name: str, at: tuple[int, int]) -> list[s.Expression]:
        """What a name may be that is declared elsewhere: a member of a base or other part, or of a static using."""
        found: list[s.Expression] = []
        if self._kinds and self._kinds[-1].inherits:
            is_static = bool(self._frames) and all(frame.is_static for frame in self._frames)
            owner = self._kinds[-1].path if is_static else s.Name(*at, "this")
            found.append(s.Attribute(*at, owner, name))
        found.extend(s.Attribute(*at, s.Name(*at, f"%static:{each}"), name) for each in self._statics)
        return found

    def _bare(self, name: str, node: Node, called: bool = False, owner: bool = False) -> s.Expression:
        """A name without an owner, which is called or itself the `owner` of a name: a variable, a member, a type."""
        at = self._at(node)
        if self._is_local(name):
            return s.Name(*at, name)
        member = self._member(name, at)
        if member is not None:
            return member
        may_be_type = not called and name[:1].isupper() and not any(name in each for each in self._generic)
        if name in self._names or (name in self._imported and not called) or any(name in k.inner for k in self._kinds):
            return self._type_name(name, node)
        found = [] if owner and is_known(name) else self._inherited(name, at)
        if may_be_type and (owner or not found):
            found.insert(0, self._type_name(name, node))
        return _either(at, found) if found else s.Name(*at, name)

    # classes

    def _class(self, node: Node) -> s.Class:
        named = field_of(node, "name")
        at, name = self._at(named), self._text(named)
        generic = frozenset(map(self._text, _type_parameters(node)))
        known = f"{name}`{len(generic)}" if not self._kinds and generic else name
        if self._kinds:
            path: s.Expression = s.Attribute(*at, self._kinds[-1].path, name)
        else:
            path = s.Name(*at, known)
        members = _parts(node)
        kind = _Kind(name, path, {}, {}, self._inherits(node), generic, set())
        self._note_members(node, kind, members)
        self._generic.append(generic)
        bases = self._bases(node)
        self._kinds.append(kind)
        made = self._enum(members) if node.type == "enum_declaration" else self._members(node, members)
        decorators = list(self._attributes(node))
        if node.type == "interface_declaration" or "abstract" in _modifiers(node):
            decorators.append(s.Name(*at, ABSTRACT))
        self._kinds.pop()
        self._generic.pop()
        return s.Class(*at, known, bases, tuple(made), tuple(decorators))

    def _inherits(self, node: Node) -> bool:
        if "partial" in _modifiers(node):
            return True
        for base in _base_types(node):
            name = self._joined(base).rsplit(".", 1)[-1]
            if not re.match(r"I[A-Z]", name) and not is_known(name):
                return True
        return False

    def _bases(self, node: Node) -> tuple[s.Expression, ...]:
        if node.type == "enum_declaration":
            return ()
        found = (self._type(each) for each in _base_types(node))
        return tuple(each.value if isinstance(each, s.Subscript) else each for each in found if each is not None)

    def _note_members(self, node: Node, kind: _Kind, members: list[Node]) -> None:
        parameters = _child(node, "parameter_list")
        for each in _parameters(parameters):
            kind.members[self._text(each.name)] = False
        for member in members:
            what = member.type
            if what in ("field_declaration", "event_field_declaration"):
                words = _modifiers(member)
                is_static = bool(words & {"static", "const"})
                for declarator in _declarators(member):
                    kind.members[self._text(field_of(declarator, "name"))] = is_static
            elif what in ("method_declaration", "property_declaration", "event_declaration"):
                kind.members[self._text(field_of(member, "name"))] = "static" in _modifiers(member)
            elif what == "enum_member_declaration":
                kind.members[self._text(field_of(member, "name"))] = True
            elif what in _TYPES:
                name = field_of(member, "name")
                kind.inner[self._text(name)] = s.Attribute(*self._at(name), kind.path, self._text(name))

    def _enum(self, members: list[Node]) -> list[s.Statement]:
        made: list[s.Statement] = []
        for member in members:
            if member.type == "enum_member_declaration":
                name = field_of(member, "name")
                at = self._at(name)
                made.append(s.Assign(*at, (s.Name(*at, self._text(name)),), s.Constant(*at, ...)))
        return made

    def _members(self, node: Node, members: list[Node]) -> list[s.Statement]:
        inner: list[s.Statement] = [
            self._class(each) for each, _ in _bases_first([(m, "") for m in members if m.type in _TYPES], self._text)
        ]
        methods: list[s.Statement] = []
        fields: list[s.Statement] = []
        static: list[s.Statement] = []
        constructors: list[Node] = []
        for member in members:
            match member.type:
                case "method_declaration" | "operator_declaration" | "conversion_operator_declaration":
                    if member.child_by_field_name("body") is not None:
                        name = member.child_by_field_name("name")
                        methods.append(self._method(member, "operator" if name is None else self._text(name)))
                case "constructor_declaration":
                    if "static" in _modifiers(member):
                        static.extend(self._method(member, "static").body)
                    else:
                        constructors.append(member)
                case "field_declaration" | "event_field_declaration":
                    self._fields(member, fields, static)
                case "property_declaration" | "indexer_declaration":
                    self._property(member, methods, fields, static)
        methods = [*methods, *self._constructors(node, constructors, fields)]
        return [*inner, *_with_overloads(methods), *static]

    def _fields(self, member: Node, fields: list[s.Statement], static: list[s.Statement]) -> None:
        is_static = bool(_modifiers(member) & {"static", "const"})
        declaration = _child(member, "variable_declaration")
        if declaration is None:
            return
        kind = declaration.child_by_field_name("type")
        annotation = self._type(kind)
        for declarator in _declarators(member):
            name, value = field_of(declarator, "name"), _value(declarator)
            self._field(declarator, name, value, annotation, static if is_static else fields, is_static)

    def _field(
        self,
        node: Node,
        name: Node,
        value: Node | None,
        annotation: s.Expression | None,
        to: list[s.Statement],
        is_static: bool,
    ) -> None:
        """What gives a field or property its first value, or says its type."""
        at, spot, text = self._at(node), self._at(name), self._text(name)
        lowered = None
        if value is not None:
            self._frames.append(_Frame(set(), is_static, set()))
            lowered = self._expected(value, annotation)
            self._frames.pop()
        target = s.Name(*spot, text) if is_static else s.Attribute(*spot, s.Name(*at, "this"), text)
        to.append(s.Assign(*at, (target,), lowered, annotation))

    def _property(
        self, member: Node, methods: list[s.Statement], fields: list[s.Statement], static: list[s.Statement]
    ) -> None:
        is_static = "static" in _modifiers(member)
        named = member.child_by_field_name("name")
        at = self._at(named or member)
        name = INDEXER if named is None else self._text(named)
        kind = member.child_by_field_name("type")
        annotation = self._type(kind)
        value, accessors = member.child_by_field_name("value"), member.child_by_field_name("accessors")
        parameters = self._lowered_parameters(_child(member, "bracketed_parameter_list"))
        coded = False
        if value is not None and value.type == "arrow_expression_clause":
            methods.append(self._accessor(at, name, value, parameters, annotation, is_static, named is None))
            return
        for accessor in accessors.named_children if accessors is not None else ():
            body = accessor.child_by_field_name("body") if accessor.type == "accessor_declaration" else None
            if body is None:
                continue
            word = accessor.child_by_field_name("name")
            if word is not None and self._text(word) == "get":
                coded = True
                getter = self._accessor(at, name, body, parameters, annotation, is_static, named is None)
                methods.insert(0, getter)
            else:
                given = (*parameters, s.Parameter(*at, "value", annotation, None))
                setter = self._accessor(at, f"set:{name}", body, given, None, is_static, False)
                setter.role = "setter"
                methods.append(setter)
                if named is not None and not is_static:
                    both = _either(at, [s.Name(*at, name), s.Name(*at, setter.name)])
                    methods.append(s.Assign(*at, (s.Name(*at, name),), both))
        if named is not None and (value is not None or (not coded and annotation is not None and _is_auto(member))):
            self._field(member, named, value, annotation, static if is_static else fields, is_static)

    def _accessor(
        self,
        at: tuple[int, int],
        name: str,
        body: Node,
        parameters: tuple[s.Parameter, ...],
        returns: s.Expression | None,
        is_static: bool,
        is_indexer: bool,
    ) -> s.Function:
        self._frames.append(_Frame({each.name for each in parameters}, is_static, set()))
        lowered = self._body(body, returns is not None, returns)
        self._frames.pop()
        if not is_static:
            parameters = (s.Parameter(*at, "this", None, None), *parameters)
        role = "" if is_indexer else "property"
        return s.Function(*at, name, parameters, lowered, (), returns, role=role)

    def _constructors(self, node: Node, written: list[Node], fields: list[s.Statement]) -> list[s.Statement]:
        """What gives fields their values, and the constructors, that with the most parameters last."""
        at = self._at(field_of(node, "name"))
        this = s.Parameter(*at, "this", None, None)
        primary = _child(node, "parameter_list")
        made: list[s.Statement] = []
        for each in sorted(written, key=lambda each: len(_parameters(each.child_by_field_name("parameters")))):
            constructor = self._method(each, CONSTRUCTOR)
            initializer = _child(each, "constructor_initializer")
            if initializer is None and _base_types(node):
                constructor.body = (self._base_call(at, CONSTRUCTOR), *constructor.body)
            made.append(constructor)
        fields = [each for each in fields if not self._only_declares(each)]
        if primary is not None:
            parameters = self._lowered_parameters(primary)
            given: list[s.Statement] = []
            for parameter in parameters:
                target = s.Attribute(*at, s.Name(*at, "this"), parameter.name)
                given.append(s.Assign(*at, (target,), s.Name(*at, parameter.name), parameter.annotation))
            if _base_types(node):
                bases = _child(node, "base_list")
                passed = _child(_child(bases, "primary_constructor_base_type") or bases, "argument_list")
                self._frames.append(_Frame({each.name for each in parameters}, False, set()))
                arguments = None if passed is None else self._arguments(passed)
                given.append(self._base_call(at, CONSTRUCTOR, arguments))
                self._frames.pop()
            made.append(s.Function(*at, CONSTRUCTOR, (this, *parameters), (*given, *fields)))
            return made
        if fields:
            if _base_types(node):
                fields = [self._base_call(at, FIELDS), *fields]
            made.insert(0, s.Function(*at, FIELDS, (this,), tuple(fields)))
        return made

    def _only_declares(self, field: s.Statement) -> bool:
        """Whether this tells the type of a field that a method gives a value, which says more."""
        target = field.targets[0] if isinstance(field, s.Assign) and field.value is None else None
        return isinstance(target, s.Attribute) and target.attr in self._kinds[-1].assigned

    def _base_call(self, at: tuple[int, int], name: str, passed: tuple[s.Argument, ...] | None = None) -> s.Evaluate:
        """Runs what a base class has; where nothing is `passed`, that does not stand in the code."""
        if passed is None:
            return s.Evaluate(*at, s.Call(*at, s.Name(*at, "%base"), (s.Argument(*at, s.Constant(*at, name)),)))
        base = s.Attribute(*at, s.Call(*at, s.Name(*at, "base"), ()), name)
        return s.Evaluate(*at, s.Call(*at, base, passed))

    def _method(self, node: Node, name: str) -> s.Function:
        words = _modifiers(node)
        named = node.child_by_field_name("name")
        at = self._at(named or node)
        is_static = "static" in words or node.type == "operator_declaration"
        generic = frozenset(map(self._text, _type_parameters(node)))
        self._generic.append(generic)
        parameter_list = node.child_by_field_name("parameters")
        parameters = self._lowered_parameters(parameter_list)
        returns = self._type(node.child_by_field_name("returns") or node.child_by_field_name("type"))
        frame = _Frame({each.name for each in parameters}, is_static, set())
        self._frames.append(frame)
        first: s.Block = ()
        initializer = _child(node, "constructor_initializer")
        if initializer is not None:
            first = (self._chained(initializer),)
        body = (*first, *self._body(node.child_by_field_name("body"), self._returns(node), returns))
        decorators = list(self._attributes(node))
        for each in _parameters(parameter_list):
            decorators.extend(self._attributes(each.node, self._text(each.name)))
        self._frames.pop()
        self._generic.pop()
        triggered = _triggered(decorators)
        parameters = (
            *(each for each in parameters if each.name == triggered),
            *(each for each in parameters if each.name != triggered),
        )
        if parameters and "this" in _modifiers(_parameters(parameter_list)[0].node):
            decorators.append(s.Name(*at, EXTENSION))
        if not is_static:
            parameters = (s.Parameter(*at, "this", None, None), *parameters)
        is_async = "async" in words and not frame.yields
        role = "staticmethod" if is_static else ""
        return s.Function(*at, name, parameters, body, tuple(decorators), returns, is_async, role=role)

    def _returns(self, node: Node) -> bool:
        """Whether what stands behind `=>` is returned."""
        kind = node.child_by_field_name("returns") or node.child_by_field_name("type")
        return kind is not None and self._text(kind) != "void"

    def _chained(self, node: Node) -> s.Statement:
        """`: this(…)`, `: base(…)`."""
        at, passed = self._at(node), self._arguments(_child(node, "argument_list"))
        if any(child.type == "base" for child in node.children):
            return self._base_call(at, CONSTRUCTOR, passed)
        return s.Evaluate(*at, s.Call(*at, s.Attribute(*at, s.Name(*at, "this"), CONSTRUCTOR), passed))

    def _attributes(self, node: Node, parameter: str | None = None) -> Iterator[s.Expression]:
        """Those attributes that declare something, as calls."""
        for attribute_list in node.named_children:
            if attribute_list.type != "attribute_list":
                continue
            for attribute in attribute_list.named_children:
                if attribute.type != "attribute":
                    continue
                named = attribute.child_by_field_name("name")
                name = "" if named is None else self._joined(named).rsplit(".", 1)[-1].removesuffix("Attribute")
                if name not in ATTRIBUTES:
                    continue
                at = self._at(attribute)
                passed: list[s.Argument] = []
                for each in _children(_child(attribute, "attribute_argument_list")):
                    key = each.child_by_field_name("name")
                    value = self._expr(_children(each)[-1])
                    passed.append(s.Argument(*self._at(each), value, None if key is None else self._text(key)))
                if parameter is not None:
                    passed.append(s.Argument(*at, s.Constant(*at, parameter), "%parameter"))
                yield s.Call(*at, s.Name(*at, f"@{name}"), tuple(passed))

    def _lowered_parameters(self, node: Node | None) -> tuple[s.Parameter, ...]:
        made: list[s.Parameter] = []
        for each in _parameters(node):
            at, annotation = self._at(each.node if each.node.type == "parameter" else each.name), self._type(each.type)
            default = None if each.default is None else self._expected(each.default, annotation)
            kind: Literal["positional", "*"] = "*" if each.collects else "positional"
            made.append(s.Parameter(*at, self._text(each.name), annotation, default, kind))
        return tuple(made)

    # types

    def _type(self, node: Node | None) -> s.Expression | None:
        """A type as an expression, as far as it can say something of a value."""
        if node is None:
            return None
        at = self._at(node)
        match node.type:
            case "identifier":
                name = self._text(node)
                if name == "dynamic" or any(name in each for each in self._generic):
                    return None
                return self._type_name(name, node)
            case "predefined_type":
                return s.Name(*at, f"%{self._text(node)}")
            case "generic_name":
                named, inner = node.named_children[0], self._inner_types(node)
                return s.Subscript(*at, self._type_name(self._text(named), named, len(inner)), inner)
            case "qualified_name":
                owner, last = self._type(field_of(node, "qualifier")), field_of(node, "name")
                if owner is None:
                    return None
                made = s.Attribute(*at, owner, self._text(_plain(last)))
                return made if last.type != "generic_name" else s.Subscript(*at, made, self._inner_types(last))
            case "alias_qualified_name":
                return self._alias_qualified_name(node)
            case "nullable_type" | "ref_type" | "scoped_type":
                return self._type(node.child_by_field_name("type"))
            case "array_type":
                element = self._type(node.child_by_field_name("type"))
                return s.Subscript(*at, s.Name(*at, "%array"), () if element is None else (element,))
            case "tuple_type":
                elements = (self._type(each.child_by_field_name("type")) for each in _children(node))
                known = tuple(each or s.Constant(*at, ...) for each in elements)
                return s.Subscript(*at, s.Name(*at, "%tuple"), known)
        return None

    def _inner_types(self, node: Node) -> tuple[s.Expression, ...]:
        """The types that a generic name is given."""
        found = (self._type(each) or s.Constant(*self._at(each), ...) for each in _type_arguments(node))
        return tuple(found)

    def _alias_qualified_name(self, node: Node) -> s.Expression:
        alias, name = self._text(field_of(node, "alias")), field_of(node, "name")
        if alias != "global":
            return s.Attribute(*self._at(node), self._bare(alias, node, owner=True), self._text(name))
        local = f"%global:{self._text(name)}"
        self._imported.setdefault(local, s.Import(*self._at(node), self._text(name), None, local))
        return s.Name(*self._at(node), local)

    # statements

    def _body(self, node: Node | None, returns: bool, annotation: s.Expression | None = None) -> s.Block:
        """The body of a function: a block, or what stands behind `=>`; that of an iterator makes a list."""
        if node is None:
            return ()
        frame = self._frames[-1]
        if node.type == "arrow_expression_clause":
            node = _first(node)
            if returns:
                body: s.Block = (s.Return(*self._at(node), self._expected(node, annotation)),)
            else:
                body = self._effect(node, node)
        else:
            body = self._suite(node)
        at = self._at(node)
        first: list[s.Statement] = []
        if frame.outer:
            first.append(s.Outer(*at, "nonlocal", tuple(sorted(frame.outer))))
        if frame.yields:
            items = s.Name(*at, _ITEMS)
            first.append(s.Assign(*at, (items,), s.Collection(*at, "list", ())))
            body = (*body, s.Return(*at, s.Name(*at, _ITEMS)))
        return (*first, *body) if first else body

    def _suite(self, node: Node | None) -> s.Block:
        if node is None:
            return ()
        if node.type == "block":
            return tuple(self._statements(node.named_children))
        return self._statement(node)

    def _statements(self, nodes: list[Node]) -> list[s.Statement]:
        """The statements of a block; its functions hold all over it, and may use variables that come before them."""
        functions = [node for node in nodes if node.type == "local_function_statement"]
        for node in functions:
            self._frames[-1].names.add(self._text(field_of(node, "name")))
        others = self._sequence([node for node in nodes if node.type != "local_function_statement"])
        return [*map(self._local_function_statement, functions), *others]

    def _sequence(self, nodes: list[Node]) -> list[s.Statement]:
        """Statements one after the other; `using` holds up to their end."""
        made: list[s.Statement] = []
        for index, node in enumerate(nodes):
            if node.type == "local_declaration_statement" and "using" in (words := _words(node)):
                items = self._resources(_child(node, "variable_declaration"))
                rest = tuple(self._sequence(nodes[index + 1 :]))
                made.extend(self._entered(node, items, rest, "await" in words))
                return made
            made.extend(self._statement(node))
        return made

    def _statement(self, node: Node) -> tuple[s.Statement, ...]:
        if node.type in _IGNORED:
            return ()
        result = self._lower(node)
        if isinstance(result, tuple):
            return result
        if isinstance(result, s.Expression):
            return (s.Evaluate(*self._at(node), result),)
        return (result,)

    def _expr(self, node: Node | None) -> s.Expression:
        assert node is not None
        result = self._lower(node)
        if isinstance(result, s.Expression):
            return result
        return s.Constant(*self._at(node), ...)

    def _expected(self, node: Node, annotation: s.Expression | None) -> s.Expression:
        """An expression where a type is expected, which `new()` and `{ … }` take."""
        if node.type == "implicit_object_creation_expression":
            return self._new_object(node, annotation)
        if node.type == "initializer_expression":
            return self._collection(node)
        return self._expr(node)

    def _lower(self, node: Node) -> Any:
        kind = node.type
        method = self._methods.get(kind)
        if method is None:
            method = self._methods[kind] = getattr(self, f"_{kind}", self._unknown)
        return method(node)

    def _unknown(self, node: Node) -> s.Expression:
        """Something that this version does not know: its parts are evaluated, its value is not known."""
        parts = tuple(self._expr(child) for child in _children(node))
        return s.Operation(*self._at(node), "assert", parts) if parts else s.Constant(*self._at(node), ...)

    def _block(self, node: Node) -> s.Block:
        return self._suite(node)

    def _global_statement(self, node: Node) -> s.Block:
        return self._statement(_first(node))

    def _expression_statement(self, node: Node) -> tuple[s.Statement, ...]:
        return self._effect(node, _first(node))

    def _effect(self, whole: Node, node: Node) -> tuple[s.Statement, ...]:
        """An expression whose value is dropped."""
        at, kind = self._at(whole), node.type
        if kind == "assignment_expression":
            left, operator = field_of(node, "left"), self._text(field_of(node, "operator"))[:-1]
            right = field_of(node, "right")
            if operator == "??":
                target = self._target(left)
                return (s.Assign(*at, (target,), s.Operation(*at, "or", (target, self._expr(right)))),)
            value = self._expr(right)
            return (s.Assign(*at, (self._target(left),), value, None, bool(operator), operator),)
        if kind in ("postfix_unary_expression", "prefix_unary_expression") and _sign(node) in ("++", "--"):
            target = self._target(_first(node))
            return (s.Assign(*at, (target,), s.Constant(*self._at(node), 1), None, True, "+"),)
        if kind == "parenthesized_expression":
            return self._effect(whole, _first(node))
        return (s.Evaluate(*at, self._expr(node)),)

    def _target(self, node: Node) -> s.Expression:
        """What is assigned to."""
        kind = node.type
        if kind in ("tuple_expression", "tuple_pattern", "parenthesized_variable_designation"):
            items = tuple(
                self._target(_children(each)[-1] if each.type == "argument" else each) for each in _children(node)
            )
            return s.Collection(*self._at(node), "tuple", items)
        if kind == "declaration_expression":
            return self._declared(field_of(node, "name"))
        if kind == "discard":
            return s.Name(*self._at(node), "_")
        if kind in ("parenthesized_expression", "postfix_unary_expression"):
            return self._target(_first(node))
        if kind == "identifier" and self._text(node) == "_":
            return s.Name(*self._at(node), "_")
        target = self._expr(node)
        if self._kinds and isinstance(target, s.Attribute) and s.dotted(target) == f"this.{target.attr}":
            self._kinds[-1].assigned.add(target.attr)
        if isinstance(target, s.Name) and self._frames and target.id not in self._frames[-1].names:
            for frame in self._frames[:-1]:
                if target.id in frame.names:
                    self._frames[-1].outer.add(target.id)
                    break
        if isinstance(target, (s.Name, s.Attribute, s.Subscript, s.Collection)):
            return target
        return s.Name(*self._at(node), "_")

    def _declared(self, node: Node) -> s.Expression:
        """A variable that is declared here, or several in parentheses."""
        if node.type == "tuple_pattern":
            items = (self._declared(each) for each in _children(node))
            return s.Collection(*self._at(node), "tuple", tuple(items))
        name = self._text(node)
        if self._frames and name != "_":
            self._frames[-1].names.add(name)
        return s.Name(*self._at(node), name)

    def _local_declaration_statement(self, node: Node) -> tuple[s.Statement, ...]:
        declaration = _child(node, "variable_declaration")
        return () if declaration is None else self._variable_declaration(declaration)

    def _variable_declaration(self, node: Node) -> tuple[s.Statement, ...]:
        made: list[s.Statement] = []
        kind = node.child_by_field_name("type")
        annotation = self._type(kind)
        for declarator in _children(node):
            if declarator.type != "variable_declarator":
                continue
            name = declarator.child_by_field_name("name") or declarator.named_children[0]
            value = _value(declarator)
            lowered = None if value is None else self._expected(value, annotation)
            known = annotation
            if value is not None and annotation is None:
                known = self._returned_type(value)
            target = self._declared(name)
            if lowered is not None or annotation is not None:
                made.append(s.Assign(*self._at(declarator), (target,), lowered, known))
        return tuple(made)

    def _returned_type(self, node: Node) -> s.Expression | None:
        """The type that `await context.CallActivityAsync<Order>(…)` and the like say they return."""
        while node.type in ("await_expression", "postfix_unary_expression", "parenthesized_expression"):
            node = _first(node)
        function = node.child_by_field_name("function") if node.type == "invocation_expression" else None
        name = function.child_by_field_name("name") if function is not None else None
        if name is None or name.type != "generic_name" or self._text(name.named_children[0]) not in _RETURNS_ITS_TYPE:
            return None
        arguments = _type_arguments(name)
        return self._type(arguments[-1]) if arguments else None

    def _local_function_statement(self, node: Node) -> s.Function:
        named = field_of(node, "name")
        return self._function(node, self._at(named), self._text(named))

    def _function(self, node: Node, at: tuple[int, int], name: str) -> s.Function:
        """A local function, lambda or anonymous method."""
        parameter_node = node.child_by_field_name("parameters") or _child(node, "parameter_list")
        generic = frozenset(map(self._text, _type_parameters(node)))
        self._generic.append(generic)
        if parameter_node is not None and parameter_node.type in ("implicit_parameter", "identifier"):
            own: tuple[s.Parameter, ...] = (
                s.Parameter(*self._at(parameter_node), self._text(parameter_node), None, None),
            )
        else:
            own = self._lowered_parameters(parameter_node)
        frame = _Frame({each.name for each in own}, False, set())
        self._frames.append(frame)
        body = node.child_by_field_name("body") or _child(node, "block")
        if body is None or body.type in ("block", "arrow_expression_clause"):
            returns = node.type != "local_function_statement" or self._returns(node)
            statements = self._body(body, returns)
        else:
            at_body = self._at(body)
            statements = (s.Return(*at_body, self._expr(body)),)
            if frame.outer:
                statements = (s.Outer(*at_body, "nonlocal", tuple(sorted(frame.outer))), *statements)
        self._frames.pop()
        self._generic.pop()
        is_async = "async" in _modifiers(node) and not frame.yields
        returns_type = self._type(node.child_by_field_name("type"))
        return s.Function(*at, name, own, statements, (), returns_type, is_async)

    def _if_statement(self, node: Node) -> s.If:
        test = self._expr(node.child_by_field_name("condition"))
        body = self._suite(node.child_by_field_name("consequence"))
        return s.If(*self._at(node), test, body, self._suite(node.child_by_field_name("alternative")))

    def _while_statement(self, node: Node) -> s.Loop:
        test = self._expr(node.child_by_field_name("condition"))
        return s.Loop(*self._at(node), None, test, self._suite(node.child_by_field_name("body")), ())

    def _do_statement(self, node: Node) -> s.Loop:
        body = self._suite(node.child_by_field_name("body"))
        return s.Loop(*self._at(node), None, self._expr(node.child_by_field_name("condition")), body, ())

    def _for_statement(self, node: Node) -> tuple[s.Statement, ...]:
        first: list[s.Statement] = []
        after: list[s.Statement] = []
        for each in node.children_by_field_name("initializer"):
            declares = each.type == "variable_declaration"
            first.extend(self._variable_declaration(each) if declares else self._effect(each, each))
        condition = node.child_by_field_name("condition")
        test = s.Constant(*self._at(node), True) if condition is None else self._expr(condition)
        body = self._suite(node.child_by_field_name("body"))
        for each in node.children_by_field_name("update"):
            after.extend(self._effect(each, each))
        return (*first, s.Loop(*self._at(node), None, test, (*body, *after), ()))

    def _foreach_statement(self, node: Node) -> s.Loop:
        left, subject = field_of(node, "left"), self._expr(node.child_by_field_name("right"))
        kind = node.child_by_field_name("type")
        target = self._declared(left) if kind is not None or left.type == "tuple_pattern" else self._target(left)
        body = self._suite(node.child_by_field_name("body"))
        annotation = self._type(kind)
        if annotation is not None and isinstance(target, s.Name):
            at = self._at(left)
            body = (s.Assign(*at, (s.Name(*at, target.id),), s.Name(*at, target.id), annotation), *body)
        return s.Loop(*self._at(node), target, subject, body, ())

    def _try_statement(self, node: Node) -> s.Try:
        body = self._suite(node.child_by_field_name("body"))
        handlers: list[s.Handler] = []
        final: s.Block = ()
        for child in node.named_children:
            if child.type == "catch_clause":
                handlers.append(self._handler(child))
            elif child.type == "finally_clause":
                final = self._suite(_child(child, "block"))
        return s.Try(*self._at(node), body, tuple(handlers), (), final)

    def _handler(self, node: Node) -> s.Handler:
        """A handler; where its filter says no, it throws again."""
        declaration, name, types = _child(node, "catch_declaration"), None, None
        if declaration is not None:
            types = self._type(declaration.child_by_field_name("type"))
            named = declaration.child_by_field_name("name")
            if named is not None:
                name = self._text(named)
                self._frames[-1].names.add(name)
        clause = _child(node, "catch_filter_clause")
        body = self._suite(node.child_by_field_name("body"))
        if clause is not None and _children(clause):
            at = self._at(clause)
            body = (s.If(*at, self._expr(_first(clause)), body, (s.Raise(*at, None),)),)
        return s.Handler(*self._at(node), types, name, body)

    def _resources(self, node: Node | None) -> list[tuple[s.Expression, s.Expression | None]]:
        """What `using` is given."""
        if node is None:
            return []
        if node.type != "variable_declaration":
            return [(self._expr(node), None)]
        items: list[tuple[s.Expression, s.Expression | None]] = []
        annotation = self._type(node.child_by_field_name("type"))
        for declarator in _children(node):
            if declarator.type == "variable_declarator" and (value := _value(declarator)) is not None:
                lowered = self._expected(value, annotation)
                items.append((lowered, self._declared(field_of(declarator, "name"))))
        return items

    def _entered(
        self, node: Node, items: list[tuple[s.Expression, s.Expression | None]], body: s.Block, is_async: bool
    ) -> s.Block:
        """A block that ends with disposing of what was entered."""
        at = self._at(node)
        if not is_async:
            return (s.With(*at, tuple(items), body),)
        made: list[s.Statement] = []
        final: list[s.Statement] = []
        for value, target in items:
            named = target if isinstance(target, s.Name) else s.Name(*at, self._new_name())
            made.append(s.Assign(value.start, value.end, (named,), value))
            dispose = s.Call(*at, s.Attribute(*at, s.Name(*at, named.id), "DisposeAsync"), ())
            final.append(s.Evaluate(*at, s.Suspend(*at, dispose, "await")))
        return (*made, s.Try(*at, body, (), (), tuple(final)))

    def _using_statement(self, node: Node) -> s.Block:
        held = [child for child in _children(node) if child != node.child_by_field_name("body")]
        items = self._resources(held[0] if held else None)
        return self._entered(node, items, self._suite(node.child_by_field_name("body")), "await" in _words(node))

    def _lock_statement(self, node: Node) -> s.Block:
        held, body = _children(node)[0], _children(node)[-1]
        return (s.Evaluate(*self._at(held), self._expr(held)), *self._suite(body))

    def _checked_statement(self, node: Node) -> s.Block:
        return self._suite(_child(node, "block"))

    _unsafe_statement = _checked_statement

    def _fixed_statement(self, node: Node) -> s.Block:
        declaration = _child(node, "variable_declaration")
        first = () if declaration is None else self._variable_declaration(declaration)
        return (*first, *self._suite(_children(node)[-1]))

    def _return_statement(self, node: Node) -> s.Return:
        value = _first_or_none(node)
        return s.Return(*self._at(node), None if value is None else self._expr(value))

    def _yield_statement(self, node: Node) -> s.Statement:
        at, value = self._at(node), _first_or_none(node)
        self._frames[-1].yields = True
        items = s.Name(*at, _ITEMS)
        if value is None:
            return s.Return(*at, items)
        passed = (s.Argument(*self._at(value), self._expr(value)),)
        return s.Evaluate(*at, s.Call(*at, s.Attribute(*at, items, "Add"), passed))

    def _throw_statement(self, node: Node) -> s.Raise:
        value = _first_or_none(node)
        return s.Raise(*self._at(node), None if value is None else self._expr(value))

    def _break_statement(self, node: Node) -> s.Break:
        return s.Break(*self._at(node))

    def _continue_statement(self, node: Node) -> s.Continue:
        return s.Continue(*self._at(node))

    def _labeled_statement(self, node: Node) -> tuple[s.Statement, ...]:
        return self._statement(node.named_children[-1])

    def _switch_statement(self, node: Node) -> tuple[s.Statement, ...]:
        at, before, subject = self._at(node), *self._subject(field_of(node, "value"))
        cases: list[s.Case] = []
        for section in _children(node.child_by_field_name("body")):
            if section.type != "switch_section":
                continue
            tests: list[s.Expression] = []
            statements: list[Node] = []
            for child in _children(section):
                if child.type == "when_clause":
                    tests.append(self._expr(_first(child)))
                elif child.type.endswith("_statement") or child.type == "block":
                    statements.append(child)
                else:
                    tests.append(self._matches(child, subject))
            body = self._statements(statements)
            if body and isinstance(body[-1], s.Break):
                body.pop()
            guard = _all(tests)
            cases.append(s.Case(*self._at(section), (), guard, tuple(body)))
        made = s.Match(*at, subject, tuple(cases))
        if any(_breaks(case.body) for case in cases):
            # a `break` deeper in a case leaves the switch, as it would a loop that runs once
            return (*before, s.Loop(*at, None, s.Constant(*at, True), (made, s.Break(*at)), ()))
        return (*before, made)

    def _subject(self, node: Node) -> tuple[s.Block, s.Expression]:
        """What a switch looks at, as something that can be read again."""
        value = self._expr(node)
        if isinstance(value, (s.Name, s.Attribute)):
            return (), value
        at, name = self._at(node), self._new_name()
        return (s.Assign(*at, (s.Name(*at, name),), value),), s.Name(*at, name)

    # patterns

    def _matches(self, node: Node, subject: s.Expression) -> s.Expression:
        """Whether a value matches a pattern; binds the names in it."""
        at, kind = self._at(node), node.type
        match kind:
            case "constant_pattern":
                inner = _first(node)
                if inner.type == "tuple_expression":
                    return self._parts_match(at, subject, _children(inner))
                return s.Operation(*at, "is", (subject, self._expr(inner)))
            case "type_pattern":
                return self._is_type(at, subject, self._type(node.child_by_field_name("type")))
            case "declaration_pattern" | "var_pattern":
                annotation = self._type(node.child_by_field_name("type"))
                name = node.child_by_field_name("name")
                if name is None:
                    names = _child(node, "parenthesized_variable_designation")
                    target = self._designated(names) if names is not None else s.Name(*at, "_")
                    return s.Bind(*at, target, subject)
                bound = s.Bind(*at, self._declared(name), self._cast(at, subject, annotation))
                return self._is_type(at, bound, annotation)
            case "recursive_pattern":
                annotation = self._type(node.child_by_field_name("type"))
                name = node.child_by_field_name("name")
                value = self._cast(at, subject, annotation)
                parts: list[s.Expression] = []
                if name is not None:
                    parts.append(s.Bind(*at, self._declared(name), value))
                for clause in _children(node):
                    if clause.type == "property_pattern_clause":
                        parts.extend(self._property_matches(each, value) for each in _children(clause))
                    elif clause.type == "positional_pattern_clause":
                        parts.append(self._parts_match(at, subject, _children(clause)))
                return s.Operation(*at, "is", (subject, *parts, s.Constant(*at, ...), s.Constant(*at, ...)))
            case "relational_pattern":
                return s.Operation(*at, "<", (subject, self._expr(_first(node))))
            case "and_pattern" | "or_pattern":
                left = self._matches(field_of(node, "left"), subject)
                right = self._matches(field_of(node, "right"), subject)
                return s.Operation(*at, kind.removesuffix("_pattern"), (left, right))
            case "negated_pattern":
                inner = _first(node)
                if inner.type == "constant_pattern":
                    return s.Operation(*at, "is not", (subject, self._expr(_first(inner))))
                return s.Operation(*at, "not", (self._matches(inner, subject),))
            case "parenthesized_pattern":
                return self._matches(_first(node), subject)
            case "list_pattern":
                return self._parts_match(at, subject, _children(node))
            case "argument" | "subpattern":
                return self._matches(_children(node)[-1], subject)
            case "declaration_expression":
                return s.Bind(*at, self._declared(field_of(node, "name")), subject)
            case "discard":
                return s.Constant(*at, ...)
        return self._expr(node)

    def _designated(self, node: Node) -> s.Expression:
        return s.Collection(*self._at(node), "tuple", tuple(self._declared(each) for each in _children(node)))

    def _is_type(self, at: tuple[int, int], value: s.Expression, kind: s.Expression | None) -> s.Expression:
        if kind is None:
            return value
        return s.Operation(*at, "is", (value, kind.value if isinstance(kind, s.Subscript) else kind))

    def _parts_match(self, at: tuple[int, int], subject: s.Expression, parts: list[Node]) -> s.Expression:
        tests = [
            self._matches(part, s.Subscript(*at, subject, (s.Constant(*at, index),)))
            for index, part in enumerate(parts)
        ]
        return s.Operation(*at, "is", (subject, *tests, s.Constant(*at, ...), s.Constant(*at, ...)))

    def _property_matches(self, node: Node, subject: s.Expression) -> s.Expression:
        """`{ A.B: pattern }`."""
        at, (path, pattern) = self._at(node), _children(node)[:2]
        for name in self._joined(path).split("."):
            subject = s.Attribute(*at, subject, name)
        return self._matches(pattern, subject)

    def _cast(self, at: tuple[int, int], value: s.Expression, kind: s.Expression | None) -> s.Expression:
        """A value that is known to be of a type."""
        if kind is None or (isinstance(kind, s.Name) and kind.id.startswith("%")):
            return value
        passed = s.Argument(value.start, value.end, value), s.Argument(*at, kind)
        return s.Call(*at, s.Name(*at, "%cast"), passed)

    # expressions

    def _identifier(self, node: Node) -> s.Expression:
        return self._bare(self._text(node), node)

    def _generic_name(self, node: Node) -> s.Expression:
        name, count = self._text(node.named_children[0]), len(_type_arguments(node))
        at = self._at(node.named_children[0])
        if self._is_local(name):
            return s.Name(*at, name)
        member = self._member(name, at)
        return member if member is not None else self._type_name(name, node.named_children[0], count)

    def _qualified_name(self, node: Node) -> s.Expression:
        return self._type(node) or s.Constant(*self._at(node), ...)

    _array_type = _nullable_type = _tuple_type = _qualified_name

    def _predefined_type(self, node: Node) -> s.Expression:
        """`string` as the owner of a static method."""
        name = f"System.{_PREDEFINED.get(self._text(node), 'Object')}"
        local = f"%{name}"
        if local not in self._imported:
            self._imported[local] = s.Import(*self._at(node), name, name.rsplit(".", 1)[-1], local)
        return s.Name(*self._at(node), local)

    def _this_expression(self, node: Node) -> s.Name:
        return self._this(node)

    def _base(self, node: Node) -> s.Call:
        return s.Call(*self._at(node), s.Name(*self._at(node), "base"), ())

    def _boolean_literal(self, node: Node) -> s.Constant:
        return s.Constant(*self._at(node), self._text(node) == "true")

    def _null_literal(self, node: Node) -> s.Constant:
        return s.Constant(*self._at(node), None)

    def _integer_literal(self, node: Node) -> s.Constant:
        text = self._text(node).replace("_", "").rstrip("uUlL")
        return s.Constant(*self._at(node), int(text) if text.isdecimal() else ...)

    def _real_literal(self, node: Node) -> s.Constant:
        return s.Constant(*self._at(node), ...)

    _character_literal = _implicit_type = _discard = _sizeof_expression = _real_literal

    def _string_literal(self, node: Node) -> s.Constant:
        parts = []
        for child in node.named_children:
            if child.type == "escape_sequence":
                text = self._text(child)
                parts.append(_ESCAPES.get(text[1:2], text[1:]))
            elif child.type == "string_literal_content":
                parts.append(self._text(child))
        return s.Constant(*self._at(node), "".join(parts))

    def _verbatim_string_literal(self, node: Node) -> s.Constant:
        text = self._text(node)
        return s.Constant(*self._at(node), text[2 : text.rindex('"')].replace('""', '"'))

    def _raw_string_literal(self, node: Node) -> s.Constant:
        content = _child(node, "raw_string_content")
        return s.Constant(*self._at(node), "" if content is None else self._text(content))

    def _interpolated_string_expression(self, node: Node) -> s.Expression:
        holes = [child for child in node.named_children if child.type == "interpolation"]
        if not holes:
            text = "".join(self._text(child) for child in node.named_children if child.type == "string_content")
            return s.Constant(*self._at(node), text)
        values: list[s.Expression] = []
        for hole in holes:
            inner = next((c for c in _children(hole) if c.type != "interpolation_brace"), None)
            if inner is not None:
                values.append(self._expr(inner))
        return s.Template(*self._at(node), tuple(values))

    def _parenthesized_expression(self, node: Node) -> s.Expression:
        return self._expr(_first(node))

    _checked_expression = _ref_expression = _parenthesized_expression

    def _cast_expression(self, node: Node) -> s.Expression:
        kind = self._type(node.child_by_field_name("type"))
        return self._cast(self._at(node), self._expr(node.child_by_field_name("value")), kind)

    def _as_expression(self, node: Node) -> s.Expression:
        kind = self._type(node.child_by_field_name("right"))
        return self._cast(self._at(node), self._expr(node.child_by_field_name("left")), kind)

    def _is_expression(self, node: Node) -> s.Expression:
        value = self._expr(node.child_by_field_name("left"))
        return self._is_type(self._at(node), value, self._type(node.child_by_field_name("right")))

    def _is_pattern_expression(self, node: Node) -> s.Expression:
        value = self._expr(node.child_by_field_name("expression"))
        at, pattern = self._at(node), field_of(node, "pattern")
        if isinstance(value, (s.Name, s.Attribute)) or pattern.type == "constant_pattern":
            return self._matches(pattern, value)
        name = self._new_name()
        held = s.Bind(*at, s.Name(*at, name), value)
        return s.Operation(*at, "and", (held, self._matches(pattern, s.Name(*at, name))))

    def _typeof_expression(self, node: Node) -> s.Expression:
        at = self._at(node)
        kind = self._type(node.child_by_field_name("type")) or s.Constant(*at, ...)
        return s.Call(*at, s.Name(*at, "typeof"), (s.Argument(*at, kind),))

    def _default_expression(self, node: Node) -> s.Constant:
        return s.Constant(*self._at(node), ... if node.child_by_field_name("type") is not None else None)

    def _member_access_expression(self, node: Node) -> s.Expression:
        owner, named = field_of(node, "expression"), field_of(node, "name")
        value = self._owner(owner)
        return s.Attribute(self._at(node)[0], self._at(named)[1], value, self._text(_plain(named)))

    def _owner(self, node: Node) -> s.Expression:
        """What a member is read from."""
        kind = node.type
        if kind == "identifier":
            return self._bare(self._text(node), node, owner=True)
        if kind == "this":
            return self._this(node)
        if kind == "member_access_expression":
            named = field_of(node, "name")
            value = self._owner(field_of(node, "expression"))
            return s.Attribute(self._at(node)[0], self._at(named)[1], value, self._text(_plain(named)))
        return self._expr(node)

    def _conditional_access_expression(self, node: Node) -> s.Expression:
        self._receivers.append(self._owner(field_of(node, "condition")))
        made = self._expr(node.named_children[-1])
        self._receivers.pop()
        return made

    def _member_binding_expression(self, node: Node) -> s.Expression:
        named = field_of(node, "name")
        receiver = self._receivers[-1] if self._receivers else s.Constant(*self._at(node), ...)
        return s.Attribute(receiver.start, self._at(named)[1], receiver, self._text(named))

    def _element_binding_expression(self, node: Node) -> s.Expression:
        receiver = self._receivers[-1] if self._receivers else s.Constant(*self._at(node), ...)
        index = tuple(self._expr(each) for each in _children(node))
        return s.Subscript(receiver.start, self._at(node)[1], receiver, index)

    def _element_access_expression(self, node: Node) -> s.Expression:
        value = self._owner(field_of(node, "expression"))
        index = tuple(self._expr(each) for each in _children(node.child_by_field_name("subscript")))
        return s.Subscript(*self._at(node), value, index)

    def _argument(self, node: Node) -> s.Expression:
        return self._expr(_children(node)[-1])

    _expression_element = _argument

    def _invocation_expression(self, node: Node) -> s.Expression:
        function = field_of(node, "function")
        kind = function.type
        if kind == "identifier":
            name = self._text(function)
            arguments = _children(node.child_by_field_name("arguments"))
            if name == "nameof" and len(arguments) == 1:
                last = self._joined(arguments[0]).rsplit(".", 1)[-1]
                return s.Constant(*self._at(node), last)
            callee = self._bare(name, function, called=True)
        else:
            callee = self._callee(function)
        passed = self._arguments(node.child_by_field_name("arguments"))
        return s.Call(*self._at(node), callee, (*passed, *self._types_passed(function)))

    def _callee(self, node: Node) -> s.Expression:
        kind = node.type
        if kind == "generic_name":
            return self._bare(self._text(node.named_children[0]), node.named_children[0], called=True)
        if kind == "member_access_expression":
            named = _plain(field_of(node, "name"))
            value = self._owner(field_of(node, "expression"))
            return s.Attribute(self._at(node)[0], self._at(named)[1], value, self._text(named))
        if kind == "conditional_access_expression" and node.named_children[-1].type == "member_binding_expression":
            value = self._owner(field_of(node, "condition"))
            named = _plain(field_of(node.named_children[-1], "name"))
            return s.Attribute(self._at(node)[0], self._at(named)[1], value, self._text(named))
        return self._expr(node)

    def _types_passed(self, function: Node) -> tuple[s.Argument, ...]:
        """The types that a generic method is given by name, as arguments with the keywords `%0`, `%1`."""
        if function.type == "conditional_access_expression":
            function = function.named_children[-1]
        name = function if function.type == "generic_name" else function.child_by_field_name("name")
        if name is None or name.type != "generic_name":
            return ()
        made: list[s.Argument] = []
        for index, each in enumerate(_type_arguments(name)):
            kind = self._type(each)
            if kind is not None:
                made.append(s.Argument(*self._at(each), kind, f"%{index}"))
        return tuple(made)

    def _arguments(self, node: Node | None) -> tuple[s.Argument, ...]:
        made: list[s.Argument] = []
        for each in _children(node):
            name = each.child_by_field_name("name")
            value = _children(each)[-1]
            words = {child.type for child in each.children if not child.is_named}
            lowered = self._written(value) if "out" in words else self._expr(value)
            made.append(s.Argument(*self._at(each), lowered, None if name is None else self._text(name)))
        return tuple(made)

    def _written(self, node: Node) -> s.Expression:
        """An argument after `out`: what is known of it is its type alone."""
        at = self._at(node)
        annotation = self._type(node.child_by_field_name("type")) if node.type == "declaration_expression" else None
        target = self._target(node)
        return s.Bind(*at, target, self._cast(at, s.Constant(*at, ...), annotation))

    def _declaration_expression(self, node: Node) -> s.Expression:
        return self._written(node)

    def _object_creation_expression(self, node: Node) -> s.Expression:
        return self._new_object(node, self._type(field_of(node, "type")))

    def _implicit_object_creation_expression(self, node: Node) -> s.Expression:
        return self._new_object(node, None)

    def _new_object(self, node: Node, kind: s.Expression | None) -> s.Expression:
        """`new Type(…) { … }`."""
        at = self._at(node)
        if isinstance(kind, s.Subscript):
            kind = kind.value
        passed = self._arguments(_child(node, "argument_list"))
        if kind is None:
            made: s.Expression = s.Operation(*at, "assert", tuple(each.value for each in passed))
        else:
            made = s.Call(*at, s.Attribute(kind.start, kind.end, kind, NEW[1:]), passed)
        initializer = _child(node, "initializer_expression")
        return made if initializer is None else self._initialized(at, made, initializer)

    def _initialized(self, at: tuple[int, int], made: s.Expression, node: Node) -> s.Expression:
        """What an initializer makes of a new object."""
        parts = _children(node)
        given: list[s.Argument] = []
        items: list[s.Argument] = []
        for each in parts:
            spot = self._at(each)
            if each.type == "assignment_expression":
                left, right = field_of(each, "left"), field_of(each, "right")
                value = self._collection(right) if right.type == "initializer_expression" else self._expr(right)
                if left.type == "identifier":
                    given.append(s.Argument(*spot, value, self._text(left)))
                else:
                    keys = [self._expr(key) for key in _children(left)]
                    items.append(s.Argument(*spot, s.Collection(*spot, "tuple", (*keys, value))))
            elif each.type == "initializer_expression":
                inner = tuple(self._expr(part) for part in _children(each))
                items.append(s.Argument(*spot, s.Collection(*spot, "tuple", inner)))
            else:
                items.append(s.Argument(*spot, self._expr(each)))
        if given:
            made = s.Call(*at, s.Name(*at, "%with"), (s.Argument(*at, made), *given))
        if items:
            made = s.Call(*at, s.Name(*at, "%filled"), (s.Argument(*at, made), *items))
        return made

    def _with_expression(self, node: Node) -> s.Expression:
        at, value = self._at(node), self._expr(_first(node))
        given: list[s.Argument] = []
        for each in node.named_children[1:]:
            if each.type == "with_initializer" and len(each.named_children) > 1:
                name, changed = each.named_children[0], self._expr(_children(each)[-1])
                given.append(s.Argument(*self._at(each), changed, self._text(name)))
        return s.Call(*at, s.Name(*at, "%with"), (s.Argument(*at, value), *given))

    def _anonymous_object_creation_expression(self, node: Node) -> s.Expression:
        keys: list[s.Expression] = []
        values: list[s.Expression] = []
        parts = [
            child for child in node.children if (child.is_named and child.type not in _IGNORED) or child.type == "="
        ]
        index = 0
        while index < len(parts):
            part = parts[index]
            at, name = self._at(part), self._joined(part).rsplit(".", 1)[-1]
            if index + 2 < len(parts) and parts[index + 1].type == "=":
                index += 2
            values.append(self._expr(parts[index]))
            keys.append(s.Constant(*at, name))
            index += 1
        return s.Collection(*self._at(node), "dict", tuple(values), tuple(keys))

    def _array_creation_expression(self, node: Node) -> s.Expression:
        initializer = _child(node, "initializer_expression")
        if initializer is not None:
            return self._collection(initializer)
        kind = node.child_by_field_name("type")
        rank = None if kind is None else kind.child_by_field_name("rank")
        at = self._at(node)
        sizes = tuple(s.Argument(*self._at(each), self._expr(each)) for each in _children(rank))
        return s.Call(*at, s.Name(*at, "%array"), sizes)

    _implicit_array_creation_expression = _array_creation_expression
    _stackalloc_expression = _implicit_stackalloc_expression = _array_creation_expression

    def _collection(self, node: Node) -> s.Collection:
        items = tuple(
            self._collection(each) if each.type == "initializer_expression" else self._expr(each)
            for each in _children(node)
        )
        return s.Collection(*self._at(node), "list", items)

    _initializer_expression = _collection_expression = _collection

    def _collection_element(self, node: Node) -> s.Expression:
        return self._expr(_first(node))

    def _spread_element(self, node: Node) -> s.Expression:
        return s.Starred(*self._at(node), self._expr(_first(node)))

    def _tuple_expression(self, node: Node) -> s.Collection:
        return s.Collection(*self._at(node), "tuple", tuple(self._expr(each) for each in _children(node)))

    def _range_expression(self, node: Node) -> s.Collection:
        return s.Collection(*self._at(node), "slice", tuple(self._expr(each) for each in _children(node)))

    def _assignment_expression(self, node: Node) -> s.Expression:
        at, left = self._at(node), field_of(node, "left")
        value = self._expr(field_of(node, "right"))
        operator = self._text(field_of(node, "operator"))[:-1]
        target = self._target(left)
        if operator:
            value = s.Operation(*at, _OPERATORS.get(operator, operator), (target, value))
        return s.Bind(*at, target, value)

    def _prefix_unary_expression(self, node: Node) -> s.Expression:
        at, operator, operand = self._at(node), _sign(node), _first(node)
        if operator in ("++", "--"):
            target = self._target(operand)
            return s.Bind(*at, target, s.Operation(*at, "+", (target, s.Constant(*at, 1))))
        return s.Operation(*at, _OPERATORS.get(operator, operator), (self._expr(operand),))

    def _postfix_unary_expression(self, node: Node) -> s.Expression:
        if _sign(node) == "!":
            return self._expr(_first(node))
        return self._prefix_unary_expression(node)

    def _binary_expression(self, node: Node) -> s.Expression:
        operator = self._text(field_of(node, "operator"))
        operands = self._expr(field_of(node, "left")), self._expr(field_of(node, "right"))
        match operands:
            case (s.Constant(value=str(left)), s.Constant(value=str(right))) if operator == "+":
                return s.Constant(*self._at(node), left + right)
        return s.Operation(*self._at(node), _OPERATORS.get(operator, operator), operands)

    def _conditional_expression(self, node: Node) -> s.Conditional:
        parts = (node.child_by_field_name(name) for name in ("condition", "consequence", "alternative"))
        test, body, orelse = (self._expr(part) for part in parts)
        return s.Conditional(*self._at(node), test, body, orelse)

    def _throw_expression(self, node: Node) -> s.Expression:
        return s.Operation(*self._at(node), "assert", (self._expr(_first(node)),))

    def _await_expression(self, node: Node) -> s.Suspend:
        return s.Suspend(*self._at(node), self._expr(_first(node)), "await")

    def _lambda_expression(self, node: Node) -> s.Lambda:
        at = self._at(node)
        parameters = node.child_by_field_name("parameters")
        spot = at if parameters is None else self._at(parameters)
        return s.Lambda(*at, self._function(node, spot, ANONYMOUS))

    def _anonymous_method_expression(self, node: Node) -> s.Lambda:
        at = self._at(node)
        return s.Lambda(*at, self._function(node, at, ANONYMOUS))

    def _switch_expression(self, node: Node) -> s.Expression:
        at, parts = self._at(node), _children(node)
        subject = self._expr(parts[0])
        first: s.Expression | None = None
        if not isinstance(subject, (s.Name, s.Attribute)):
            name = self._new_name()
            first = s.Bind(*self._at(parts[0]), s.Name(*at, name), subject)
            subject = s.Name(*self._at(parts[0]), name)
        arms: list[tuple[Node, s.Expression, s.Expression]] = []
        for arm in parts[1:]:
            inner = _children(arm)
            tests = [self._matches(inner[0], subject)]
            tests.extend(self._expr(_first(each)) for each in inner[1:-1] if each.type == "when_clause")
            arms.append((arm, _all(tests) or s.Constant(*at, ...), self._expr(inner[-1])))
        made: s.Expression = s.Constant(*at, ...)
        for arm, test, value in reversed(arms):
            made = s.Conditional(*self._at(arm), test, value, made)
        if first is not None:
            both = s.Collection(*at, "tuple", (first, made))
            made = s.Subscript(*at, both, (s.Constant(*at, 1),))
        return made

    def _query_expression(self, node: Node) -> s.Expression:
        clauses: list[s.Clause] = []
        elements: tuple[s.Expression, ...] = ()
        parts = list(node.children)
        for index, part in enumerate(parts):
            at, inner = self._at(part), _children(part)
            match part.type:
                case "from_clause":
                    iterable = self._expr(inner[-1])
                    clauses.append(s.Clause(*at, self._declared(field_of(part, "name")), iterable, ()))
                case "let_clause":
                    value = self._expr(inner[-1])
                    clauses.append(s.Clause(*at, self._declared(inner[0]), s.Collection(*at, "list", (value,)), ()))
                case "join_clause" if len(inner) > 1:
                    iterable = self._expr(inner[1])
                    target = self._declared(inner[0])
                    keys = tuple(self._expr(each) for each in inner[2:] if each.type != "join_into_clause")
                    clauses.append(s.Clause(*at, target, iterable, keys))
                    for into in inner:
                        if into.type == "join_into_clause":
                            self._declared(_first(into))
                case "where_clause" | "order_by_clause":
                    tests = tuple(self._expr(each) for each in inner)
                    if clauses:
                        last = clauses[-1]
                        last.conditions = (*last.conditions, *tests)
                case "select_clause" | "group_clause":
                    elements = tuple(self._expr(each) for each in inner)
                case "into" if index + 1 < len(parts):
                    made = s.Collection(*at, "list", elements[:1])
                    clauses.append(s.Clause(*at, self._declared(parts[index + 1]), made, ()))
        return s.Comprehension(*self._at(node), "list", elements[:1], tuple(clauses))


@dataclass(slots=True)
class _Parameter:
    """A parameter as it is written."""

    node: Node
    name: Node
    type: Node | None
    default: Node | None
    collects: bool = False


def _parameters(node: Node | None) -> list[_Parameter]:
    """The parameters in a list; those of the form `params T[] x` have no node of their own."""
    found: list[_Parameter] = []
    if node is None:
        return found
    for child in node.named_children:
        if child.type == "parameter" and (name := child.child_by_field_name("name")) is not None:
            found.append(_Parameter(child, name, child.child_by_field_name("type"), _value(child)))
    if any(child.type == "params" for child in node.children):
        name = node.child_by_field_name("name")
        if name is not None:
            found.append(_Parameter(node, name, node.child_by_field_name("type"), None, True))
    return found


def _value(node: Node) -> Node | None:
    """What stands behind `=`."""
    seen = False
    for child in node.children:
        if seen and child.is_named and child.type not in _IGNORED:
            return child
        seen = seen or child.type == "="
    return None


def _child(node: Node | None, kind: str) -> Node | None:
    """The first child of a kind."""
    if node is None:
        return None
    return next((child for child in node.named_children if child.type == kind), None)


def _children(node: Node | None) -> list[Node]:
    """The parts of a node that are code."""
    if node is None:
        return []
    return [
        child
        for child in node.children
        if (child.is_named and child.type not in _IGNORED) or child.type in ("this", "base")
    ]


def _first(node: Node) -> Node:
    return _children(node)[0]


def _first_or_none(node: Node) -> Node | None:
    found = _children(node)
    return found[0] if found else None


def _plain(node: Node) -> Node:
    """The name in a name with types."""
    return node.named_children[0] if node.type == "generic_name" else node


def _sign(node: Node) -> str:
    """The operator of a unary expression."""
    return next((child.type for child in node.children if not child.is_named), "")


def _words(node: Node) -> set[str]:
    return {child.type for child in node.children if not child.is_named}


def _modifiers(node: Node) -> set[str]:
    return {
        child.children[0].type if child.children else child.text.decode() if child.text else ""
        for child in node.named_children
        if child.type == "modifier"
    }


def _declarators(node: Node) -> list[Node]:
    declaration = _child(node, "variable_declaration")
    return [
        each
        for each in _children(declaration)
        if each.type == "variable_declarator" and each.child_by_field_name("name") is not None
    ]


def _type_parameters(node: Node) -> list[Node]:
    """The names of the types that a class or method is open in."""
    found = node.child_by_field_name("type_parameters") or _child(node, "type_parameter_list")
    return [name for each in _children(found) if (name := each.child_by_field_name("name")) is not None]


def _type_arguments(node: Node | None) -> list[Node]:
    """The types that a name is given; those of `List<>` are as many as there can be."""
    if node is not None and node.type == "qualified_name":
        node = node.child_by_field_name("name")
    found = _child(node, "type_argument_list")
    return _children(found)


def _parts(node: Node) -> list[Node]:
    """The members of a class."""
    return _children(node.child_by_field_name("body"))


def _base_types(node: Node) -> list[Node]:
    """What a class extends and implements."""
    found: list[Node] = []
    for each in _children(_child(node, "base_list")):
        if each.type == "primary_constructor_base_type":
            found.append(field_of(each, "type"))
        elif each.type != "argument_list":
            found.append(each)
    return found


def _is_auto(member: Node) -> bool:
    """Whether a property keeps its value by itself."""
    return "abstract" not in _modifiers(member)


def _triggered(decorators: list[s.Expression]) -> str | None:
    """The parameter that gets an orchestration's context."""
    for each in decorators:
        if isinstance(each, s.Call) and s.dotted(each.function) == "@OrchestrationTrigger":
            for argument in each.arguments:
                if argument.keyword == "%parameter" and isinstance(argument.value, s.Constant):
                    return str(argument.value.value)
    return None


def _with_overloads(methods: list[s.Statement]) -> list[s.Statement]:
    """Binds each of several methods of a name also to how many arguments it takes; the exact number goes first."""
    found: dict[str, list[s.Function]] = {}
    for each in methods:
        if isinstance(each, s.Function) and each.role in ("", "staticmethod"):
            found.setdefault(each.name, []).append(each)
    taken: dict[str, s.Function] = {}
    for name, functions in found.items():
        if len(functions) == 1:
            continue
        for exact in (True, False):
            for function in functions:
                own = [each for each in function.parameters if each.name != "this"]
                least = sum(each.default is None and each.kind == "positional" for each in own)
                most = len(own) + 3 * any(each.kind == "*" for each in own)
                for count in (len(own),) if exact else range(least, most + 1):
                    taken.setdefault(f"{name}/{count}", function)
    made: list[s.Statement] = []
    for each in methods:
        made.append(each)
        if isinstance(each, s.Function):
            at = each.start, each.end
            made.extend(
                s.Assign(*at, (s.Name(*at, alias),), s.Name(*at, each.name))
                for alias, function in taken.items()
                if function is each
            )
    return made


def _either(at: tuple[int, int], found: list[s.Expression]) -> s.Expression:
    """All that a name may be."""
    made = found[-1]
    for each in reversed(found[:-1]):
        made = s.Conditional(*at, s.Constant(*at, ...), each, made)
    return made


def _all(tests: list[s.Expression]) -> s.Expression | None:
    if not tests:
        return None
    made = tests[0]
    for each in tests[1:]:
        made = s.Operation(made.start, each.end, "and", (made, each))
    return made


def _breaks(body: s.Block) -> bool:
    """Whether a `break` in a case leaves the switch."""
    return any(isinstance(each, s.Break) for each in s.walk(body))


def _bases_first(types: list[tuple[Node, str]], text: Callable[[Node], str]) -> list[tuple[Node, str]]:
    """Classes in an order in which each comes after those that it extends."""
    by_name = {text(field_of(node, "name")): (node, space) for node, space in types}
    found: list[tuple[Node, str]] = []
    seen: set[int] = set()

    def add(node: Node, space: str) -> None:
        if node.id in seen:
            return
        seen.add(node.id)
        for base in _base_types(node):
            other = by_name.get(text(base).split("<", 1)[0])
            if other is not None:
                add(*other)
        found.append((node, space))

    for node, space in types:
        add(node, space)
    return found

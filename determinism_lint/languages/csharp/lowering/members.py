"""Classes and their members."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from determinism_lint.analysis import syntax as s
from determinism_lint.languages.csharp.imports import is_known
from determinism_lint.languages.csharp.lowered import (
    ABSTRACT,
    ATTRIBUTES,
    CONSTRUCTOR,
    EXTENSION,
    FIELDS,
    INDEXER,
)
from determinism_lint.languages.csharp.lowering.names import Frame, Kind
from determinism_lint.languages.csharp.lowering.nodes import (
    TYPES,
    base_types_of,
    bases_first,
    child_of,
    code_in,
    declarators_in,
    either,
    is_auto,
    members_in,
    modifiers_of,
    parameters_in,
    type_parameters_of,
    value_of,
)
from determinism_lint.languages.csharp.lowering.statements import Statements
from determinism_lint.languages.treesitter import field_of


class Members(Statements):
    """What a class consists of."""

    def _class(self, node: Node) -> s.Class:
        named = field_of(node, "name")
        at, name = self._at(named), self._text(named)
        generic = frozenset(map(self._text, type_parameters_of(node)))
        known = f"{name}`{len(generic)}" if not self._kinds and generic else name
        if self._kinds:
            path: s.Expression = s.Attribute(*at, self._kinds[-1].path, name)
        else:
            path = s.Name(*at, known)
        members = members_in(node)
        kind = Kind(name, path, {}, {}, self._inherits(node), generic, set(), {})
        self._note_members(node, kind, members)
        self._generic.append(generic)
        bases = self._bases(node)
        self._kinds.append(kind)
        made = self._enum(members) if node.type == "enum_declaration" else self._members(node, members)
        decorators = list(self._attributes(node))
        if node.type == "interface_declaration" or "abstract" in modifiers_of(node):
            decorators.append(s.Name(*at, ABSTRACT))
        self._kinds.pop()
        self._generic.pop()
        return s.Class(*at, known, bases, tuple(made), tuple(decorators))

    def _inherits(self, node: Node) -> bool:
        if "partial" in modifiers_of(node):
            return True
        for base in base_types_of(node):
            name = self._joined(base).rsplit(".", 1)[-1]
            if not re.match(r"I[A-Z]", name) and not is_known(name):
                return True
        return False

    def _bases(self, node: Node) -> tuple[s.Expression, ...]:
        if node.type == "enum_declaration":
            return ()
        found = (self._type(each) for each in base_types_of(node))
        return tuple(each.value if isinstance(each, s.Subscript) else each for each in found if each is not None)

    def _note_members(self, node: Node, kind: Kind, members: list[Node]) -> None:
        parameters = child_of(node, "parameter_list")
        for each in parameters_in(parameters):
            kind.members[self._text(each.name)] = False
        for member in members:
            what = member.type
            if what in ("field_declaration", "event_field_declaration"):
                words = modifiers_of(member)
                is_static = bool(words & {"static", "const"})
                declaration = child_of(member, "variable_declaration")
                for declarator in declarators_in(member):
                    name = self._text(field_of(declarator, "name"))
                    kind.members[name] = is_static
                    if declaration is not None and (declared := declaration.child_by_field_name("type")) is not None:
                        kind.types[name] = declared
            elif what in ("method_declaration", "property_declaration", "event_declaration"):
                name = self._text(field_of(member, "name"))
                kind.members[name] = "static" in modifiers_of(member)
                if what == "property_declaration":
                    kind.types[name] = field_of(member, "type")
            elif what == "enum_member_declaration":
                kind.members[self._text(field_of(member, "name"))] = True
            elif what in TYPES:
                named = field_of(member, "name")
                kind.inner[self._text(named)] = s.Attribute(*self._at(named), kind.path, self._text(named))

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
            self._class(each) for each, _ in bases_first([(m, "") for m in members if m.type in TYPES], self._text)
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
                    if "static" in modifiers_of(member):
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
        is_static = bool(modifiers_of(member) & {"static", "const"})
        declaration = child_of(member, "variable_declaration")
        if declaration is None:
            return
        kind = declaration.child_by_field_name("type")
        annotation = self._type(kind)
        for declarator in declarators_in(member):
            name, value = field_of(declarator, "name"), value_of(declarator)
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
            self._frames.append(Frame(set(), is_static, set()))
            lowered = self._expected(value, annotation)
            self._frames.pop()
        target = s.Name(*spot, text) if is_static else s.Attribute(*spot, s.Name(*at, "this"), text)
        to.append(s.Assign(*at, (target,), lowered, annotation))

    def _property(
        self, member: Node, methods: list[s.Statement], fields: list[s.Statement], static: list[s.Statement]
    ) -> None:
        is_static = "static" in modifiers_of(member)
        named = member.child_by_field_name("name")
        at = self._at(named or member)
        name = INDEXER if named is None else self._text(named)
        kind = member.child_by_field_name("type")
        annotation = self._type(kind)
        value, accessors = member.child_by_field_name("value"), member.child_by_field_name("accessors")
        parameters = self._lowered_parameters(child_of(member, "bracketed_parameter_list"))
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
                    both = either(at, [s.Name(*at, name), s.Name(*at, setter.name)])
                    methods.append(s.Assign(*at, (s.Name(*at, name),), both))
        if named is not None and (value is not None or (not coded and annotation is not None and is_auto(member))):
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
        self._frames.append(Frame({each.name for each in parameters}, is_static, set()))
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
        primary = child_of(node, "parameter_list")
        made: list[s.Statement] = []
        for each in sorted(written, key=lambda each: len(parameters_in(each.child_by_field_name("parameters")))):
            constructor = self._method(each, CONSTRUCTOR)
            initializer = child_of(each, "constructor_initializer")
            if initializer is None and base_types_of(node):
                constructor.written = (self._base_call(at, CONSTRUCTOR), *constructor.body)
            made.append(constructor)
        fields = [each for each in fields if not self._only_declares(each)]
        if primary is not None:
            parameters = self._lowered_parameters(primary)
            given: list[s.Statement] = []
            for parameter in parameters:
                target = s.Attribute(*at, s.Name(*at, "this"), parameter.name)
                given.append(s.Assign(*at, (target,), s.Name(*at, parameter.name), parameter.annotation))
            if base_types_of(node):
                bases = child_of(node, "base_list")
                passed = child_of(child_of(bases, "primary_constructor_base_type") or bases, "argument_list")
                self._frames.append(Frame({each.name for each in parameters}, False, set()))
                arguments = None if passed is None else self._arguments(passed)
                given.append(self._base_call(at, CONSTRUCTOR, arguments))
                self._frames.pop()
            made.append(s.Function(*at, CONSTRUCTOR, (this, *parameters), (*given, *fields)))
            return made
        if fields:
            if base_types_of(node):
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
        words = modifiers_of(node)
        named = node.child_by_field_name("name")
        at = self._at(named or node)
        is_static = "static" in words or node.type == "operator_declaration"
        self._open.append(tuple(map(self._text, type_parameters_of(node))))
        parameter_list = node.child_by_field_name("parameters")
        parameters = self._lowered_parameters(parameter_list)
        returns = self._type(node.child_by_field_name("returns") or node.child_by_field_name("type"))
        frame = Frame({each.name for each in parameters}, is_static, set())
        self._frames.append(frame)
        types, first = self._passed_types(at)
        initializer = child_of(node, "constructor_initializer")
        if initializer is not None:
            first = (*first, self._chained(initializer))
        body = (*first, *self._body(node.child_by_field_name("body"), self._returns(node), returns))
        decorators = list(self._attributes(node))
        written = parameters_in(parameter_list)
        for each in written:
            decorators.extend(self._attributes(each.node, self._text(each.name)))
        self._frames.pop()
        self._open.pop()
        triggered = _triggered(decorators)
        parameters = (
            *(each for each in parameters if each.name == triggered),
            *(each for each in parameters if each.name != triggered),
            *types,
        )
        if written and "this" in modifiers_of(written[0].node):
            decorators.append(s.Name(*at, EXTENSION))
        if not is_static:
            parameters = (s.Parameter(*at, "this", None, None), *parameters)
        is_async = "async" in words and not frame.yields
        role = "staticmethod" if is_static else ""
        return s.Function(*at, name, parameters, body, tuple(decorators), returns, is_async, role=role)

    def _chained(self, node: Node) -> s.Statement:
        """`: this(…)`, `: base(…)`."""
        at, passed = self._at(node), self._arguments(child_of(node, "argument_list"))
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
                for each in code_in(child_of(attribute, "attribute_argument_list")):
                    key = each.child_by_field_name("name")
                    value = self._expr(code_in(each)[-1])
                    passed.append(s.Argument(*self._at(each), value, None if key is None else self._text(key)))
                if parameter is not None:
                    passed.append(s.Argument(*at, s.Constant(*at, parameter), "%parameter"))
                yield s.Call(*at, s.Name(*at, f"@{name}"), tuple(passed))


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
                own = [each for each in function.parameters if each.name != "this" and each.kind != "keyword"]
                least = sum(each.default is None and each.kind == "positional" for each in own)
                most = len(own) + 3 * any(each.kind == "*" for each in own)
                for count in (len(own),) if exact else range(least, most + 1):
                    taken.setdefault(f"{name}/{count}", function)
    aliases: dict[int, list[str]] = {}
    for alias, function in taken.items():
        aliases.setdefault(id(function), []).append(alias)
    made: list[s.Statement] = []
    for each in methods:
        made.append(each)
        if isinstance(each, s.Function):
            at = each.start, each.end
            names = aliases.get(id(each), ())
            made.extend(s.Assign(*at, (s.Name(*at, alias),), s.Name(*at, each.name)) for alias in names)
    return made

"""Expressions."""

from __future__ import annotations

from typing import Literal

from tree_sitter import Node

from determinism_lint.analysis import syntax as s
from determinism_lint.languages.csharp.lowered import (
    ANONYMOUS,
)
from determinism_lint.languages.csharp.lowering.nodes import (
    IGNORED,
    all_of,
    child_of,
    code_in,
    first_in,
    parameters_in,
    plain_name,
    sign_of,
    type_arguments_of,
)
from determinism_lint.languages.csharp.lowering.patterns import Patterns
from determinism_lint.languages.csharp.names import NEW
from determinism_lint.languages.treesitter import field_of

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


class Expressions(Patterns):
    """What has a value."""

    def _function(self, node: Node, at: tuple[int, int], name: str) -> s.Function:
        """A local function, lambda or anonymous method."""
        raise NotImplementedError

    def _expected(self, node: Node, annotation: s.Expression | None) -> s.Expression:
        """An expression where a type is expected, which `new()` and `{ … }` take."""
        if node.type == "implicit_object_creation_expression":
            return self._new_object(node, annotation)
        if node.type == "initializer_expression":
            return self._collection(node)
        return self._expr(node)

    def _target(self, node: Node) -> s.Expression:
        """What is assigned to."""
        kind = node.type
        if kind in ("tuple_expression", "tuple_pattern", "parenthesized_variable_designation"):
            items = tuple(
                self._target(code_in(each)[-1] if each.type == "argument" else each) for each in code_in(node)
            )
            return s.Collection(*self._at(node), "tuple", items)
        if kind == "declaration_expression":
            return self._declared(field_of(node, "name"))
        if kind == "discard":
            return s.Name(*self._at(node), "_")
        if kind in ("parenthesized_expression", "postfix_unary_expression"):
            return self._target(first_in(node))
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

    def _lowered_parameters(self, node: Node | None) -> tuple[s.Parameter, ...]:
        made: list[s.Parameter] = []
        for each in parameters_in(node):
            at, annotation = self._at(each.node if each.node.type == "parameter" else each.name), self._type(each.type)
            default = None if each.default is None else self._expected(each.default, annotation)
            kind: Literal["positional", "*"] = "*" if each.collects else "positional"
            made.append(s.Parameter(*at, self._text(each.name), annotation, default, kind))
        return tuple(made)

    def _identifier(self, node: Node) -> s.Expression:
        return self._bare(self._text(node), node)

    def _generic_name(self, node: Node) -> s.Expression:
        name, count = self._text(node.named_children[0]), len(type_arguments_of(node))
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
        content = child_of(node, "raw_string_content")
        return s.Constant(*self._at(node), "" if content is None else self._text(content))

    def _interpolated_string_expression(self, node: Node) -> s.Expression:
        holes = [child for child in node.named_children if child.type == "interpolation"]
        if not holes:
            text = "".join(self._text(child) for child in node.named_children if child.type == "string_content")
            return s.Constant(*self._at(node), text)
        values: list[s.Expression] = []
        for hole in holes:
            inner = next((c for c in code_in(hole) if c.type != "interpolation_brace"), None)
            if inner is not None:
                values.append(self._expr(inner))
        return s.Template(*self._at(node), tuple(values))

    def _parenthesized_expression(self, node: Node) -> s.Expression:
        return self._expr(first_in(node))

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
        return s.Attribute(self._at(node)[0], self._at(named)[1], value, self._text(plain_name(named)))

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
            return s.Attribute(self._at(node)[0], self._at(named)[1], value, self._text(plain_name(named)))
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
        index = tuple(self._expr(each) for each in code_in(node))
        return s.Subscript(receiver.start, self._at(node)[1], receiver, index)

    def _element_access_expression(self, node: Node) -> s.Expression:
        value = self._owner(field_of(node, "expression"))
        index = tuple(self._expr(each) for each in code_in(node.child_by_field_name("subscript")))
        return s.Subscript(*self._at(node), value, index)

    def _argument(self, node: Node) -> s.Expression:
        return self._expr(code_in(node)[-1])

    _expression_element = _argument

    def _invocation_expression(self, node: Node) -> s.Expression:
        function = field_of(node, "function")
        kind = function.type
        if kind == "identifier":
            name = self._text(function)
            arguments = code_in(node.child_by_field_name("arguments"))
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
            named = plain_name(field_of(node, "name"))
            value = self._owner(field_of(node, "expression"))
            return s.Attribute(self._at(node)[0], self._at(named)[1], value, self._text(named))
        if kind == "conditional_access_expression" and node.named_children[-1].type == "member_binding_expression":
            value = self._owner(field_of(node, "condition"))
            named = plain_name(field_of(node.named_children[-1], "name"))
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
        for index, each in enumerate(type_arguments_of(name)):
            kind = self._type(each)
            if kind is not None:
                made.append(s.Argument(*self._at(each), kind, f"%{index}"))
        return tuple(made)

    def _arguments(self, node: Node | None) -> tuple[s.Argument, ...]:
        made: list[s.Argument] = []
        for each in code_in(node):
            name = each.child_by_field_name("name")
            value = code_in(each)[-1]
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
        passed = self._arguments(child_of(node, "argument_list"))
        if kind is None:
            made: s.Expression = s.Operation(*at, "assert", tuple(each.value for each in passed))
        else:
            made = s.Call(*at, s.Attribute(kind.start, kind.end, kind, NEW[1:]), passed)
        initializer = child_of(node, "initializer_expression")
        return made if initializer is None else self._initialized(at, made, initializer)

    def _initialized(self, at: tuple[int, int], made: s.Expression, node: Node) -> s.Expression:
        """What an initializer makes of a new object."""
        parts = code_in(node)
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
                    keys = [self._expr(key) for key in code_in(left)]
                    items.append(s.Argument(*spot, s.Collection(*spot, "tuple", (*keys, value))))
            elif each.type == "initializer_expression":
                inner = tuple(self._expr(part) for part in code_in(each))
                items.append(s.Argument(*spot, s.Collection(*spot, "tuple", inner)))
            else:
                items.append(s.Argument(*spot, self._expr(each)))
        if given:
            made = s.Call(*at, s.Name(*at, "%with"), (s.Argument(*at, made), *given))
        if items:
            made = s.Call(*at, s.Name(*at, "%filled"), (s.Argument(*at, made), *items))
        return made

    def _with_expression(self, node: Node) -> s.Expression:
        at, value = self._at(node), self._expr(first_in(node))
        given: list[s.Argument] = []
        for each in node.named_children[1:]:
            if each.type == "with_initializer" and len(each.named_children) > 1:
                name, changed = each.named_children[0], self._expr(code_in(each)[-1])
                given.append(s.Argument(*self._at(each), changed, self._text(name)))
        return s.Call(*at, s.Name(*at, "%with"), (s.Argument(*at, value), *given))

    def _anonymous_object_creation_expression(self, node: Node) -> s.Expression:
        keys: list[s.Expression] = []
        values: list[s.Expression] = []
        parts = [
            child for child in node.children if (child.is_named and child.type not in IGNORED) or child.type == "="
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
        initializer = child_of(node, "initializer_expression")
        if initializer is not None:
            return self._collection(initializer)
        kind = node.child_by_field_name("type")
        rank = None if kind is None else kind.child_by_field_name("rank")
        at = self._at(node)
        sizes = tuple(s.Argument(*self._at(each), self._expr(each)) for each in code_in(rank))
        return s.Call(*at, s.Name(*at, "%array"), sizes)

    _implicit_array_creation_expression = _array_creation_expression

    _stackalloc_expression = _implicit_stackalloc_expression = _array_creation_expression

    def _collection(self, node: Node) -> s.Collection:
        items = tuple(
            self._collection(each) if each.type == "initializer_expression" else self._expr(each)
            for each in code_in(node)
        )
        return s.Collection(*self._at(node), "list", items)

    _initializer_expression = _collection_expression = _collection

    def _collection_element(self, node: Node) -> s.Expression:
        return self._expr(first_in(node))

    def _spread_element(self, node: Node) -> s.Expression:
        return s.Starred(*self._at(node), self._expr(first_in(node)))

    def _tuple_expression(self, node: Node) -> s.Collection:
        return s.Collection(*self._at(node), "tuple", tuple(self._expr(each) for each in code_in(node)))

    def _range_expression(self, node: Node) -> s.Collection:
        return s.Collection(*self._at(node), "slice", tuple(self._expr(each) for each in code_in(node)))

    def _assignment_expression(self, node: Node) -> s.Expression:
        at, left = self._at(node), field_of(node, "left")
        value = self._expr(field_of(node, "right"))
        operator = self._text(field_of(node, "operator"))[:-1]
        target = self._target(left)
        if operator:
            value = s.Operation(*at, _OPERATORS.get(operator, operator), (target, value))
        return s.Bind(*at, target, value)

    def _prefix_unary_expression(self, node: Node) -> s.Expression:
        at, operator, operand = self._at(node), sign_of(node), first_in(node)
        if operator in ("++", "--"):
            target = self._target(operand)
            return s.Bind(*at, target, s.Operation(*at, "+", (target, s.Constant(*at, 1))))
        return s.Operation(*at, _OPERATORS.get(operator, operator), (self._expr(operand),))

    def _postfix_unary_expression(self, node: Node) -> s.Expression:
        if sign_of(node) == "!":
            return self._expr(first_in(node))
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
        return s.Operation(*self._at(node), "assert", (self._expr(first_in(node)),))

    def _await_expression(self, node: Node) -> s.Suspend:
        return s.Suspend(*self._at(node), self._expr(first_in(node)), "await")

    def _lambda_expression(self, node: Node) -> s.Lambda:
        at = self._at(node)
        parameters = node.child_by_field_name("parameters")
        spot = at if parameters is None else self._at(parameters)
        return s.Lambda(*at, self._function(node, spot, ANONYMOUS))

    def _anonymous_method_expression(self, node: Node) -> s.Lambda:
        at = self._at(node)
        return s.Lambda(*at, self._function(node, at, ANONYMOUS))

    def _switch_expression(self, node: Node) -> s.Expression:
        at, parts = self._at(node), code_in(node)
        subject = self._expr(parts[0])
        first: s.Expression | None = None
        if not isinstance(subject, (s.Name, s.Attribute)):
            name = self._new_name()
            first = s.Bind(*self._at(parts[0]), s.Name(*at, name), subject)
            subject = s.Name(*self._at(parts[0]), name)
        arms: list[tuple[Node, s.Expression, s.Expression]] = []
        for arm in parts[1:]:
            inner = code_in(arm)
            tests = [self._matches(inner[0], subject)]
            tests.extend(self._expr(first_in(each)) for each in inner[1:-1] if each.type == "when_clause")
            arms.append((arm, all_of(tests) or s.Constant(*at, ...), self._expr(inner[-1])))
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
            at, inner = self._at(part), code_in(part)
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
                            self._declared(first_in(into))
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

"""Statements, and the bodies of functions."""

from __future__ import annotations

from tree_sitter import Node

from determinism_lint.analysis import syntax as s
from determinism_lint.languages.csharp.lowered import OUTSIDE
from determinism_lint.languages.csharp.lowering.expressions import Expressions
from determinism_lint.languages.csharp.lowering.names import Frame
from determinism_lint.languages.csharp.lowering.nodes import (
    IGNORED,
    all_of,
    child_of,
    code_in,
    first_in,
    first_or_none,
    modifiers_of,
    sign_of,
    type_arguments_of,
    type_parameters_of,
    value_of,
    words_of,
)
from determinism_lint.languages.treesitter import field_of

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


class Statements(Expressions):
    """What is done one after the other."""

    def _body(self, node: Node | None, returns: bool, annotation: s.Expression | None = None) -> s.Block:
        """The body of a function: a block, or what stands behind `=>`; that of an iterator makes a list."""
        if node is None:
            return ()
        frame = self._frames[-1]
        if node.type == "arrow_expression_clause":
            node = first_in(node)
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
            if node.type == "local_declaration_statement" and "using" in (words := words_of(node)):
                items = self._resources(child_of(node, "variable_declaration"))
                rest = tuple(self._sequence(nodes[index + 1 :]))
                made.extend(self._entered(node, items, rest, "await" in words))
                return made
            made.extend(self._statement(node))
        return made

    def _statement(self, node: Node) -> tuple[s.Statement, ...]:
        if node.type in IGNORED:
            return ()
        result = self._lower(node)
        if isinstance(result, tuple):
            return result
        if type(result) in s.EXPRESSIONS:
            return (s.Evaluate(*self._at(node), result),)
        return (result,)

    def _block(self, node: Node) -> s.Block:
        return self._suite(node)

    def _global_statement(self, node: Node) -> s.Block:
        return self._statement(first_in(node))

    def _expression_statement(self, node: Node) -> tuple[s.Statement, ...]:
        return self._effect(node, first_in(node))

    def _declared_type(self, target: s.Expression) -> s.Expression | None:
        """The type of a field or property of the class at hand."""
        if not self._kinds or not isinstance(target, s.Attribute) or s.dotted(target) != f"this.{target.attr}":
            return None
        return self._type(self._kinds[-1].types.get(target.attr))

    def _effect(self, whole: Node, node: Node) -> tuple[s.Statement, ...]:
        """An expression whose value is dropped."""
        at, kind = self._at(whole), node.type
        if kind == "assignment_expression":
            left, operator = field_of(node, "left"), self._text(field_of(node, "operator"))[:-1]
            right = field_of(node, "right")
            if operator == "??":
                target = self._target(left)
                return (s.Assign(*at, (target,), s.Operation(*at, "or", (target, self._expr(right)))),)
            if self._text(left) == "_" and not operator:  # on purpose nothing is made of it
                return (s.Assign(*at, (), self._expr(right)),)
            target = self._target(left)
            declared = self._declared_type(target) if not operator else None
            value = self._expected(right, declared)
            known = None if declared is None else s.Subscript(*at, s.Name(*at, OUTSIDE), (declared,))
            return (s.Assign(*at, (target,), value, known, bool(operator), operator),)
        if kind in ("postfix_unary_expression", "prefix_unary_expression") and sign_of(node) in ("++", "--"):
            target = self._target(first_in(node))
            return (s.Assign(*at, (target,), s.Constant(*self._at(node), 1), None, True, "+"),)
        if kind == "parenthesized_expression":
            return self._effect(whole, first_in(node))
        return (s.Evaluate(*at, self._expr(node)),)

    def _local_declaration_statement(self, node: Node) -> tuple[s.Statement, ...]:
        declaration = child_of(node, "variable_declaration")
        return () if declaration is None else self._variable_declaration(declaration)

    def _variable_declaration(self, node: Node) -> tuple[s.Statement, ...]:
        made: list[s.Statement] = []
        kind = node.child_by_field_name("type")
        annotation = self._type(kind)
        for declarator in code_in(node):
            if declarator.type != "variable_declarator":
                continue
            name = declarator.child_by_field_name("name") or declarator.named_children[0]
            value = value_of(declarator)
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
            node = first_in(node)
        function = node.child_by_field_name("function") if node.type == "invocation_expression" else None
        name = function.child_by_field_name("name") if function is not None else None
        if name is None or name.type != "generic_name" or self._text(name.named_children[0]) not in _RETURNS_ITS_TYPE:
            return None
        arguments = type_arguments_of(name)
        return self._type(arguments[-1]) if arguments else None

    def _local_function_statement(self, node: Node) -> s.Function:
        named = field_of(node, "name")
        return self._function(node, self._at(named), self._text(named))

    def _function(self, node: Node, at: tuple[int, int], name: str) -> s.Function:
        """A local function, lambda or anonymous method."""
        parameter_node = node.child_by_field_name("parameters") or child_of(node, "parameter_list")
        self._open.append(tuple(map(self._text, type_parameters_of(node))))
        if parameter_node is not None and parameter_node.type in ("implicit_parameter", "identifier"):
            own: tuple[s.Parameter, ...] = (
                s.Parameter(*self._at(parameter_node), self._text(parameter_node), None, None),
            )
        else:
            own = self._lowered_parameters(parameter_node)
        frame = Frame({each.name for each in own}, False, set())
        self._frames.append(frame)
        body = node.child_by_field_name("body") or child_of(node, "block")
        if body is None or body.type in ("block", "arrow_expression_clause"):
            returns = node.type != "local_function_statement" or self._returns(node)
            statements = self._body(body, returns)
        else:
            at_body = self._at(body)
            statements = (s.Return(*at_body, self._expr(body)),)
            if frame.outer:
                statements = (s.Outer(*at_body, "nonlocal", tuple(sorted(frame.outer))), *statements)
        types, first = self._passed_types(at)
        self._frames.pop()
        self._open.pop()
        is_async = "async" in modifiers_of(node) and not frame.yields
        returns_type = self._type(node.child_by_field_name("type"))
        return s.Function(*at, name, (*own, *types), (*first, *statements), (), returns_type, is_async)

    def _passed_types(self, at: tuple[int, int]) -> tuple[tuple[s.Parameter, ...], s.Block]:
        """The parameters by which a generic method is passed its types, and what names these as the method does."""
        names = self._open[-1]
        parameters = (s.Parameter(*at, f"%{index}", None, None, "keyword") for index in range(len(names)))
        named = (
            s.Assign(*at, (s.Name(*at, f"%type:{name}"),), s.Name(*at, f"%{index}")) for index, name in enumerate(names)
        )
        return tuple(parameters), tuple(named)

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
                final = self._suite(child_of(child, "block"))
        return s.Try(*self._at(node), body, tuple(handlers), (), final)

    def _handler(self, node: Node) -> s.Handler:
        """A handler; where its filter says no, it throws again."""
        declaration, name, types = child_of(node, "catch_declaration"), None, None
        if declaration is not None:
            types = self._type(declaration.child_by_field_name("type"))
            named = declaration.child_by_field_name("name")
            if named is not None:
                name = self._text(named)
                self._frames[-1].names.add(name)
        clause = child_of(node, "catch_filter_clause")
        body = self._suite(node.child_by_field_name("body"))
        if clause is not None and code_in(clause):
            at = self._at(clause)
            body = (s.If(*at, self._expr(first_in(clause)), body, (s.Raise(*at, None),)),)
        return s.Handler(*self._at(node), types, name, body)

    def _resources(self, node: Node | None) -> list[tuple[s.Expression, s.Expression | None]]:
        """What `using` is given."""
        if node is None:
            return []
        if node.type != "variable_declaration":
            return [(self._expr(node), None)]
        items: list[tuple[s.Expression, s.Expression | None]] = []
        annotation = self._type(node.child_by_field_name("type"))
        for declarator in code_in(node):
            if declarator.type == "variable_declarator" and (value := value_of(declarator)) is not None:
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
        held = [child for child in code_in(node) if child != node.child_by_field_name("body")]
        items = self._resources(held[0] if held else None)
        return self._entered(node, items, self._suite(node.child_by_field_name("body")), "await" in words_of(node))

    def _lock_statement(self, node: Node) -> s.Block:
        held, body = code_in(node)[0], code_in(node)[-1]
        return (s.Evaluate(*self._at(held), self._expr(held)), *self._suite(body))

    def _checked_statement(self, node: Node) -> s.Block:
        return self._suite(child_of(node, "block"))

    _unsafe_statement = _checked_statement

    def _fixed_statement(self, node: Node) -> s.Block:
        declaration = child_of(node, "variable_declaration")
        first = () if declaration is None else self._variable_declaration(declaration)
        return (*first, *self._suite(code_in(node)[-1]))

    def _return_statement(self, node: Node) -> s.Return:
        value = first_or_none(node)
        return s.Return(*self._at(node), None if value is None else self._expr(value))

    def _yield_statement(self, node: Node) -> s.Statement:
        at, value = self._at(node), first_or_none(node)
        self._frames[-1].yields = True
        items = s.Name(*at, _ITEMS)
        if value is None:
            return s.Return(*at, items)
        passed = (s.Argument(*self._at(value), self._expr(value)),)
        return s.Evaluate(*at, s.Call(*at, s.Attribute(*at, items, "Add"), passed))

    def _throw_statement(self, node: Node) -> s.Raise:
        value = first_or_none(node)
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
        for section in code_in(node.child_by_field_name("body")):
            if section.type != "switch_section":
                continue
            tests: list[s.Expression] = []
            statements: list[Node] = []
            for child in code_in(section):
                if child.type == "when_clause":
                    tests.append(self._expr(first_in(child)))
                elif child.type.endswith("_statement") or child.type == "block":
                    statements.append(child)
                else:
                    tests.append(self._matches(child, subject))
            body = self._statements(statements)
            if body and isinstance(body[-1], s.Break):
                body.pop()
            guard = all_of(tests)
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

    def _returns(self, node: Node) -> bool:
        """Whether what stands behind `=>` is returned."""
        kind = node.child_by_field_name("returns") or node.child_by_field_name("type")
        return kind is not None and self._text(kind) != "void"


def _breaks(body: s.Block) -> bool:
    """Whether a `break` in a case leaves the switch."""
    return any(isinstance(each, s.Break) for each in s.walk(body))

"""Checks what a C# source says about the SDKs' types against the recorded API.

Types are inferred inside the one source: from declarations, parameters, `new`, and calls whose result is known. What
does not lead to a type of the SDKs is passed over; how many uses were checked is counted, so that nobody mistakes
silence for agreement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tree_sitter import Node

from tests.dotnet.api import Api, Member, Type, TypeName, parse_type
from tests.dotnet.resolver import OBJECT, SEQUENCES, STRUCTS, Env, Resolver, UserType, Value, mentions
from tests.dotnet.syntax import (
    LITERALS,
    PARSER,
    TYPE_DECLARATIONS,
    called_name,
    field_of,
    kids,
    lambda_parameters,
    modifiers,
    parameters_of,
    text_of,
    walk,
)


@dataclass(slots=True)
class Report:
    problems: list[str]
    uses: int
    packages: set[str]


IMPLICIT = (
    "System",
    "System.Collections.Generic",
    "System.IO",
    "System.Linq",
    "System.Net.Http",
    "System.Threading",
    "System.Threading.Tasks",
)
"""What a project with implicit usings imports."""

WEB = (
    "Microsoft.AspNetCore.Builder",
    "Microsoft.AspNetCore.Http",
    "Microsoft.Extensions.Configuration",
    "Microsoft.Extensions.DependencyInjection",
    "Microsoft.Extensions.Hosting",
    "Microsoft.Extensions.Logging",
)
"""What a web project imports as well."""


def check(text: str, api: Api, usings: Sequence[str] = IMPLICIT) -> Report:
    """Check one source, which must parse, with the usings of its project."""
    checker = _Checker(api, (*usings, *WEB) if "WebApplication." in text else usings)
    checker.run(PARSER.parse(text.encode()).root_node)
    return Report(checker.problems, checker.uses, checker.packages)


class _Checker(Resolver):
    def run(self, root: Node) -> None:
        self.declare(root)
        top = Env()
        for node in root.children:
            self.statement(node, top)

    # --- declarations and statements --------------------------------------------------------------------------------

    def statement(self, node: Node, env: Env) -> None:
        kind = node.type
        if kind in ("using_directive", "comment"):
            return
        if kind in ("namespace_declaration", "file_scoped_namespace_declaration"):
            for child in kids(field_of(node, "body") or node):
                self.statement(child, env)
        elif kind in TYPE_DECLARATIONS:
            self.declaration(node, env)
        elif kind in ("local_declaration_statement", "field_declaration", "using_statement", "for_statement"):
            scope = env if kind in ("local_declaration_statement", "field_declaration") else Env(env)
            self.attributes(node, scope)
            for child in kids(node):
                if child.type == "variable_declaration":
                    self.variables(child, scope)
                elif child.type not in ("modifier", "attribute_list"):
                    self.any(child, scope)
        elif kind in ("local_function_statement", "method_declaration"):
            self.function(node, env)
        elif kind == "foreach_statement":
            self.foreach(node, env)
        elif kind == "catch_clause":
            scope = Env(env)
            for child in kids(node):
                if child.type == "catch_declaration":
                    type_ = self.type_node(field_of(child, "type"))
                    if field_of(child, "name") is not None:
                        scope[text_of(field_of(child, "name"))] = Value(type_) if type_ else None
                else:
                    self.any(child, scope)
        elif kind == "return_statement":
            for child in kids(node):
                self.expression(child, env, self.returns[-1] if self.returns else None)
        else:
            inner = Env(env) if kind in ("block", "if_statement", "while_statement", "switch_section") else env
            for child in kids(node):
                self.any(child, inner)

    def any(self, node: Node, env: Env) -> None:
        """A statement or an expression."""
        if node.type.endswith(("_statement", "_clause", "_section", "_body", "_declaration")) or node.type in (
            "block",
        ):
            self.statement(node, env)
        else:
            self.expression(node, env)

    def variables(self, node: Node, env: Env) -> None:
        type_node = field_of(node, "type")
        declared = self.type_node(type_node)
        for declarator in kids(node):
            if declarator.type != "variable_declarator":
                continue
            name = text_of(field_of(declarator, "name"))
            values = [child for child in kids(declarator) if child != field_of(declarator, "name")]
            found = self.expression(values[-1], env, declared) if values else None
            env[name] = Value(declared) if declared else found
            if declared and found and not found.static and not self.converts(found.type, declared):
                self.problem(declarator, f"{name} is a {declared}, its value a {found.type}")

    def declaration(self, node: Node, env: Env) -> None:
        user = self.user[text_of(field_of(node, "name"))]
        scope = Env(env, user)
        self.attributes(node, scope)
        for name, type_ in user.values.items():
            scope[name] = Value(type_) if type_ else None
        for child in node.children:
            if child.type == "base_list":
                for base in kids(child):
                    if base.type == "argument_list":
                        for argument in kids(base):
                            self._argument(argument, scope)
                            self._late(argument, scope, None)
                    else:
                        self.type_node(base)
            elif child.type == "parameter_list":
                self.parameters(child, scope)
        body = field_of(node, "body")
        overrides = set()
        for member in kids(body) if body is not None else ():
            if member.type == "method_declaration" and "override" in modifiers(member):
                overrides.add(text_of(field_of(member, "name")))
                self.override(member, user)
            if member.type == "property_declaration":
                if "override" in modifiers(member):
                    overrides.add(text_of(field_of(member, "name")))
                type_ = self.type_node(field_of(member, "type"))
                self.attributes(member, scope)
                for child in kids(member)[1:]:
                    if child.type == "arrow_expression_clause":
                        self.expression(kids(child)[0], scope, type_)
                    elif child.type not in ("identifier", "modifier") and child != field_of(member, "type"):
                        self.any(child, scope) if child.type != "accessor_list" else self._accessors(child, scope)
            elif member.type == "constructor_declaration":
                self.function(member, scope)
            elif member.type != "enum_member_declaration":
                self.statement(member, scope)
        if node.type == "class_declaration" and "abstract" not in modifiers(node):
            for owner, _ in self.lineage(TypeName(user.name)):
                for members in owner.members.values():
                    for item in members:
                        is_wanted = "abstract" in item.words or owner.kind == "interface"
                        is_there = item.name in overrides or item.name in user.methods
                        if is_wanted and not is_there and not self._implemented(user, owner, item.name):
                            self.problem(node, f"{user.name} does not implement {owner.name}.{item.name}")

    def _implemented(self, user: UserType, owner: Type, name: str) -> bool:
        return any(
            type_ is not owner and any("abstract" not in member.words for member in type_.members.get(name, ()))
            for type_, _ in self.lineage(TypeName(user.name))
            if type_.kind != "interface"
        ) or (
            owner.kind == "interface"
            and any(
                type_.kind != "interface" and name in {*type_.members, "InputType", "OutputType"}
                for type_, _ in self.lineage(TypeName(user.name))
            )
        )

    def _accessors(self, node: Node, env: Env) -> None:
        for accessor in kids(node):
            for child in kids(accessor):
                self.any(child, env)

    def override(self, node: Node, user: UserType) -> None:
        name = text_of(field_of(node, "name"))
        candidates = [item for item in self.members(TypeName(user.name), name) if item[1].parameters is not None]
        if not self._is_sdk(TypeName(user.name)) or (name in OBJECT and not candidates):
            return
        given = [(type_ and str(type_)) for _, type_ in parameters_of(field_of(node, "parameters"))]
        for owner, member, values in candidates:
            wanted = [
                parameter.type and str(parameter.type.substitute(values)) for parameter in member.parameters or ()
            ]
            result = member.result and str(member.result.substitute(values))
            returns = parse_type(text_of(field_of(node, "returns")))
            if given == wanted and member.words & {"abstract", "virtual", "override"}:
                if returns is not None and str(returns) != result:
                    self.problem(node, f"{name} returns {returns}, its base {result}")
                self.use(owner)
                return
        self.problem(node, f"there is no {name}({', '.join(map(str, given))}) to override")

    def function(self, node: Node, env: Env) -> None:
        scope = Env(env)
        self.attributes(node, scope)
        returns = self.type_node(field_of(node, "returns") or field_of(node, "type"))
        self.parameters(field_of(node, "parameters"), scope)
        if "async" in modifiers(node):
            returns = returns.args[0] if returns and returns.args else None
        if node.type == "local_function_statement":
            env[text_of(field_of(node, "name"))] = None
        self.returns.append(returns)
        self._body(field_of(node, "body"), scope, returns)
        self.returns.pop()

    def _body(self, body: Node | None, env: Env, returns: TypeName | None) -> None:
        if body is None:
            return
        if body.type == "arrow_expression_clause":
            self.expression(kids(body)[0], env, returns)
        elif body.type == "block":
            self.statement(body, env)
        else:
            self.expression(body, env, returns)

    def parameters(self, node: Node | None, env: Env) -> None:
        for child in kids(node) if node is not None else ():
            if child.type == "parameter":
                self.attributes(child, env)
                type_ = self.type_node(field_of(child, "type"))
                env[text_of(field_of(child, "name"))] = Value(type_) if type_ else None

    def attributes(self, node: Node, env: Env) -> None:
        for listed in kids(node):
            if listed.type != "attribute_list":
                continue
            for attribute in kids(listed):
                if attribute.type != "attribute":
                    continue
                written = parse_type(text_of(field_of(attribute, "name")))
                if written is None:
                    continue
                longer = TypeName(written.name + "Attribute", written.args)
                type_ = self.sdk(longer, attribute)
                if type_ is None:
                    self.known_outside(longer.name, attribute)
                    continue
                arguments = next((child for child in kids(attribute) if child.type == "attribute_argument_list"), None)
                positional = []
                for argument in kids(arguments) if arguments is not None else ():
                    name = field_of(argument, "name")
                    if name is None:
                        positional.append(argument)
                        continue
                    members = type_.members.get(text_of(name), ())
                    if not any("set" in member.accessors for member in members):
                        self.problem(argument, f"{type_.name} has no settable {text_of(name)}")
                    self.use(type_)
                constructors = [(type_, item, dict[str, TypeName]()) for item in type_.constructors]
                self.call(constructors, positional, (), env, attribute, f"[{written}]")

    def foreach(self, node: Node, env: Env) -> None:
        scope = Env(env)
        right = field_of(node, "right")
        source = self.expression(right, scope) if right is not None else None
        left = field_of(node, "left")
        declared = self.type_node(field_of(node, "type"))
        element: TypeName | None = None
        if source is not None and not source.static:
            if source.type.rank:
                element = TypeName(source.type.name, source.type.args, source.type.rank - 1)
            elif source.type.name in SEQUENCES and source.type.args:
                element = source.type.args[0]
        if left is not None and left.type == "identifier":
            type_ = declared or element
            scope[text_of(left)] = Value(type_) if type_ else None
            if declared and element and not self.converts(element, declared):
                self.problem(node, f"{text_of(left)} is a {declared}, the sequence has {element}")
        elif left is not None:
            self.expression(left, scope)
        body = field_of(node, "body")
        if body is not None:
            self.any(body, scope)

    # --- expressions ------------------------------------------------------------------------------------------------

    def expression(self, node: Node, env: Env, wanted: TypeName | None = None) -> Value | None:
        kind = node.type
        if kind == "identifier" or kind == "generic_name":
            return self.identifier(node, env)
        if kind in LITERALS:
            for child in walk(node):
                if child.type == "interpolation":
                    for inner in kids(child):
                        self.expression(inner, env)
            return Value(TypeName(LITERALS[kind]))
        if kind == "member_access_expression":
            return self.member_access(node, env)
        if kind == "invocation_expression":
            return self.invocation(node, env)
        if kind == "await_expression":
            found = self.expression(kids(node)[0], env)
            if found and not found.static and found.type.name in ("Task", "ValueTask") and found.type.args:
                return Value(found.type.args[0])
            return None
        if kind in ("object_creation_expression", "implicit_object_creation_expression"):
            return self.creation(node, env, wanted)
        if kind in ("lambda_expression", "anonymous_method_expression"):
            self.lambda_(node, env, wanted)
            return None
        if kind in ("parenthesized_expression", "postfix_unary_expression", "checked_expression"):
            return self.expression(kids(node)[0], env, wanted)
        if kind == "conditional_access_expression":
            condition, *rest = kids(node)
            self.bound.append(self.expression(condition, env))
            found = None
            for child in rest:
                found = self.expression(child, env)
            self.bound.pop()
            return found
        if kind == "member_binding_expression":
            receiver = self.bound[-1] if self.bound else None
            name = field_of(node, "name")
            return self.property(receiver, text_of(name), node) if receiver and name is not None else None
        if kind == "with_expression":
            return self.with_(node, env)
        if kind == "conditional_expression":
            found = None
            for child in kids(node):
                value = self.expression(child, env, wanted if child != kids(node)[0] else None)
                found = value if child != kids(node)[0] and value else found
            return found
        if kind == "cast_expression":
            type_ = self.type_node(field_of(node, "type"))
            value_node = field_of(node, "value")
            if value_node is not None:
                self.expression(value_node, env)
            return Value(type_) if type_ else None
        if kind == "as_expression":
            self.expression(kids(node)[0], env)
            type_ = self.type_node(kids(node)[-1])
            return Value(type_) if type_ else None
        if kind == "binary_expression":
            values = [self.expression(child, env) for child in kids(node)]
            if text_of(field_of(node, "operator")) == "??":
                return values[0]
            if text_of(field_of(node, "operator")) in ("==", "!=", "<", ">", "<=", ">=", "&&", "||"):
                return Value(TypeName("bool"))
            return None
        if kind == "assignment_expression":
            left = self.expression(kids(node)[0], env)
            self.expression(kids(node)[-1], env, left.type if left else None)
            return left
        if kind == "declaration_expression":
            type_ = self.type_node(field_of(node, "type"))
            name = field_of(node, "name")
            if name is not None:
                env[text_of(name)] = Value(type_) if type_ else None
            return None
        if kind == "is_pattern_expression":
            value_node, pattern = field_of(node, "expression"), field_of(node, "pattern")
            subject = self.expression(value_node, env) if value_node is not None else None
            if pattern is not None:
                self.pattern(pattern, env, subject)
            return Value(TypeName("bool"))
        if kind == "switch_expression":
            subject = self.expression(kids(node)[0], env)
            for arm in kids(node)[1:]:
                scope = Env(env)
                for child in kids(arm)[:-1]:
                    self.pattern(child, scope, subject)
                self.expression(kids(arm)[-1], scope, wanted)
            return None
        if kind == "element_access_expression":
            found = self.expression(kids(node)[0], env)
            for child in kids(node)[1:]:
                self.expression(child, env)
            if found and found.type.rank:
                return Value(TypeName(found.type.name, found.type.args, found.type.rank - 1))
            if found and found.type.name in SEQUENCES and found.type.args:
                return Value(found.type.args[0])
            return None
        if kind in ("array_creation_expression", "array_type"):
            type_node = field_of(node, "type")
            type_ = self.type_node(type_node)
            for child in kids(node):
                if child != type_node:
                    self.expression(child, env)
            return Value(type_) if type_ else None
        if kind == "initializer_expression" and wanted is not None and wanted.rank:
            element = TypeName(wanted.name, wanted.args, wanted.rank - 1)
            for child in kids(node):
                self.expression(child, env, element)
            return None
        if kind == "this_expression" or kind == "this":
            return Value(TypeName(env.owner.name)) if env.owner else None
        if kind == "anonymous_object_creation_expression":
            for child in kids(node):
                after = child.next_sibling
                if after is None or after.type != "=":
                    self.expression(child, env)
            return None
        if kind in ("typeof_expression", "sizeof_expression", "default_expression"):
            for child in kids(node):
                self.type_node(child)
            return None
        if kind in ("argument_list", "bracketed_argument_list", "argument", "tuple_expression"):
            for child in kids(node):
                if child != field_of(node, "name"):
                    self.expression(child, env)
            return None
        for child in kids(node):
            if child.type not in ("modifier", "comment"):
                self.any(child, env)
        return None

    def identifier(self, node: Node, env: Env) -> Value | None:
        name = text_of(node)
        known, value = env.find(name)
        if known:
            return value
        if env.owner is not None:
            for owner, member, values in self.members(TypeName(env.owner.name), name):
                if member.parameters is None:
                    self.use(owner)
                    return Value(member.result.substitute(values)) if member.result else None
            if name in env.owner.methods:
                return None
        if name in self.user:
            return Value(TypeName(name), static=True)
        written = parse_type(name)
        type_ = self.sdk(written, node)
        if type_ is not None and written is not None:
            self.use(type_)
            return Value(written, static=True)
        if name[0].isupper():
            self.known_outside(name, node)
        return Value(TypeName(name), static=True) if name in STRUCTS or name == "Task" else None

    def member_access(self, node: Node, env: Env) -> Value | None:
        left, name = field_of(node, "expression"), field_of(node, "name")
        assert left is not None and name is not None
        whole = parse_type(text_of(node))
        if whole is not None and text_of(node) in self.api.types:
            return Value(whole, static=True)
        receiver = self.expression(left, env)
        return self.property(receiver, text_of(name), node) if receiver is not None else None

    def invocation(self, node: Node, env: Env) -> Value | None:
        function = field_of(node, "function")
        depth = len(self.bound)
        while function is not None and function.type == "conditional_access_expression":
            self.bound.append(self.expression(kids(function)[0], env))
            function = kids(function)[-1]
        found = self.called(node, function, env)
        del self.bound[depth:]
        return found

    def called(self, node: Node, function: Node | None, env: Env) -> Value | None:
        listed = field_of(node, "arguments")
        assert function is not None and listed is not None
        arguments = [child for child in kids(listed) if child.type == "argument"]
        if text_of(function) == "nameof":
            return Value(TypeName("string"))
        receiver: Value | None = None
        candidates: list[tuple[Type, Member, dict[str, TypeName]]] = []
        user_result: TypeName | None = None
        name_node = function
        if function.type in ("member_access_expression", "member_binding_expression"):
            found_name = field_of(function, "name")
            assert found_name is not None
            name_node = found_name
            name, written = called_name(name_node)
            if function.type == "member_binding_expression":
                receiver = self.bound[-1] if self.bound else None
            else:
                left = field_of(function, "expression")
                assert left is not None
                receiver = self.expression(left, env)
            if receiver is not None and self.user.get(receiver.type.name) and not receiver.type.rank:
                user = self.user[receiver.type.name]
                if name in user.methods:
                    user_result = user.methods[name]
            if user_result is None:
                if receiver is not None and self._is_sdk(receiver.type):
                    candidates = [
                        item
                        for item in self.members(receiver.type, name)
                        if item[1].parameters is not None and receiver.static == ("static" in item[1].words)
                    ]
                    if not receiver.static:
                        candidates += self.extensions(receiver.type, name, node)
                    user_type = self.user.get(receiver.type.name)
                    is_known = user_type is not None and name in user_type.methods
                    is_common = name in OBJECT | {"GetType", "Invoke"}
                    is_open = any(self._open(owner) for owner, _ in self.lineage(receiver.type))
                    if not candidates and not (is_known or is_common or is_open):
                        self.problem(node, f"{receiver.type} has no method {name}")
                else:
                    candidates = self.extensions(receiver.type if receiver else None, name, node)
                    if not candidates and "DurableTask" in name:
                        self.problem(node, f"there is no method {name}")
                    outside = None if candidates else self._outside_call(receiver, name, arguments, env)
                    if outside is not None:
                        for argument in arguments:
                            self._late(argument, env, None)
                        return outside
        else:
            name, written = called_name(name_node)
            known, _ = env.find(name)
            if not known and env.owner is not None:
                if name in env.owner.methods:
                    user_result = env.owner.methods[name]
                else:
                    candidates = [
                        item for item in self.members(TypeName(env.owner.name), name) if item[1].parameters is not None
                    ]
        for part in kids(name_node):
            if part.type == "type_argument_list":
                for child in kids(part):
                    self.type_node(child)
        if candidates:
            chosen = self.call(candidates, arguments, written, env, node, name)
            if chosen is None or chosen[0].result is None:
                return None
            member, values = chosen
            assert member.result is not None
            free = set(member.generics) - set(values)
            result = member.result.substitute(values)
            return None if result.name == "void" or mentions(result, free) else Value(result)
        for argument in arguments:
            self._argument(argument, env)
            self._late(argument, env, None)
        return Value(user_result) if user_result else None

    def _outside_call(self, receiver: Value | None, name: str, arguments: Sequence[Node], env: Env) -> Value | None:
        """The few calls of the base library whose result matters for an SDK call."""
        if receiver is None:
            return None
        of = receiver.type.name
        values = [self._argument(argument, env) for argument in arguments]
        if receiver.static and of in STRUCTS and name.startswith(("From", "Parse", "New")):
            return Value(TypeName(of))
        if of == "DateTime" and name.startswith("Add"):
            return Value(TypeName(of))
        if receiver.static and of == "Task" and name == "FromResult" and values and values[0]:
            return Value(TypeName("Task", (values[0].type,)))
        return None

    def creation(self, node: Node, env: Env, wanted: TypeName | None) -> Value | None:
        type_node = field_of(node, "type")
        written = self.type_node(type_node) if type_node is not None else wanted
        arguments_node = next((child for child in kids(node) if child.type == "argument_list"), None)
        arguments = [child for child in kids(arguments_node) if child.type == "argument"] if arguments_node else []
        initializer = next((child for child in kids(node) if child.type == "initializer_expression"), None)
        type_ = self.sdk(written) or (self._known(written) if written and type_node is None else None)
        if type_ is not None and not type_.is_enum and written is not None:
            values = dict(zip(type_.generics, written.args, strict=False))
            constructors = [(type_, item, values) for item in type_.constructors if "protected" not in item.words]
            if "abstract" in type_.kind or "static" in type_.kind or not constructors:
                self.problem(node, f"{written} cannot be created")
            else:
                self.call(constructors, arguments, (), env, node, f"new {written}")
        else:
            for argument in arguments:
                self._argument(argument, env)
                self._late(argument, env, None)
        for child in kids(initializer) if initializer is not None else ():
            self._initialize(child, env, written, type_, {"set", "init"})
        return Value(written) if written else None

    def _initialize(self, node: Node, env: Env, of: TypeName | None, type_: Type | None, accessors: set[str]) -> None:
        if node.type != "assignment_expression":
            self.expression(node, env)
            return
        left, right = field_of(node, "left"), field_of(node, "right")
        assert left is not None and right is not None
        result: TypeName | None = None
        if type_ is not None and of is not None and left.type == "identifier":
            found = [item for item in self.members(of, text_of(left)) if item[1].parameters is None]
            if not found:
                self.problem(node, f"{of} has no property {text_of(left)}")
            elif not found[0][1].accessors & accessors and right.type != "initializer_expression":
                self.problem(node, f"{of}.{text_of(left)} cannot be set")
            else:
                self.use(found[0][0])
                result = found[0][1].result
        elif of is not None and of.name in self.user:
            result = self.user[of.name].values.get(text_of(left))
        elif left.type != "identifier":
            self.expression(left, env)
        value = self.expression(right, env, result)
        if result is not None and value is not None and not value.static and not self.converts(value.type, result):
            self.problem(node, f"{of}.{text_of(left)} is a {result}, its value a {value.type}")

    def with_(self, node: Node, env: Env) -> Value | None:
        subject = self.expression(kids(node)[0], env)
        type_ = next((item for item, _ in self.lineage(subject.type)), None) if subject else None
        for part in kids(node)[1:]:
            name, value = kids(part)[0], kids(part)[-1]
            if type_ is not None and subject is not None and subject.type.name not in self.user:
                found = [item for item in self.members(subject.type, text_of(name)) if item[1].parameters is None]
                if not found or not found[0][1].accessors & {"set", "init"}:
                    self.problem(part, f"{subject.type} has no property {text_of(name)} to set")
                else:
                    self.use(found[0][0])
            self.expression(value, env)
        return subject

    def pattern(self, node: Node, env: Env, subject: Value | None) -> None:
        if node.type in ("recursive_pattern", "declaration_pattern"):
            type_ = self.type_node(field_of(node, "type"))
            inner = Value(type_) if type_ else subject
            name = field_of(node, "name")
            if name is not None:
                env[text_of(name)] = inner
            for clause in kids(node):
                if clause.type != "property_pattern_clause":
                    continue
                for part in kids(clause):
                    member, *rest = kids(part)
                    found = (
                        self.property(inner, text_of(member), part) if inner and member.type == "identifier" else None
                    )
                    for child in rest:
                        self.pattern(child, env, found)
        elif node.type == "var_pattern":
            name = field_of(node, "name")
            if name is not None:
                env[text_of(name)] = subject
        elif node.type == "constant_pattern" or node.type == "when_clause":
            for child in kids(node):
                self.expression(child, env)
        elif node.type == "type_pattern":
            self.type_node(field_of(node, "type") or kids(node)[0])
        else:
            for child in kids(node):
                self.pattern(child, env, subject)

    def lambda_(self, node: Node, env: Env, wanted: TypeName | None) -> None:
        scope = Env(env)
        listed = field_of(node, "parameters")
        if listed is not None and listed.type == "parameter_list":
            self.parameters(listed, scope)
        types: list[TypeName | None] = []
        returns: TypeName | None = None
        delegate = self.api.find(wanted) if wanted else None
        if wanted is not None and wanted.name == "Action":
            types = list(wanted.args)
        elif wanted is not None and wanted.name == "Func" and wanted.args:
            types, returns = list(wanted.args[:-1]), wanted.args[-1]
        elif delegate is not None:
            names = (
                [delegate]
                if delegate.kind == "delegate"
                else [found for name in delegate.conversions if (found := self.api.find(TypeName(name)))]
            )
            for found in names:
                if found.kind == "delegate":
                    types = [parameter.type for parameter in found.members["Invoke"][0].parameters or ()]
        for (name, declared), type_ in zip(lambda_parameters(node), [*types, None, None, None, None], strict=False):
            known = declared or type_
            scope[name] = Value(known) if known and len(known.name) > 1 else None
        if "async" in modifiers(node) and returns is not None:
            returns = returns.args[0] if returns.args else None
        self.returns.append(returns)
        self._body(field_of(node, "body"), scope, returns)
        self.returns.pop()

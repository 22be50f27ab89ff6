"""What the names, the members and the calls of a C# source mean, where they lead to the recorded API."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from tests.dotnet.api import Api, Member, Parameter, Type, TypeName, outside_types, parse_type
from tests.dotnet.syntax import (
    LATE,
    TYPE_DECLARATIONS,
    expression_of,
    field_of,
    kids,
    lambda_parameters,
    parameters_of,
    text_of,
    walk,
)

STRUCTS = {"TimeSpan", "DateTime", "DateTimeOffset", "CancellationToken", "Guid"}
_NUMBERS = {"int": 0, "long": 1, "float": 2, "double": 3}
_PLAIN = {"string", "bool", "decimal", *_NUMBERS, *STRUCTS}
SEQUENCES = {"List", "IEnumerable", "IReadOnlyList", "IList", "Stack", "Queue", "AsyncPageable", "IAsyncEnumerable"}
OBJECT = {"ToString", "Equals", "GetHashCode"}
_EXCEPTION = {"Message", "InnerException", "StackTrace", "Data", "Source", "HResult"}
_INTERFACE = re.compile(r"I[A-Z]")


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression is: an instance of a type, or (static) the type itself."""

    type: TypeName
    static: bool = False


@dataclass(slots=True)
class UserType:
    """A type that the source declares."""

    name: str
    bases: tuple[TypeName, ...] = ()
    values: dict[str, TypeName | None] = field(default_factory=dict)
    """Fields and properties, a primary constructor's parameters included."""
    methods: dict[str, TypeName | None] = field(default_factory=dict)
    kind: str = ""


class Env(dict[str, "Value | None"]):
    """The names of a scope, above those of the scopes around it."""

    def __init__(self, parent: Env | None = None, owner: UserType | None = None) -> None:
        super().__init__()
        self.parent = parent
        self.owner: UserType | None = owner or (parent.owner if parent is not None else None)

    def find(self, name: str) -> tuple[bool, Value | None]:
        scope: Env | None = self
        while scope is not None:
            if name in scope:
                return True, scope[name]
            scope = scope.parent
        return False, None


class Resolver(ABC):
    """Resolves against the record, and notes what does not agree with it."""

    def __init__(self, api: Api, usings: Sequence[str]) -> None:
        self.api = api
        self.problems: list[str] = []
        self.uses = 0
        self.packages: set[str] = set()
        self.usings = set(usings)
        self.user: dict[str, UserType] = {}
        self.generics: set[str] = set()  # type parameters that the source declares
        self.bound: list[Value | None] = []  # what `?.` was applied to
        self.returns: list[TypeName | None] = []

    # --- reporting ------------------------------------------------------------------------------------------------

    def problem(self, node: Node, text: str) -> None:
        line = f"{node.start_point[0] + 1}: {text}"
        if line not in self.problems:
            self.problems.append(line)

    def use(self, type_: Type) -> None:
        self.uses += 1
        self.packages.add(type_.package)

    # --- names ----------------------------------------------------------------------------------------------------

    def declare(self, root: Node) -> None:
        """Note what the source imports and which types it declares."""
        for node in walk(root):
            if node.type == "using_directive" and field_of(node, "name") is None:
                names = [child for child in kids(node) if child.type in ("identifier", "qualified_name")]
                self.usings.update(text_of(child) for child in names)
            elif node.type in ("namespace_declaration", "file_scoped_namespace_declaration"):
                self.usings.add(text_of(field_of(node, "name")))
        for node in walk(root):
            if node.type in TYPE_DECLARATIONS:
                self._declare(node)
            elif node.type == "type_parameter":
                self.generics.add(text_of(node))

    def _declare(self, node: Node) -> None:
        name = text_of(field_of(node, "name"))
        user = self.user.setdefault(name, UserType(name))
        user.kind = node.type.partition("_")[0]
        for child in node.children:
            if child.type == "base_list":
                bases = [base for item in kids(child) if (base := parse_type(text_of(item)))]
                user.bases = (*user.bases, *bases)
            elif child.type == "parameter_list":
                for parameter in parameters_of(child):
                    user.values[parameter[0]] = parameter[1]
        body = field_of(node, "body")
        for member in kids(body) if body is not None else ():
            if member.type == "method_declaration":
                user.methods[text_of(field_of(member, "name"))] = parse_type(text_of(field_of(member, "returns")))
            elif member.type == "property_declaration":
                user.values[text_of(field_of(member, "name"))] = parse_type(text_of(field_of(member, "type")))
            elif member.type == "field_declaration":
                for declaration in kids(member):
                    if declaration.type == "variable_declaration":
                        for declarator in kids(declaration):
                            if declarator.type == "variable_declarator":
                                user.values[text_of(field_of(declarator, "name"))] = parse_type(
                                    text_of(field_of(declaration, "type"))
                                )
            elif member.type == "enum_member_declaration":
                user.values[text_of(field_of(member, "name"))] = TypeName(name)

    def sdk(self, written: TypeName | None, node: Node | None = None) -> Type | None:
        """The type of the SDKs that a source means; with a node, its using must be there."""
        if written is None or written.rank or written.name.partition(".")[0] in self.user:
            return None
        qualifier, _, last = written.key.rpartition(".")
        for type_ in self.api.by_name.get(last, ()):
            namespace = self.api.namespace(type_)
            nested = type_.name[len(namespace) + 1 :]
            if written.key in (nested, type_.name) and (written.key == type_.name or namespace in self.usings):
                return type_
        if node is None:
            return None
        for type_ in self.api.by_name.get(last, ()) if not qualifier else ():
            namespace = self.api.namespace(type_)
            if type_.name == f"{namespace}.{last}":
                self.problem(node, f"{written} needs `using {namespace};`")
                return type_
        return None

    def known_outside(self, name: str, node: Node) -> None:
        """A type that is neither the source's nor the SDKs' must be a known one, and its namespace imported."""
        namespace = outside_types().get(name)
        if namespace is None:
            self.problem(node, f"there is no {name} here")
        elif namespace not in self.usings:
            self.problem(node, f"{name} needs `using {namespace};`")

    def type_node(self, node: Node | None) -> TypeName | None:
        """Check the types that a written type is made of."""
        if node is None or node.type == "implicit_type":
            return None
        for part in walk(node):
            if part.type in ("identifier", "generic_name", "qualified_name"):
                around = part.parent if part != node else None
                inside = around.type if around is not None else ""
                if inside == "qualified_name" or (inside == "generic_name" and part.type == "identifier"):
                    continue
                if around is not None and inside == "tuple_element" and part == field_of(around, "name"):
                    continue
                found = self.sdk(parse_type(text_of(part)), part)
                if found is not None:
                    self.use(found)
                elif part.type != "qualified_name":
                    written = parse_type(text_of(part))
                    if not self._other_arity(part) and written and written.name not in (*self.user, *self.generics):
                        self.known_outside(written.name, part)
                else:
                    self.problem(part, f"{text_of(part)} does not exist")
        return parse_type(text_of(node))

    def _other_arity(self, node: Node) -> bool:
        """A type of the SDKs with another number of type arguments is a problem."""
        written = parse_type(text_of(node))
        if written is None or written.name in self.user:
            return False
        for key, types in self.api.by_name.items():
            is_other = key.partition("`")[0] == written.name and key != written.key
            if is_other and any(self.api.namespace(type_) in self.usings for type_ in types):
                self.problem(node, f"there is no {written}, only {key}")
                return True
        return False

    # --- members --------------------------------------------------------------------------------------------------

    def lineage(self, type_: TypeName) -> Iterator[tuple[Type, dict[str, TypeName]]]:
        """The SDK types that a type is or derives from."""
        if type_.rank:
            return
        user = self.user.get(type_.name)
        if user is not None:
            for base in user.bases:
                yield from self.lineage(base)
            return
        found = self.sdk(type_) or self._known(type_)
        if found is not None:
            yield from self.api.lineage(found, type_.args)

    def _known(self, type_: TypeName) -> Type | None:
        """A type that a signature of the record named: it needs no using."""
        if type_.name in self.user:
            return None
        return self.api.find(type_) if type_.name in {"global"} or type_.key in self.api.by_name else None

    def members(self, type_: TypeName, name: str) -> list[tuple[Type, Member, dict[str, TypeName]]]:
        return [
            (owner, member, values) for owner, values in self.lineage(type_) for member in owner.members.get(name, ())
        ]

    def extensions(
        self, receiver: TypeName | None, name: str, node: Node
    ) -> list[tuple[Type, Member, dict[str, TypeName]]]:
        """The extension methods that apply; one whose namespace is not imported is a problem."""
        fitting: list[tuple[Type, Member, dict[str, TypeName]]] = []
        for owner, member in self.api.extensions.get(name, ()):
            assert member.parameters
            wanted = member.parameters[0].type
            target = self.api.find(wanted, owner.name)
            if receiver is None:
                if target is not None and not ("Durable" in name or "Functions" in name):
                    continue
                if name in ("Configure", "CreateResponse"):
                    continue
            elif target is None:
                if self._is_sdk(receiver) and not (wanted and self._implements(receiver, wanted.name)):
                    continue
                if (
                    not self._is_sdk(receiver)
                    and wanted is not None
                    and wanted.name != receiver.name
                    and receiver.name in _PLAIN
                ):
                    continue
            elif target not in [type_ for type_, _ in self.lineage(receiver)]:
                continue
            fitting.append((owner, member, {}))
        imported = [item for item in fitting if self.api.namespace(item[0]) in self.usings]
        if fitting and not imported:
            self.problem(node, f"{name} needs `using {self.api.namespace(fitting[0][0])};`")
            return fitting
        return imported

    def _implements(self, type_: TypeName, name: str) -> bool:
        return any(base.name == name for owner, _ in self.lineage(type_) for base in owner.bases)

    def _is_sdk(self, type_: TypeName | None) -> bool:
        return type_ is not None and next(self.lineage(type_), None) is not None

    def property(self, receiver: Value, name: str, node: Node) -> Value | None:
        """The value of a member that is not called."""
        type_ = receiver.type
        user = self.user.get(type_.name) if not type_.rank else None
        if user is not None:
            if name in user.values:
                found = user.values[name]
                return Value(found) if found else None
            if name in user.methods or name in self.user:
                return None
        if not self._is_sdk(type_):
            return self._outside(receiver, name)
        for owner, member, values in self.members(type_, name):
            if member.parameters is not None:
                self.use(owner)
                return None  # a method group
            if receiver.static != ("static" in member.words):
                self.problem(node, f"{type_}.{name} is {'not ' if receiver.static else ''}static")
            self.use(owner)
            return Value(member.result.substitute(values)) if member.result else None
        for owner, _ in self.lineage(type_):
            nested = self.api.types.get(f"{owner.name}.{name}")
            if nested is not None:
                self.use(nested)
                return Value(TypeName(f"{type_.name}.{name}"), static=True)
        if name in _EXCEPTION and any(
            base.name == "Exception" for owner, _ in self.lineage(type_) for base in owner.bases
        ):
            return Value(TypeName("string")) if name in ("Message", "StackTrace") else None
        if name in self.api.extensions or any(
            owner.kind != "enum" and self._open(owner) for owner, _ in self.lineage(type_)
        ):
            return None
        if user is None:
            self.problem(node, f"{type_} has no member {name}")
        return None

    def _open(self, owner: Type) -> bool:
        """Whether a type has a base that the record does not know, and so members as well."""
        return any(
            self.api.find(base, owner.name) is None and base.name != "Exception" and not _INTERFACE.match(base.name)
            for base in owner.bases
        )

    def _outside(self, receiver: Value, name: str) -> Value | None:
        """The few members of the base library that lead to a known type."""
        of = receiver.type.name
        if receiver.static and of == "CancellationToken" and name == "None":
            return Value(TypeName("CancellationToken"))
        if receiver.static and of in STRUCTS and name in ("Zero", "MaxValue", "MinValue", "UtcNow", "Now", "Empty"):
            return Value(TypeName(of))
        if of == "CancellationTokenSource" and name == "Token":
            return Value(TypeName("CancellationToken"))
        if of == "DateTimeOffset" and name == "UtcDateTime":
            return Value(TypeName("DateTime"))
        if of in ("Task", "ValueTask") and name == "Result" and receiver.type.args:
            return Value(receiver.type.args[0])
        return None

    # --- calls ----------------------------------------------------------------------------------------------------

    def call(
        self,
        candidates: Sequence[tuple[Type, Member, dict[str, TypeName]]],
        arguments: Sequence[Node],
        written: Sequence[TypeName],
        env: Env,
        node: Node,
        what: str,
    ) -> tuple[Member, dict[str, TypeName]] | None:
        """Choose the overload; then look into the arguments, lambdas typed by the parameters that they go to."""
        values = [self._argument(argument, env) for argument in arguments]
        for owner, member, known in candidates:
            if written and len(written) != len(member.generics):
                continue
            if not written and not inferable(member):
                continue
            bound = {**known, **dict(zip(member.generics, written, strict=False))}
            mapping = self._map(member, arguments, values, bound)
            if mapping is None:
                continue
            self.use(owner)
            for argument, parameter in zip(arguments, mapping, strict=False):
                wanted = parameter.type.substitute(bound) if parameter.type else None
                if parameter.mode == "params" and wanted and wanted.rank:
                    wanted = TypeName(wanted.name, wanted.args, wanted.rank - 1)
                self._late(argument, env, wanted)
            return member, bound
        shown = "; ".join(sorted({str(member) for _, member, _ in candidates}))
        given = ", ".join(text_of(argument) if len(text_of(argument)) < 30 else "…" for argument in arguments)
        generics = f"<{', '.join(map(str, written))}>" if written else ""
        self.problem(node, f"{what}{generics}({given}) fits none of: {shown}")
        for argument in arguments:
            self._late(argument, env, None)
        return None

    def _argument(self, argument: Node, env: Env) -> Value | None:
        """The value of an argument that does not depend on the parameter."""
        expression = expression_of(argument)
        if expression is None or expression.type in LATE:
            return None
        return self.expression(expression, env)

    def _late(self, argument: Node, env: Env, wanted: TypeName | None) -> None:
        expression = expression_of(argument)
        if expression is not None and expression.type in LATE:
            self.expression(expression, env, wanted)

    def _map(
        self, member: Member, arguments: Sequence[Node], values: Sequence[Value | None], bound: Mapping[str, TypeName]
    ) -> list[Parameter] | None:
        """Which parameter each argument goes to; None if they do not fit."""
        assert member.parameters is not None
        parameters = [item for item in member.parameters if item.mode != "this"]
        by_name = {item.name: item for item in parameters}
        result: list[Parameter] = []
        for at, argument in enumerate(arguments):
            label = field_of(argument, "name")
            if label is not None and argument.type == "argument":
                if text_of(label) not in by_name:
                    return None
                parameter = by_name[text_of(label)]
            elif at < len(parameters):
                parameter = parameters[at]
            elif parameters and parameters[-1].mode == "params":
                parameter = parameters[-1]
            else:
                return None
            wanted = parameter.type.substitute(bound) if parameter.type else None
            if parameter.mode == "params" and wanted and wanted.rank:
                element = TypeName(wanted.name, wanted.args, wanted.rank - 1)
                if not self._fits(argument, values[at], element, member) and not self._fits(
                    argument, values[at], wanted, member
                ):
                    return None
            elif not self._fits(argument, values[at], wanted, member):
                return None
            result.append(parameter)
        given = {item.name for item in result}
        missing = [
            item for item in parameters if not item.optional and item.mode != "params" and item.name not in given
        ]
        return None if missing else result

    def _fits(self, argument: Node, value: Value | None, wanted: TypeName | None, member: Member) -> bool:
        if wanted is None or wanted.name == "object" or wanted.name in member.generics:
            return True
        expression = expression_of(argument)
        if expression is not None and expression.type in ("lambda_expression", "anonymous_method_expression"):
            return self._takes_lambda(expression, wanted)
        if expression is not None and expression.type == "null_literal":
            return wanted.name not in _PLAIN or wanted.name == "string" or wanted.name in STRUCTS
        if value is None or value.static:
            return True
        return self.converts(value.type, wanted)

    def _takes_lambda(self, expression: Node, wanted: TypeName) -> bool:
        count = len(lambda_parameters(expression))
        if wanted.name == "Action":
            return len(wanted.args) == count
        if wanted.name == "Func":
            return len(wanted.args) == count + 1
        delegate = self.api.find(wanted)
        if delegate is not None and delegate.kind == "delegate":
            (invoke,) = delegate.members["Invoke"]
            return len(invoke.parameters or ()) == count
        if delegate is not None:
            return any(
                (found := self.api.find(TypeName(name))) and found.kind == "delegate" for name in delegate.conversions
            )
        return wanted.name not in _PLAIN

    def converts(self, given: TypeName, wanted: TypeName) -> bool:
        """False only where both are known and there is no conversion."""
        if given == wanted or (given.name == wanted.name and given.rank == wanted.rank):
            return True
        target = None if wanted.rank else self.api.find(wanted)
        if given.name in _NUMBERS and wanted.name in (*_NUMBERS, "decimal") and not given.rank:
            return (wanted.name == "decimal" and given.name in ("int", "long")) or (
                wanted.name in _NUMBERS and _NUMBERS[given.name] <= _NUMBERS[wanted.name]
            )
        if given.name == "DateTime" and wanted.name == "DateTimeOffset":
            return True
        known = given.name in _PLAIN or given.rank > 0 or given.name in self.user or self._is_sdk(given)
        if target is not None:
            if not known and given.name not in ("HttpClient", "Task", "CancellationTokenSource"):
                return True
            sources = {given.name, *(base.name.rpartition(".")[2].partition("`")[0] for base, _ in self.lineage(given))}
            return bool(sources & {wanted.name, *target.conversions}) or any(
                type_ is target for type_, _ in self.lineage(given)
            )
        if wanted.name in ("Action", "Func"):
            return not known
        if wanted.name in _PLAIN and not wanted.rank and known:
            return given.name in ("TaskName", "TaskVersion") and wanted.name == "string"
        return True

    @abstractmethod
    def expression(self, node: Node, env: Env, wanted: TypeName | None = None) -> Value | None:
        """Check an expression; its value if that is known."""


def inferable(member: Member) -> bool:
    """Whether the arguments can tell all type arguments of a method."""
    types = [parameter.type for parameter in member.parameters or () if parameter.type]
    return all(any(mentions(type_, {name}) for type_ in types) for name in member.generics)


def mentions(type_: TypeName, names: set[str]) -> bool:
    return type_.name in names or any(mentions(arg, names) for arg in type_.args)

"""Names and types: what they mean where they stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tree_sitter import Node

from determinism_lint.analysis import syntax as s
from determinism_lint.languages.csharp.imports import is_known
from determinism_lint.languages.csharp.lowering.nodes import (
    code_in,
    either,
    plain_name,
    type_arguments_of,
)
from determinism_lint.languages.treesitter import Lowering, field_of


@dataclass(slots=True)
class Kind:
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
    types: dict[str, Node]
    """Of its fields and properties."""


@dataclass(slots=True)
class Frame:
    """What a method, a lambda or the value of a field has of its own."""

    names: set[str]
    is_static: bool
    outer: set[str]
    """Names of functions around it to which it assigns."""
    yields: bool = False


class Names(Lowering):
    """Turns the parser's nodes into neutral ones. A method per node type, found by its name."""

    def __init__(self, source: bytes) -> None:
        super().__init__(source)
        self._methods: dict[str, Callable[[Node], Any]] = {}
        self._kinds: list[Kind] = []
        self._frames: list[Frame] = []
        self._receivers: list[s.Expression] = []
        """What `?.` was written behind."""
        self._generic: list[frozenset[str]] = []
        """The types that the classes around are open in."""
        self._open: list[tuple[str, ...]] = []
        """Those that the methods around are open in, which a call may pass."""
        self._top: set[str] = set()
        """Types of the file, those with parameters as `Name` and `` Name`1 ``."""
        self._names: set[str] = set()
        self._imported: dict[str, s.Import] = {}
        """Aliases, and whatever the file does not declare, by the name that it has here."""
        self._spaces: list[str] = []
        self._usings: list[str] = []
        self._statics: list[str] = []
        self._search = ""

    def _joined(self, node: Node) -> str:
        """A dotted name without spaces, arguments of types, and `global::`."""
        return re.sub(r"\s|<.*>|^\w+\s*::", "", self._text(node))

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
        may_be_type = (
            not called and name[:1].isupper() and not any(name in each for each in (*self._generic, *self._open))
        )
        if name in self._names or (name in self._imported and not called) or any(name in k.inner for k in self._kinds):
            return self._type_name(name, node)
        found = [] if owner and is_known(name) else self._inherited(name, at)
        if may_be_type and (owner or not found):
            found.insert(0, self._type_name(name, node))
        return either(at, found) if found else s.Name(*at, name)

    def _type(self, node: Node | None) -> s.Expression | None:
        """A type as an expression, as far as it can say something of a value."""
        if node is None:
            return None
        at = self._at(node)
        match node.type:
            case "identifier":
                name = self._text(node)
                if any(name in each for each in self._open):
                    return s.Name(*at, f"%type:{name}")
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
                made = s.Attribute(*at, owner, self._text(plain_name(last)))
                return made if last.type != "generic_name" else s.Subscript(*at, made, self._inner_types(last))
            case "alias_qualified_name":
                return self._alias_qualified_name(node)
            case "nullable_type" | "ref_type" | "scoped_type":
                return self._type(node.child_by_field_name("type"))
            case "array_type":
                element = self._type(node.child_by_field_name("type"))
                return s.Subscript(*at, s.Name(*at, "%array"), () if element is None else (element,))
            case "tuple_type":
                elements = (self._type(each.child_by_field_name("type")) for each in code_in(node))
                known = tuple(each or s.Constant(*at, ...) for each in elements)
                return s.Subscript(*at, s.Name(*at, "%tuple"), known)
        return None

    def _inner_types(self, node: Node) -> tuple[s.Expression, ...]:
        """The types that a generic name is given."""
        found = (self._type(each) or s.Constant(*self._at(each), ...) for each in type_arguments_of(node))
        return tuple(found)

    def _alias_qualified_name(self, node: Node) -> s.Expression:
        alias, name = self._text(field_of(node, "alias")), field_of(node, "name")
        if alias != "global":
            return s.Attribute(*self._at(node), self._bare(alias, node, owner=True), self._text(name))
        local = f"%global:{self._text(name)}"
        self._imported.setdefault(local, s.Import(*self._at(node), self._text(name), None, local))
        return s.Name(*self._at(node), local)

    def _lower(self, node: Node) -> Any:
        kind = node.type
        method = self._methods.get(kind)
        if method is None:
            method = self._methods[kind] = getattr(self, f"_{kind}", self._unknown)
        return method(node)

    def _expr(self, node: Node | None) -> s.Expression:
        assert node is not None
        method = self._methods.get(node.type)
        result: s.Expression = self._lower(node) if method is None else method(node)
        return result if type(result) in s.EXPRESSIONS else s.Constant(*self._at(node), ...)

    def _unknown(self, node: Node) -> s.Expression:
        """Something that this version does not know: its parts are evaluated, its value is not known."""
        parts = tuple(self._expr(child) for child in code_in(node))
        return s.Operation(*self._at(node), "assert", parts) if parts else s.Constant(*self._at(node), ...)

    def _declared(self, node: Node) -> s.Expression:
        """A variable that is declared here, or several in parentheses."""
        if node.type == "tuple_pattern":
            items = (self._declared(each) for each in code_in(node))
            return s.Collection(*self._at(node), "tuple", tuple(items))
        name = self._text(node)
        if self._frames and name != "_":
            self._frames[-1].names.add(name)
        return s.Name(*self._at(node), name)

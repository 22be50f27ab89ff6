"""The recorded API of the .NET SDKs, from api.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

RECORD = Path(__file__).with_name("api.json")
OUTSIDE = Path(__file__).with_name("outside.json")
"""The types of .NET and of other packages that examples name, by namespace."""


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type as it is written, without its question mark."""

    name: str
    args: tuple[TypeName, ...] = ()
    rank: int = 0  # of an array

    @property
    def key(self) -> str:
        """As the record names it: with the number of its type arguments."""
        return f"{self.name}`{len(self.args)}" if self.args else self.name

    def __str__(self) -> str:
        args = f"<{', '.join(map(str, self.args))}>" if self.args else ""
        return f"{self.name}{args}{'[]' * self.rank}"

    def substitute(self, values: Mapping[str, TypeName]) -> TypeName:
        """The type with type parameters replaced."""
        if not self.args and self.name in values:
            value = values[self.name]
            return TypeName(value.name, value.args, value.rank + self.rank)
        return TypeName(self.name, tuple(arg.substitute(values) for arg in self.args), self.rank)


_TOKEN = re.compile(r"[\w.:]+|[<>,?()]|\[\]")


def parse_type(text: str) -> TypeName | None:
    """None for what is no named type, such as a tuple."""
    tokens = _TOKEN.findall(text)

    def one(at: int) -> tuple[TypeName, int] | None:
        if at >= len(tokens) or not re.match(r"[\w.:]+$", tokens[at]):
            return None
        name = tokens[at].removeprefix("global::")
        at += 1
        args: list[TypeName] = []
        if at < len(tokens) and tokens[at] == "<":
            at += 1
            while tokens[at] != ">":
                if tokens[at] == ",":
                    at += 1
                    continue
                found = one(at)
                if found is None:
                    return None
                args.append(found[0])
                at = found[1]
            at += 1
        rank = 0
        while at < len(tokens) and tokens[at] in ("?", "[]"):
            rank += tokens[at] == "[]"
            at += 1
        return TypeName(name, tuple(args), rank), at

    found = one(0)
    return found[0] if found is not None and found[1] == len(tokens) else None


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: TypeName | None
    optional: bool
    mode: str  # this, params, out, … or nothing

    def __str__(self) -> str:
        return f"{self.mode + ' ' if self.mode else ''}{self.name}{'?' if self.optional else ''}: {self.type}"


@dataclass(frozen=True, slots=True)
class Member:
    """A method, a constructor, or a property with its accessors."""

    name: str
    words: frozenset[str]  # static, protected, abstract, virtual, override, obsolete
    generics: tuple[str, ...]
    parameters: tuple[Parameter, ...] | None  # None: a property
    result: TypeName | None
    accessors: frozenset[str] = frozenset()

    @property
    def is_extension(self) -> bool:
        return bool(self.parameters) and self.parameters is not None and self.parameters[0].mode == "this"

    def __str__(self) -> str:
        if self.parameters is None:
            return f"{self.name}: {self.result}"
        generics = f"<{', '.join(self.generics)}>" if self.generics else ""
        return f"{self.name}{generics}({', '.join(map(str, self.parameters))})"


@dataclass(frozen=True, slots=True)
class Type:
    name: str  # with its namespace, and the type that it is nested in
    kind: str
    package: str
    generics: tuple[str, ...]
    bases: tuple[TypeName, ...]
    constructors: tuple[Member, ...]
    members: Mapping[str, tuple[Member, ...]]
    conversions: tuple[str, ...]  # the names of the types that convert to this one by themselves

    @property
    def is_enum(self) -> bool:
        return self.kind == "enum"


_MEMBER = re.compile(
    r"(?P<words>(?:(?:static|protected|abstract|virtual|override|obsolete) )*)(?P<name>\w+)"
    r"(?:<(?P<generics>[^>]*)>)?(?:\((?P<parameters>.*)\))? -> (?P<result>.*?)(?: \{(?P<accessors>[a-z; ]*)\})?"
)
_PARAMETER = re.compile(r"(?:(?P<mode>this|params|out|ref|in) )?(?P<name>\w+)(?P<optional>\?)?: (?P<type>.+)")


def _split(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for at, char in enumerate(text):
        depth += (char in "<(") - (char in ">)")
        if char == "," and depth == 0:
            yield text[start:at].strip()
            start = at + 1
    if text[start:].strip():
        yield text[start:].strip()


def _parameters(text: str) -> tuple[Parameter, ...]:
    result = []
    for item in _split(text):
        found = _PARAMETER.fullmatch(item)
        assert found, item
        result.append(Parameter(found["name"], parse_type(found["type"]), bool(found["optional"]), found["mode"] or ""))
    return tuple(result)


def _member(text: str) -> Member:
    found = _MEMBER.fullmatch(text)
    assert found, text
    return Member(
        found["name"],
        frozenset(found["words"].split()),
        tuple(_split(found["generics"] or "")),
        _parameters(found["parameters"]) if found["parameters"] is not None else None,
        parse_type(found["result"]),
        frozenset(re.findall(r"\w+", found["accessors"] or "")),
    )


def _type(name: str, data: Mapping[str, object]) -> Type:
    def texts(key: str) -> Sequence[str]:
        value = data.get(key, [])
        assert isinstance(value, list)
        return value

    kind = str(data["kind"])
    if kind == "enum":
        of = parse_type(name.rpartition(".")[2])
        members = {item: (Member(item, frozenset({"static"}), (), None, of),) for item in texts("members")}
        return Type(name, kind, str(data["package"]), (), (), (), members, ())
    table: dict[str, tuple[Member, ...]] = {}
    conversions = []
    for text in texts("members"):
        if text.startswith("implicit("):
            (parameter,) = _parameters(text[len("implicit(") : text.index(") ->")])
            conversions.append(parameter.type.name if parameter.type else "")
            continue
        member = _member(text)
        table[member.name] = (*table.get(member.name, ()), member)
    constructors = tuple(
        Member(
            name,
            frozenset({"protected"} if " protected" in text else ()),
            (),
            _parameters(text[1 : text.rindex(")")]),
            None,
        )
        for text in texts("constructors")
    )
    bases = tuple(base for text in texts("bases") if (base := parse_type(text)))
    return Type(
        name,
        kind,
        str(data["package"]),
        tuple(texts("type parameters")),
        bases,
        constructors,
        table,
        tuple(conversions),
    )


@dataclass(frozen=True, slots=True)
class Api:
    types: Mapping[str, Type]
    by_name: Mapping[str, tuple[Type, ...]] = field(init=False)
    """What its last word is -> the types."""
    extensions: Mapping[str, tuple[tuple[Type, Member], ...]] = field(init=False)

    def __post_init__(self) -> None:
        names: dict[str, tuple[Type, ...]] = {}
        extensions: dict[str, tuple[tuple[Type, Member], ...]] = {}
        for type_ in self.types.values():
            last = type_.name.rpartition(".")[2]
            names[last] = (*names.get(last, ()), type_)
            for members in type_.members.values():
                for member in members:
                    if member.is_extension:
                        extensions[member.name] = (*extensions.get(member.name, ()), (type_, member))
        object.__setattr__(self, "by_name", names)
        object.__setattr__(self, "extensions", extensions)

    def namespace(self, type_: Type) -> str:
        """The namespace of a type: what remains without the types that it is nested in."""
        parent = type_.name.rpartition(".")[0]
        while parent in self.types:
            parent = parent.rpartition(".")[0]
        return parent

    def find(self, written: TypeName | None, near: str = "") -> Type | None:
        """The type that the record itself means by a name, used inside the namespace `near`."""
        if written is None or written.rank:
            return None
        found = self.by_name.get(written.key.rpartition(".")[2], ())
        return max(found, key=lambda type_: _common(type_.name, near), default=None)

    def lineage(self, type_: Type, args: Sequence[TypeName]) -> Iterator[tuple[Type, dict[str, TypeName]]]:
        """A type and what it derives from, each with the values of its type parameters."""
        values = dict(zip(type_.generics, args, strict=False))
        yield type_, values
        for base in type_.bases:
            found = self.find(base, type_.name)
            if found is not None:
                yield from self.lineage(found, [arg.substitute(values) for arg in base.args])


def _common(left: str, right: str) -> int:
    count = 0
    for one, other in zip(left.split("."), right.split("."), strict=False):
        if one != other:
            break
        count += 1
    return count


@cache
def recorded_api() -> Api:
    data = json.loads(RECORD.read_text(encoding="utf-8"))
    return Api({name: _type(name, item) for name, item in data["types"].items()})


@cache
def outside_types() -> Mapping[str, str]:
    """Type -> its namespace."""
    data = json.loads(OUTSIDE.read_text(encoding="utf-8"))
    return {name: namespace for namespace, names in data.items() for name in names}

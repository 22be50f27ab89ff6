"""The recorded API of the .NET SDKs as C# source: what a compiler must know to judge code that uses them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

from determinism_lint.languages.csharp.api import RECORD

Types = Mapping[str, Mapping[str, Any]]

_MEMBER = re.compile(
    r"(?P<words>(?:(?:static|protected|abstract|virtual|override|obsolete) )*)(?P<name>\w+)"
    r"(?:<(?P<generics>[^>]*)>)?(?:\((?P<parameters>.*)\))? -> (?P<result>.*?)(?: \{(?P<accessors>[a-z; ]*)\})?"
)
_PARAMETER = re.compile(r"(?:(?P<mode>this|params|out|ref|in) )?(?P<name>\w+)(?P<optional>\?)?: (?P<type>.+)")
_THROWS = "=> throw null!;"


@cache
def recorded() -> Types:
    types: Types = json.loads(RECORD.read_text(encoding="utf-8"))["types"]
    return types


def of_packages(packages: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """The recorded types of some packages."""
    return {name: data for name, data in recorded().items() if data["package"] in packages}


def namespaces(types: Types) -> list[str]:
    plain = {name.partition("`")[0] for name in types}
    return sorted({name.rpartition(".")[0] for name in plain} - plain)


def source(types: Types) -> str:
    """The types, in their namespaces, with bodies that throw."""
    plain = {name.partition("`")[0] for name in types}
    inside: dict[str, list[str]] = {}
    for name in types:
        inside.setdefault(name.partition("`")[0].rpartition(".")[0], []).append(name)
    lines: list[str] = []
    for parent in sorted(set(inside) - plain):
        lines.append(f"namespace {parent} {{")
        for name in inside[parent]:
            lines += _type(name, types, inside)
        lines.append("}")
    return "\n".join(lines) + "\n"


def _type(name: str, types: Types, inside: Mapping[str, list[str]]) -> Iterator[str]:
    data = types[name]
    kind, plain = data["kind"], name.partition("`")[0]
    short = plain.rpartition(".")[2]
    head = short + (f"<{', '.join(data['type parameters'])}>" if "type parameters" in data else "")
    members = data.get("members", [])
    if data.get("obsolete"):
        yield "[System.Obsolete]"
    if kind == "enum":
        yield f"public enum {short} {{ {', '.join(members)} }}"
        return
    if kind == "delegate":
        found = _match(_MEMBER, members[0])
        yield f"public delegate {found['result']} {head}({_parameters(found['parameters'])});"
        return
    if any("(this " in text for text in members):
        kind = "static partial class"
    bases = data.get("bases", [])
    yield f"public {kind} {head}{' : ' + ', '.join(bases) if bases else ''} {{"
    for text in data.get("constructors", []):
        if text != "()" or kind != "struct":
            access = "protected" if text.endswith(" protected") else "public"
            yield f"{access} {short}({_parameters(text[1 : text.rindex(')')])}) {_THROWS}"
    for text in members:
        yield _member(text, kind)
    for inner in inside.get(plain, []):
        yield from _type(inner, types, inside)
    yield "}"


def _member(text: str, kind: str) -> str:
    if text.startswith("implicit("):
        parameters, _, target = text.removeprefix("implicit(").rpartition(") -> ")
        return f"public static implicit operator {target}({_parameters(parameters)}) {_THROWS}"
    found = _match(_MEMBER, text)
    words = found["words"].split()
    bodyless = kind == "interface" or "abstract" in words
    shown = [word for word in words if word != "obsolete" and (kind != "interface" or word == "static")]
    if kind != "interface" and "protected" not in words:
        shown.insert(0, "public")
    head = ("[System.Obsolete] " if "obsolete" in words else "") + " ".join([*shown, found["result"], found["name"]])
    if found["parameters"] is None:
        accessors = re.findall(r"\w+", found["accessors"] or "get")
        return f"{head} {{ {' '.join(f'{it};' if bodyless else f'{it} {_THROWS}' for it in accessors)} }}"
    generics = f"<{found['generics']}>" if found["generics"] else ""
    return f"{head}{generics}({_parameters(found['parameters'])}) {';' if bodyless else _THROWS}"


def _parameters(text: str) -> str:
    parts = []
    for item in _split(text):
        found = _match(_PARAMETER, item)
        mode = f"{found['mode']} " if found["mode"] else ""
        parts.append(f"{mode}{found['type']} @{found['name']}{' = default' if found['optional'] else ''}")
    return ", ".join(parts)


def _split(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for at, char in enumerate(text):
        depth += (char in "<(") - (char in ">)")
        if char == "," and depth == 0:
            yield text[start:at].strip()
            start = at + 1
    if text[start:].strip():
        yield text[start:].strip()


def _match(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    found = pattern.fullmatch(text)
    assert found, text
    return found

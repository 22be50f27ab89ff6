"""Records the public API of the .NET SDKs from their sources: `python -m …api.record`.

Fetches each revision below with git and reads it with the parser that reads C# anyhow; nothing is built. Kept are the
types that the record holds already, since the packages publish far more than orchestrators and the pages use: to add
one, write its name with an empty entry into the record, and run this.
"""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import tree_sitter
import tree_sitter_c_sharp
from tree_sitter import Node

from determinism_lint.languages.csharp.api import RECORD
from determinism_lint.languages.treesitter import field_of

_ABOUT = (
    "The public API of the .NET SDKs, as record.py read it from their sources. "
    "A name followed by ? is optional; {get; init} are the accessors."
)


@dataclass(frozen=True, slots=True)
class Source:
    """A repository at one commit, and the packages that its folders become."""

    repository: str
    commit: str
    version: str
    packages: Mapping[str, str]
    """Folder -> the package that is made of it."""


_TASK, _WORKER = "Microsoft.DurableTask", "Microsoft.Azure.Functions.Worker"
SOURCES = (
    Source(
        "microsoft/durabletask-dotnet",
        "c3d5d87a0ed65c4e52b49a583bcbc29ba886a188",
        "1.25.0",
        {
            "src/Abstractions": f"{_TASK}.Abstractions",
            "src/Client/Core": f"{_TASK}.Client",
            "src/Client/Grpc": f"{_TASK}.Client.Grpc",
            "src/Client/AzureManaged": f"{_TASK}.Client.AzureManaged",
            "src/Worker/Core": f"{_TASK}.Worker",
            "src/Worker/Grpc": f"{_TASK}.Worker.Grpc",
            "src/Worker/AzureManaged": f"{_TASK}.Worker.AzureManaged",
            "src/ExportHistory": f"{_TASK}.ExportHistory",
            "src/ScheduledTasks": f"{_TASK}.ScheduledTasks",
            "src/InProcessTestHost": f"{_TASK}.InProcessTestHost",
            "src/Extensions/AzureBlobPayloads": f"{_TASK}.Extensions.AzureBlobPayloads",
        },
    ),
    Source(
        "Azure/azure-functions-durable-extension",
        "a7c6d6944041b48267ed8409bb8ec8144ab9bab9",
        "Worker.Extensions.DurableTask 1.1.7, WebJobs.Extensions.DurableTask 2.13.7",
        {
            "src/Worker.Extensions.DurableTask": f"{_WORKER}.Extensions.DurableTask",
            "src/WebJobs.Extensions.DurableTask": "Microsoft.Azure.WebJobs.Extensions.DurableTask",
        },
    ),
    Source(
        "Azure/azure-functions-dotnet-worker",
        "fb1133321b86bbec32ee8dbdf22905f06b79ea51",
        "Worker 2.52.0, Extensions.Http 3.3.0, Extensions.Http.AspNetCore 2.1.1, Extensions.Timer 4.3.1",
        {
            "src/DotNetWorker": _WORKER,
            "src/DotNetWorker.Core": f"{_WORKER}.Core",
            "extensions/Worker.Extensions.Abstractions": f"{_WORKER}.Extensions.Abstractions",
            "extensions/Worker.Extensions.Http": f"{_WORKER}.Extensions.Http",
            "extensions/Worker.Extensions.Http.AspNetCore": f"{_WORKER}.Extensions.Http.AspNetCore",
            "extensions/Worker.Extensions.Timer": f"{_WORKER}.Extensions.Timer",
        },
    ),
    Source(
        "Azure/durabletask",
        "5217032961abf45846f462732a5e2813316e3747",
        "DurableTask.Core 3.9.0",
        {"src/DurableTask.Core": "Microsoft.Azure.DurableTask.Core"},
    ),
    Source(
        "dapr/dotnet-sdk",
        "9a16009d98738fd4f11d1cd7ff58e5afc4fb945a",
        "1.18.5",
        {"src/Dapr.Workflow.Abstractions": "Dapr.Workflow.Abstractions"},
    ),
)


@dataclass(slots=True)
class Type:
    """A public type, from all files that declare a part of it."""

    package: str
    kind: str
    parameters: list[str] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    constructors: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    obsolete: bool = False
    hides_constructors: bool = False
    """Whether it has some that are not public."""


def main() -> None:
    held = json.loads(RECORD.read_text(encoding="utf-8"))
    found = public_types(_sources())
    for name in sorted(held["types"].keys() - found.keys()):
        print("not found:", name)
    types = {name: found[name] for name in sorted(held["types"]) if name in found}
    sources = [{"repository": each.repository, "version": each.version, "commit": each.commit} for each in SOURCES]
    RECORD.write_text(written({"about": _ABOUT, "sources": sources}, types), encoding="utf-8")
    print(RECORD.name, len(types))


def public_types(files: Iterable[tuple[str, bytes]]) -> dict[str, dict[str, Any]]:
    """Qualified name -> what is recorded of each public type that the files declare, each with its package."""
    found: dict[str, Type] = {}
    for package, text in files:
        _read(text, package, found)
    _qualify(found)
    return {name: _entry(made) for name, made in found.items()}


def _sources() -> Iterator[tuple[str, bytes]]:
    for source in SOURCES:
        with tempfile.TemporaryDirectory() as folder:
            _fetch(source, Path(folder))
            for part, package in source.packages.items():
                for path in sorted((Path(folder) / part).rglob("*.cs")):
                    yield package, path.read_bytes()


def _fetch(source: Source, folder: Path) -> None:
    def git(*arguments: str) -> bytes:
        return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True).stdout

    git("init", "-q")
    git("fetch", "-q", "--depth", "1", f"https://github.com/{source.repository}", source.commit)
    with tarfile.open(fileobj=BytesIO(git("archive", source.commit, *source.packages))) as archive:
        archive.extractall(folder, filter="data")


_AROUND = frozenset({"declaration_list", "file_scoped_namespace_declaration"})
_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c_sharp.language()))
_KINDS = {
    "class_declaration": "class",
    "interface_declaration": "interface",
    "struct_declaration": "struct",
    "record_declaration": "record",
    "record_struct_declaration": "record",
    "enum_declaration": "enum",
    "delegate_declaration": "delegate",
}


def _read(source: bytes, package: str, found: dict[str, Type]) -> None:
    """Note the public types of a file."""
    root = _PARSER.parse(source).root_node
    namespace = next((_named(each) for each in root.named_children if each.type.startswith("file_scoped")), "")
    _types(root, namespace, package, found)


def _types(node: Node, inside: str, package: str, found: dict[str, Type]) -> None:
    for child in node.named_children:
        if child.type == "namespace_declaration":
            _types(child, f"{inside}.{_named(child)}".lstrip("."), package, found)
        elif child.type in _AROUND or child.type.startswith("preproc"):
            _types(child, inside, package, found)
        elif child.type in _KINDS:
            _type(child, inside, package, found)


def _type(node: Node, inside: str, package: str, found: dict[str, Type]) -> None:
    modifiers = _modifiers(node)
    parameters = [_named(each) for each in _below(node, "type_parameter_list", "type_parameter")]
    name = f"{inside}.{_named(node)}"
    full = f"{name}`{len(parameters)}" if parameters else name
    if not modifiers & {"public", "protected"} and not (full in found and "partial" in modifiers):
        return
    kind = _KINDS[node.type]
    words = [word for word in ("static", "abstract", "sealed") if word in modifiers and kind in ("class", "record")]
    if kind == "record":
        words = [word for word in words if word == "abstract"]
    made = found.setdefault(full, Type(package, " ".join([*words, kind])))
    made.parameters = parameters
    made.obsolete = made.obsolete or _is_obsolete(node)
    bases = next((each for each in node.named_children if each.type == "base_list"), None)
    made.bases += [_text(each) for each in (bases.named_children if bases is not None else ()) if _is_type(each)]
    _members(node, made)
    body = node.child_by_field_name("body")
    if body is not None:
        _types(body, name, package, found)


def _is_type(node: Node) -> bool:
    return node.type not in ("argument_list", "comment")


def _members(node: Node, made: Type) -> None:
    if made.kind == "delegate":
        made.members.append(f"Invoke({_parameters(node)}) -> {_returned(node)}")
        return
    body = node.child_by_field_name("body")
    if made.kind == "enum":
        made.members += [
            _named(each) for each in _below(node, "enum_member_declaration_list", "enum_member_declaration")
        ]
        return
    primary = next((each for each in node.named_children if each.type == "parameter_list"), None)
    if primary is not None:
        made.constructors.append(f"({_parameters(node)})")
        if made.kind.endswith("record"):
            made.members += [f"{name} -> {kind} {{get; init}}" for _, name, _, kind in _each_parameter(primary)]
    for each in body.named_children if body is not None else ():
        modifiers = _modifiers(each)
        is_public = made.kind == "interface" or bool(modifiers & {"public", "protected"})
        if not is_public or "private" in modifiers:
            made.hides_constructors |= each.type == "constructor_declaration"
            continue
        if each.type == "constructor_declaration":
            access = "" if "public" in modifiers else " protected"
            made.constructors.append(f"({_parameters(each)}){access}")
        else:
            made.members += _member(each, modifiers)


_WORDS = ("static", "protected", "obsolete", "abstract", "virtual", "override")


def _member(node: Node, modifiers: set[str]) -> Iterator[str]:
    if node.child_by_field_name("name") is not None and any(
        each.type == "explicit_interface_specifier" for each in node.named_children
    ):
        return
    shown = modifiers | ({"obsolete"} if _is_obsolete(node) else set())
    words = "".join(f"{word} " for word in _WORDS if word in shown)
    match node.type:
        case "method_declaration":
            generics = [_named(each) for each in _below(node, "type_parameter_list", "type_parameter")]
            name = _named(node) + (f"<{', '.join(generics)}>" if generics else "")
            yield f"{words}{name}({_parameters(node)}) -> {_returned(node)}"
        case "property_declaration":
            yield f"{words}{_named(node)} -> {_text(field_of(node, 'type'))} {{{_accessors(node)}}}"
        case "field_declaration":
            declared = next(each for each in node.named_children if each.type == "variable_declaration")
            kind = _text(field_of(declared, "type"))
            const = "static " if "const" in modifiers else words
            for each in declared.named_children:
                if each.type == "variable_declarator":
                    yield f"{const}{_named(each)} -> {kind} {{get}}"
        case "conversion_operator_declaration":
            yield f"implicit({_parameters(node)}) -> {_text(field_of(node, 'type'))}"


def _accessors(node: Node) -> str:
    found = next((each for each in node.named_children if each.type == "accessor_list"), None)
    if found is None:
        return "get"
    names: list[str] = []
    for each in found.named_children:
        if each.type == "accessor_declaration" and not _modifiers(each) & {"private", "internal"}:
            names.append(_text(field_of(each, "name")))
    return "; ".join(names)


def _parameters(node: Node) -> str:
    found = node.child_by_field_name("parameters")
    if found is None:
        found = next((each for each in node.named_children if each.type == "parameter_list"), None)
    parts = []
    for mode, name, optional, kind in _each_parameter(found) if found is not None else ():
        parts.append(f"{mode}{name}{optional}: {kind}")
    return ", ".join(parts)


def _each_parameter(node: Node) -> Iterator[tuple[str, str, str, str]]:
    """Mode, name, `?` if it is optional, and type of each parameter."""
    listed = node.named_children
    if any(child.type == "params" for child in node.children):  # the grammar does not make a parameter of it
        last = [child for child in listed if child.type not in ("parameter", "attribute_list", "comment")]
        listed = [child for child in listed if child.type == "parameter"]
        yield from map(_parameter, listed)
        yield "params ", _text(last[-1]), "", _text(last[-2])
        return
    yield from (_parameter(child) for child in listed if child.type == "parameter")


def _parameter(node: Node) -> tuple[str, str, str, str]:
    modes = _modifiers(node) & {"this", "out", "ref", "in", "params"}
    optional = "?" if any(child.type == "=" for child in node.children) else ""
    kind = node.child_by_field_name("type")
    return "".join(f"{mode} " for mode in modes), _named(node), optional, _text(kind) if kind else "object"


def _returned(node: Node) -> str:
    for name in ("returns", "type"):
        if (found := node.child_by_field_name(name)) is not None:
            return _text(found)
    raise AssertionError(node)


def _modifiers(node: Node) -> set[str]:
    return {_text(child) for child in node.children if child.type == "modifier"}


def _is_obsolete(node: Node) -> bool:
    lists = [_text(child) for child in node.named_children if child.type == "attribute_list"]
    return any(re.search(r"\bObsolete\b", each) for each in lists)


def _below(node: Node, *kinds: str) -> list[Node]:
    nodes = [node]
    for kind in kinds:
        nodes = [child for each in nodes for child in each.named_children if child.type == kind]
    return nodes


def _named(node: Node) -> str:
    return _text(field_of(node, "name"))


def _text(node: Node) -> str:
    assert node.text is not None
    return re.sub(r"\s+", " ", node.text.decode())


def _qualify(found: Mapping[str, Type]) -> None:
    """Write types inside others with these, as one has to where the file's own `using static` is not."""
    nested = {
        name.rpartition(".")[2]: ".".join(name.rsplit(".", 2)[1:]) for name in found if name.rpartition(".")[0] in found
    }
    for name in found:
        if name.rpartition(".")[0] not in found:
            nested.pop(name.rpartition(".")[2].partition("`")[0], None)
    pattern = re.compile(rf"(?<![\w.])({'|'.join(nested)})(?=[?>,)\[]|$)")
    for name, made in found.items():
        known = {**nested, **{each: each for each in nested if f"{name}.{each}" in found}}
        made.members = [
            pattern.sub(partial(_known_as, known), each) for each in made.members if not _GENERATED.search(each)
        ]


def _known_as(known: Mapping[str, str], match: re.Match[str]) -> str:
    return known[match[1]]


_GENERATED = re.compile(r"\bP\.")
"""What is made from Protobuf files has this prefix, and is not among the sources."""


def _entry(made: Type) -> dict[str, Any]:
    entry: dict[str, Any] = {"package": made.package, "kind": made.kind}
    if made.parameters:
        entry["type parameters"] = made.parameters
    if made.obsolete:
        entry["obsolete"] = True
    if made.bases:
        entry["bases"] = made.bases
    can_be_made = made.kind in ("class", "abstract class", "sealed class", "record", "abstract record")
    if can_be_made and not made.constructors and not made.hides_constructors:
        made.constructors.append("()")
    if made.constructors:
        entry["constructors"] = sorted(made.constructors)
    entry["members"] = made.members if made.kind == "enum" else sorted(made.members)
    return entry


def written(head: Mapping[str, Any], types: Mapping[str, Any]) -> str:
    """One member on a line, so that a new release reads well as a change."""
    lines = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    lines.append(' "types": {')
    for index, (name, entry) in enumerate(types.items()):
        members = entry.pop("members")
        facts = ", ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in entry.items())
        lines.append(f'  {json.dumps(name)}: {{{facts}, "members": [')
        lines += [f"   {json.dumps(member)}{',' if at < len(members) - 1 else ''}" for at, member in enumerate(members)]
        lines.append("  ]}" + ("," if index < len(types) - 1 else ""))
    return "{\n" + "\n".join(lines) + "\n }\n}\n"


if __name__ == "__main__":
    main()

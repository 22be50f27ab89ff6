"""Records the members of the orchestration contexts from the published packages: `python -m …api.record`.

Downloads each release below with pip, reads the context's classes without running anything, and writes one JSON file
per package: release -> member -> the names of its parameters, or null for what is read and not called.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Members = dict[str, "list[str] | None"]


@dataclass(frozen=True, slots=True)
class Source:
    """A package, the modules and classes that make up its context, and the releases of which a record is held."""

    package: str
    classes: Mapping[str, tuple[str, ...]]
    releases: tuple[str, ...]


_CORE = {
    "task.py": ("OrchestrationContext",),
    "worker.py": ("_RuntimeOrchestrationContext",),
    "deterministic.py": ("DeterministicContextMixin",),
}
_DAPR = {
    "dapr/ext/workflow/workflow_context.py": ("WorkflowContext",),
    "dapr/ext/workflow/dapr_workflow_context.py": ("DaprWorkflowContext",),
    **{f"dapr/ext/workflow/_durabletask/{path}": names for path, names in _CORE.items()},
}
SOURCES = (
    Source(
        "durabletask",
        {f"durabletask/{path}": names for path, names in _CORE.items()},
        ("0.5.0", "1.0.0", "1.2.0", "1.6.0", "1.10.1", "1.12.0"),
    ),
    Source("durabletask-dapr", {f"durabletask/{path}": names for path, names in _CORE.items()}, ("0.17.4",)),
    Source("dapr-ext-workflow", _DAPR, ("1.15.1", "1.16.3", "1.17.5", "1.18.3")),
    Source("dapr", _DAPR, ("1.19.0",)),
    Source(
        "azure-functions-durable",
        {
            "azure/durable_functions/models/DurableOrchestrationContext.py": ("DurableOrchestrationContext",),
            "azure/durable_functions/internal/compat/orchestration_context.py": ("DurableOrchestrationContext",),
        },
        ("1.0.0", "1.2.10", "1.7.0", "2.0.0rc3"),
    ),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for source in SOURCES:
            record = {release: _members(source, _wheel(source.package, release, folder)) for release in source.releases}
            target = Path(__file__).with_name(f"{source.package}.json")
            target.write_text(_written(record), encoding="utf-8")
            print(target.name, *(f"{release}: {len(members)}" for release, members in record.items()))


def _wheel(package: str, release: str, folder: str) -> zipfile.ZipFile:
    options = ["--no-deps", "--pre", "--only-binary=:all:", "--python-version", "3.13", "--dest", folder]
    subprocess.run([sys.executable, "-m", "pip", "download", "-q", *options, f"{package}=={release}"], check=True)
    (path,) = Path(folder).glob(f"{package.replace('-', '_')}-{release}-*.whl")
    return zipfile.ZipFile(path)


def _members(source: Source, wheel: zipfile.ZipFile) -> Members:
    found: Members = {}
    files = set(wheel.namelist())
    for path, names in source.classes.items():
        if path in files:
            tree = ast.parse(wheel.read(path))
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and node.name in names:
                    found.update(_of_class(node))
    return dict(sorted(found.items()))


def _of_class(node: ast.ClassDef) -> Iterator[tuple[str, list[str] | None]]:
    for item in node.body:
        match item:
            case ast.FunctionDef() if not item.name.startswith("_"):
                parameters = (*item.args.posonlyargs, *item.args.args[1:], *item.args.kwonlyargs)
                names = [parameter.arg for parameter in parameters]
                open_ended = item.args.kwarg is not None
                is_property = any(_last(decorator) in ("property", "setter") for decorator in item.decorator_list)
                yield item.name, None if is_property else [*names, *(["**"] if open_ended else [])]
            case ast.FunctionDef(name="__init__"):
                for part in ast.walk(item):
                    if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) and part.attr[:1] != "_":
                        yield part.attr, None
            case ast.AnnAssign(target=ast.Name(id=str(name))) if not name.startswith("_"):
                yield name, None
            case ast.Assign(targets=[ast.Name(id=str(name))]) if not name.startswith("_"):
                yield name, None


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _written(record: Mapping[str, Members]) -> str:
    """One member on a line, so that a new release reads well as a change."""
    releases = []
    for release, members in record.items():
        lines = [f"    {json.dumps(name)}: {json.dumps(parameters)}" for name, parameters in members.items()]
        releases.append(f"  {json.dumps(release)}: {{\n" + ",\n".join(lines) + "\n  }")
    return "{\n" + ",\n".join(releases) + "\n}\n"


if __name__ == "__main__":
    main()

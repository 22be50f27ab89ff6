"""Which candidates can have to do with an SDK: those that import one, themselves or through the project's modules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from determinism_lint.analysis import syntax as s
from determinism_lint.errors import ParseError
from determinism_lint.languages.python.imports import Importer
from determinism_lint.languages.python.sdks import sdk_imported, sdk_owning

_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+(\.*)[ \t]*([\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n#;]*)|import[ \t]+([^\n#;]+))",
    re.MULTILINE,
)
_NAME = re.compile(rb"([\w.]+|\*)(?:\s+as\s+\w+)?")


def concerned(
    candidates: Sequence[str],
    files: frozenset[str],
    read: Callable[[str], bytes],
    parse: Callable[[str, bytes], s.Module],
) -> list[str]:
    """The candidates from which imports lead to an SDK. What only looks like an import, in a string, is none."""
    importer = Importer(files, read)
    direct: dict[str, bool] = {}
    leads: dict[str, tuple[str, ...]] = {}

    def look(path: str) -> None:
        if path not in direct:
            names = list(_written(path, read))
            direct[path] = any(not level and sdk_owning(name) is not None for name, _, level in names)
            leads[path] = tuple(dict.fromkeys(_targets(path, names, importer)))

    def leads_to_sdk(path: str) -> bool:
        look(path)
        if direct[path] and _really(path, read, parse):
            return True
        seen, pending = {path}, list(leads[path])
        while pending:
            current = pending.pop()
            if current in seen:
                continue
            seen.add(current)
            look(current)
            if direct[current]:
                return True
            pending += leads[current]
        return False

    return [path for path in candidates if leads_to_sdk(path)]


def _written(path: str, read: Callable[[str], bytes]) -> Iterator[tuple[str, str, int]]:
    """What looks like an import in a file: the module, the name that is taken from it, and the dots before it."""
    try:
        content = read(path)
    except OSError:
        return
    for dots, module, names, modules in _IMPORT.findall(content):
        for name in _NAME.findall(names or modules):
            if modules:
                yield name.decode("utf-8", "replace"), "", 0
            else:
                yield _dotted(module, name), name.decode("utf-8", "replace"), len(dots)


def _dotted(module: bytes, name: bytes) -> str:
    return b".".join(filter(None, (module, name))).decode("utf-8", "replace")


def _targets(path: str, names: list[tuple[str, str, int]], importer: Importer) -> Iterator[str]:
    for dotted, name, level in names:
        module = dotted.removesuffix(name).rstrip(".") if name else dotted
        found = importer.resolve(module, level, path)
        below = importer.submodule(found, name) if found is not None and name else None
        for each in (found, below):
            if each is not None and each.endswith(".py"):
                yield each


def _really(path: str, read: Callable[[str], bytes], parse: Callable[[str, bytes], s.Module]) -> bool:
    """Whether a file imports an SDK. One that cannot be parsed says so itself, later."""
    try:
        module = parse(path, read(path))
    except (OSError, ParseError):
        return True
    return any(not node.level and sdk_imported(node) is not None for node in s.imports(module))

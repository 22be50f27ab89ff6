"""The files that `init` copies: inside an installed package, or where a source checkout has them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_CHECKOUT = _PACKAGE.parent

LAUNCHER = "determinism-lint.py"
"""The script that hands an agent's event to the linter, wherever that is installed."""


def skills(languages: Collection[str] = ()) -> Mapping[str, bytes]:
    """Every file of the skills, by its path below the folder of skills, with `/`.

    With `languages`, the skills of other languages are left out.
    """
    folder = _first(_PACKAGE / "skills", _CHECKOUT / ".github" / "skills")
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {path: found[path] for path in sorted(found) if _is_wanted(path.partition("/")[0], languages)}


def _is_wanted(skill: str, languages: Collection[str]) -> bool:
    sdk = re.fullmatch(r"durable-(?:task|functions)-(\w+)", skill)
    return sdk is None or not languages or sdk[1] in languages


def skill_names() -> list[str]:
    return sorted({path.partition("/")[0] for path in skills()})


def launcher(source: str) -> bytes:
    """The launcher of the hooks, with what it installs the linter from."""
    text = _first(_PACKAGE / "init" / "templates" / LAUNCHER, _CHECKOUT / "hooks" / LAUNCHER).read_text("utf-8")
    empty = 'SOURCE = ""\n'
    assert empty in text
    return text.replace(empty, f"SOURCE = {json.dumps(source)}\n").encode()


def template(name: str, **values: str) -> str:
    """A template's text with its `{{name}}` places filled."""
    text = (_PACKAGE / "init" / "templates" / name).read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", value)
    return text


def _first(packaged: Path, source: Path) -> Path:
    return packaged if packaged.exists() else source

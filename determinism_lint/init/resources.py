"""The files that `init` copies: inside an installed package, or where a source checkout has them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_CHECKOUT = _PACKAGE.parent

LAUNCHER = "determinism-lint.sh"
"""The script that hands an agent's event to the linter, wherever that is installed."""


def skills() -> Mapping[str, bytes]:
    """Every file of every skill, by its path below the folder of skills, with `/`."""
    folder = _first(_PACKAGE / "skills", _CHECKOUT / ".github" / "skills")
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return dict(sorted(found.items()))


def skill_names() -> list[str]:
    return sorted({path.partition("/")[0] for path in skills()})


def launcher() -> bytes:
    return _first(_PACKAGE / "init" / "templates" / LAUNCHER, _CHECKOUT / "hooks" / LAUNCHER).read_bytes()


def template(name: str, **values: str) -> str:
    """A template's text with its `{{name}}` places filled."""
    text = (_PACKAGE / "init" / "templates" / name).read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", value)
    return text


def _first(packaged: Path, source: Path) -> Path:
    return packaged if packaged.exists() else source

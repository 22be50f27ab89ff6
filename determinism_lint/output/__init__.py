"""The formats: each module here renders a report to text. A new module is a new format."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from determinism_lint.model import Report
    from determinism_lint.rules.catalogue import Catalogue


class Render(Protocol):
    """A pure function from a report to text.

    Only formats for the terminal have colors, and a summary, which they leave out when `quiet`.
    """

    def __call__(self, report: Report, catalogue: Catalogue, *, color: bool, quiet: bool = False) -> str: ...


def formats() -> list[str]:
    """The names of all formats, `full` first: it is the default."""
    names = [name[:-3] for name in os.listdir(__path__[0]) if name.endswith(".py") and not name.startswith("_")]
    return sorted(names, key=lambda name: (name != "full", name))


def renderer(name: str) -> Render:
    """The function that renders the format `name`."""
    return cast("Render", import_module(f"{__name__}.{name}").render)

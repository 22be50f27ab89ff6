"""Where the linter that runs was installed from, as pip takes it: what `init` writes is what can be had again.

A bare name is never enough: anyone may register one on an index. Source: PEP 610, `direct_url.json`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any

NAME = "determinism-lint"


@dataclass(frozen=True, slots=True)
class Source:
    """One way to get exactly this linter."""

    requirement: str
    """For pip: `name==version`, or `name @ URL` with a commit or a hash where there is one."""
    is_local: bool = False
    """Whether it is a path of this machine, which nobody else has."""


def installed_from() -> Source | None:
    """The source of the linter that runs; None when it is not installed but run from a folder of sources."""
    try:
        return source_of(distribution(NAME))
    except PackageNotFoundError:
        return None


def source_of(found: Distribution) -> Source:
    """The source that a distribution's metadata records."""
    text = found.read_text("direct_url.json")
    if text is None:
        return Source(f"{NAME}=={found.version}")
    data: dict[str, Any] = json.loads(text)
    url = str(data["url"])
    if "vcs_info" in data:
        info = data["vcs_info"]
        url = f"{info['vcs']}+{url}@{info['commit_id']}"
    elif "archive_info" in data and not url.startswith("file:"):
        hashes = data["archive_info"].get("hashes", {})
        url += f"#sha256={hashes['sha256']}" if "sha256" in hashes else ""
    folder = data.get("subdirectory")
    url += f"#subdirectory={folder}" if folder else ""
    return Source(f"{NAME} @ {url}", is_local=url.startswith(("file:", "git+file:")))

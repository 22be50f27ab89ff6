"""The settings that count somewhere, as `config show` prints them."""

from __future__ import annotations

import json
import os
from typing import Any

from determinism_lint.commands.check import config_of
from determinism_lint.rules.catalogue import Catalogue
from determinism_lint.run.config import find_config
from determinism_lint.run.files import absolute, find_root, shown


def settings_of(path: str, catalogue: Catalogue) -> dict[str, Any]:
    """The settings for a file or folder, by key, and under `file` where they come from: None for the defaults.

    Raises:
        ConfigError: they are wrong.
    """
    here = absolute(".")
    folder = absolute(path if os.path.isdir(path) else os.path.dirname(path) or ".")
    root = find_root(folder) or folder
    file = find_config(root)
    config = config_of(root, catalogue)
    return {
        "file": shown(absolute(file), here) if file else None,
        "project": shown(root, here),
        "select": sorted(config.select) if config.select is not None else None,
        "ignore": sorted(config.ignore),
        "fail-on": config.fail_on,
        "severity": dict(sorted(config.severity.items())),
        "exclude": list(config.exclude),
        "per-path-ignores": {pattern: sorted(rules) for pattern, rules in config.per_path_ignores.items()},
        "output-format": config.output_format,
        "baseline": shown(absolute(config.baseline), here) if config.baseline else None,
    }


def rendered(settings: dict[str, Any]) -> str:
    """For people, and nearly the TOML that would say the same; what is not set is a comment."""
    lines = [f"# project: {settings['project']}", f"# settings: {settings['file'] or 'the defaults, no file has any'}"]
    for key, value in settings.items():
        if key in ("file", "project"):
            continue
        if value is None:
            lines.append(f"# {key} is not set")
        elif isinstance(value, dict):
            inside = ", ".join(f"{json.dumps(name)} = {json.dumps(item)}" for name, item in value.items())
            lines.append(f"{key} = {{ {inside} }}" if inside else f"{key} = {{}}")
        else:
            lines.append(f"{key} = {json.dumps(value)}")
    return "\n".join(lines) + "\n"

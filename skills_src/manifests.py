"""The plugin manifests: one list of facts, in the shape that each agent wants."""

from __future__ import annotations

import json
from collections.abc import Iterator

from skills_src.model import Project

_CATEGORY = "Developer Tools"


def manifests(project: Project) -> Iterator[tuple[str, str]]:
    """Path -> text of each manifest."""
    plugin = {
        "name": project.name,
        "version": project.version,
        "description": project.description,
        "author": {"name": project.author},
        "license": project.license,
        "keywords": list(project.keywords),
        "skills": "./.github/skills/",
    }
    yield _json(".claude-plugin/plugin.json", {**plugin, "displayName": project.title})
    yield _json(
        ".claude-plugin/marketplace.json",
        {
            "name": project.name,
            "description": project.description,
            "owner": {"name": project.author},
            "plugins": [{"name": project.name, "source": "./", "description": project.description}],
        },
    )
    yield _json(".cursor-plugin/plugin.json", {**plugin, "displayName": project.title})
    yield _json(
        ".codex-plugin/plugin.json",
        {
            **plugin,
            "interface": {
                "displayName": project.title,
                "shortDescription": "Replay-safe durable workflows",
                "longDescription": project.description,
                "developerName": project.author,
                "category": _CATEGORY,
            },
        },
    )
    yield _json(
        ".agents/plugins/marketplace.json",
        {
            "name": project.name,
            "interface": {"displayName": project.title},
            "plugins": [
                {
                    "name": project.name,
                    "source": {"source": "local", "path": "./"},
                    "policy": {"installation": "AVAILABLE", "authentication": "ON_INSTALL"},
                    "category": _CATEGORY,
                }
            ],
        },
    )


def _json(path: str, data: object) -> tuple[str, str]:
    return path, json.dumps(data, indent=2, ensure_ascii=False) + "\n"

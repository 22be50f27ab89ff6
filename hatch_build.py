"""Compiles the rule files into the tables that an installed linter loads."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface[Any]):
    """Adds determinism_lint/rules/catalogue.json to a wheel; an editable install reads the rule files themselves."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        sys.path.insert(0, self.root)
        try:
            from determinism_lint.rules.compiler import compile_rules
        finally:
            sys.path.remove(self.root)
        self._folder = tempfile.TemporaryDirectory()
        compiled = Path(self._folder.name, "catalogue.json")
        tables = compile_rules(str(Path(self.root, "skills_src", "rules")))
        compiled.write_text(json.dumps(tables, separators=(",", ":")), encoding="utf-8")
        build_data["force_include"][str(compiled)] = "determinism_lint/rules/catalogue.json"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if hasattr(self, "_folder"):
            self._folder.cleanup()

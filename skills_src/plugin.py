"""Builds the plugin as agents install it: manifests, skills, hooks and the linter's wheel, and nothing else.

`python -m skills_src.plugin FOLDER`, or `make plugin`. Installers copy a plugin's whole folder, and a checkout has
tests, environments and caches.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

CONTENTS = (
    ".claude-plugin",
    ".codex-plugin",
    ".cursor-plugin",
    ".agents/plugins",
    ".github/skills",
    "hooks",
    "LICENSE",
)


def build(root: Path, folder: Path) -> Path:
    """Make `folder` anew from the checkout at `root`; returns it."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in CONTENTS:
        source, target = root / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder / "wheel"), str(root)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wheels = sorted((folder / "wheel").glob("*.whl"))
    digest = hashlib.sha256(b"".join(wheel.read_bytes() for wheel in wheels)).hexdigest()
    (folder / "hooks" / "version").write_text(digest + "\n", encoding="utf-8")
    return folder


if __name__ == "__main__":
    print(build(Path(__file__).resolve().parent.parent, Path(sys.argv[1])))

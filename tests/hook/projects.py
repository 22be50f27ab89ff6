"""Projects with durable code, and events about them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from determinism_lint.hook import answer

EVENTS = Path(__file__).parent / "events"
WRONG = """\
from datetime import datetime

from durabletask import task

from helpers import label


def process_order(ctx: task.OrchestrationContext, order):
    started = datetime.now()
    return label(started)
"""
CORRECT = WRONG.replace("datetime.now()", "ctx.current_utc_datetime")
HELPERS = "import uuid\n\n\ndef label(started):\n    return f'{started} {uuid.uuid4()}'\n"
PURE = "def label(started):\n    return str(started)\n"


def event_names(*words: str) -> list[str]:
    """The stems of the events whose name contains one of the words."""
    stems = (f"{path.parent.name}/{path.stem}" for path in sorted(EVENTS.glob("*/*.json")))
    return [stem for stem in stems if any(word in stem for word in words)]


def event(name: str, folder: Path, home: Path | None = None, **changes: Any) -> bytes:
    text = (EVENTS / f"{name}.json").read_text(encoding="utf-8")
    text = text.replace("@FOLDER@", folder.as_posix()).replace("@HOME@", (home or folder / "nowhere").as_posix())
    return json.dumps({**json.loads(text), **changes}).encode()


def project(folder: Path, **files: str) -> Path:
    """A git repository with modules, given by name."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet")
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all")


def after_edit(path: Path, folder: Path, session: str = "s1") -> str:
    """What the model is told after an edit; empty when it is told nothing."""
    content = event("recorded/claude-write", folder, session_id=session, tool_input={"file_path": str(path)})
    return told(answer(content))


def told(text: str) -> str:
    """The text for the model, out of any of the forms."""
    data = json.loads(text or "{}")
    inner = data.get("hookSpecificOutput", {})
    found = data.get("additionalContext") or inner.get("additionalContext") or data.get("reason") or ""
    assert isinstance(found, str)
    return found

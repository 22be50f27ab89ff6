"""What can be wired into a repository: for each part, the files it consists of and how it is told to be wanted."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from determinism_lint import __version__
from determinism_lint.init import resources
from determinism_lint.init.draft import Draft
from determinism_lint.init.edits import Insertion, JsonItems, YamlEntry, YamlItem, markdown_block

_TIMEOUT_S = 60
"""Long enough for a first download of the linter; a check takes well below a second."""

CI = ("github", "gitlab")


@dataclass(frozen=True, slots=True)
class Part:
    """A group of files that come and go together."""

    name: str
    """As the record calls it."""
    title: str
    """As people read it."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Whole files, by path."""
    insertions: Mapping[str, Insertion] = field(default_factory=dict)
    """Additions to files that may be there, by path."""


@dataclass(frozen=True, slots=True)
class Agent:
    """Where an agent program looks for things in a repository."""

    title: str
    skills: str
    """The folder of skills that is its own."""
    reads: tuple[str, ...]
    """Folders of skills of other agents that it reads as well."""
    folder: str
    """Its folder for settings; the launcher goes to `hooks` in it."""
    marks: tuple[str, ...]
    """Files and folders that show that a repository is used with it."""


AGENTS: Mapping[str, Agent] = {
    "copilot": Agent(
        "GitHub Copilot", ".github/skills", (".claude/skills", ".agents/skills"), ".github",
        (".github/copilot-instructions.md", ".github/instructions", ".github/prompts", ".github/agents",
         ".github/skills", ".github/hooks"),
    ),
    "claude": Agent("Claude Code", ".claude/skills", (), ".claude", (".claude", "CLAUDE.md")),
    "codex": Agent("Codex", ".agents/skills", (), ".codex", (".codex", ".agents")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picked:
    """What is to be wired in."""

    skills: tuple[str, ...] = ()
    """Agents that get the skills."""
    hooks: tuple[str, ...] = ()
    """Agents that get the hook."""
    agents_md: bool = False
    pre_commit: bool = False
    ci: str | None = None


def detect(draft: Draft) -> Picked:
    """What a repository shows that it has a use for."""
    agents = tuple(name for name, agent in AGENTS.items() if any(_exists(draft, mark) for mark in agent.marks))
    workflows = draft.has_folder(".github/workflows")
    return Picked(
        skills=agents,
        hooks=agents,
        agents_md=bool(agents) or _exists(draft, "AGENTS.md"),
        pre_commit=_exists(draft, ".pre-commit-config.yaml"),
        ci="github" if workflows else "gitlab" if _exists(draft, ".gitlab-ci.yml") else None,
    )


def parts(picked: Picked, draft: Draft) -> list[Part]:
    """The parts that were picked, with what they consist of in this repository."""
    found = [_skills(name, folder) for name, folder in _skill_folders(picked.skills).items()]
    found += [_HOOKS[name]() for name in picked.hooks]
    if picked.agents_md:
        found.append(_instructions(draft))
    if picked.pre_commit:
        item = YamlItem("repos", resources.template("pre-commit.yaml", version=__version__))
        found.append(Part("pre-commit", "pre-commit hook", insertions={".pre-commit-config.yaml": item}))
    if picked.ci == "github":
        text = resources.template("github.yml", version=__version__)
        found.append(Part("ci-github", "workflow", {".github/workflows/determinism-lint.yml": text.encode()}))
    if picked.ci == "gitlab":
        job = resources.template("gitlab.yml", version=__version__, stage=_stage(draft))
        insertions = {".gitlab-ci.yml": YamlEntry("determinism-lint", job)}
        found.append(Part("ci-gitlab", "pipeline job", insertions=insertions))
    return found


def _exists(draft: Draft, path: str) -> bool:
    return draft.has_folder(path) or draft.read(path) is not None


def _skill_folders(agents: Sequence[str]) -> Mapping[str, str]:
    """Agent -> folder that its skills go to; none for an agent that reads the folder of another one anyhow."""
    own = {name: AGENTS[name].skills for name in agents}
    return {name: folder for name, folder in own.items() if not set(AGENTS[name].reads) & set(own.values())}


def _skills(name: str, folder: str) -> Part:
    agent = AGENTS[name]
    readers = [agent.title, *(each.title for each in AGENTS.values() if agent.skills in each.reads)]
    files = {f"{folder}/{path}": content for path, content in resources.skills().items()}
    return Part(f"skills-{name}", f"skills for {' and '.join(readers)}", files)


def _instructions(draft: Draft) -> Part:
    """AGENTS.md; and CLAUDE.md where there is one that does not include it, for Claude Code then reads only that."""
    names = ", ".join(f"`{name}`" for name in resources.skill_names())
    skills = textwrap.fill(f"{names}.", 118, subsequent_indent="  ", break_on_hyphens=False)
    block = markdown_block(resources.template("agents.md", skills=skills))
    claude = draft.read("CLAUDE.md")
    if claude is None or b"@AGENTS.md" in claude or draft.same("CLAUDE.md", "AGENTS.md"):
        also = {}
    else:
        also = {"CLAUDE.md": block}
    return Part("agents-md", "instructions", insertions={"AGENTS.md": block, **also})


def _stage(draft: Draft) -> str:
    """A stage of a GitLab pipeline that exists: `test` unless the file lists others; `.pre` always does."""
    text = (draft.read(".gitlab-ci.yml") or b"").decode("utf-8", "replace")
    stages = re.search(r"^stages\s*:(.*(?:\n(?:[ \t-].*|\s*))*)", text, re.MULTILINE)
    return "test" if stages is None or re.search(r"\btest\b", stages[1]) else ".pre"


def _claude_hooks() -> Part:
    path = f"{AGENTS['claude'].folder}/hooks/{resources.LAUNCHER}"
    hook = _hook({"command": f'sh "${{CLAUDE_PROJECT_DIR:-.}}/{path}" || exit 0', "timeout": _TIMEOUT_S})
    return _hooks("claude", path, ".claude/settings.json", _events("Write|Edit|MultiEdit|NotebookEdit", hook))


def _codex_hooks() -> Part:
    path = f"{AGENTS['codex'].folder}/hooks/{resources.LAUNCHER}"
    top = "$(git rev-parse --show-toplevel 2>/dev/null || pwd)"
    hook = _hook({"command": f'sh "{top}/{path}" || exit 0', "timeout": _TIMEOUT_S})
    return _hooks("codex", path, ".codex/hooks.json", _events("apply_patch|Write|Edit", hook))


def _copilot_hooks() -> Part:
    """Copilot's own form, for its cloud agent and VS Code read no other."""
    path = f"{AGENTS['copilot'].folder}/hooks/{resources.LAUNCHER}"
    command = f'sh "${{COPILOT_PROJECT_DIR:-.}}/{path}" || exit 0'
    hook = {"type": "command", "bash": command, "timeoutSec": _TIMEOUT_S}
    data = {"version": 1, "hooks": {"postToolUse": [hook], "agentStop": [hook]}}
    text = json.dumps(data, indent=2) + "\n"
    files = {path: resources.launcher(), ".github/hooks/determinism-lint.json": text.encode()}
    return Part("hooks-copilot", f"hook for {AGENTS['copilot'].title}", files)


_HOOKS = {"copilot": _copilot_hooks, "claude": _claude_hooks, "codex": _codex_hooks}


def _hooks(agent: str, launcher: str, settings: str, items: JsonItems) -> Part:
    title = f"hook for {AGENTS[agent].title}"
    return Part(f"hooks-{agent}", title, {launcher: resources.launcher()}, {settings: items})


def _hook(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"hooks": [{"type": "command", **properties}]}


def _events(matcher: str, hook: dict[str, Any]) -> JsonItems:
    return JsonItems(((("hooks", "PostToolUse"), {"matcher": matcher, **hook}), (("hooks", "Stop"), hook)))

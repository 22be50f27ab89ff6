"""What can be wired into a repository: for each part, the files it consists of and how it is told to be wanted."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pkgutil import iter_modules

from determinism_lint import languages
from determinism_lint.init import resources
from determinism_lint.init.draft import Draft
from determinism_lint.init.edits import Insertion, JsonItems, YamlEntry, YamlItem, markdown_block
from determinism_lint.init.source import Source

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


LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "python": ("*.py", "pyproject.toml", "requirements.txt"),
    "js": ("package.json",),
    "java": ("pom.xml", "build.gradle", "build.gradle.kts"),
    "dotnet": ("*.csproj", "*.sln", "*.slnx", "*.fsproj"),
}
"""Language, as skills end with it -> names of files that show that a repository uses it."""


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
    languages: tuple[str, ...] = ()
    """Whose skills are copied; empty for all."""
    folder: str = ""
    """The folder of the repository that agents are started in besides its top, with a final `/`."""


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
        languages=tuple(name for name, marks in LANGUAGES.items() if any(draft.has_file_like(mark) for mark in marks)),
    )


def parts(picked: Picked, draft: Draft, source: Source | None) -> tuple[list[Part], list[str]]:
    """The parts that were picked, with what they consist of in this repository, and what cannot be had, with why."""
    skills = resources.skills(picked.languages)
    found = [_skills(name, folder, skills) for name, folder in _skill_folders(picked.skills).items()]
    if picked.agents_md:
        found.append(_instructions(draft, sorted({path.partition("/")[0] for path in skills}), source))
    runs = _running(picked, draft, source) if source is not None else []
    missing = []
    if source is None and (picked.hooks or picked.pre_commit or picked.ci):
        missing.append(
            "hooks, pre-commit and CI are left out: the linter runs from a folder of sources, so there is nothing that "
            "others could install; install it first, for instance by `pip install .` in that folder"
        )
    elif source is not None and source.is_local:
        if picked.ci:
            missing.append(f"CI is left out: `{source.requirement}` is a path of this machine, which no CI service has")
        if picked.hooks or picked.pre_commit:
            missing.append(f"`{source.requirement}` is a path of this machine: hooks and pre-commit work here only")
    return [*found, *runs], missing


def _running(picked: Picked, draft: Draft, source: Source) -> list[Part]:
    """What runs the linter, each from the same source."""
    # Claude Code and Copilot read the settings of the folder that they are started in, and no others.
    folders = ["", *([picked.folder] if picked.folder else [])]
    found = [_HOOKS[name](source, folders) for name in picked.hooks]
    requirement = source.requirement
    if picked.pre_commit:
        item = YamlItem("repos", resources.template("pre-commit.yaml", requirement=requirement, types=_file_types()))
        found.append(Part("pre-commit", "pre-commit hook", insertions={".pre-commit-config.yaml": item}))
    if picked.ci == "github" and not source.is_local:
        text = resources.template("github.yml", requirement=requirement)
        found.append(Part("ci-github", "workflow", {".github/workflows/determinism-lint.yml": text.encode()}))
    if picked.ci == "gitlab" and not source.is_local:
        job = resources.template("gitlab.yml", requirement=requirement, stage=_stage(draft))
        insertions = {".gitlab-ci.yml": YamlEntry("determinism-lint", job)}
        found.append(Part("ci-gitlab", "pipeline job", insertions=insertions))
    return found


_FILE_TYPES = {"python": "python", "javascript": "javascript, jsx, ts, tsx", "java": "java", "csharp": "'c#'"}
"""Language -> what pre-commit calls its files."""


def _file_types() -> str:
    return ", ".join(_FILE_TYPES[module.name] for module in iter_modules(languages.__path__) if module.ispkg)


def _exists(draft: Draft, path: str) -> bool:
    return draft.has_folder(path) or draft.read(path) is not None


def _skill_folders(agents: Sequence[str]) -> Mapping[str, str]:
    """Agent -> folder that its skills go to; none for an agent that reads the folder of another one anyhow."""
    own = {name: AGENTS[name].skills for name in agents}
    return {name: folder for name, folder in own.items() if not set(AGENTS[name].reads) & set(own.values())}


def _skills(name: str, folder: str, skills: Mapping[str, bytes]) -> Part:
    agent = AGENTS[name]
    readers = [agent.title, *(each.title for each in AGENTS.values() if agent.skills in each.reads)]
    files = {f"{folder}/{path}": content for path, content in skills.items()}
    return Part(f"skills-{name}", f"skills for {' and '.join(readers)}", files)


def _instructions(draft: Draft, names: Sequence[str], source: Source | None) -> Part:
    """AGENTS.md; and CLAUDE.md where there is one that does not include it, for Claude Code then reads only that."""
    listed = ", ".join(f"`{name}`" for name in names)
    skills = textwrap.fill(f"{listed}.", 118, subsequent_indent="  ", break_on_hyphens=False)
    install = ""
    if source is not None and not source.is_local:
        install = f"\n- Where it is missing: `pip install '{source.requirement}'`."
    block = markdown_block(resources.template("agents.md", skills=skills, install=install))
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


def _claude_hooks(source: Source, folders: Sequence[str]) -> Part:
    path = f"{AGENTS['claude'].folder}/hooks/{resources.LAUNCHER}"
    settings = {
        f"{folder}.claude/settings.json": _events(
            "Write|Edit|MultiEdit", _command(f"${{CLAUDE_PROJECT_DIR:-.}}/{_up(folder)}{path}")
        )
        for folder in folders
    }
    return _hooks("claude", path, settings, source)


def _codex_hooks(source: Source, folders: Sequence[str]) -> Part:
    path = f"{AGENTS['codex'].folder}/hooks/{resources.LAUNCHER}"
    command = _command(f"$(git rev-parse --show-toplevel 2>/dev/null || pwd)/{path}")
    return _hooks("codex", path, {".codex/hooks.json": _events("apply_patch|Write|Edit", command)}, source)


def _copilot_hooks(source: Source, folders: Sequence[str]) -> Part:
    """Copilot's own form, for its cloud agent and VS Code read no other."""
    path = f"{AGENTS['copilot'].folder}/hooks/{resources.LAUNCHER}"
    files = {path: resources.launcher(source.requirement)}
    for folder in folders:
        hook = {
            "type": "command",
            "bash": _command(f"${{COPILOT_PROJECT_DIR:-.}}/{_up(folder)}{path}"),
            "powershell": f"python -I -S {_up(folder)}{path}; exit 0",
            "timeoutSec": _TIMEOUT_S,
        }
        data = {"version": 1, "hooks": {"postToolUse": [hook], "agentStop": [hook]}}
        files[f"{folder}.github/hooks/determinism-lint.json"] = (json.dumps(data, indent=2) + "\n").encode()
    return Part("hooks-copilot", f"hook for {AGENTS['copilot'].title}", files)


_HOOKS = {"copilot": _copilot_hooks, "claude": _claude_hooks, "codex": _codex_hooks}


def _hooks(agent: str, launcher: str, settings: Mapping[str, JsonItems], source: Source) -> Part:
    title = f"hook for {AGENTS[agent].title}"
    return Part(f"hooks-{agent}", title, {launcher: resources.launcher(source.requirement)}, settings)


def _up(folder: str) -> str:
    """The way from a folder of the repository to its top."""
    return "../" * folder.count("/")


def _command(launcher: str) -> str:
    """Runs the launcher with the Python that there is; one that is missing is none of the agent's business."""
    return f'python3 -I -S "{launcher}" || python -I -S "{launcher}" || exit 0'


def _events(matcher: str, command: str) -> JsonItems:
    hook = {"hooks": [{"type": "command", "command": command, "timeout": _TIMEOUT_S}]}
    return JsonItems(((("hooks", "PostToolUse"), {"matcher": matcher, **hook}), (("hooks", "Stop"), hook)))

"""The real agent programs from npm, at the versions of package.json, installed once into `.cache/agents`.

Each runs in a folder, with a home of its own and a model on loopback: no account, no network.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.agents.fake_model import Call, FakeModel, serving
from tests.environments import unavailable
from tests.once import made_once

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent.parent / ".cache" / "agents"
TIMEOUT_S = 600


@dataclass(frozen=True, slots=True)
class Agent:
    """How to run one agent, and what its tools are called."""

    name: str
    program: str
    """The script below node_modules that starts it."""
    arguments: Callable[[int], Sequence[str]]
    """By the model's port: the arguments before the prompt, with which it works off a prompt and ends."""
    environment: Callable[[int], Mapping[str, str]]
    create: Callable[[Path, str], Call]
    """The call that creates a file with a text."""
    family: str
    """As `init` calls it."""

    def run(
        self, folder: Path, home: Path, plan: Sequence[Call], path: str = "", variables: Mapping[str, str] | None = None
    ) -> FakeModel:
        """Work off a prompt with a model that carries out the plan; returns what the model saw.

        `path` is searched for programs before all others.
        """
        with serving(plan) as model:
            done = self._start(
                [*self.arguments(model.port), "Write the order workflow."], folder, home, model.port, path, variables
            )
        assert done.returncode == 0, f"{self.name} failed: {done.stdout[-800:]}{done.stderr[-2000:]}"
        return model

    def command(self, *arguments: str, folder: Path, home: Path) -> str:
        """Run a subcommand that needs no model; returns its output."""
        done = self._start(arguments, folder, home, 9, "")
        assert done.returncode == 0, f"{self.name} {arguments}: {done.stdout[-800:]}{done.stderr[-2000:]}"
        return done.stdout

    def _start(
        self,
        arguments: Sequence[str],
        folder: Path,
        home: Path,
        port: int,
        path: str,
        more: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        variables = {**environment(home, path), **self.environment(port), **(more or {})}
        return run_node(self.program, *arguments, folder=folder, variables=variables)


def environment(home: Path, path: str = "") -> dict[str, str]:
    """A clean environment: the search path, and a home."""
    home.mkdir(exist_ok=True)
    search = os.pathsep.join(filter(None, [path, os.environ["PATH"]]))
    # The environments that the hook makes are shared by all tests: to make one takes as long as all the rest.
    kept = tempfile.gettempdir() + f"/determinism-lint-agents-{os.getpid()}"
    return {
        "PATH": search, "HOME": str(home), "TMPDIR": str(home), "GIT_CONFIG_NOSYSTEM": "1",
        "DETERMINISM_LINT_CACHE_DIR": kept,
    }  # fmt: skip


def run_node(
    program: str, *arguments: str, folder: Path, variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a script of an installed package."""
    command = ["node", str(modules() / program), *arguments]
    return subprocess.run(
        command, cwd=folder, env=dict(variables), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=TIMEOUT_S, check=False,
    )  # fmt: skip


@cache
def modules() -> Path:
    """The folder of the installed packages. Skips or fails the calling test where they cannot be had."""
    for tool in ("node", "npm", "git"):
        if shutil.which(tool) is None:
            unavailable(f"the agent programs need `{tool}`, which is not installed")
    wanted = [HERE / "package.json", HERE / "package-lock.json"]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in wanted)).hexdigest()
    try:
        return made_once(CACHE / digest[:16], lambda draft: _install(wanted, draft)) / "node_modules"
    except subprocess.CalledProcessError as error:
        unavailable(f"the agent programs cannot be installed: {error.stderr.strip()[-500:]}")


def _install(wanted: Sequence[Path], folder: Path) -> None:
    for path in wanted:
        shutil.copy(path, folder)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)


def _codex_arguments(port: int) -> list[str]:
    provider = f'{{name="fake",base_url="http://127.0.0.1:{port}/v1",wire_api="responses",env_key="FAKE_KEY"}}'
    return [
        "exec", "--skip-git-repo-check", "--trust", "--dangerously-bypass-hook-trust",
        "--dangerously-bypass-approvals-and-sandbox", "--model", "gpt-5.5", "--config", "model_provider=fake",
        "--config", f"model_providers.fake={provider}", "--config", "analytics.enabled=false",
    ]  # fmt: skip


def _copilot(name: str, model: str, create: Callable[[Path, str], Call]) -> Agent:
    return Agent(
        name,
        "@github/copilot/npm-loader.js",
        lambda port: [
            "--allow-all-tools", "--allow-all-paths", "--trust-folder", "--disable-client-telemetry", "--prompt",
        ],
        lambda port: {
            "COPILOT_PROVIDER_BASE_URL": f"http://127.0.0.1:{port}",
            "COPILOT_PROVIDER_TYPE": "anthropic",
            "COPILOT_PROVIDER_API_KEY": "none",
            "COPILOT_MODEL": model,
            "COPILOT_OFFLINE": "true",
        },
        create,
        "copilot",
    )  # fmt: skip


def _patch(path: Path, text: str) -> str:
    lines = "".join(f"+{line}\n" for line in text.splitlines())
    return f"*** Begin Patch\n*** Add File: {path.name}\n{lines}*** End Patch\n"


_ALL = (
    Agent(
        "claude",
        "@anthropic-ai/claude-code/cli-wrapper.cjs",
        lambda port: ["--print", "--permission-mode", "acceptEdits"],
        lambda port: {
            "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}",
            "ANTHROPIC_API_KEY": "none",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
        },
        lambda path, text: Call("Write", {"file_path": str(path), "content": text}),
        "claude",
    ),
    # It offers other tools to other models.
    _copilot("copilot", "claude-sonnet-4.5", lambda path, text: Call("create", {"path": str(path), "file_text": text})),
    _copilot("copilot-patch", "gpt-5.1-codex", lambda path, text: Call("apply_patch", {"input": _patch(path, text)})),
    Agent(
        "codex",
        "@openai/codex/bin/codex.js",
        _codex_arguments,
        lambda port: {"FAKE_KEY": "none"},
        lambda path, text: Call("apply_patch", _patch(path, text)),
        "codex",
    ),
)
AGENTS = {agent.name: agent for agent in _ALL}

"""Hands an AI agent's event on to `determinism-lint hook`, which it installs first, once, for the user alone.

Needs nothing but Python, and never disturbs the agent: whatever happens, it exits with 0. Started with `-I -S`, it
costs a third of an ordinary start of Python. The linter comes from one source: the plugin that this file is part of,
or what `determinism-lint init` wrote below. It lives in an environment of its own in the user's cache folder; nothing
of the repository is run, unless that environment cannot be made.
"""

from __future__ import annotations

import os
import sys

SOURCE = ""
"""What pip installs. Empty: the plugin around this file."""

SUFFIXES = (b".py", b".pyi", b".js", b".mjs", b".cjs", b".jsx", b".ts", b".mts", b".cts", b".tsx", b".java", b".cs")
DURABLE = (b"rchestrat", b"durable", b"Durable", b"WorkflowContext")
MANIFESTS = ("pyproject.toml", "requirements.txt", "setup.cfg", "Pipfile", "package.json", "pom.xml", "build.gradle",
             "build.gradle.kts", "host.json")  # fmt: skip
PACKAGES = (b"durabletask", b"durable-task", b"durable-functions", b"functions-durable", b"dapr-ext-workflow",
            b"dapr.workflow")  # fmt: skip
MOST = 16 << 20
RETRY_S = 3600
"""Before an installation that failed is tried again."""
INSTALL_S = 50
"""An installation takes seconds; agents wait a minute for a hook."""


def main() -> None:
    event = sys.stdin.buffer.read(MOST)
    at_end = any(mark in event for mark in (b'"stop_hook_active"', b'"stopReason"'))
    if not at_end and not names_source(event):
        return
    home = environment()
    program = [interpreter(home), "-I", "-m", "determinism_lint"]
    if not os.path.exists(os.path.join(home, "ready")):
        if not concerns_durable_code(event):
            return
        other = None if install(home) else elsewhere()
        if other is None and not os.path.exists(os.path.join(home, "ready")):
            if not at_end:
                tell_once(event)
            return
        program = other or program
    run([*program, "hook"], event)


def names_source(event: bytes) -> bool:
    """Whether an event has the name of a source file anywhere; a longer suffix, as that of a transcript, is another."""
    for suffix in SUFFIXES:
        end = event.find(suffix) + len(suffix)
        while end >= len(suffix):
            if not event[end : end + 1].isalnum():
                return True
            end = event.find(suffix, end) + len(suffix)
    return False


def run(command: list[str], event: bytes) -> None:
    """Let the linter answer in the place of this program; where there is no such thing, in a process of its own."""
    os.environ["DETERMINISM_LINT_COMMAND"] = " ".join(quoted(word) for word in command[:-1])
    if hasattr(os, "memfd_create"):
        file = os.memfd_create("event", 0)
        os.write(file, event)
        os.lseek(file, 0, os.SEEK_SET)
        os.dup2(file, 0)
        os.execv(command[0], command)
    import subprocess

    done = subprocess.run(command, input=event, stdout=subprocess.PIPE, check=False)
    if done.returncode == 0 and done.stdout:
        sys.stdout.buffer.write(done.stdout)
        sys.stdout.buffer.flush()


def quoted(word: str) -> str:
    return word if all(part.isalnum() or part in "/\\._-:" for part in word) else f'"{word}"'


# --- the linter's own environment


def environment() -> str:
    """The folder of the environment for the source, whether it is there or not."""
    from hashlib import blake2b

    name = blake2b(f"{sys.version_info[:2]} {sys.executable} {source()}".encode("utf-8", "replace"), digest_size=12)
    if not SOURCE:  # A plugin that was updated in place is another source.
        try:
            with open(os.path.join(plugin(), "hooks", "version"), "rb") as file:
                name.update(file.read())
        except OSError:
            pass
    return os.path.join(user_folder(), "environments", name.hexdigest())


def plugin() -> str:
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def source() -> str:
    """What pip installs: the plugin's wheel if it has one, else what the plugin itself builds."""
    if SOURCE:
        return SOURCE
    wheels = os.path.join(plugin(), "wheel")
    names = sorted(os.listdir(wheels)) if os.path.isdir(wheels) else []
    return os.path.join(wheels, names[-1]) if names else plugin()


def interpreter(home: str) -> str:
    return os.path.join(home, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))


def user_folder() -> str:
    own = os.environ.get("DETERMINISM_LINT_CACHE_DIR")
    if own and os.path.isabs(own):
        return own
    base = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_CACHE_HOME")
    return os.path.join(base or os.path.join(os.path.expanduser("~"), ".cache"), "determinism-lint")


def install(home: str) -> bool:
    """Make the environment. A failure is remembered, so that not every edit waits for the next one."""
    import subprocess
    import time

    failed = home + ".failed"
    try:
        if time.time() - os.stat(failed).st_mtime < RETRY_S:
            return False
    except OSError:
        pass
    try:
        os.makedirs(os.path.dirname(home), mode=0o700, exist_ok=True)
        lock = os.open(home + ".lock", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError:
        return False  # Another hook is at it, or nothing can be written.
    deadline = time.monotonic() + INSTALL_S
    try:
        for command in commands(home):
            left = max(1.0, deadline - time.monotonic())
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
                timeout=left, cwd=os.path.dirname(home),
            )  # fmt: skip
            if done.returncode:
                raise OSError(done.stderr.decode("utf-8", "replace")[-2000:])
        with open(os.path.join(home, "ready"), "w", encoding="utf-8") as file:
            file.write(source())
        return True
    except (OSError, subprocess.TimeoutExpired) as error:
        with open(failed, "w", encoding="utf-8") as file:
            file.write(f"{source()}: {error}\n")
        return False
    finally:
        os.close(lock)
        os.unlink(home + ".lock")


def commands(home: str) -> list[list[str]]:
    import shutil

    uv = shutil.which("uv")
    if uv and os.path.isabs(uv):
        python = sys.executable if sys.version_info >= (3, 10) else ">=3.10"
        return [
            [
                uv,
                "venv",
                "--quiet",
                "--no-project",
                "--allow-existing",
                "--python",
                python,
                home,
            ],
            [uv, "pip", "install", "--quiet", "--no-config", "--python", interpreter(home), source()],
        ]
    if sys.version_info < (3, 10):
        raise OSError("needs Python 3.10 or newer")
    return [
        [sys.executable, "-I", "-m", "venv", home],
        [interpreter(home), "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", source()],
    ]


# --- where that cannot be made


def elsewhere() -> list[str] | None:
    """A linter that is installed already: in the project's own environment, or on PATH."""
    import shutil

    found = next((program for folder in environments_near() if (program := trusted_program(folder))), None)
    if found is None:
        on_path = shutil.which("determinism-lint")
        found = on_path if on_path and os.path.isabs(on_path) else None
    return [found] if found else None


def environments_near() -> list[str]:
    """Virtual environments of the repository: from the working directory upwards, then two levels down from its top."""
    here = os.path.realpath(os.environ.get("CLAUDE_PROJECT_DIR") or os.getcwd())
    folders, top = [here], here
    while not os.path.exists(os.path.join(top, ".git")) and os.path.dirname(top) != top:
        top = os.path.dirname(top)
        folders.append(top)
    for _ in range(2):
        level = [folder for folder in folders if folder == top or os.path.dirname(folder) != folder]
        for folder in level[-50:]:
            try:
                below = sorted(entry.path for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
            except OSError:
                continue
            folders += [path for path in below if not os.path.basename(path).startswith((".", "node_modules"))]
    names = [os.path.join(folder, name) for folder in dict.fromkeys(folders) for name in (".venv", "venv")]
    return [name for name in names if os.path.isfile(os.path.join(name, "pyvenv.cfg"))]


def trusted_program(folder: str) -> str | None:
    """The linter in a virtual environment that the user made: one that came with the repository may be anybody's.

    Believed only if git itself says that the folder lies in this very repository and nothing in it is tracked, and if
    no link is on the way.
    """
    import subprocess

    program = os.path.join(folder, "Scripts", "determinism-lint.exe") if os.name == "nt" else os.path.join(
        folder, "bin", "determinism-lint"
    )  # fmt: skip
    if not os.path.isfile(program) or os.path.realpath(program) != program:
        return None
    parent = os.path.dirname(folder)
    variables = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}

    def git(*arguments: str) -> str | None:
        command = ["git", "-c", "core.fsmonitor=false", "-C", parent, *arguments]
        try:
            done = subprocess.run(
                command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=10
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return os.fsdecode(done.stdout)

    if git("ls-files", "-z", "--", os.path.basename(folder)) != "":
        return None
    return program if git("check-ignore", "--quiet", "--", os.path.basename(folder)) == "" else None


# --- what is said


def concerns_durable_code(event: bytes) -> bool:
    """Whether it is worth an installation: the edit, or what the project needs, speaks of durable code."""
    edited = event.split(b'"transcript_path"')[0]
    if any(word in edited for word in DURABLE):
        return True
    folder = os.path.realpath(os.environ.get("CLAUDE_PROJECT_DIR") or os.getcwd())
    while True:
        for name in MANIFESTS:
            try:
                with open(os.path.join(folder, name), "rb") as file:
                    text = file.read(1 << 20).lower()
            except OSError:
                continue
            if any(word in text for word in PACKAGES):
                return True
        parent = os.path.dirname(folder)
        if parent == folder or os.path.exists(os.path.join(folder, ".git")):
            return False
        folder = parent


def tell_once(event: bytes) -> None:
    """Say once in a session that nothing is checked, and why."""
    import json
    import re

    found = re.search(rb'"session_?[iI]d"\s*:\s*"([A-Za-z0-9-]{1,64})"', event)
    session = found[1].decode() if found else "none"
    try:
        folder = os.path.join(user_folder(), "told")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        os.close(os.open(os.path.join(folder, session), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError:
        return
    text = (
        "determinism-lint could not be installed here, so durable orchestrations are not checked for replay safety. "
        f"Tell the user; `pip install {source()}` in an environment of the project's shows what is wrong."
    )
    if any(key in event for key in (b'"toolResult"', b'"tool_result"')):
        answer: dict[str, object] = {"additionalContext": text}
    else:
        answer = {"hookSpecificOutput": {"hookEventName": "PostToolUse", "additionalContext": text}}
    print(json.dumps(answer))


if __name__ == "__main__":
    try:
        main()
    except BaseException as error:  # Nothing that goes wrong here is the agent's business.
        if os.environ.get("DETERMINISM_LINT_DEBUG"):
            raise
        if not isinstance(error, (Exception, KeyboardInterrupt)):
            raise
    finally:
        try:
            sys.stdout.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

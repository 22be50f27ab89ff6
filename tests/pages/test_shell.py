"""The commands of the Python pages do what they say; docker, curl and the Functions host are stood in for."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environments import sdk_python, unavailable
from tests.pages.printed import Printed, printed, select
from tests.skills.generated import File, files

SKILLS = ("durable-task-python", "durable-functions-python")
STAND_INS = Path(__file__).with_name("stand_ins")
SHELL = [fence for fence in printed() if fence.language == "bash"]


@pytest.mark.parametrize("fence", [pytest.param(it, id=str(it)) for it in SHELL])
def test_commands_parse(fence: Printed) -> None:
    result = subprocess.run(["bash", "-n"], input=fence.text, text=True, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr


def quick_start(skill: str) -> tuple[Printed, Printed]:
    """The minimal program and the commands below it."""
    (program,) = (it for it in select(language="python", skill=skill) if it.page == "SKILL.md")
    commands = next(it for it in select(language="bash", skill=skill) if it.page == "SKILL.md")
    return program, commands


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder, and the interpreter of the tests as `python3`."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(sys.executable)
    (tmp_path / "app").mkdir()
    return tmp_path / "app"


def follow(folder: Path, commands: str) -> subprocess.CompletedProcess[str]:
    """Runs the block as a reader does. Whatever cannot be had from the registry is no failure of the page."""
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(folder.parent / "bin"), str(STAND_INS), os.environ["PATH"]]),
        "BACKEND_PYTHON": str(sdk_python("durable-task-python")),
        "STAND_INS_FOLDER": str(folder.parent),
        "ENDPOINT": f"http://127.0.0.1:{free_port()}",  # the emulator's own port may be taken here
    }
    done = subprocess.run(
        ["bash", "-e", "-c", commands], cwd=folder, env=environment, text=True, capture_output=True, timeout=600
    )
    if re.search(r"Could not find a version|No matching distribution|Connection|Temporary failure", done.stderr):
        unavailable(done.stderr[-800:])
    return done


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def stop_backend(folder: Path) -> None:
    process = folder.parent / "backend.pid"
    if process.exists():
        os.kill(int(process.read_text()), 15)


def test_quick_start_of_durable_task(folder: Path) -> None:
    program, commands = quick_start("durable-task-python")
    (folder / program.file).write_text(program.text, encoding="utf-8")
    promised = re.search(r"python worker\.py +# (\[.*\])$", commands.text, re.MULTILINE)
    assert promised
    try:
        done = follow(folder, commands.text)
    finally:
        stop_backend(folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == json.loads(promised[1])


def test_quick_start_of_durable_functions(folder: Path) -> None:
    program, commands = quick_start("durable-functions-python")
    (folder / program.file).write_text(program.text, encoding="utf-8")
    done = follow(folder, commands.text)
    assert done.returncode == 0, done.stderr
    host = json.loads((folder / "host.json").read_text(encoding="utf-8"))
    settings = json.loads((folder / "local.settings.json").read_text(encoding="utf-8"))
    assert host["version"] == "2.0" and host["extensionBundle"]["version"] == "[4.*, 5.0.0)"
    assert settings["Values"]["FUNCTIONS_WORKER_RUNTIME"] == "python"
    said = "import function_app; print(sorted(f.get_function_name() for f in function_app.app.get_functions()))"
    found = subprocess.run([".venv/bin/python", "-c", said], cwd=folder, text=True, capture_output=True, check=True)
    assert found.stdout.strip() == "['greet_cities', 'say_hello', 'start_greet_cities']"


INSTALLS = sorted(
    {
        found
        for file in files()
        if file.skill in SKILLS
        for found in re.findall(r"`(pip install [^`]+)`", file.text)
        if "git+" not in found and "path of" not in found and found != "pip install"
    }
)


def test_install_lines_resolve() -> None:
    """What pages tell to install exists, with its extras."""
    wanted = [word.strip('"') for line in INSTALLS for word in line.split()[2:]]
    pip = [sys.executable, "-m", "pip", "--python", str(sdk_python("durable-task-python"))]
    command = [*pip, "install", "--dry-run", "--quiet"]
    done = subprocess.run([*command, *wanted], text=True, capture_output=True, timeout=600, check=False)
    if re.search(r"Connection|Temporary failure", done.stderr):
        unavailable(done.stderr[-800:])
    assert done.returncode == 0, done.stderr
    assert "does not provide the extra" not in done.stderr


@pytest.mark.parametrize("file", [pytest.param(it, id=str(it)) for it in files()])
def test_the_linter_is_never_installed_by_its_bare_name(file: File) -> None:
    assert not re.search(r"(?:pip|uv tool|pipx|uvx|uv pip) (?:install )?(?:--\S+ )*determinism-lint\b", file.text)

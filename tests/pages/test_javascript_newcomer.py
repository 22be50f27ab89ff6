"""Folders that a newcomer makes by copy and paste from the printed pages of the JavaScript skills build and run.

`npm` and `node` are real. The in-memory sidecar stands for the emulator, and `tests/javascript/func.mjs` for `func`;
`docker` and `npx azurite` only note how they were called.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer
from typing import Any

import pytest

from tests.environments import unavailable
from tests.pages.printed import printed
from tests.pages.test_javascript import free_port, sidecar, workspace

TIMEOUT_S = 600
ORDER = {"orderId": "order-1", "item": "lamp", "quantity": 2, "amount": 59.9}

__all__ = ["workspace"]  # a fixture


def _printed(sdk: str, page: str, *, heading: str | None = None) -> Mapping[str, str]:
    """The files that a page tells to make."""
    return {
        it.file: it.text
        for it in printed()
        if it.skill == sdk and it.page == page and it.kind == "program" and heading in (None, it.heading)
    }


def _made(folder: Path, *pages: Mapping[str, str]) -> Path:
    for page in pages:
        for file, text in page.items():
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return folder


def _environment(**more: str) -> dict[str, str]:
    quiet = {"npm_config_audit": "false", "npm_config_fund": "false", "npm_config_prefer_offline": "true"}
    return {**os.environ, **quiet, **more}


def _shell(folder: Path, script: str, **environment: str) -> str:
    """What a script prints. What it leaves running in the background is ended."""
    with (folder / ".output").open("w+", encoding="utf-8") as output:
        process = subprocess.Popen(
            ["bash", "-e", "-c", script],
            cwd=folder,
            env=_environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(TIMEOUT_S)
        except subprocess.TimeoutExpired:
            pass
        finally:
            _end(process)
        output.seek(0)
        text = output.read()
    if re.search(r"npm error .*(ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN)", text):
        unavailable("JAVASCRIPT IS NOT CHECKED: no registry answers")
    assert process.returncode == 0, text
    return text


def _end(process: subprocess.Popen[Any]) -> None:
    """Ends a process and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _install(folder: Path, workspace: Path) -> None:
    """What `npm install` would bring: the quick starts run it, here the packages of the other tests are the same."""
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    packages = workspace.parent / "node_modules"
    for name, version in {**wanted["dependencies"], **wanted.get("devDependencies", {})}.items():
        assert json.loads((packages / name / "package.json").read_text(encoding="utf-8"))["version"] == version, name
    (folder / "node_modules").symlink_to(packages, target_is_directory=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="newcomer-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _dashboard() -> Iterator[str]:
    """Something that answers where the emulator has its dashboard; the port."""
    with TCPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield str(server.server_address[1])
        server.shutdown()


def _stand_in(folder: Path, name: str, script: str) -> None:
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#!/usr/bin/env bash\necho "{name} $*" >> "{folder}/called"\n{script}\n', encoding="utf-8")
    path.chmod(0o755)


def _quick_start(sdk: str) -> str:
    (script,) = [it.text for it in printed() if (it.skill, it.page, it.language) == (sdk, "SKILL.md", "bash")][:1]
    return script


def test_quick_start_of_durable_task(workspace: Path, folder: Path, tmp_path: Path) -> None:
    _made(folder, _printed("durable-task-js", "SKILL.md"))
    assert os.listdir(folder) == ["worker.mjs"]
    _stand_in(tmp_path, "docker", "")
    with sidecar() as address, _dashboard() as port:
        script = _quick_start("durable-task-js").replace("localhost:8082", f"localhost:{port}")
        path = f"{tmp_path}/bin:{os.environ['PATH']}"
        text = _shell(folder, script, PATH=path, SCHEDULER_ADDRESS=address)
    promised = re.search(r"^node worker.mjs +# (.+)$", script, re.MULTILINE)
    assert promised and promised[1] in text, text
    assert "dts-emulator" in (tmp_path / "called").read_text(encoding="utf-8")


def test_quick_start_of_durable_functions(workspace: Path, folder: Path, tmp_path: Path) -> None:
    _made(folder, _printed("durable-functions-js", "SKILL.md"))
    port = free_port()
    _stand_in(tmp_path, "npx", "")
    _stand_in(tmp_path, "func", f'exec node "{workspace}/func.mjs" {port}')
    script = _quick_start("durable-functions-js").replace("localhost:7071", f"localhost:{port}")
    ask = r"""| tee answer; echo
status="$(node -p 'JSON.parse(fs.readFileSync("answer")).statusQueryGetUri')"
until curl --silent "$status" | grep Completed; do sleep 0.2; done"""
    text = _shell(
        folder,
        re.sub(r" +# then get its statusQueryGetUri\s*$", ask, script),
        PATH=f"{tmp_path}/bin:{os.environ['PATH']}",
    )
    assert '"output":["Hello Tokyo!","Hello Lagos!"]' in text, text
    assert "func start" in (tmp_path / "called").read_text(encoding="utf-8")


def test_a_folder_of_durable_task(workspace: Path, folder: Path) -> None:
    """The setup page, and two pattern pages one after the other."""
    _made(folder, _printed("durable-task-js", "references/setup.md", heading="Project"))
    _install(folder, workspace)
    with sidecar() as address:
        connection = f"Endpoint=http://{address};TaskHub=default;Authentication=None"
        for pattern, promised in (("chaining", '"status":"confirmed"'), ("saga", '"status":"booked"')):
            _made(folder, _printed("durable-task-js", f"references/pattern-{pattern}.md"))
            text = _shell(folder, "npm start", DURABLE_TASK_SCHEDULER_CONNECTION_STRING=connection)
            assert promised in text, text


IDENTITY = """
import { DefaultAzureCredential } from "@azure/identity";
DefaultAzureCredential.prototype.getToken = async (scope) => ({ token: `for ${scope}`, expiresOnTimestamp: 0 });
const { scheduler } = await import("./scheduler.mjs");
const metadata = await scheduler.metadataGenerator();
console.log(JSON.stringify([scheduler.hostAddress, scheduler.useTLS, metadata.getMap()]));
"""


def test_the_connection_takes_an_identity_to_azure(workspace: Path, folder: Path) -> None:
    _made(folder, _printed("durable-task-js", "references/setup.md", heading="Project"), {"identity.mjs": IDENTITY})
    _install(folder, workspace)
    connection = (
        "Endpoint=https://orders.westeurope.durabletask.io;TaskHub=hub;Authentication=ManagedIdentity;ClientID=a-b"
    )
    text = _shell(folder, "node identity.mjs", DURABLE_TASK_SCHEDULER_CONNECTION_STRING=connection)
    bearer = "Bearer for https://durabletask.io/.default"
    assert json.loads(text) == ["orders.westeurope.durabletask.io", True, {"taskhub": "hub", "authorization": bearer}]


def test_a_folder_of_durable_functions(workspace: Path, folder: Path, tmp_path: Path) -> None:
    _made(folder, _printed("durable-functions-js", "references/setup.md", heading="Project"))
    _install(folder, workspace)
    approval = {"approved": True, "by": "ada"}
    for pattern, route, body, promised in (
        ("chaining", "orders", ORDER, '"status":"confirmed"'),
        ("human-interaction", "expenses", {"expenseId": "e-1", "timeoutS": 3600}, '"status":"approved","by":"ada"'),
    ):
        _made(folder, _printed("durable-functions-js", f"references/pattern-{pattern}.md"))
        with _func(workspace, folder, tmp_path, "npm start") as app:
            started = _http(f"{app}/api/{route}", body)
            if pattern == "human-interaction":
                _http(f"{app}/api/expenses/{started['id']}/approval", approval)
            assert promised in _completed(started["statusQueryGetUri"])


def test_a_typescript_project_of_durable_task(workspace: Path, folder: Path) -> None:
    _made(folder, _printed("durable-task-js", "references/typescript.md"))
    _install(folder, workspace)
    script = """npm run build
npm run worker &
npm run client"""
    with sidecar() as address:
        connection = f"Endpoint=http://{address};TaskHub=default;Authentication=None"
        text = _shell(folder, script, DURABLE_TASK_SCHEDULER_CONNECTION_STRING=connection)
    assert "order-1: 2 reserved" in text, text


def test_a_typescript_project_of_durable_functions(workspace: Path, folder: Path, tmp_path: Path) -> None:
    setup = _printed("durable-functions-js", "references/setup.md", heading="Project")
    _made(folder, {file: setup[file] for file in ("host.json", "local.settings.json")})
    _made(folder, _printed("durable-functions-js", "references/typescript.md"))
    _install(folder, workspace)
    with _func(workspace, folder, tmp_path, "npm start") as app:
        assert "order-1: 2 reserved" in _shell(folder, "npm run client", APP_URL=app)


@contextmanager
def _func(workspace: Path, folder: Path, tmp_path: Path, command: str) -> Iterator[str]:
    """A Functions app that serves while the block runs; its address."""
    port = free_port()
    _stand_in(tmp_path, "func", f'exec node "{workspace}/func.mjs" {port}')
    environment = _environment(PATH=f"{tmp_path}/bin:{os.environ['PATH']}")
    with (folder / ".output").open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command.split(),
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, process, folder / ".output")
            yield address
        finally:
            _end(process)


def _wait_for(address: str, process: subprocess.Popen[Any], output: Path) -> None:
    for _ in range(TIMEOUT_S * 10):
        if process.poll() is not None:
            break
        with suppress(OSError):
            urllib.request.urlopen(f"{address}/instances/", timeout=1).close()
            return
        time.sleep(0.1)
    pytest.fail(output.read_text(encoding="utf-8"))


def _http(url: str, body: Any) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        text = response.read()
    return json.loads(text) if text else None


def _completed(url: str) -> str:
    """The status of an instance, when it has completed."""
    for _ in range(100):
        with urllib.request.urlopen(url, timeout=10) as response:
            text: str = response.read().decode()
        if '"runtimeStatus":"Completed"' in text:
            return text
        time.sleep(0.05)
    pytest.fail(text)

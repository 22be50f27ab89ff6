"""Runs programs against the in-memory backend of durabletask, over gRPC on loopback, as they would run in production.

Reads `[[path, orchestrator, input], …]` from standard input and writes the list of their outputs; without an
orchestrator the program runs as the main program, and its output is the last line that it prints. Runs in an
environment that has the SDK and nothing of this project. Where HISTORIES names a folder, the histories of a program's
instances are written below it, in a folder with the number of the program.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import runpy
import signal
import sys
import threading
import time
from concurrent import futures
from pathlib import Path
from typing import Any
from urllib.parse import quote

import grpc
from durabletask.client import TaskHubGrpcClient
from durabletask.internal import orchestrator_service_pb2_grpc as stubs
from durabletask.testing import InMemoryOrchestrationBackend
from durabletask.worker import TaskHubGrpcWorker
from google.protobuf.json_format import MessageToDict

TIMEOUT = 30.0


class Backend(InMemoryOrchestrationBackend):
    """The base class binds all interfaces, loses a port that the system chose, and shares ports with other backends."""

    def listen(self) -> str:
        self._shutdown_event.clear()
        self._server = grpc.server(futures.ThreadPoolExecutor(max_workers=10), options=[("grpc.so_reuseport", 0)])
        stubs.add_TaskHubSidecarServiceServicer_to_server(self, self._server)
        self._port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        return f"http://127.0.0.1:{self._port}"


def as_main(path: str) -> Any:
    """What it printed last, as JSON where it is JSON. A worker, which serves until SIGTERM, gets that soon."""
    if "signal.SIGTERM" in Path(path).read_text(encoding="utf-8"):
        threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGTERM)).start()
    printed = io.StringIO()
    os.chdir(os.path.dirname(path))
    with contextlib.redirect_stdout(printed):
        runpy.run_path(path, run_name="__main__")
    last = printed.getvalue().splitlines()[-1:]
    try:
        return json.loads(last[0]) if last else None
    except ValueError:
        return last[0]


def over_http(path: str, address: str, video: Any) -> Any:
    """The program whose main part serves HTTP: starts a video, twice, and polls until it is done."""
    program = runpy.run_path(path)
    with TaskHubGrpcWorker(host_address=address) as worker, TaskHubGrpcClient(host_address=address) as client:
        program["register"](worker)
        worker.start()
        app = program["api"](client)
        body = json.dumps(video).encode()
        assert _request(app, "GET", "/videos/none")[0] == "404 Not Found"
        for _ in range(2):
            status, headers, _answer = _request(app, "POST", "/videos", body)
            assert status == "202 Accepted" and headers["Retry-After"], status
        deadline = time.monotonic() + TIMEOUT
        while (answer := _request(app, "GET", headers["Location"]))[0] != "200 OK" and time.monotonic() < deadline:
            time.sleep(0.05)
        assert client.get_all_orchestration_states()[1:] == [], "the repeated request started a second instance"
        return answer[2]


def _request(app: Any, method: str, path: str, body: bytes = b"") -> tuple[str, dict[str, str], Any]:
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    started: list[Any] = []
    chunks = app(environ, lambda status, headers: started.extend([status, dict(headers)]))
    return started[0], started[1], json.loads(b"".join(chunks))


def functions_app(path: str, address: str, orchestrator: str, input: Any) -> Any:
    """An app of azure-functions-durable 2.x: its orchestrators and entities are durabletask's, behind an adapter."""
    from azure.durable_functions.internal.compat.entity_context import wrap_entity
    from azure.durable_functions.internal.compat.orchestration_context import wrap_orchestrator
    from azure.durable_functions.internal.serialization import DEFAULT_FUNCTIONS_DATA_CONVERTER as CONVERTER

    with TaskHubGrpcWorker(host_address=address, data_converter=CONVERTER) as worker:
        for function in runpy.run_path(path)["app"].get_functions():
            trigger, user, name = function.get_trigger(), function.get_user_function(), function.get_function_name()
            if trigger.type == "orchestrationTrigger":
                worker._registry.add_named_orchestrator(name, wrap_orchestrator(user.orchestrator_function))
            elif trigger.type == "activityTrigger":
                worker._registry.add_named_activity(
                    name, lambda _, value, user=user, parameter=trigger.name: user(**{parameter: value})
                )
            elif trigger.type == "entityTrigger":
                worker.add_entity(wrap_entity(user.entity_function), name=trigger.entity_name)
        worker.start()
        with TaskHubGrpcClient(host_address=address, data_converter=CONVERTER) as client:
            instance_id = client.schedule_new_orchestration(orchestrator, input=input)
            state = client.wait_for_orchestration_completion(instance_id, timeout=TIMEOUT)
            assert state is not None
            state.raise_if_failed()
            return state.get_output()


def keep_histories(backend: Backend, folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, instance in backend._instances.items():
        events = [MessageToDict(event) for event in instance.history]
        (folder / f"{quote(name, safe='')}.json").write_text(json.dumps(events), encoding="utf-8")


def main() -> None:
    logging.disable(logging.CRITICAL)
    backend = Backend()
    address = os.environ["ENDPOINT"] = backend.listen()
    outputs = []
    for number, (path, orchestrator, input) in enumerate(json.load(sys.stdin)):
        if path.endswith("function_app.py"):
            with contextlib.redirect_stdout(io.StringIO()):
                outputs.append(functions_app(path, address, orchestrator, input))
        elif orchestrator is None:
            outputs.append(as_main(path))
        else:
            outputs.append(over_http(path, address, input))
        if histories := os.environ.get("HISTORIES"):
            keep_histories(backend, Path(histories, str(number)))
        backend.reset()
    backend.stop()
    print(json.dumps(outputs))


if __name__ == "__main__":
    main()

"""Serves in-memory Durable Task backends on loopback ports, records the work they give, and gives it again.

Reads commands from standard input, one line of JSON each, and answers each with one line:

    {"serve": COUNT}      starts so many backends: their ports
    {"replay": [INDEX…]}  for each of those backends a server that gives its recorded work once more: the ports
    {"timers": [INDEX…]}  how many timers the workers of those backends made
    {"compare": SECONDS}  waits until all of it is answered: for each replayed backend what was answered otherwise

Ends when standard input closes. Needs durabletask 1.12.0; `Backend` mends what would distort these tests in its
in-memory backend.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
from durabletask.internal import orchestrator_service_pb2 as messages
from durabletask.internal import orchestrator_service_pb2_grpc as stubs
from durabletask.testing import InMemoryOrchestrationBackend, in_memory_backend
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict

FOREVER = 3600


class _Later:
    """The `time` of the in-memory backend, which sleeps a little longer.

    Java reads times in whole milliseconds: for it a timer that fires within the one that it was due in is too early,
    and is followed by another.
    """

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds + 0.002)


in_memory_backend.time = _Later()


class _Woken(threading.Event):
    """Waits for work. The in-memory backend looks ten times a second, in each of some hundred threads."""

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(None if timeout is None else 10 * timeout)


def listen(servicer: Any) -> tuple[Any, int]:
    """A server for it on 127.0.0.1, and the port that the operating system chose."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16), options=[("grpc.so_reuseport", 0)])
    stubs.add_TaskHubSidecarServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, int(port)


class Backend(InMemoryOrchestrationBackend):
    """An in-memory backend that remembers each turn: what the worker was asked, and what it answered."""

    def __init__(self) -> None:
        super().__init__()
        self._work_available = _Woken()
        self.turns: list[tuple[Any, Any]] = []
        self._asked: dict[str, Any] = {}

    def listen(self) -> int:
        """Starts to serve and returns the port (the base class binds all interfaces and loses port 0)."""
        self._shutdown_event.clear()
        self._server, self._port = listen(self)
        return self._port

    def GetWorkItems(self, request: Any, context: Any) -> Iterator[Any]:
        for item in super().GetWorkItems(request, context):
            if item.HasField("orchestratorRequest"):
                self._asked[item.orchestratorRequest.instanceId] = item.orchestratorRequest
            yield item

    def _wait_for_state(self, instance_id: str, predicate: Any, timeout: float | None) -> Any:
        # A client without a deadline overflows; children are cut off after 30 seconds.
        return super()._wait_for_state(instance_id, predicate, min(timeout or FOREVER, FOREVER))

    def CompleteOrchestratorTask(self, request: Any, context: Any) -> Any:
        self.turns.append((self._asked[request.instanceId], request))
        # Java workers before 1.5.1 send no token back.
        instance = self._instances.get(request.instanceId)
        if instance and not request.completionToken:
            request.completionToken = str(instance.completion_token)
        return super().CompleteOrchestratorTask(request, context)

    def CompleteActivityTask(self, request: Any, context: Any) -> Any:
        # A failure with an empty message would count as a success.
        if request.HasField("failureDetails") and not request.failureDetails.errorMessage:
            request.failureDetails.errorMessage = request.failureDetails.errorType or "failed"
        return super().CompleteActivityTask(request, context)


class Again(stubs.TaskHubSidecarServiceServicer):
    """Gives recorded turns once more, in their order, and keeps the answers."""

    def __init__(self, turns: list[tuple[Any, Any]]) -> None:
        self.turns = turns
        self.answers: list[Any] = []
        self.done = threading.Event()

    def Hello(self, request: Any, context: Any) -> Any:
        return Empty()

    def GetWorkItems(self, request: Any, context: Any) -> Iterator[Any]:
        for number, (asked, _) in enumerate(self.turns):
            yield messages.WorkItem(completionToken=str(number), orchestratorRequest=asked)
        threading.Event().wait(FOREVER)  # else the worker connects once more

    def CompleteOrchestratorTask(self, request: Any, context: Any) -> Any:
        self.answers.append(request)
        if len(self.answers) == len(self.turns):
            self.done.set()
        return messages.CompleteTaskResponse()

    def differences(self) -> list[str]:
        """Each turn that was answered otherwise than the first time, or not at all."""
        if len(self.answers) < len(self.turns):
            return [f"{len(self.answers)} of {len(self.turns)} turns answered"]
        pairs = [(plain(first), plain(again)) for (_, first), again in zip(self.turns, self.answers, strict=True)]
        return [f"turn {n}: {first} | {again}" for n, (first, again) in enumerate(pairs) if first != again]


def timers(turn: tuple[Any, Any]) -> int:
    """How many timers a turn made."""
    return sum(action.HasField("createTimer") for action in turn[1].actions)


def plain(answer: Any) -> Any:
    """An answer without what names the turn and the trace, and without stacks, which name lines of the SDK."""
    fields = MessageToDict(answer)
    fields.pop("completionToken", None)
    for action in fields.get("actions", ()):  # the SDK carries unread events over in the order of a hash set
        action.get("completeOrchestration", {}).get("carryoverEvents", []).sort(key=str)
    return without(fields, {"parentTraceContext", "stackTrace"})


def without(value: Any, keys: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: without(item, keys) for key, item in value.items() if key not in keys}
    return [without(item, keys) for item in value] if isinstance(value, list) else value


def main() -> None:
    """Does what standard input says."""
    backends: list[Backend] = []
    again: list[Again] = []
    servers: list[Any] = []  # a server that nobody holds stops
    for line in sys.stdin:
        ((command, value),) = json.loads(line).items()
        answer: list[Any]
        if command == "serve":
            backends = [Backend() for _ in range(value)]
            answer = [backend.listen() for backend in backends]
        elif command == "replay":
            again = [Again(list(backends[index].turns)) for index in value]
            listening = [listen(one) for one in again]
            servers += [server for server, _ in listening]
            answer = [port for _, port in listening]
        elif command == "timers":
            answer = [sum(map(timers, backends[index].turns)) for index in value]
        else:
            end = time.monotonic() + value
            for one in again:
                if one.turns:
                    one.done.wait(max(0.0, end - time.monotonic()))
            answer = [one.differences() for one in again]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    try:
        main()
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(0)  # threads that wait for workers would hold the process

"""Serves in-memory Durable Task backends on loopback ports: one gRPC sidecar for each program under test.

Run as `python sidecar.py COUNT`, prints the ports as one JSON list and serves until its standard input closes.
Needs durabletask 1.12.0; `Backend` mends what would distort these tests in its in-memory backend.
"""

from __future__ import annotations

import json
import sys
from concurrent import futures
from typing import Any

import grpc
from durabletask.internal import orchestrator_service_pb2_grpc as stubs
from durabletask.testing import InMemoryOrchestrationBackend

FOREVER = 3600


class Backend(InMemoryOrchestrationBackend):
    """An in-memory backend on 127.0.0.1, on a port that the operating system chose."""

    def listen(self) -> int:
        """Starts to serve and returns the port (the base class binds all interfaces and loses port 0)."""
        self._shutdown_event.clear()
        self._server = grpc.server(futures.ThreadPoolExecutor(max_workers=16), options=[("grpc.so_reuseport", 0)])
        stubs.add_TaskHubSidecarServiceServicer_to_server(self, self._server)
        self._port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        return int(self._port)

    def _wait_for_state(self, instance_id: str, predicate: Any, timeout: float | None) -> Any:
        # A client without a deadline overflows; children are cut off after 30 seconds.
        return super()._wait_for_state(instance_id, predicate, min(timeout or FOREVER, FOREVER))

    def CompleteOrchestratorTask(self, request: Any, context: Any) -> Any:
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


def main() -> None:
    """Serves as many backends as the first argument says."""
    backends = [Backend() for _ in range(int(sys.argv[1]))]
    print(json.dumps([backend.listen() for backend in backends]), flush=True)
    sys.stdin.read()
    for backend in backends:
        backend.stop()


if __name__ == "__main__":
    main()

"""The in-memory backend on the port of the emulator, until it is ended; writes its address when it listens."""

from __future__ import annotations

import os
import signal
from concurrent import futures
from pathlib import Path

import grpc
from durabletask.internal import orchestrator_service_pb2_grpc as stubs
from durabletask.testing import InMemoryOrchestrationBackend

backend = InMemoryOrchestrationBackend()
server = grpc.server(futures.ThreadPoolExecutor(max_workers=10), options=[("grpc.so_reuseport", 0)])
stubs.add_TaskHubSidecarServiceServicer_to_server(backend, server)
address = os.environ["ENDPOINT"]
server.add_insecure_port(address.removeprefix("http://"))
server.start()
Path("backend.address").write_text(address, encoding="utf-8")
signal.pause()

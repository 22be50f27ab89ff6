"""Connects the SDK's workers and clients to a host in this process instead of a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from determinism_lint.replay.hosts import durabletask_sdk as sdk
from determinism_lint.replay.hosts.durabletask_backend import RpcAbortedError, ServicerContext

if TYPE_CHECKING:
    from determinism_lint.replay.hosts.durabletask import DurableTaskHost


class RpcError(sdk.grpc.RpcError):  # type: ignore[misc]
    """What a client sees when a call fails."""

    def __init__(self, code: Any, details: str) -> None:
        super().__init__(details)
        self._code, self._details = code, details

    def code(self) -> Any:
        return self._code

    def details(self) -> str:
        return self._details


class Transport:
    """Installed for the rest of the process. Clients talk to `host`; a worker that starts is given to `on_start`."""

    def __init__(self) -> None:
        self.host: DurableTaskHost | None = None
        self.on_start: Callable[[Any], None] = lambda worker: None

    def install(self) -> None:
        """Replaces start and stop of the workers, and what the clients talk to."""
        transport = self

        def start(worker: Any) -> None:
            worker._is_running = True
            transport.on_start(worker)

        def stop(worker: Any) -> None:
            worker._is_running = False

        sdk.Worker.start, sdk.Worker.stop = start, stop
        _connect(sdk.Client, _Stub(self))
        stub = _AsyncStub(self)
        _connect(sdk.AsyncClient, stub)
        sdk.AsyncClient._get_stub = lambda client: stub

    def call(self, method: str, request: Any) -> Any:
        """One remote call, as a client makes it."""
        if self.host is None:
            raise RpcError(sdk.grpc.StatusCode.UNAVAILABLE, "no worker has started")
        try:
            return _answer(self.host, method, request)
        except RpcAbortedError as error:
            raise RpcError(error.code, error.details) from None


def _answer(host: DurableTaskHost, method: str, request: Any) -> Any:
    """Takes the request, but lets nothing else happen meanwhile."""
    if method.startswith("Wait"):
        raise RpcError(
            sdk.grpc.StatusCode.DEADLINE_EXCEEDED, "the program under test waits for an instance by a client"
        )
    result = getattr(host.backend, method)(request, ServicerContext())
    return list(result) if method.startswith("Stream") else result


class _Stub:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(request: Any, **options: Any) -> Any:
            return self._transport.call(method, request)

        return call


class _AsyncStub(_Stub):
    def __getattr__(self, method: str) -> Callable[..., Any]:
        async def call(request: Any, **options: Any) -> Any:
            return self._transport.call(method, request)

        return call


def _connect(client: Any, stub: _Stub) -> None:
    original = client.__init__

    def connected(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self._stub = stub

    client.__init__ = connected

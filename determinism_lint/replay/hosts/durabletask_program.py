"""Loads a durabletask program and makes hosts for it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from determinism_lint.replay import load
from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.hosts import durabletask_execution as execution
from determinism_lint.replay.hosts import durabletask_sdk as sdk
from determinism_lint.replay.hosts.durabletask import DurableTaskHost, register_also
from determinism_lint.replay.hosts.durabletask_transport import Transport
from determinism_lint.replay.model import Sdk
from determinism_lint.replay.observe import Observer
from determinism_lint.replay.project import Project


class DurableTaskProgram:
    """One file. Its workers and clients never see a network."""

    sdk = Sdk.DURABLETASK

    def __init__(self, project: Project, clock: VirtualClock, observer: Observer) -> None:
        if missing := sdk.missing_api():
            raise load.ProgramError(f"durabletask {sdk.version()} is not supported: it lacks {', '.join(missing)}")
        self._project, self._clock, self._observer = project, clock, observer
        self._transport = Transport()
        self._transport.install()

    def host(self) -> DurableTaskHost:
        """Loads the program afresh, as far as the start of its worker.

        A file that starts no worker is taken as a part of a program: its own functions are registered by name, and
        what it does not define is stood in for.
        """
        load.unload(self._project)
        started: list[Any] = []
        self._transport.host = None
        self._transport.on_start = lambda worker: _stop_loading(started, worker)
        program = load.load(self._project)
        if not started and load.has_main_guard(self._project.path):
            program = self._load_as_main(program)
        worker = _merged(started or [value for value in vars(program).values() if isinstance(value, sdk.Worker)])
        if worker is None or not worker._registry.orchestrators:
            worker, stand_ins = _worker_of(load.functions(program)), True
        else:
            stand_ins = not worker._registry.activities
        host = DurableTaskHost(worker, self._clock, self._observer, stand_ins)
        self._transport.host = host
        return host

    def _load_as_main(self, program: ModuleType) -> ModuleType:
        try:
            return load.load(self._project, "__main__")
        except load.ProgramError:  # wants arguments, a server, a terminal: the module has to do
            return program


def _stop_loading(started: list[Any], worker: Any) -> None:
    started.append(worker)
    raise load.StopLoadingError


def _merged(workers: list[Any]) -> Any | None:
    for other in workers[1:]:
        register_also(workers[0], other)
    return workers[0] if workers else None


def _worker_of(functions: Mapping[str, Any]) -> Any:
    worker = sdk.Worker(logger=execution.QUIET)
    registry = worker._registry
    for name, function in functions.items():
        if isinstance(function, type):
            if issubclass(function, sdk.entities.DurableEntity) and function is not sdk.entities.DurableEntity:
                registry.add_entity(function)
        elif _first_annotation(function).endswith("EntityContext"):
            registry.add_entity(function)
        elif _is_orchestrator(function):
            registry.orchestrators[name] = function
        else:
            registry.activities[name] = function
    return worker


def _is_orchestrator(function: Any) -> bool:
    annotation = _first_annotation(function)
    if annotation:
        return annotation.endswith("OrchestrationContext")
    parameters = list(inspect.signature(function).parameters)
    return inspect.isgeneratorfunction(function) and len(parameters) == 2 and parameters[0] in ("ctx", "context")


def _first_annotation(function: Any) -> str:
    parameters = list(inspect.signature(function).parameters.values())
    if not parameters or parameters[0].annotation is inspect.Parameter.empty:
        return ""
    annotation = parameters[0].annotation
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")

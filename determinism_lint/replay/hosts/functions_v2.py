"""Runs azure-functions-durable 2.x orchestrators, which are durabletask orchestrators behind an adapter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any

from determinism_lint.replay import load
from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.hosts import durabletask_execution as execution
from determinism_lint.replay.hosts import durabletask_sdk
from determinism_lint.replay.hosts import functions_app as app
from determinism_lint.replay.hosts import functions_v2_sdk as sdk
from determinism_lint.replay.hosts.durabletask import DurableTaskHost
from determinism_lint.replay.model import Sdk
from determinism_lint.replay.observe import Observer
from determinism_lint.replay.project import Project


class FunctionsV2Host(DurableTaskHost):
    """Knows the program's own functions behind the adapters."""

    def __init__(
        self,
        worker: Any,
        orchestrators: Mapping[str, Any],
        activities: Mapping[str, Any],
        clock: VirtualClock,
        observer: Observer,
    ) -> None:
        super().__init__(worker, clock, observer, stand_ins=not activities)
        self._orchestrators, self._activities = orchestrators, activities

    def orchestrators(self) -> tuple[str, ...]:
        return tuple(self._orchestrators)

    def code(self, orchestrator: str) -> CodeType | None:
        return load.code_of(self._orchestrators[orchestrator])

    def _activity_function(self, name: str) -> Any:
        return self._activities.get(name)


class FunctionsV2Program:
    """A file with an app or a blueprint."""

    sdk = Sdk.FUNCTIONS_V2

    def __init__(self, project: Project, clock: VirtualClock, observer: Observer) -> None:
        if missing := durabletask_sdk.missing_api():
            raise load.ProgramError(f"durabletask {durabletask_sdk.version()} is not supported: it lacks {missing}")
        self._project, self._clock, self._observer = project, clock, observer

    def host(self) -> FunctionsV2Host:
        """Loads the program afresh."""
        load.unload(self._project)
        found = app.registrations(load.load(self._project), sdk.df)
        worker = durabletask_sdk.Worker(logger=execution.QUIET, data_converter=sdk.data_converter)
        orchestrators = {
            name: registration.function.orchestrator_function
            for name, registration in app.by_name(found, app.ORCHESTRATION).items()
        }
        for name, function in orchestrators.items():
            worker._registry.add_named_orchestrator(name, sdk.wrap_orchestrator(function))
        for name, activity in app.by_name(found, app.ACTIVITY).items():
            worker._registry.activities[name] = _http_answer if activity.built_in else _with_context(activity)
        for name, entity in app.by_name(found, app.ENTITY).items():
            worker.add_entity(sdk.wrap_entity(entity.function.entity_function), name=name)
        own = [registration for registration in found if not registration.built_in]
        return FunctionsV2Host(
            worker,
            {name: orchestrators[name] for name in app.by_name(own, app.ORCHESTRATION)},
            {name: registration.function for name, registration in app.by_name(own, app.ACTIVITY).items()},
            self._clock,
            self._observer,
        )


def _with_context(activity: app.Registration) -> Callable[[Any, Any], Any]:
    return lambda context, value: activity.call(value)


def _http_answer(context: Any, request: Any) -> dict[str, Any]:
    """Durable HTTP calls are answered here: the host never uses the network by itself."""
    return {"status_code": 200, "headers": {}, "content": "{}"}

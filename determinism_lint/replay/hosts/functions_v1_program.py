"""Loads a program for azure-functions-durable 1.x and makes hosts for it."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from determinism_lint.replay import load
from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.hosts import functions_app as app
from determinism_lint.replay.hosts import functions_v1_sdk as sdk
from determinism_lint.replay.hosts.functions_v1 import Functions, FunctionsV1Host
from determinism_lint.replay.model import Sdk
from determinism_lint.replay.observe import Observer
from determinism_lint.replay.project import Project


class FunctionsV1Program:
    """A file with an app or a blueprint; or, in the old model, the folder of one function with its `function.json`."""

    sdk = Sdk.FUNCTIONS_V1

    def __init__(self, project: Project, clock: VirtualClock, observer: Observer) -> None:
        if missing := sdk.missing_api():
            raise load.ProgramError(
                f"azure-functions-durable {sdk.version()} is not supported: it lacks {', '.join(missing)}"
            )
        self._project, self._clock, self._observer = project, clock, observer

    def host(self) -> FunctionsV1Host:
        """Loads the program afresh."""
        folder = os.path.dirname(self._project.path)
        load.unload(self._project)
        if os.path.exists(os.path.join(folder, "function.json")):
            found = list(_functions_of_folders(os.path.dirname(folder)))
        else:
            program = load.load(self._project)
            found = [*_bare_handles(program), *app.registrations(program, sdk.df)]
        functions = Functions(
            {name: r.function for name, r in app.by_name(found, app.ORCHESTRATION).items()},
            app.by_name(found, app.ACTIVITY),
            {name.lower(): r.function for name, r in app.by_name(found, app.ENTITY).items()},
        )
        return FunctionsV1Host(functions, self._clock, self._observer)


def _bare_handles(program: ModuleType) -> Iterator[app.Registration]:
    """`main = df.Orchestrator.create(f)` and its like for entities, in a file that stands alone."""
    for value in vars(program).values():
        if inspect.isfunction(value) and hasattr(value, "orchestrator_function"):
            yield app.Registration(app.ORCHESTRATION, value.orchestrator_function.__name__, value, "context")
        elif inspect.isfunction(value) and hasattr(value, "entity_function"):
            yield app.Registration(app.ENTITY, value.entity_function.__name__, value, "context")


def _functions_of_folders(root: str) -> Iterator[app.Registration]:
    """Every folder below `root` that has a `function.json`."""
    for folder in sorted(os.listdir(root)):
        definition = _definition(os.path.join(root, folder, "function.json"))
        trigger = _durable_trigger(definition)
        if trigger is not None:
            script = os.path.join(root, folder, definition.get("scriptFile", "__init__.py"))
            entry = definition.get("entryPoint", "main")
            function = getattr(load.load_below(root, script), entry, None)
            if function is None:
                raise load.ProgramError(f"{script} has no function {entry}")
            yield app.Registration(trigger["type"], folder, function, trigger["name"])


def _definition(path: str) -> Mapping[str, Any]:
    try:
        with open(path, encoding="utf-8") as stream:
            return dict(json.load(stream))
    except (OSError, ValueError):
        return {}


def _durable_trigger(definition: Mapping[str, Any]) -> Mapping[str, Any] | None:
    kinds = (app.ORCHESTRATION, app.ACTIVITY, app.ENTITY)
    return next((binding for binding in definition.get("bindings", ()) if binding.get("type") in kinds), None)

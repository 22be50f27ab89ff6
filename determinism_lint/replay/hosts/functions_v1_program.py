"""Loads a program for azure-functions-durable 1.x and makes hosts for it."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from determinism_lint.replay import load
from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.hosts import functions_v1_sdk as sdk
from determinism_lint.replay.hosts.functions_v1 import Functions, FunctionsV1Host
from determinism_lint.replay.model import Sdk
from determinism_lint.replay.observe import Observer


class FunctionsV1Program:
    """A file with an app or a blueprint; or, in the old model, the folder of one function with its `function.json`."""

    sdk = Sdk.FUNCTIONS_V1

    def __init__(self, path: str, clock: VirtualClock, observer: Observer) -> None:
        if missing := sdk.missing_api():
            raise load.ProgramError(
                f"azure-functions-durable {sdk.version()} is not supported: it lacks {', '.join(missing)}"
            )
        self._path, self._clock, self._observer = path, clock, observer

    def host(self) -> FunctionsV1Host:
        """Loads the program afresh."""
        load.unload(os.path.dirname(self._path))
        if os.path.exists(os.path.join(os.path.dirname(self._path), "function.json")):
            functions = _old_app(os.path.dirname(os.path.dirname(self._path)))
        else:
            program = load.load(self._path)
            functions = _registered(program)
        return FunctionsV1Host(functions, self._clock, self._observer)


def _registered(program: ModuleType) -> Functions:
    """What the module's app registers, or its blueprints where it has no app, and bare handles of the old model."""
    orchestrators: dict[str, Any] = {}
    activities: dict[str, Callable[[Any], Any]] = {}
    entities: dict[str, Callable[[str], str]] = {}
    for function in _app_of(program).get_functions():
        trigger, user = function.get_trigger(), function.get_user_function()
        kind, name = getattr(trigger, "type", None), function.get_function_name()
        if kind == "orchestrationTrigger":
            orchestrators[trigger.orchestration or name] = user
        elif kind == "activityTrigger":
            activities[trigger.activity or name] = _by_keyword(user, trigger.name)
        elif kind == "entityTrigger":
            entities[(trigger.entity_name or name).lower()] = user
    for value in vars(program).values():
        if inspect.isfunction(value) and hasattr(value, "orchestrator_function"):
            orchestrators.setdefault(value.orchestrator_function.__name__, value)
        elif inspect.isfunction(value) and hasattr(value, "entity_function"):
            entities.setdefault(value.entity_function.__name__.lower(), value)
    return Functions(orchestrators, activities, entities)


def _app_of(program: ModuleType) -> Any:
    values = list(vars(program).values())
    app = next((value for value in values if isinstance(value, sdk.df.DFApp)), None)
    if app is None:
        app = sdk.df.DFApp()
        for value in values:
            if isinstance(value, sdk.df.Blueprint):
                app.register_functions(value)
    return app


def _by_keyword(function: Callable[..., Any], parameter: str) -> Callable[[Any], Any]:
    return lambda value: function(**{parameter: value})


def _old_app(root: str) -> Functions:
    """Every folder below `root` that has a `function.json`."""
    orchestrators: dict[str, Any] = {}
    activities: dict[str, Callable[[Any], Any]] = {}
    entities: dict[str, Callable[[str], str]] = {}
    for folder in sorted(os.listdir(root)):
        definition = _definition(os.path.join(root, folder, "function.json"))
        trigger = _trigger(definition)
        if trigger is None:
            continue
        script = os.path.join(root, folder, definition.get("scriptFile", "__init__.py"))
        main = getattr(load.load_in_package(script, root), definition.get("entryPoint", "main"), None)
        if main is None:
            raise load.ProgramError(f"{script} has no function {definition.get('entryPoint', 'main')}")
        if trigger["type"] == "orchestrationTrigger":
            orchestrators[folder] = main
        elif trigger["type"] == "activityTrigger":
            activities[folder] = _by_keyword(main, trigger["name"])
        else:
            entities[folder.lower()] = main
    return Functions(orchestrators, activities, entities)


def _definition(path: str) -> Mapping[str, Any]:
    try:
        with open(path, encoding="utf-8") as stream:
            return dict(json.load(stream))
    except (OSError, ValueError):
        return {}


def _trigger(definition: Mapping[str, Any]) -> Mapping[str, Any] | None:
    kinds = ("orchestrationTrigger", "activityTrigger", "entityTrigger")
    return next((binding for binding in definition.get("bindings", ()) if binding.get("type") in kinds), None)

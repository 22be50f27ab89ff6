"""What a Functions app registers. Works for both generations of azure-functions-durable."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass
from types import ModuleType
from typing import Any

ORCHESTRATION, ACTIVITY, ENTITY = "orchestrationTrigger", "activityTrigger", "entityTrigger"


@dataclass(frozen=True, slots=True)
class Registration:
    """A function with a durable trigger."""

    trigger: str
    name: str
    function: Any
    parameter: str  # the one that the trigger binds

    @property
    def built_in(self) -> bool:
        """Whether the SDK registered it, not the program."""
        return self.name.startswith("BuiltIn")

    def call(self, value: Any) -> Any:
        """Calls an activity as the Functions worker does, and awaits it if it is a coroutine."""
        result = self.function(**{self.parameter: value})
        return asyncio.run(result) if inspect.iscoroutine(result) else result


def registrations(program: ModuleType, df: Any) -> list[Registration]:
    """The functions of a module's app, or of its blueprints where it has no app. `df` is azure.durable_functions."""
    found = []
    for function in _app(program, df).get_functions():
        trigger = function.get_trigger()
        name = _name_in(trigger) or function.get_function_name()
        if trigger is not None:
            found.append(Registration(trigger.type, name, function.get_user_function(), trigger.name))
    return found


def by_name(found: list[Registration], trigger: str) -> dict[str, Registration]:
    """Those with a trigger of this kind."""
    return {registration.name: registration for registration in found if registration.trigger == trigger}


def _app(program: ModuleType, df: Any) -> Any:
    values = list(vars(program).values())
    app = next((value for value in values if isinstance(value, df.DFApp)), None)
    if app is None:
        app = df.DFApp()
        for value in values:
            if isinstance(value, df.Blueprint):
                app.register_functions(value)
    return app


def _name_in(trigger: Any) -> str | None:
    names = (getattr(trigger, attribute, None) for attribute in ("orchestration", "activity", "entity_name"))
    return next((name for name in names if name), None)

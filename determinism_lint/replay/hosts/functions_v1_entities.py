"""The entities of a 1.x app and their states."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from determinism_lint.replay.model import Call, Json


class Entities:
    """Runs operations one by one."""

    def __init__(self, functions: Mapping[str, Callable[[str], str]], calls: list[Call]) -> None:
        self._functions, self._calls = functions, calls
        self._states: dict[str, str | None] = {}  # serialized, by id (`@account@alice`)

    def set(self, name_and_key: str, state: Json) -> None:
        """Gives an entity (`account@alice`) its state before the run."""
        name, _, key = name_and_key.partition("@")
        self._states[f"@{name.lower()}@{key}"] = json.dumps(state)

    def states(self) -> dict[str, Json]:
        """The states of all entities that exist."""
        return {name.removeprefix("@"): json.loads(state) for name, state in self._states.items() if state is not None}

    def operate(self, entity_id: str, operation: str, encoded: str | None, is_signal: bool = False) -> dict[str, Json]:
        """Runs an operation of an entity and returns the response message."""
        name, _, key = entity_id.removeprefix("@").partition("@")
        answer = self._answer(entity_id, name, key, {"name": operation, "input": encoded, "isSignal": is_signal})
        result = answer["results"][0]
        outcome = json.loads(result["result"])
        label, value = f"{name}@{key}.{operation}", json.loads(encoded) if encoded else None
        if result["isError"]:
            self._calls.append(Call(label, value, error=str(outcome)))
            return {"result": result["result"], "exceptionType": "Error"}
        self._calls.append(Call(label, value, outcome))
        return {"result": result["result"]}

    def _answer(self, entity_id: str, name: str, key: str, request: Mapping[str, Json]) -> Mapping[str, Json]:
        if name not in self._functions:
            message = f"The function '{name}' doesn't exist or is not an entity function."
            return {"results": [{"isError": True, "result": json.dumps(message)}]}
        state = self._states.get(entity_id)
        batch = {
            "self": {"name": name, "key": key},
            "state": state,
            "exists": state is not None,
            "batch": [{**request, "input": json.dumps(request["input"])}],  # the extension encodes it twice
        }
        answer: dict[str, Json] = json.loads(self._functions[name](json.dumps(batch)))
        self._states[entity_id] = answer["entityState"] if answer["entityExists"] else None
        return answer

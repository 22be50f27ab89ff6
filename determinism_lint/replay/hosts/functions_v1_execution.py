"""One execution of a 1.x orchestrator by the SDK, on a request of the extension."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Sequence
from typing import Any

from determinism_lint.replay import load
from determinism_lint.replay.hosts import functions_v1_protocol as protocol
from determinism_lint.replay.hosts import functions_v1_sdk as sdk
from determinism_lint.replay.hosts.functions_v1_protocol import State
from determinism_lint.replay.hosts.functions_v1_recording import Asking
from determinism_lint.replay.model import Action, Place
from determinism_lint.replay.observe import Observer
from determinism_lint.replay.stand_in import plain


class Executor:
    """Executes orchestrators and remembers the one that is under way, what it asked for, and where it waits."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._context: Any = None
        self.asked: Sequence[Action] = ()
        self.stands: Place | None = None
        self._dropping = False

    def is_replaying(self) -> bool:
        """Whether what runs now will run, or has run, in other executions of the same history too."""
        return self._dropping or self._context is None or bool(self._context.is_replaying)

    def execute(self, handle: Any, request: str) -> tuple[State, Any]:
        """The state that the SDK answers, and its context, which knows the open tasks. `handle` is a registered one."""
        context = self._context = sdk.Context.from_json(request)
        context._input_expected_type = getattr(handle, "_df_input_type", None)
        function = handle.orchestrator_function
        orchestrator = sdk.Orchestrator(_with_plain_output(function))
        asking = Asking(context, orchestrator.task_orchestration_executor, self._observer.owns)
        try:
            state: State = json.loads(orchestrator.handle(context))
        except Exception as error:
            state = protocol.state_of_failure(error)
        self.asked, self.stands = asking.actions, asking.stands()
        self._drop(orchestrator, function)
        return state, context

    def _drop(self, orchestrator: Any, function: Any) -> None:
        """Ends a suspended orchestrator as garbage collection would, but now."""
        generator = getattr(orchestrator.task_orchestration_executor, "generator", None)
        self._dropping = True
        try:
            if generator is not None:
                generator.close()
        except RuntimeError:  # generator ignored GeneratorExit
            self._observer.note_survivor(load.code_of(function))
        except Exception:  # raised by a finally clause: nobody would ever see it
            pass
        finally:
            self._dropping = False


def _with_plain_output(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The SDK encodes a result without its converter, which is the one that knows stand-ins."""

    def finish(generator: Any) -> Any:
        return plain((yield from generator))

    def orchestrator(context: Any) -> Any:
        result = function(context)
        return finish(result) if inspect.isgenerator(result) else plain(result)

    return orchestrator

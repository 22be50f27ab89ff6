"""What durabletask does when code changes under a waiting instance, on the in-memory backend.

Writes `{change: outcome}` as JSON. The story is that of skills_src/notices.py. Runs in an environment that has the SDK
and nothing of this project.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Generator
from datetime import timedelta
from typing import Any

from durabletask import task
from durabletask.client import OrchestrationStatus, TaskHubGrpcClient
from durabletask.worker import TaskHubGrpcWorker
from grpc_backend import Backend  # type: ignore[import-not-found] # it lies beside this file

Call = Callable[[task.OrchestrationContext], Any]


def a(ctx: task.ActivityContext, x: str) -> str:
    return f"a{x}"


def b(ctx: task.ActivityContext, x: str) -> str:
    return f"b{x}"


def c(ctx: task.ActivityContext, x: str) -> str:
    return f"c{x}"


def child(ctx: task.OrchestrationContext, _: object) -> str:
    return "child"


def other_child(ctx: task.OrchestrationContext, _: object) -> str:
    return "other"


def activity(function: Any, value: str) -> Call:
    return lambda ctx: ctx.call_activity(function, input=value)


def timer(milliseconds: int) -> Call:
    return lambda ctx: ctx.create_timer(timedelta(milliseconds=milliseconds))


def children(function: Any) -> Call:
    return lambda ctx: ctx.call_sub_orchestrator(function)


def story(name: str, *calls: Call, event: str = "Go") -> Any:
    def orchestrator(ctx: task.OrchestrationContext, _: object) -> Generator[Any, Any, Any]:
        results = []
        for call in calls:
            results.append((yield call(ctx)))
        yield ctx.wait_for_external_event(event)
        return results

    orchestrator.__name__ = name
    return orchestrator


FIRST, SECOND = activity(a, "x"), activity(b, "y")
BEFORE: dict[str, tuple[Call, ...]] = {
    "other-timer": (timer(10), SECOND),
    "renamed-child": (children(child), SECOND),
}
AFTER: dict[str, tuple[Call, ...]] = {
    "renamed-activity": (activity(c, "x"), SECOND),
    "swapped-steps": (SECOND, FIRST),
    "added-step": (activity(c, "z"), FIRST, SECOND),
    "removed-step": (SECOND,),
    "other-kind": (timer(10), SECOND),
    "other-payload": (activity(a, "other"), SECOND),
    "other-timer": (timer(20), SECOND),
    "renamed-child": (children(other_child), SECOND),
    "renamed-event": (FIRST, SECOND),
}
CHANGES = (*AFTER, "renamed-orchestrator")


def serve(address: str, orchestrators: list[Any]) -> TaskHubGrpcWorker:
    worker = TaskHubGrpcWorker(host_address=address)
    for function in (*orchestrators, child, other_child):
        worker.add_orchestrator(function)
    for function in (a, b, c):
        worker.add_activity(function)
    worker.start()
    return worker


def outcome(client: TaskHubGrpcClient, change: str, expected: list[Any]) -> str:
    deadline = time.monotonic() + 20
    while change != "renamed-event" and time.monotonic() < deadline:
        state = client.get_orchestration_state(change)
        assert state is not None
        if state.runtime_status is OrchestrationStatus.COMPLETED:
            return "recorded" if state.get_output() == expected else "wrong"
        if state.runtime_status is OrchestrationStatus.FAILED:
            failure = state.failure_details
            assert failure is not None
            known = {"NonDeterminismError": "fails", "OrchestratorNotRegisteredError": "unregistered"}
            return known[failure.error_type.rpartition(".")[2]]
        time.sleep(0.02)
    return "hangs"


def main() -> None:
    logging.disable(logging.CRITICAL)
    backend = Backend()
    address = backend.listen()
    with TaskHubGrpcClient(host_address=address) as client:
        before = [story(change, *BEFORE.get(change, (FIRST, SECOND))) for change in CHANGES]
        with serve(address, before):
            for function in before:
                client.schedule_new_orchestration(function, instance_id=function.__name__)
            for change in CHANGES:
                while (
                    sum(
                        "Completed" in type(event).__name__ or "Fired" in type(event).__name__
                        for event in client.get_orchestration_history(change)
                    )
                    < 4
                ):
                    time.sleep(0.02)
        after = [
            story(change, *calls, event="Stop" if change == "renamed-event" else "Go")
            for change, calls in AFTER.items()
        ]
        with serve(address, after):
            for change in CHANGES:
                client.raise_orchestration_event(change, "Go")
            first = {"other-timer": None, "renamed-child": "child"}
            found = {change: outcome(client, change, [first.get(change, "ax"), "by"]) for change in CHANGES}
            waiting = client.get_orchestration_state("renamed-event")
            assert waiting is not None and waiting.runtime_status is OrchestrationStatus.RUNNING
    backend.stop()
    print(json.dumps(found))


if __name__ == "__main__":
    main()

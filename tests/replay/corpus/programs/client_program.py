"""A whole program: a worker, a synchronous and an asynchronous client."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta, timezone

from durabletask import task
from durabletask.client import AsyncTaskHubGrpcClient, TaskHubGrpcClient
from durabletask.entities import DurableEntity, EntityInstanceId
from durabletask.worker import TaskHubGrpcWorker


class Counter(DurableEntity):
    def add(self, amount: int) -> None:
        self.set_state(self.get_state(int, 0) + amount)


def waits(ctx: task.OrchestrationContext, hours: int):
    yield ctx.create_timer(timedelta(hours=hours))
    return ctx.current_utc_datetime.isoformat(timespec="hours")


def approval(ctx: task.OrchestrationContext, _):
    return (yield ctx.wait_for_external_event("approval"))


async def asynchronously() -> None:
    client = AsyncTaskHubGrpcClient()
    instance = await client.schedule_new_orchestration(waits, input=5)
    state = await client.wait_for_orchestration_completion(instance, timeout=10**6)
    print("async", state.get_output() if state else None)


def main() -> None:
    with TaskHubGrpcWorker() as worker:
        worker.add_orchestrator(waits)
        worker.add_orchestrator(approval)
        worker.add_entity(Counter)
        worker.start()
        client = TaskHubGrpcClient()

        waiting = client.schedule_new_orchestration(waits, input=3)
        try:
            client.wait_for_orchestration_completion(waiting, timeout=3600)
        except TimeoutError:
            print("not within an hour")
        time.sleep(3 * 3600)
        state = client.get_orchestration_state(waiting)
        print("slept", state.runtime_status.name if state else None)

        start_at = datetime.now(timezone.utc) + timedelta(days=1)
        scheduled = client.schedule_new_orchestration(waits, input=1, start_at=start_at)
        state = client.wait_for_orchestration_completion(scheduled, timeout=10**6)
        print("scheduled", state.get_output() if state else None)

        approved = client.schedule_new_orchestration(approval, instance_id="approval-1")
        client.wait_for_orchestration_start(approved, timeout=5)
        client.suspend_orchestration(approved)
        client.raise_orchestration_event(approved, "APPROVAL", data="yes")
        state = client.get_orchestration_state(approved)
        print("suspended", state.runtime_status.name if state else None)
        client.resume_orchestration(approved)
        state = client.wait_for_orchestration_completion(approved, timeout=5)
        print("resumed", state.get_output() if state else None)

        ended = client.schedule_new_orchestration(approval)
        client.terminate_orchestration(ended, output="enough")
        state = client.wait_for_orchestration_completion(ended, timeout=5)
        print("terminated", state.runtime_status.name if state else None)

        client.signal_entity(EntityInstanceId("Counter", "c"), "add", input=2)
        entity = client.get_entity(EntityInstanceId("Counter", "c"))
        print("entity", entity.get_typed_state(int) if entity else None)
        asyncio.run(asynchronously())


if __name__ == "__main__":
    main()

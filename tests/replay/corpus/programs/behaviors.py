"""A durabletask program that uses what the host has to get right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from durabletask import task
from durabletask.entities import DurableEntity, EntityContext, EntityInstanceId
from durabletask.worker import TaskHubGrpcWorker

ALICE, BOB = EntityInstanceId("account", "alice"), EntityInstanceId("account", "bob")
attempts: list[int] = []


@dataclass
class Order:
    id: str
    items: int = 1


class Account(DurableEntity):
    def deposit(self, amount: int) -> int:
        self.set_state(self.get_state(int, 0) + amount)
        return self.get_state(int, 0)

    def get(self) -> int:
        return self.get_state(int, 0)

    def close(self) -> None:
        raise ValueError("the account stays open")


def counter(ctx: EntityContext, amount: int | None) -> int:
    ctx.set_state(ctx.get_state(int, 0) + (amount or 0))
    return ctx.get_state(int, 0)


def double(ctx: task.ActivityContext, value: int) -> int:
    return value * 2


def fails_silently(ctx: task.ActivityContext, _) -> None:
    raise ValueError


def fails_twice(ctx: task.ActivityContext, _) -> int:
    attempts.append(1)
    if len(attempts) < 3:
        raise RuntimeError(f"attempt {len(attempts)}")
    return len(attempts)


def chain(ctx: task.OrchestrationContext, value: int):
    ctx.set_custom_status("doubling")
    value = yield ctx.call_activity(double, input=value)
    return (yield ctx.call_activity("double", input=value))


def waits_a_month(ctx: task.OrchestrationContext, _):
    start = ctx.current_utc_datetime
    yield ctx.create_timer(timedelta(days=30))
    return (ctx.current_utc_datetime - start).days


def typed(ctx: task.OrchestrationContext, order: Order):
    yield ctx.create_timer(timedelta(seconds=1))
    return [type(order).__name__, order.id, order.items]


def patient_child(ctx: task.OrchestrationContext, hours: int):
    yield ctx.create_timer(timedelta(hours=hours))
    return ctx.parent_instance_id


def parent(ctx: task.OrchestrationContext, _):
    tasks = [ctx.call_sub_orchestrator(patient_child, input=hours, instance_id=f"kid-{hours}") for hours in (2, 1)]
    return (yield task.when_all(tasks))


def parent_of_a_failure(ctx: task.OrchestrationContext, _):
    try:
        yield ctx.call_sub_orchestrator(lets_a_failure_through)
    except task.TaskFailedError as error:
        return error.details.message


def lets_a_failure_through(ctx: task.OrchestrationContext, _):
    yield ctx.call_activity(fails_silently)


def retries(ctx: task.OrchestrationContext, _):
    start = ctx.current_utc_datetime
    policy = task.RetryPolicy(
        first_retry_interval=timedelta(minutes=1), max_number_of_attempts=5, backoff_coefficient=2
    )
    attempt = yield ctx.call_activity(fails_twice, retry_policy=policy)
    return [attempt, round((ctx.current_utc_datetime - start).total_seconds())]


def gathers(ctx: task.OrchestrationContext, state: dict):
    item = yield ctx.wait_for_external_event("item")
    items = [*state["items"], item]
    if len(items) == 3:
        return items
    ctx.continue_as_new({"items": items}, save_events=True)
    return None


def leaves_a_timer_behind(ctx: task.OrchestrationContext, generation: int):
    start = ctx.current_utc_datetime
    if generation == 0:
        ctx.create_timer(timedelta(seconds=1))
        yield ctx.create_timer(timedelta(milliseconds=50))
        ctx.continue_as_new(1)
        return None
    yield ctx.create_timer(timedelta(seconds=5))
    return round((ctx.current_utc_datetime - start).total_seconds())


def eternal(ctx: task.OrchestrationContext, count: int):
    yield ctx.create_timer(timedelta(hours=1))
    ctx.continue_as_new(count + 1)


def waits_for_approval(ctx: task.OrchestrationContext, _):
    approval = ctx.wait_for_external_event("Approval")
    expiry = ctx.create_timer(timedelta(hours=24))
    if (yield task.when_any([approval, expiry])) is approval:
        expiry.cancel()
        return approval.get_result()
    return "expired"


def waits_for_ever(ctx: task.OrchestrationContext, _):
    return (yield ctx.wait_for_external_event("never"))


def waits_for_a_waiting_child(ctx: task.OrchestrationContext, _):
    return (yield ctx.call_sub_orchestrator(waits_for_ever))


def uses_entities(ctx: task.OrchestrationContext, _):
    ctx.signal_entity(ALICE, "deposit", 5)
    balance = yield ctx.call_entity(ALICE, "deposit", 10)
    counted = yield ctx.call_entity(EntityInstanceId("counter", "c"), "add", 7)
    try:
        yield ctx.call_entity(ALICE, "close")
    except task.TaskFailedError as error:
        return [balance, counted, "the account stays open" in str(error)]


def holds_a_lock(ctx: task.OrchestrationContext, _):
    with (yield ctx.lock_entities([ALICE])):
        before = yield ctx.call_entity(ALICE, "get")
        ctx.send_event("neighbor", "go")
        yield ctx.create_timer(timedelta(seconds=10))
        after = yield ctx.call_entity(ALICE, "get")
    return [before, after]


def deposits_meanwhile(ctx: task.OrchestrationContext, _):
    neighbor = ctx.call_sub_orchestrator(deposits_when_told, instance_id="neighbor")
    seen = yield ctx.call_sub_orchestrator(holds_a_lock)
    deposited = yield neighbor
    return [seen, deposited]


def deposits_when_told(ctx: task.OrchestrationContext, _):
    yield ctx.wait_for_external_event("go")
    return (yield ctx.call_entity(ALICE, "deposit", 100))


def tells_its_version(ctx: task.OrchestrationContext, _):
    yield ctx.create_timer(timedelta(seconds=1))
    return ctx.version


def main() -> None:
    worker = TaskHubGrpcWorker(host_address="localhost:4001")
    for activity in (double, fails_silently, fails_twice):
        worker.add_activity(activity)
    for name, value in globals().copy().items():
        if getattr(value, "__annotations__", {}).get("ctx") == "task.OrchestrationContext":
            assert worker.add_orchestrator(value) == name
    worker.add_entity(Account)
    worker.add_entity(counter)
    worker.start()
    raise AssertionError("loading stops where the worker starts")


if __name__ == "__main__":
    main()

"""The protocol between an orchestrator and the runtime, and what breaks it."""

from __future__ import annotations

from datetime import timedelta

from durabletask import task
from durabletask.entities import EntityInstanceId

log: list[str] = []
attempts = 0


def work(ctx: task.ActivityContext, value):
    return value


def fails_once(ctx: task.ActivityContext, value):
    global attempts
    attempts += 1
    if attempts == 1:
        raise ValueError("the first attempt fails")
    return value


def steps(ctx: task.OrchestrationContext):
    yield ctx.call_activity(work, input=1)


def branches_on_replay(ctx: task.OrchestrationContext, _):  # NONDET_HARD
    if not ctx.is_replaying:
        yield ctx.call_activity(work, input=1)
    yield ctx.create_timer(timedelta(seconds=1))


def retries_with_a_timeout(ctx: task.OrchestrationContext, _):  # NONDET_HARD
    policy = task.RetryPolicy(
        first_retry_interval=timedelta(seconds=1), max_number_of_attempts=3, retry_timeout=timedelta(minutes=2)
    )
    yield ctx.call_activity(fails_once, input=1, retry_policy=policy)


def waits_for_all_of_nothing(ctx: task.OrchestrationContext, orders):  # HANG input=[]
    yield task.when_all([ctx.call_activity(work, input=order) for order in orders])


def yields_nothing(ctx: task.OrchestrationContext, _):  # HANG
    yield
    yield ctx.call_activity(work, input=1)


def calls_an_entity_by_text(ctx: task.OrchestrationContext, _):  # HANG
    yield ctx.call_entity("account@alice", "get")


def never_comes_back(ctx: task.OrchestrationContext, _):  # HANG timeout=4
    while True:
        pass


async def is_a_coroutine(ctx: task.OrchestrationContext, _):  # ERROR
    return 1


def yields_a_list(ctx: task.OrchestrationContext, _):  # ERROR
    yield ctx.call_activity(work, input=1)
    yield [ctx.call_activity(work, input=2)]


def returns_a_set(ctx: task.OrchestrationContext, _):  # ERROR
    yield ctx.call_activity(work, input=1)
    return {1, 2}


def passes_its_input_by_position(ctx: task.OrchestrationContext, _):  # ERROR
    yield ctx.call_activity(work, 5)


def signals_what_it_has_locked(ctx: task.OrchestrationContext, _):  # ERROR
    account = EntityInstanceId("account", "alice")
    with (yield ctx.lock_entities([account])):
        ctx.signal_entity(account, "deposit", input=1)


def catches_everything(ctx: task.OrchestrationContext, _):  # IMPURE
    try:
        yield ctx.call_activity(work, input=1)
    except:  # noqa: E722
        yield ctx.call_activity(work, input=2)


def cleans_up_with_an_effect(ctx: task.OrchestrationContext, _):  # IMPURE
    try:
        yield ctx.call_activity(work, input=1)
    finally:
        print("done")


def catches_failures_of_tasks(ctx: task.OrchestrationContext, _):  # DETERMINISTIC
    try:
        yield ctx.call_activity(work, input=1)
    except task.TaskFailedError:
        yield ctx.call_activity(work, input=2)
    finally:
        log.clear()


def delegates_to_a_helper(ctx: task.OrchestrationContext, _):  # DETERMINISTIC
    yield from steps(ctx)


def retries_without_a_timeout(ctx: task.OrchestrationContext, _):  # DETERMINISTIC
    policy = task.RetryPolicy(first_retry_interval=timedelta(hours=1), max_number_of_attempts=3)
    yield ctx.call_activity(fails_once, input=1, retry_policy=policy)


def races_an_event_against_a_timer(ctx: task.OrchestrationContext, _):  # DETERMINISTIC
    approved, expired = ctx.wait_for_external_event("approved"), ctx.create_timer(timedelta(days=2))
    if (yield task.when_any([approved, expired])) is approved:
        expired.cancel()
        yield ctx.call_activity(work, input=approved.get_result())
    else:
        yield ctx.call_activity(work, input="expired")


def starts_over(ctx: task.OrchestrationContext, round_: int):  # DETERMINISTIC input=0
    yield ctx.create_timer(timedelta(hours=1))
    if round_ < 3:
        ctx.continue_as_new(round_ + 1)
        return None
    return round_


def does_nothing_durable(ctx: task.OrchestrationContext, value):  # DETERMINISTIC input={"a":[1]}
    return value

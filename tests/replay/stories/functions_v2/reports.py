"""Reports on azure-functions-durable 2.x, in both of its styles. Each orchestrator's verdict is beside it."""

from __future__ import annotations

import functools
import secrets
import time
from datetime import datetime, timedelta

import azure.durable_functions as df
import azure.functions as func
from durabletask import task
from durabletask.entities import EntityInstanceId

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
FORMATS = frozenset({"pdf", "html", "csv", "xlsx"})


@app.activity_trigger(input_name="part")
def render(part: str) -> str:
    return f"{part} of {datetime.now()}"


@app.activity_trigger(input_name="parts")
def bind(parts: list) -> int:
    return len(parts)


@app.entity_trigger(context_name="context", entity_name="shelf")
def shelf(context):
    context.set_state(context.get_state(lambda: 0) + 1)
    context.set_result(context.get_state())


@functools.cache
def token() -> str:
    return secrets.token_hex(8)


@functools.cache
def chapters(count: int) -> tuple[str, ...]:
    return tuple(f"chapter {number}" for number in range(count))


# --- What goes wrong


@app.orchestration_trigger(context_name="context")
def keeps_a_secret_for_the_process(context):  # NONDET_SOFT
    yield context.call_activity("render", token())


@app.orchestration_trigger(context_name="ctx")
def renders_each_format(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield task.when_all([ctx.call_activity("render", input=each) for each in FORMATS])


@app.orchestration_trigger(context_name="ctx")
def polls_until_its_own_deadline(ctx: task.OrchestrationContext, _):  # NONDET_HARD
    until = time.monotonic() + 60
    for _ in range(5):
        if time.monotonic() < until:
            yield ctx.create_timer(timedelta(seconds=30))
    yield ctx.call_activity("render", input="late")


@app.orchestration_trigger(context_name="context")
def answers_from_memory_on_replay(context):  # NONDET_HARD
    if context.is_replaying:
        return "rendered"
    return (yield context.call_activity("render", "cover"))


@app.orchestration_trigger(context_name="context")
def naps(context):  # IMPURE
    yield context.call_activity("render", "cover")
    time.sleep(5)


# --- What is right


@app.orchestration_trigger(context_name="context")
def renders_and_binds(context: df.DurableOrchestrationContext):  # DETERMINISTIC input=3
    parts = yield context.task_all([context.call_activity("render", each) for each in chapters(context.get_input())])
    return (yield context.call_activity("bind", parts))


@app.orchestration_trigger(context_name="ctx")
def renders_sorted_formats(ctx: task.OrchestrationContext, _):  # DETERMINISTIC
    for each in sorted(FORMATS):
        yield ctx.call_activity("render", input=each)
    return ctx.new_uuid()


@app.orchestration_trigger(context_name="ctx")
def waits_for_a_sign_off(ctx: task.OrchestrationContext, days: int):  # DETERMINISTIC input=2
    signed, late = ctx.wait_for_external_event("signed"), ctx.create_timer(timedelta(days=days))
    winner = yield task.when_any([signed, late])
    if winner is late:
        return "late"
    yield ctx.call_activity("render", input="signed")
    return "signed"


@app.orchestration_trigger(context_name="ctx")
def puts_it_on_a_shelf(ctx: task.OrchestrationContext, _):  # DETERMINISTIC
    first = EntityInstanceId("shelf", "first")
    with (yield ctx.lock_entities([first])):
        count = yield ctx.call_entity(first, "put")
    return count


@app.orchestration_trigger(context_name="context")
def publishes_monthly(context: df.DurableOrchestrationContext):  # DETERMINISTIC input={"month":0}
    month = context.get_input()["month"]
    retry = df.RetryOptions(1_000, 2)
    yield context.call_activity_with_retry("render", retry, f"month {month}")
    if month < 2:
        context.continue_as_new({"month": month + 1})

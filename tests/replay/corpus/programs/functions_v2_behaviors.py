"""An app of azure-functions-durable 2.x that uses what the host has to get right."""

from __future__ import annotations

from datetime import timedelta

import azure.durable_functions as df
import azure.functions as func
from durabletask import task
from durabletask.entities import DurableEntity, EntityInstanceId

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
more = df.Blueprint()
attempts: list[int] = []


@app.activity_trigger(input_name="value")
def double(value: int):
    return value * 2


@more.activity_trigger(input_name="value", activity="TripleIt")
async def triple(value: int):
    return value * 3


@app.activity_trigger(input_name="value")
def fails_twice(value):
    attempts.append(1)
    if len(attempts) < 3:
        raise ValueError(f"attempt {len(attempts)}")
    return len(attempts)


@app.entity_trigger(context_name="context")
def account(context):
    context.set_state(context.get_state(lambda: 0) + (context.get_input() or 0))
    context.set_result(context.get_state())


@app.entity_trigger(context_name="context", entity_name="counter")
class Counter(DurableEntity):
    def add(self, amount: int) -> int:
        self.set_state(self.get_state(int, 0) + amount)
        return self.get_state(int, 0)


@app.orchestration_trigger(context_name="context", orchestration="Chain")
def chain(context):
    context.set_custom_status("doubling")
    value = yield context.call_activity("double", context.get_input())
    return (yield context.call_activity("TripleIt", value))


@more.orchestration_trigger(context_name="ctx")
def native_chain(ctx: task.OrchestrationContext, value: int):
    ctx.set_custom_status("doubling")
    value = yield ctx.call_activity("double", input=value)
    return (yield ctx.call_activity("TripleIt", input=value))


@app.orchestration_trigger(context_name="context")
def retries(context):
    start = context.current_utc_datetime
    attempt = yield context.call_activity_with_retry("fails_twice", df.RetryOptions(1000, 5), 1)
    return [attempt, round((context.current_utc_datetime - start).total_seconds())]


@app.orchestration_trigger(context_name="context")
def waits_for_approval(context):
    expiry = context.create_timer(context.current_utc_datetime + timedelta(hours=24))
    approval = context.wait_for_external_event("Approval")
    if (yield context.task_any([expiry, approval])) == approval:
        expiry.cancel()
        return approval.result
    return "expired"


@app.orchestration_trigger(context_name="context")
def gathers(context):
    item = yield context.wait_for_external_event("item")
    items = [*context.get_input(), item]
    if len(items) == 3:
        return items
    context.continue_as_new(items)


@app.orchestration_trigger(context_name="context")
def uses_entities(context):
    balance = yield context.call_entity(df.EntityId("account", "alice"), "deposit", 10)
    counted = yield context.call_entity(df.EntityId("counter", "c"), "add", 7)
    return [balance, counted]


@app.orchestration_trigger(context_name="ctx")
def parent(ctx: task.OrchestrationContext, _):
    account_id = EntityInstanceId("account", "alice")
    with (yield ctx.lock_entities([account_id])):
        balance = yield ctx.call_entity(account_id, "deposit", input=5)
    return [balance, (yield ctx.call_sub_orchestrator("child"))]


@app.orchestration_trigger(context_name="context")
def child(context):
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    return context.parent_instance_id


@app.orchestration_trigger(context_name="context")
def asks_the_web(context):
    answer = yield context.call_http("GET", "https://example.invalid/")
    return answer.status_code


app.register_functions(more)

"""Orchestrators of azure-functions-durable 2.x, in both of its styles. Each one's verdict is beside it."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta

import azure.durable_functions as df
import azure.functions as func
from durabletask import task
from durabletask.entities import EntityInstanceId

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.activity_trigger(input_name="value")
def work(value):
    return value


@app.activity_trigger(input_name="value")
async def other(value):
    return value


@app.entity_trigger(context_name="context", entity_name="account")
def account(context):
    context.set_state(context.get_state(lambda: 0) + (context.get_input() or 0))
    context.set_result(context.get_state())


@app.orchestration_trigger(context_name="context")
def flips_a_coin(context):  # NONDET_HARD
    yield context.call_activity(random.choice(["work", "other"]), 1)


@app.orchestration_trigger(context_name="ctx")
def branches_on_the_hour(ctx: task.OrchestrationContext, _):  # NONDET_HARD
    yield ctx.call_activity("work" if datetime.now().hour < 12 else "other", input=1)


@app.orchestration_trigger(context_name="context")
def passes_a_uuid4(context):  # NONDET_SOFT
    yield context.call_activity("work", str(uuid.uuid4()))


@app.orchestration_trigger(context_name="context")
def prints(context):  # IMPURE
    print("starting")
    yield context.call_activity("work", 1)


@app.orchestration_trigger(context_name="context")
def waits_for_all_of_nothing(context):  # HANG
    yield context.task_all([])


@app.orchestration_trigger(context_name="context")
def passes_a_decorated_function(context):  # ERROR
    yield context.call_activity(work, 1)


@app.orchestration_trigger(context_name="context")
def chains(context: df.DurableOrchestrationContext):  # DETERMINISTIC input=3
    first = yield context.call_activity("work", context.get_input())
    second = yield context.call_activity("other", first)
    yield context.create_timer(context.current_utc_datetime + timedelta(days=40))
    return [second, context.new_uuid()]


@app.orchestration_trigger(context_name="ctx")
def deposits_under_a_lock(ctx: task.OrchestrationContext, amount: int):  # DETERMINISTIC input=5
    alice = EntityInstanceId("account", "alice")
    with (yield ctx.lock_entities([alice])):
        yield ctx.call_entity(alice, "deposit", input=amount)
        balance = yield ctx.call_entity(alice, "get")
    return balance

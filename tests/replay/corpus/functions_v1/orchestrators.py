"""Orchestrators of azure-functions-durable 1.x. Each one's verdict is in the comment beside it."""

from __future__ import annotations

import logging
import os
import random
import time
import uuid
from datetime import datetime, timedelta, timezone

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
runs = 0


@app.activity_trigger(input_name="value")
def work(value):
    return value


@app.activity_trigger(input_name="value")
async def other(value):
    return value


@app.orchestration_trigger(context_name="context")
def branches_on_the_hour(context: df.DurableOrchestrationContext):  # NONDET_HARD
    yield context.call_activity("work" if datetime.now().hour < 12 else "other", 1)


@app.orchestration_trigger(context_name="context")
def flips_a_coin(context):  # NONDET_HARD
    yield context.call_activity(random.choice(["work", "other"]), 1)


@app.orchestration_trigger(context_name="context")
def counts_its_runs(context):  # NONDET_HARD
    global runs
    runs += 1
    yield context.call_activity("work" if runs % 2 else "other", 1)


@app.orchestration_trigger(context_name="context")
def follows_a_feature_flag(context):  # NONDET_HARD
    if os.getenv("NEW_FLOW"):
        yield context.call_activity("other", 1)
    yield context.call_activity("work", 1)


@app.orchestration_trigger(context_name="context")
def branches_on_replay(context):  # NONDET_HARD
    if context.is_replaying:
        yield context.call_activity("other", 1)
    yield context.call_activity("work", 1)


@app.orchestration_trigger(context_name="context")
def passes_a_uuid4(context):  # NONDET_SOFT
    yield context.call_activity("work", str(uuid.uuid4()))


@app.orchestration_trigger(context_name="context")
def fires_a_timer_at_a_wall_clock_time(context):  # NONDET_SOFT
    yield context.create_timer(datetime.now(timezone.utc) + timedelta(seconds=5))


@app.orchestration_trigger(context_name="context")
def fans_out_over_a_set(context):  # NONDET_SOFT
    yield context.task_all([context.call_activity("work", name) for name in {"a", "bb", "ccc", "dddd"}])


@app.orchestration_trigger(context_name="context")
def returns_the_time(context):  # NONDET_SOFT
    yield context.call_activity("work", 1)
    return time.time()


@app.orchestration_trigger(context_name="context")
def sleeps(context):  # IMPURE
    time.sleep(10)
    yield context.call_activity("work", 1)


@app.orchestration_trigger(context_name="context")
def logs(context):  # IMPURE
    logging.info("starting")
    yield context.call_activity("work", 1)


@app.orchestration_trigger(context_name="context")
def catches_everything(context):  # IMPURE
    try:
        yield context.call_activity("work", 1)
    except BaseException:
        yield context.call_activity("work", 2)


@app.orchestration_trigger(context_name="context")
def yields_nothing(context):  # HANG
    yield
    yield context.call_activity("work", 1)


@app.orchestration_trigger(context_name="context")
async def is_a_coroutine(context):  # ERROR
    return 1


@app.orchestration_trigger(context_name="context")
def passes_a_duration_to_a_timer(context):  # ERROR
    yield context.create_timer(timedelta(seconds=1))


@app.orchestration_trigger(context_name="context")
def calls_what_nobody_registers(context):  # ERROR
    yield context.call_activity("unknown", 1)


@app.orchestration_trigger(context_name="context", orchestration="ChainedUnderAnotherName")
def chains(context: df.DurableOrchestrationContext):  # DETERMINISTIC input=3
    first = yield context.call_activity(work, context.get_input())
    second = yield context.call_activity("other", first)
    return [second, context.new_uuid(), str(context.new_guid())]


@app.orchestration_trigger(context_name="context")
def logs_when_it_is_new(context):  # DETERMINISTIC
    if not context.is_replaying:
        logging.info("starting")
    yield context.call_activity("work", 1)


@app.orchestration_trigger(context_name="context")
def races_an_event_against_a_timer(context):  # DETERMINISTIC
    expired = context.create_timer(context.current_utc_datetime + timedelta(days=3))
    approved = context.wait_for_external_event("Approved")
    if (yield context.task_any([expired, approved])) == approved:
        expired.cancel()
        yield context.call_activity("work", approved.result)
    else:
        yield context.call_activity("other", "expired")


@app.orchestration_trigger(context_name="context")
def waits_for_all_of_nothing(context):  # DETERMINISTIC
    yield context.task_all([])
    yield context.call_activity("work", 1)


@app.orchestration_trigger(context_name="context")
def retries(context):  # DETERMINISTIC
    yield context.call_activity_with_retry("work", df.RetryOptions(5000, 3), 1)

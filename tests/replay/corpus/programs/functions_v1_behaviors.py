"""An app of azure-functions-durable 1.x that uses what the host has to get right."""

from __future__ import annotations

from datetime import timedelta

import azure.durable_functions as df
import azure.functions as func

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


@app.activity_trigger(input_name="value")
def fails(value):
    raise ValueError("always")


@app.entity_trigger(context_name="context")
def account(context):
    balance = context.get_state(lambda: 0)
    if context.operation_name == "close":
        raise ValueError("the account stays open")
    if context.operation_name == "delete":
        context.destruct_on_exit()
        return
    if context.operation_name == "deposit":
        balance += context.get_input()
        context.set_state(balance)
    context.set_result(balance)


@app.orchestration_trigger(context_name="context", orchestration="Chain")
def chain(context):
    context.set_custom_status("doubling")
    value = yield context.call_activity(double, context.get_input())
    return (yield context.call_activity("TripleIt", value))


@more.orchestration_trigger(context_name="context")
def waits_a_month(context):
    start = context.current_utc_datetime
    yield context.create_timer(start + timedelta(days=30))
    return (context.current_utc_datetime - start).days


@app.orchestration_trigger(context_name="context")
def retries(context):
    start = context.current_utc_datetime
    attempt = yield context.call_activity_with_retry("fails_twice", df.RetryOptions(60_000, 5), 1)
    return [attempt, round((context.current_utc_datetime - start).total_seconds())]


@app.orchestration_trigger(context_name="context")
def gives_up(context):
    try:
        yield context.call_activity_with_retry("fails", df.RetryOptions(1000, 3), 1)
    except Exception as error:
        return "always" in str(error)


@app.orchestration_trigger(context_name="context")
def parent(context):
    tasks = [context.call_sub_orchestrator("child", hours, f"kid-{hours}") for hours in (2, 1)]
    return (yield context.task_all(tasks))


@app.orchestration_trigger(context_name="context")
def child(context):
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=context.get_input()))
    return [context.instance_id, context.parent_instance_id]


@app.orchestration_trigger(context_name="context")
def parent_of_a_failure(context):
    try:
        yield context.call_sub_orchestrator("lets_a_failure_through")
    except Exception as error:
        return "always" in str(error)


@app.orchestration_trigger(context_name="context")
def lets_a_failure_through(context):
    yield context.call_activity("fails", 1)


@app.orchestration_trigger(context_name="context")
def waits_for_approval(context):
    expiry = context.create_timer(context.current_utc_datetime + timedelta(hours=24))
    approval = context.wait_for_external_event("Approval")
    if (yield context.task_any([expiry, approval])) == approval:
        expiry.cancel()
        return approval.result
    return "expired"


@app.orchestration_trigger(context_name="context")
def forgets_its_timer(context):
    expiry = context.create_timer(context.current_utc_datetime + timedelta(hours=24))
    approval = context.wait_for_external_event("Approval")
    yield context.task_any([expiry, approval])
    return "done"


@app.orchestration_trigger(context_name="context")
def gathers(context):
    state = context.get_input()
    item = yield context.wait_for_external_event("item")
    items = [*state, item]
    if len(items) == 3:
        return items
    context.continue_as_new(items)


@app.orchestration_trigger(context_name="context")
def eternal(context):
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    context.continue_as_new(context.get_input() + 1)


@app.orchestration_trigger(context_name="context")
def forgets_to_yield(context):
    context.call_activity("double", 1)
    return (yield context.call_activity("double", 2))


@app.orchestration_trigger(context_name="context")
def uses_entities(context):
    alice = df.EntityId("account", "alice")
    context.signal_entity(alice, "deposit", 5)
    balance = yield context.call_entity(alice, "deposit", 10)
    try:
        yield context.call_entity(alice, "close")
        refused = False
    except Exception as error:
        refused = "stays open" in str(error)
    yield context.call_entity(df.EntityId("account", "bob"), "delete")
    return [balance, refused]


@app.orchestration_trigger(context_name="context")
def asks_the_web(context):
    answer = yield context.call_http("GET", "https://example.invalid/")
    return answer["statusCode"]


@app.orchestration_trigger(context_name="context")
def tells_its_version(context):
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=1))
    return context.version


app.register_functions(more)

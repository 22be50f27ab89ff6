from datetime import timedelta

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


INBOX = df.EntityId("inbox", "inventory")
EVENTS_PER_RUN = 20  # then start over, so that the history stays short


# continue_as_new drops the events that nobody has taken, and version 1.x has no option that keeps them. So the events
# wait in an entity, which loses nothing; the external event only rings the bell, and a lost ring costs a minute.
@app.entity_trigger(context_name="context", entity_name="inbox")
def inbox(context: df.DurableEntityContext):
    events = context.get_state(list)
    if context.operation_name == "add":
        context.set_state([*events, context.get_input()])
    elif context.operation_name == "take":
        context.set_result(events[:EVENTS_PER_RUN])
        context.set_state(events[EVENTS_PER_RUN:])


@app.orchestration_trigger(context_name="context")
def inventory_sync(context: df.DurableOrchestrationContext):
    levels = dict(context.get_input()["levels"])
    events = yield context.call_entity(INBOX, "take")
    for event in events:
        if event["name"] == "stock_changed":
            level = {"item": event["item"], "level": levels.get(event["item"], 0) + event["quantity"]}
            levels[event["item"]] = yield context.call_activity("apply_stock_change", level)
    if any(event["name"] == "stop" for event in events):
        return {"levels": levels}
    if not events:
        ring = context.wait_for_external_event("ring")
        timeout = context.create_timer(context.current_utc_datetime + timedelta(minutes=1))
        winner = yield context.task_any([ring, timeout])
        if winner == ring:
            timeout.cancel()
    context.continue_as_new({"levels": levels})


@app.activity_trigger(input_name="level")
def apply_stock_change(level: dict) -> int:
    # Store the level, not the difference: a second run writes the same.
    print(f"{level['item']}: {level['level']}")
    return level["level"]


@app.route(route="inventory/events", methods=["POST"])
@app.durable_client_input(client_name="client")
async def add_event(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    await client.signal_entity(INBOX, "add", req.get_json())  # {"name": "stock_changed", …} or {"name": "stop"}
    await client.raise_event("inventory-sync", "ring")
    return func.HttpResponse(status_code=202)


@app.route(route="inventory", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start_inventory_sync(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    instance_id = "inventory-sync"  # there is one of it; start_new refuses an id that runs
    status = await client.get_status(instance_id)
    if not status or status.runtime_status.value in ("Completed", "Failed", "Terminated"):
        await client.start_new("inventory_sync", instance_id, {"levels": {}})
    return client.create_check_status_response(req, instance_id)

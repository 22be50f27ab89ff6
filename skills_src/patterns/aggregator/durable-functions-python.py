import json

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


REMEMBERED = 100


@app.entity_trigger(context_name="context", entity_name="account")
def account(context: df.DurableEntityContext):
    state = {**context.get_state(lambda: {"balance": 0, "seen": []})}  # a copy: what raises must change nothing
    if context.operation_name == "get":
        context.set_result(state["balance"])
        return
    request = context.get_input()
    repeated = request["request_id"] in state["seen"]  # a repeated request counts once
    if context.operation_name == "deposit":
        state["balance"] += 0 if repeated else request["amount"]
        context.set_result(state["balance"])
    elif context.operation_name == "withdraw":
        accepted = repeated or request["amount"] <= state["balance"]
        state["balance"] -= request["amount"] if accepted and not repeated else 0
        context.set_result({"accepted": accepted, "balance": state["balance"]})
        if not accepted:
            return
    if not repeated:
        state["seen"] = [*state["seen"], request["request_id"]][-REMEMBERED:]
    context.set_state(state)


@app.orchestration_trigger(context_name="context")
def counter_account(context: df.DurableOrchestrationContext):
    request = context.get_input()
    entity = df.EntityId("account", request["account_id"])
    for i, amount in enumerate(request["deposits"]):
        deposit = {"amount": amount, "request_id": f"{context.instance_id}:deposit-{i}"}
        context.signal_entity(entity, "deposit", deposit)  # no yield: nothing comes back
    withdrawal = {"amount": request["withdrawal"], "request_id": f"{context.instance_id}:withdraw"}
    result = yield context.call_entity(entity, "withdraw", withdrawal)
    balance = yield context.call_entity(entity, "get")
    return {"accepted": result["accepted"], "balance": balance}


@app.route(route="accounts/{account_id}", methods=["GET", "POST"])
@app.durable_client_input(client_name="client")
async def accounts(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    entity = df.EntityId("account", req.route_params["account_id"])
    if req.method == "POST":
        await client.signal_entity(entity, "deposit", req.get_json())  # {amount, request_id}
        return func.HttpResponse(status_code=202)
    found = await client.read_entity_state(entity)  # may be a little old
    if not found.entity_exists:
        return func.HttpResponse(status_code=404)
    return func.HttpResponse(json.dumps({"balance": found.entity_state["balance"]}), mimetype="application/json")


@app.route(route="counts", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start_counter_account(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    instance_id = await client.start_new("counter_account", client_input=req.get_json())
    return client.create_check_status_response(req, instance_id)

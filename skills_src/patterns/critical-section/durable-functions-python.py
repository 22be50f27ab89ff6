# Needs azure-functions-durable 2.x: version 1.x has no locks. There let one entity hold both balances, or do the
# transfer in one database transaction inside an activity.
import azure.durable_functions as df
import azure.functions as func
from durabletask import task
from durabletask.entities import EntityInstanceId

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


@app.entity_trigger(context_name="context", entity_name="account")
def account(context: df.DurableEntityContext):
    state = {**context.get_state(lambda: {"balance": 0, "closed": False})}  # a copy: what raises must change nothing
    amount = context.get_input() or 0
    match context.operation_name:
        case "deposit":
            if state["closed"]:
                raise ValueError("the account is closed")
            state["balance"] += amount
        case "withdraw":
            if amount > state["balance"]:
                raise ValueError("the balance is too low")
            state["balance"] -= amount
        case "close":
            state["closed"] = True
    context.set_result(state["balance"])
    context.set_state(state)


@app.orchestration_trigger(context_name="ctx")
def transfer_money(ctx: task.OrchestrationContext, transfer: dict):  # two parameters: the context that has locks
    amount = transfer["amount"]
    if transfer["from"] == transfer["to"] or amount <= 0:
        return {"status": "refused"}
    source = EntityInstanceId("account", transfer["from"])
    target = EntityInstanceId("account", transfer["to"])
    with (yield ctx.lock_entities([source, target])):  # one step; the SDK sorts them; released at the end of the block
        balance = yield ctx.call_entity(source, "get")  # decide on what is read inside the lock
        if balance < amount:
            return {"status": "refused"}
        yield ctx.call_entity(source, "withdraw", amount)
        try:
            yield ctx.call_entity(target, "deposit", amount)
        except task.TaskFailedError:
            yield ctx.call_entity(source, "deposit", amount)  # a lock is no transaction: undo it yourself
            return {"status": "reverted"}
    return {"status": "transferred"}


@app.route(route="transfers", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start_transfer_money(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    instance_id = await client.start_new("transfer_money", client_input=req.get_json())
    return client.create_check_status_response(req, instance_id)

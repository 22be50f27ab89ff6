import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=1000, max_number_of_attempts=4)


@app.orchestration_trigger(context_name="context")
def process_order(context: df.DurableOrchestrationContext):
    order = context.get_input()
    key = context.new_uuid()  # the same at every replay and for every attempt
    yield context.call_activity("reserve_stock", order)
    charge = {"order_id": order["order_id"], "amount": order["amount"], "idempotency_key": key}
    payment_id = yield context.call_activity_with_retry("charge_payment", RETRY, charge)
    confirmation = {"order_id": order["order_id"], "status": "confirmed", "payment_id": payment_id}
    yield context.call_activity("send_confirmation", confirmation)
    return confirmation


@app.activity_trigger(input_name="order")
def reserve_stock(order: dict) -> dict:
    if order["quantity"] <= 0:
        raise ValueError(f"order {order['order_id']} has no quantity")
    # Reserve under the order's id, so that a second run reserves nothing more.
    return {"order_id": order["order_id"], "reserved": order["quantity"]}


@app.activity_trigger(input_name="charge")
def charge_payment(charge: dict) -> str:
    # Activities run at least once: pass the key on, so that the payment service charges once.
    return f"pay-{charge['idempotency_key']}"


@app.activity_trigger(input_name="confirmation")
def send_confirmation(confirmation: dict) -> None:
    print(f"confirmed {confirmation['order_id']}")


@app.route(route="orders", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start_process_order(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    instance_id = await client.start_new("process_order", client_input=req.get_json())
    return client.create_check_status_response(req, instance_id)

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


MAX_PARALLEL = 10


@app.orchestration_trigger(context_name="context")
def fulfil_orders(context: df.DurableOrchestrationContext):
    orders = context.get_input()
    fulfilled, failed = [], []
    for start in range(0, len(orders), MAX_PARALLEL):
        window = orders[start : start + MAX_PARALLEL]
        children = [
            # The id says whose child it is, and is the same at every replay.
            context.call_sub_orchestrator("process_order", order, f"{context.instance_id}:{order['order_id']}")
            for order in window
        ]
        try:
            yield context.task_all(children)
        except Exception:
            pass  # some failed; the others are not lost
        for order, child in zip(window, children, strict=True):
            try:
                yield child  # has been started: this only waits for it
                fulfilled.append(order["order_id"])
            except Exception:
                failed.append(order["order_id"])
    return {"fulfilled": fulfilled, "failed": failed}


@app.orchestration_trigger(context_name="context")
def process_order(context: df.DurableOrchestrationContext):
    order = context.get_input()
    yield context.call_activity("reserve_stock", order)
    yield context.call_activity("send_confirmation", order)
    return order["order_id"]


@app.activity_trigger(input_name="order")
def reserve_stock(order: dict) -> int:
    if order["quantity"] <= 0:
        raise ValueError(f"order {order['order_id']} has no quantity")
    return order["quantity"]


@app.activity_trigger(input_name="order")
def send_confirmation(order: dict) -> None:
    print(f"confirmed {order['order_id']}")


@app.route(route="orders/batch", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start_fulfil_orders(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    instance_id = await client.start_new("fulfil_orders", client_input=req.get_json())
    return client.create_check_status_response(req, instance_id)

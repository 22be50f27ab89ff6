import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


CHECKS_FRAUD = ("2.0.0",)  # whatever is not listed, no version included, takes the old path


# New instances get their version from start_new (1.x), or from extensions.durableTask.defaultVersion in host.json.
@app.orchestration_trigger(context_name="context")
def process_refund(context: df.DurableOrchestrationContext):
    refund = context.get_input()
    checked = False
    if context.version in CHECKS_FRAUD:
        suspicious = yield context.call_activity("check_fraud", refund)
        if suspicious:
            return {"refund_id": refund["refund_id"], "status": "refused", "checked": True}
        checked = True
    yield context.call_activity("refund_payment", refund)  # the old path: unchanged until no instance is left on it
    return {"refund_id": refund["refund_id"], "status": "refunded", "checked": checked}


@app.activity_trigger(input_name="refund")
def check_fraud(refund: dict) -> bool:
    return refund["amount"] > 1000


@app.activity_trigger(input_name="refund")
def refund_payment(refund: dict) -> None:
    print(f"refunded {refund['refund_id']}")  # under the refund's id, so that it counts once


@app.route(route="refunds", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start_process_refund(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    # 2.x: client.schedule_new_orchestration("process_refund", input=…, version="2.0.0")
    instance_id = await client.start_new("process_refund", client_input=req.get_json(), version="2.0.0")
    return client.create_check_status_response(req, instance_id)

from datetime import timedelta

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


@app.orchestration_trigger(context_name="context")
def approve_expense(context: df.DurableOrchestrationContext):
    expense = context.get_input()
    question = {"expense": expense, "instance_id": context.instance_id}
    yield context.call_activity("request_approval", {**question, "event": "approval"})
    answer = yield from answer_in_time(context, "approval", expense["timeout_s"])
    if answer is None:
        # Another name: the first wait still stands and would swallow the next "approval".
        yield context.call_activity("escalate_expense", {**question, "event": "manager_approval"})
        answer = yield from answer_in_time(context, "manager_approval", expense["timeout_s"])
    if answer is None:
        return {"expense_id": expense["expense_id"], "status": "timed_out"}
    status = "approved" if answer["approved"] else "rejected"
    return {"expense_id": expense["expense_id"], "status": status, "by": answer["by"]}


def answer_in_time(context: df.DurableOrchestrationContext, event: str, seconds: int):
    """The answer, or None when time is up. Called with `yield from`."""
    answer = context.wait_for_external_event(event)  # an event that came before is still there
    timeout = context.create_timer(context.current_utc_datetime + timedelta(seconds=seconds))
    winner = yield context.task_any([answer, timeout])
    if winner == timeout:
        return None
    timeout.cancel()  # an instance does not end before its timers
    payload = answer.result  # from outside: whatever has another shape is no approval
    fields = payload if isinstance(payload, dict) else {}
    return {"approved": fields.get("approved") is True, "by": fields.get("by")}


@app.activity_trigger(input_name="question")
def request_approval(question: dict) -> None:
    print(f"{question['expense']['expense_id']}: please raise {question['event']} on {question['instance_id']}")


@app.activity_trigger(input_name="question")
def escalate_expense(question: dict) -> None:
    print(
        f"{question['expense']['expense_id']}: manager, please raise {question['event']} on {question['instance_id']}"
    )


@app.route(route="expenses/{instance_id}/{event}", methods=["POST"])  # check here who is asking
@app.durable_client_input(client_name="client")
async def answer_expense(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    if req.route_params["event"] not in ("approval", "manager_approval"):
        return func.HttpResponse(status_code=404)
    await client.raise_event(req.route_params["instance_id"], req.route_params["event"], req.get_json())
    return func.HttpResponse(status_code=202)


@app.route(route="expenses", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start_approve_expense(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    instance_id = await client.start_new("approve_expense", client_input=req.get_json())
    return client.create_check_status_response(req, instance_id)

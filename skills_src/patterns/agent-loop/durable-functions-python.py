import json
import os
import urllib.parse
import urllib.request
from datetime import timedelta

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


MAX_CALLS_PER_TURN = 5
MAX_RESULT_LENGTH = 4000  # every result is kept in the history and sent again with each turn
APPROVAL_TIME = timedelta(hours=24)
RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5000, max_number_of_attempts=5)
TOOLS = ("search_web", "send_report")
DANGEROUS = ("send_report",)


@app.orchestration_trigger(context_name="context")
def research_agent(context: df.DurableOrchestrationContext):
    request = context.get_input()
    messages = [{"role": "user", "content": request["question"]}]
    for turn in range(1, request["max_turns"] + 1):
        context.set_custom_status({"turn": turn})
        reply = yield context.call_activity_with_retry("call_model", RETRY, messages)
        if "answer" in reply:
            return {"status": "answered", "answer": reply["answer"], "turns": turn}
        calls = (reply.get("tool_calls") or [])[:MAX_CALLS_PER_TURN]
        results = {}
        for call in calls:
            if call["tool"] not in TOOLS:  # what the model returns is input from outside
                results[call["id"]] = "there is no such tool"
            elif call["tool"] in DANGEROUS and not (yield from approved(context, turn, call)):
                results[call["id"]] = "a person refused it"
        allowed = [call for call in calls if call["id"] not in results]
        running = []
        for (
            call
        ) in allowed:  # tools run at least once: the key, of this call in this turn, lets them recognize a repeat
            key = f"{context.instance_id}:{turn}:{call['id']}"
            running.append(context.call_activity_with_retry(call["tool"], RETRY, {**call["input"], "key": key}))
        if running:
            try:
                yield context.task_all(running)  # starts all of them
            except Exception:
                pass  # the model is told which tool failed
        for call, tool in zip(allowed, running, strict=True):
            try:
                results[call["id"]] = json.dumps((yield tool))
            except Exception:
                results[call["id"]] = "the tool failed"
        messages.append({"role": "assistant", "content": json.dumps(calls)})
        for call in calls:
            messages.append({"role": "tool", "content": f"{call['id']}: {results[call['id']][:MAX_RESULT_LENGTH]}"})
    return {"status": "gave_up", "turns": request["max_turns"]}


def approved(context: df.DurableOrchestrationContext, turn: int, call: dict):
    """Waits for a person. The event's name means this call in this turn: a late answer passes for no other."""
    event = f"approval-{turn}-{call['id']}"
    context.set_custom_status({"waiting_for": event, "tool": call["tool"]})
    answer = context.wait_for_external_event(event)
    timeout = context.create_timer(context.current_utc_datetime + APPROVAL_TIME)
    winner = yield context.task_any([answer, timeout])
    if winner == timeout:
        return False
    timeout.cancel()
    return isinstance(answer.result, dict) and answer.result.get("approved") is True


@app.activity_trigger(input_name="messages")
def call_model(messages: list) -> dict:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {os.environ['MODEL_KEY']}"}
    body = json.dumps({"messages": messages, "tools": TOOLS}).encode()
    request = urllib.request.Request(os.environ["MODEL_URL"], body, headers)
    with urllib.request.urlopen(request, timeout=60) as response:  # what is not 2xx raises and is retried
        return json.load(response)  # {"answer": …} or {"tool_calls": [{"id", "tool", "input"}]}


@app.activity_trigger(input_name="request")
def search_web(request: dict) -> list:
    url = f"{os.environ['SEARCH_URL']}?{urllib.parse.urlencode({'q': request['query']})}"
    with urllib.request.urlopen(url, timeout=20) as response:
        return json.load(response)


@app.activity_trigger(input_name="request")
def send_report(request: dict) -> str:
    print(f"report to {request['to']} under {request['key']}")  # the key lets the mail service drop a second copy
    return "sent"


@app.route(route="questions", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start_research_agent(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    instance_id = await client.start_new("research_agent", client_input=req.get_json())
    return client.create_check_status_response(req, instance_id)


@app.route(route="questions/{instance_id}/approvals/{event}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def approve(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """The custom status of the instance names the event: approval-1-call_0. The body: {"approved": true}."""
    await client.raise_event(req.route_params["instance_id"], req.route_params["event"], req.get_json())
    return func.HttpResponse(status_code=202)

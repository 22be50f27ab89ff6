import json
import os
import urllib.parse
import urllib.request
from datetime import timedelta

from durabletask import task
from durabletask.worker import TaskHubGrpcWorker

MAX_CALLS_PER_TURN = 5
MAX_RESULT_LENGTH = 4000  # every result is kept in the history and sent again with each turn
APPROVAL_TIME = timedelta(hours=24)
RETRY = task.RetryPolicy(first_retry_interval=timedelta(seconds=2), max_number_of_attempts=5, backoff_coefficient=2)
TOOLS = ("search_web", "send_report")
DANGEROUS = ("send_report",)


def research_agent(ctx: task.OrchestrationContext, request: dict):
    messages = [{"role": "user", "content": request["question"]}]
    for turn in range(1, request["max_turns"] + 1):
        ctx.set_custom_status({"turn": turn})
        reply = yield ctx.call_activity(call_model, input=messages, retry_policy=RETRY)
        if "answer" in reply:
            return {"status": "answered", "answer": reply["answer"], "turns": turn}
        calls = (reply.get("tool_calls") or [])[:MAX_CALLS_PER_TURN]
        results = {}
        for call in calls:
            if call["tool"] not in TOOLS:  # what the model returns is input from outside
                results[call["id"]] = "there is no such tool"
            elif call["tool"] in DANGEROUS and not (yield from approved(ctx, turn, call)):
                results[call["id"]] = "a person refused it"
        allowed = [call for call in calls if call["id"] not in results]
        running = []
        for (
            call
        ) in allowed:  # tools run at least once: the key, of this call in this turn, lets them recognize a repeat
            key = f"{ctx.instance_id}:{turn}:{call['id']}"
            running.append(ctx.call_activity(call["tool"], input={**call["input"], "key": key}, retry_policy=RETRY))
        if running:  # when_all([]) would hang for ever
            try:
                yield task.when_all(running)
            except task.TaskFailedError:
                pass  # the model is told which tool failed
        for call, tool in zip(allowed, running, strict=True):
            results[call["id"]] = "the tool failed" if tool.is_failed else json.dumps(tool.get_result())
        messages.append({"role": "assistant", "content": json.dumps(calls)})
        for call in calls:
            messages.append({"role": "tool", "content": f"{call['id']}: {results[call['id']][:MAX_RESULT_LENGTH]}"})
    return {"status": "gave_up", "turns": request["max_turns"]}


def approved(ctx: task.OrchestrationContext, turn: int, call: dict):
    """Waits for a person. The event's name means this call in this turn: a late answer passes for no other."""
    event = f"approval-{turn}-{call['id']}"
    ctx.set_custom_status({"waiting_for": event, "tool": call["tool"]})
    answer = ctx.wait_for_external_event(event)
    timeout = ctx.create_timer(APPROVAL_TIME)
    winner = yield task.when_any([answer, timeout])
    if winner == timeout:
        return False
    timeout.cancel()
    payload = answer.get_result()
    return isinstance(payload, dict) and payload.get("approved") is True


def call_model(ctx: task.ActivityContext, messages: list) -> dict:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {os.environ['MODEL_KEY']}"}
    body = json.dumps({"messages": messages, "tools": TOOLS}).encode()
    request = urllib.request.Request(os.environ["MODEL_URL"], body, headers)
    with urllib.request.urlopen(request, timeout=60) as response:  # what is not 2xx raises and is retried
        return json.load(response)  # {"answer": …} or {"tool_calls": [{"id", "tool", "input"}]}


def search_web(ctx: task.ActivityContext, request: dict) -> list:
    url = f"{os.environ['SEARCH_URL']}?{urllib.parse.urlencode({'q': request['query']})}"
    with urllib.request.urlopen(url, timeout=20) as response:
        return json.load(response)


def send_report(ctx: task.ActivityContext, request: dict) -> str:
    print(f"report to {request['to']} under {request['key']}")  # the key lets the mail service drop a second copy
    return "sent"


def register(worker: TaskHubGrpcWorker) -> None:
    worker.add_orchestrator(research_agent)
    for activity in (call_model, search_web, send_report):
        worker.add_activity(activity)


def main() -> None:
    import os

    from azure.identity import DefaultAzureCredential
    from durabletask.azuremanaged.client import DurableTaskSchedulerClient
    from durabletask.azuremanaged.worker import DurableTaskSchedulerWorker

    endpoint = os.environ.get("ENDPOINT", "http://localhost:8080")
    secure = endpoint.startswith("https://")
    connection = {
        "host_address": endpoint,
        "taskhub": os.environ.get("TASKHUB", "default"),
        "secure_channel": secure,
        "token_credential": DefaultAzureCredential() if secure else None,
    }
    with DurableTaskSchedulerWorker(**connection) as worker, DurableTaskSchedulerClient(**connection) as client:
        register(worker)
        worker.start()
        request = {"question": "Who built it?", "max_turns": 8}
        instance_id = client.schedule_new_orchestration(research_agent, input=request)
        state = client.wait_for_orchestration_completion(instance_id, timeout=60)
        print(state.serialized_output if state else "still running")


if __name__ == "__main__":
    main()

from datetime import timedelta

from durabletask import task
from durabletask.worker import TaskHubGrpcWorker


def approve_expense(ctx: task.OrchestrationContext, expense: dict):
    question = {"expense": expense, "instance_id": ctx.instance_id}
    yield ctx.call_activity(request_approval, input={**question, "event": "approval"})
    answer = yield from answer_in_time(ctx, "approval", expense["timeout_s"])
    if answer is None:
        # Another name: the first wait still stands and would swallow the next "approval".
        yield ctx.call_activity(escalate_expense, input={**question, "event": "manager_approval"})
        answer = yield from answer_in_time(ctx, "manager_approval", expense["timeout_s"])
    if answer is None:
        return {"expense_id": expense["expense_id"], "status": "timed_out"}
    status = "approved" if answer["approved"] else "rejected"
    return {"expense_id": expense["expense_id"], "status": status, "by": answer["by"]}


def answer_in_time(ctx: task.OrchestrationContext, event: str, seconds: int):
    """The answer, or None when time is up. Called with `yield from`."""
    answer = ctx.wait_for_external_event(event)  # an event that came before is still there
    timeout = ctx.create_timer(timedelta(seconds=seconds))
    winner = yield task.when_any([answer, timeout])
    if winner == timeout:
        return None
    timeout.cancel()
    payload = answer.get_result()  # from outside: whatever has another shape is no approval
    fields = payload if isinstance(payload, dict) else {}
    return {"approved": fields.get("approved") is True, "by": fields.get("by")}


def request_approval(ctx: task.ActivityContext, question: dict) -> None:
    print(f"{question['expense']['expense_id']}: please raise {question['event']} on {question['instance_id']}")


def escalate_expense(ctx: task.ActivityContext, question: dict) -> None:
    print(
        f"{question['expense']['expense_id']}: manager, please raise {question['event']} on {question['instance_id']}"
    )


def register(worker: TaskHubGrpcWorker) -> None:
    worker.add_orchestrator(approve_expense)
    worker.add_activity(request_approval)
    worker.add_activity(escalate_expense)


# answer: client.raise_orchestration_event(instance_id, "approval", data={"approved": True, "by": "ada"})


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
        expense = {"expense_id": "expense-1", "amount": 120, "timeout_s": 3600}
        instance_id = client.schedule_new_orchestration(approve_expense, input=expense)
        client.raise_orchestration_event(instance_id, "approval", data={"approved": True, "by": "ada"})
        state = client.wait_for_orchestration_completion(instance_id, timeout=60)
        print(state.serialized_output if state else "still running")


if __name__ == "__main__":
    main()

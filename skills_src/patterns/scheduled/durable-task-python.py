from datetime import datetime, timedelta, timezone

from durabletask import task
from durabletask.worker import TaskHubGrpcWorker

DAY = timedelta(days=1)
RETRY = task.RetryPolicy(first_retry_interval=timedelta(minutes=1), max_number_of_attempts=5)


def daily_report(ctx: task.OrchestrationContext, schedule: dict):
    next_run = datetime.fromisoformat(schedule["next_run"])  # with its offset: 2030-01-31T08:00:00+00:00
    cancel = ctx.wait_for_external_event("cancel")
    due = ctx.create_timer(next_run)
    winner = yield task.when_any([cancel, due])
    if winner == cancel:
        due.cancel()
        return {"status": "canceled", "runs_left": schedule["runs_left"]}
    yield ctx.call_activity(create_report, input=next_run.date().isoformat(), retry_policy=RETRY)
    runs_left = schedule["runs_left"] - 1
    if runs_left <= 0:
        return {"status": "finished", "runs_left": 0}
    if cancel.is_complete:  # came meanwhile: the wait has taken it, so the next run would not see it
        return {"status": "canceled", "runs_left": runs_left}
    next_run += DAY  # from the planned time: delays do not add up
    while next_run <= ctx.current_utc_datetime.replace(tzinfo=timezone.utc):
        next_run += DAY  # after an outage, skip what has passed
    ctx.continue_as_new({"next_run": next_run.isoformat(), "runs_left": runs_left}, save_events=True)


def create_report(ctx: task.ActivityContext, day: str) -> None:
    print(f"report of {day}")  # named by its day, so that a second run replaces the same report


def register(worker: TaskHubGrpcWorker) -> None:
    worker.add_orchestrator(daily_report)
    worker.add_activity(create_report)


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
        next_run = datetime.now(timezone.utc).isoformat()
        instance_id = client.schedule_new_orchestration(daily_report, input={"next_run": next_run, "runs_left": 1})
        state = client.wait_for_orchestration_completion(instance_id, timeout=60)
        print(state.serialized_output if state else "still running")


if __name__ == "__main__":
    main()

import json
import os
import urllib.request
from datetime import datetime, timedelta, timezone

from durabletask import task
from durabletask.worker import TaskHubGrpcWorker

POLLS_PER_RUN = 20  # then start over, so that the history stays short
RETRY = task.RetryPolicy(first_retry_interval=timedelta(seconds=2), max_number_of_attempts=5, backoff_coefficient=2)


def watch_job(ctx: task.OrchestrationContext, job: dict):
    deadline = datetime.fromisoformat(job["deadline"])  # with its offset; travels with the input through every restart
    polls = job.get("polls", 0)
    for poll in range(polls + 1, polls + POLLS_PER_RUN + 1):
        state = yield ctx.call_activity(check_job, input=job["job_id"], retry_policy=RETRY)
        if state == "finished":
            return {"job_id": job["job_id"], "status": "finished", "polls": poll}
        now = ctx.current_utc_datetime.replace(tzinfo=timezone.utc)  # the durable clock is UTC without saying so
        if now >= deadline:
            return {"job_id": job["job_id"], "status": "timed_out", "polls": poll}
        yield ctx.create_timer(min(now + timedelta(seconds=job["interval_s"]), deadline))
    ctx.continue_as_new({**job, "polls": polls + POLLS_PER_RUN})


def check_job(ctx: task.ActivityContext, job_id: str) -> str:
    # What is not 2xx raises and is retried: a service that is down is not a job that is not finished.
    with urllib.request.urlopen(f"{os.environ['JOBS_URL']}/{job_id}", timeout=10) as response:
        return json.load(response)["status"]


def register(worker: TaskHubGrpcWorker) -> None:
    worker.add_orchestrator(watch_job)
    worker.add_activity(check_job)


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
        deadline = datetime.now(timezone.utc) + timedelta(hours=1)
        job = {"job_id": "job-1", "interval_s": 30, "deadline": deadline.isoformat()}
        instance_id = client.schedule_new_orchestration(watch_job, input=job)
        state = client.wait_for_orchestration_completion(instance_id, timeout=60)
        print(state.serialized_output if state else "still running")


if __name__ == "__main__":
    main()

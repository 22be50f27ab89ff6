import json
import os
import urllib.request
from datetime import datetime, timedelta

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


POLLS_PER_RUN = 20  # then start over, so that the history stays short
RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5000, max_number_of_attempts=5)


@app.orchestration_trigger(context_name="context")
def watch_job(context: df.DurableOrchestrationContext):
    job = context.get_input()
    deadline = datetime.fromisoformat(job["deadline"])  # with its offset; travels with the input through every restart
    polls = job.get("polls", 0)
    for poll in range(polls + 1, polls + POLLS_PER_RUN + 1):
        state = yield context.call_activity_with_retry("check_job", RETRY, job["job_id"])
        if state == "finished":
            return {"job_id": job["job_id"], "status": "finished", "polls": poll}
        now = context.current_utc_datetime
        if now >= deadline:
            return {"job_id": job["job_id"], "status": "timed_out", "polls": poll}
        yield context.create_timer(min(now + timedelta(seconds=job["interval_s"]), deadline))
    context.continue_as_new({**job, "polls": polls + POLLS_PER_RUN})


@app.activity_trigger(input_name="job_id")
def check_job(job_id: str) -> str:
    # What is not 2xx raises and is retried: a service that is down is not a job that is not finished.
    with urllib.request.urlopen(f"{os.environ['JOBS_URL']}/{job_id}", timeout=10) as response:
        return json.load(response)["status"]


@app.route(route="jobs", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start_watch_job(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    instance_id = await client.start_new("watch_job", client_input=req.get_json())
    return client.create_check_status_response(req, instance_id)

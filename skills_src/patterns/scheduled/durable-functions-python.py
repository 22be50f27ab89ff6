from datetime import datetime, timedelta

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


DAY = timedelta(days=1)
RUNS_PER_HISTORY = 14  # then start over, so that the history stays short
RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=60_000, max_number_of_attempts=5)


@app.orchestration_trigger(context_name="context")
def daily_report(context: df.DurableOrchestrationContext):
    schedule = context.get_input()
    next_run = datetime.fromisoformat(schedule["next_run"])  # with its offset: 2030-01-31T08:00:00+00:00
    runs_left = schedule["runs_left"]
    # One wait for all runs of this history. A cancel that arrives in the very turn of the restart can be lost: whoever
    # cancels looks whether the instance has ended, and else asks again.
    cancel = context.wait_for_external_event("cancel")
    for _ in range(RUNS_PER_HISTORY):
        due = context.create_timer(next_run)
        winner = yield context.task_any([cancel, due])
        if winner == cancel:
            due.cancel()  # an instance does not end before its timers
            return {"status": "canceled", "runs_left": runs_left}
        yield context.call_activity_with_retry("create_report", RETRY, next_run.date().isoformat())
        runs_left -= 1
        if runs_left <= 0:
            return {"status": "finished", "runs_left": 0}
        next_run += DAY  # from the planned time: delays do not add up
        while next_run <= context.current_utc_datetime:
            next_run += DAY  # after an outage, skip what has passed
    context.continue_as_new({"next_run": next_run.isoformat(), "runs_left": runs_left})


@app.activity_trigger(input_name="day")
def create_report(day: str) -> None:
    print(f"report of {day}")  # named by its day, so that a second run replaces the same report


@app.route(route="reports", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start_daily_report(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    instance_id = await client.start_new("daily_report", client_input=req.get_json())
    return client.create_check_status_response(req, instance_id)

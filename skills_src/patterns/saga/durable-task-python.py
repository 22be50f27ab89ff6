from datetime import timedelta

from durabletask import task
from durabletask.worker import TaskHubGrpcWorker

STEP = task.RetryPolicy(first_retry_interval=timedelta(seconds=1), max_number_of_attempts=3, backoff_coefficient=2)
UNDO = task.RetryPolicy(first_retry_interval=timedelta(seconds=5), max_number_of_attempts=10, backoff_coefficient=2)


def book_trip(ctx: task.OrchestrationContext, trip: dict):
    booking = {**trip, "booking_id": ctx.new_uuid()}  # the key of every step and of its compensation
    undo, booked = [], []
    for book, cancel in ((book_flight, cancel_flight), (book_hotel, cancel_hotel), (book_car, cancel_car)):
        undo.insert(0, cancel)  # before the step: it may succeed over there and fail on the way back
        try:
            booked.append((yield ctx.call_activity(book, input=booking, retry_policy=STEP)))
        except task.TaskFailedError:
            not_undone = yield from compensate(ctx, undo, booking)
            status = "needs_attention" if not_undone else "canceled"
            return {"status": status, "failed": book.__name__, "not_undone": not_undone}
    return {"status": "booked", "booked": booked}


def compensate(ctx: task.OrchestrationContext, undo: list, booking: dict):
    """Runs all compensations, the last step's first; returns the names of those that failed for good."""
    not_undone = []
    for cancel in undo:
        try:
            yield ctx.call_activity(cancel, input=booking, retry_policy=UNDO)
        except task.TaskFailedError:
            not_undone.append(cancel.__name__)
    return not_undone


# Each passes the booking id on: a second booking or cancellation under the same id changes nothing.
def book_flight(ctx: task.ActivityContext, booking: dict) -> str:
    return f"flight {booking['booking_id']}"


def book_hotel(ctx: task.ActivityContext, booking: dict) -> str:
    return f"hotel {booking['booking_id']}"


def book_car(ctx: task.ActivityContext, booking: dict) -> str:
    return f"car {booking['booking_id']}"


def cancel_flight(ctx: task.ActivityContext, booking: dict) -> None:
    print(f"flight {booking['booking_id']} canceled, if there was one")


def cancel_hotel(ctx: task.ActivityContext, booking: dict) -> None:
    print(f"hotel {booking['booking_id']} canceled, if there was one")


def cancel_car(ctx: task.ActivityContext, booking: dict) -> None:
    print(f"car {booking['booking_id']} canceled, if there was one")


def register(worker: TaskHubGrpcWorker) -> None:
    worker.add_orchestrator(book_trip)
    for activity in (book_flight, book_hotel, book_car, cancel_flight, cancel_hotel, cancel_car):
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
        trip = {"trip_id": "trip-1", "city": "Oslo", "nights": 3}
        instance_id = client.schedule_new_orchestration(book_trip, input=trip)
        state = client.wait_for_orchestration_completion(instance_id, timeout=60)
        print(state.serialized_output if state else "still running")


if __name__ == "__main__":
    main()

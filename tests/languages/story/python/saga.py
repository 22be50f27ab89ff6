from durabletask import task
from durabletask.worker import TaskHubGrpcWorker

from booking import booking_of


def book_trip(ctx: task.OrchestrationContext, city: str):
    booking = booking_of(city)
    undo = []
    try:
        for part in ("flight", "hotel", "car"):
            undo.append(f"cancel_{part}")
            yield ctx.call_activity(f"book_{part}", input=booking)
    except task.TaskFailedError:
        for cancel in reversed(undo):
            yield ctx.call_activity(cancel, input=booking)
        return "canceled"
    return "booked"


with TaskHubGrpcWorker() as worker:
    worker.add_orchestrator(book_trip)
    worker.start()

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


STEP = df.RetryOptions(first_retry_interval_in_milliseconds=1000, max_number_of_attempts=3)
UNDO = df.RetryOptions(first_retry_interval_in_milliseconds=30_000, max_number_of_attempts=10)
STEPS = (("book_flight", "cancel_flight"), ("book_hotel", "cancel_hotel"), ("book_car", "cancel_car"))


@app.orchestration_trigger(context_name="context")
def book_trip(context: df.DurableOrchestrationContext):
    booking = {**context.get_input(), "booking_id": context.new_uuid()}  # the key of every step and its compensation
    undo, booked = [], []
    for book, cancel in STEPS:
        undo.insert(0, cancel)  # before the step: it may succeed over there and fail on the way back
        try:
            booked.append((yield context.call_activity_with_retry(book, STEP, booking)))
        except Exception:  # 2.x: TaskFailedError
            not_undone = yield from compensate(context, undo, booking)
            status = "needs_attention" if not_undone else "canceled"
            return {"status": status, "failed": book, "not_undone": not_undone}
    return {"status": "booked", "booked": booked}


def compensate(context: df.DurableOrchestrationContext, undo: list, booking: dict):
    """Runs all compensations, the last step's first; returns the names of those that failed for good."""
    not_undone = []
    for cancel in undo:
        try:
            yield context.call_activity_with_retry(cancel, UNDO, booking)
        except Exception:
            not_undone.append(cancel)
    return not_undone


# Each passes the booking id on: a second booking or cancellation under the same id changes nothing.
@app.activity_trigger(input_name="booking")
def book_flight(booking: dict) -> str:
    return f"flight {booking['booking_id']}"


@app.activity_trigger(input_name="booking")
def book_hotel(booking: dict) -> str:
    return f"hotel {booking['booking_id']}"


@app.activity_trigger(input_name="booking")
def book_car(booking: dict) -> str:
    return f"car {booking['booking_id']}"


@app.activity_trigger(input_name="booking")
def cancel_flight(booking: dict) -> None:
    print(f"flight {booking['booking_id']} canceled, if there was one")


@app.activity_trigger(input_name="booking")
def cancel_hotel(booking: dict) -> None:
    print(f"hotel {booking['booking_id']} canceled, if there was one")


@app.activity_trigger(input_name="booking")
def cancel_car(booking: dict) -> None:
    print(f"car {booking['booking_id']} canceled, if there was one")


@app.route(route="trips", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start_book_trip(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    instance_id = await client.start_new("book_trip", client_input=req.get_json())
    return client.create_check_status_response(req, instance_id)

from datetime import timedelta

from durabletask import task
from durabletask.worker import TaskHubGrpcWorker

RETRY = task.RetryPolicy(
    first_retry_interval=timedelta(seconds=1),
    max_number_of_attempts=4,
    backoff_coefficient=2,
    max_retry_interval=timedelta(seconds=30),
)


def process_order(ctx: task.OrchestrationContext, order: dict):
    key = ctx.new_uuid()  # the same at every replay and for every attempt
    yield ctx.call_activity(reserve_stock, input=order)
    charge = {"order_id": order["order_id"], "amount": order["amount"], "idempotency_key": key}
    payment_id = yield ctx.call_activity(charge_payment, input=charge, retry_policy=RETRY)
    confirmation = {"order_id": order["order_id"], "status": "confirmed", "payment_id": payment_id}
    yield ctx.call_activity(send_confirmation, input=confirmation)
    return confirmation


def reserve_stock(ctx: task.ActivityContext, order: dict) -> dict:
    if order["quantity"] <= 0:
        raise ValueError(f"order {order['order_id']} has no quantity")
    # Reserve under the order's id, so that a second run reserves nothing more.
    return {"order_id": order["order_id"], "reserved": order["quantity"]}


def charge_payment(ctx: task.ActivityContext, charge: dict) -> str:
    # Activities run at least once: pass the key on, so that the payment service charges once.
    return f"pay-{charge['idempotency_key']}"


def send_confirmation(ctx: task.ActivityContext, confirmation: dict) -> None:
    print(f"confirmed {confirmation['order_id']}")


def register(worker: TaskHubGrpcWorker) -> None:
    worker.add_orchestrator(process_order)
    for activity in (reserve_stock, charge_payment, send_confirmation):
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
        order = {"order_id": "order-1", "item": "lamp", "quantity": 2, "amount": 59.9}
        instance_id = client.schedule_new_orchestration(process_order, input=order)
        state = client.wait_for_orchestration_completion(instance_id, timeout=60)
        print(state.serialized_output if state else "still running")


if __name__ == "__main__":
    main()

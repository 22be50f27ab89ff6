from durabletask import task
from durabletask.worker import TaskHubGrpcWorker

MAX_PARALLEL = 10


def fulfil_orders(ctx: task.OrchestrationContext, orders: list):
    fulfilled, failed = [], []
    for start in range(0, len(orders), MAX_PARALLEL):
        window = orders[start : start + MAX_PARALLEL]
        children = [
            # The id says whose child it is, and is the same at every replay. The scheduler takes up to 100 characters.
            ctx.call_sub_orchestrator(process_order, input=order, instance_id=f"{ctx.instance_id}:{order['order_id']}")
            for order in window
        ]
        try:
            yield task.when_all(children)
        except task.TaskFailedError:
            pass  # some failed; the others are not lost
        for order, child in zip(window, children, strict=True):
            (failed if child.is_failed else fulfilled).append(order["order_id"])
    return {"fulfilled": fulfilled, "failed": failed}


def process_order(ctx: task.OrchestrationContext, order: dict):
    yield ctx.call_activity(reserve_stock, input=order)
    yield ctx.call_activity(send_confirmation, input=order)
    return order["order_id"]


def reserve_stock(ctx: task.ActivityContext, order: dict) -> int:
    if order["quantity"] <= 0:
        raise ValueError(f"order {order['order_id']} has no quantity")
    return order["quantity"]


def send_confirmation(ctx: task.ActivityContext, order: dict) -> None:
    print(f"confirmed {order['order_id']}")


def register(worker: TaskHubGrpcWorker) -> None:
    worker.add_orchestrator(fulfil_orders)
    worker.add_orchestrator(process_order)
    worker.add_activity(reserve_stock)
    worker.add_activity(send_confirmation)


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
        orders = [{"order_id": "order-1", "quantity": 2}, {"order_id": "order-2", "quantity": 1}]
        instance_id = client.schedule_new_orchestration(fulfil_orders, input=orders)
        state = client.wait_for_orchestration_completion(instance_id, timeout=60)
        print(state.serialized_output if state else "still running")


if __name__ == "__main__":
    main()

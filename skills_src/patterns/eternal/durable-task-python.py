from durabletask import task
from durabletask.worker import TaskHubGrpcWorker

EVENTS_PER_RUN = 50  # then start over, so that the history stays short


def inventory_sync(ctx: task.OrchestrationContext, state: dict):
    levels = dict(state["levels"])
    stop = ctx.wait_for_external_event("stop")
    handled = 0
    # An event that a wait has taken is gone after the restart: with `stop` taken, go on until it is handled.
    while handled < EVENTS_PER_RUN or stop.is_complete:
        change = ctx.wait_for_external_event("stock_changed")
        winner = yield task.when_any([change, stop])  # in this order: what waits is handled before the stop
        if winner == stop:
            return {"levels": levels}
        event = change.get_result()
        level = {"item": event["item"], "level": levels.get(event["item"], 0) + event["quantity"]}
        levels[event["item"]] = yield ctx.call_activity(apply_stock_change, input=level)
        handled += 1
    ctx.continue_as_new({"levels": levels}, save_events=True)  # without it, events that nobody has taken are lost


def apply_stock_change(ctx: task.ActivityContext, level: dict) -> int:
    # Store the level, not the difference: a second run writes the same.
    print(f"{level['item']}: {level['level']}")
    return level["level"]


def register(worker: TaskHubGrpcWorker) -> None:
    worker.add_orchestrator(inventory_sync)
    worker.add_activity(apply_stock_change)


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
        # A fixed id: there is one of it, and everybody finds it. Who stops it waits for the end, and else asks again.
        instance_id = client.schedule_new_orchestration(
            inventory_sync, input={"levels": {}}, instance_id="inventory-sync"
        )
        client.raise_orchestration_event(instance_id, "stock_changed", data={"item": "lamp", "quantity": 5})
        client.raise_orchestration_event(instance_id, "stop")
        state = client.wait_for_orchestration_completion(instance_id, timeout=60)
        print(state.serialized_output if state else "still running")


if __name__ == "__main__":
    main()

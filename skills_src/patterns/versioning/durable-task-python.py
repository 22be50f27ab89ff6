from durabletask import task
from durabletask.worker import TaskHubGrpcWorker, VersionFailureStrategy, VersioningOptions, VersionMatchStrategy

CHECKS_FRAUD = ("2.0.0",)  # whatever is not listed, no version included, takes the old path


def process_refund(ctx: task.OrchestrationContext, refund: dict):
    checked = False
    if ctx.version in CHECKS_FRAUD:
        suspicious = yield ctx.call_activity(check_fraud, input=refund)
        if suspicious:
            return {"refund_id": refund["refund_id"], "status": "refused", "checked": True}
        checked = True
    yield ctx.call_activity(refund_payment, input=refund)  # the old path: unchanged until no instance is left on it
    return {"refund_id": refund["refund_id"], "status": "refunded", "checked": checked}


def check_fraud(ctx: task.ActivityContext, refund: dict) -> bool:
    return refund["amount"] > 1000


def refund_payment(ctx: task.ActivityContext, refund: dict) -> None:
    print(f"refunded {refund['refund_id']}")  # under the refund's id, so that it counts once


def register(worker: TaskHubGrpcWorker) -> None:
    worker.add_orchestrator(process_refund)
    worker.add_activity(check_fraud)
    worker.add_activity(refund_payment)
    # Which instances this worker takes: its own version and older ones. Newer ones wait for a newer worker.
    worker.use_versioning(
        VersioningOptions(
            version="2.0.0",
            default_version="2.0.0",  # of the children that it starts
            match_strategy=VersionMatchStrategy.CURRENT_OR_OLDER,
            failure_strategy=VersionFailureStrategy.REJECT,
        )
    )


# start: client.schedule_new_orchestration(process_refund, input=refund, version="2.0.0"), or a client made with
#        default_version="2.0.0". An instance that is started without either has no version and takes the old path.


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
        refund = {"refund_id": "refund-1", "amount": 40}
        instance_id = client.schedule_new_orchestration(process_refund, input=refund, version="2.0.0")
        state = client.wait_for_orchestration_completion(instance_id, timeout=60)
        print(state.serialized_output if state else "still running")


if __name__ == "__main__":
    main()

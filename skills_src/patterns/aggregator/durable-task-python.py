from durabletask import task
from durabletask.entities import DurableEntity, EntityInstanceId
from durabletask.worker import TaskHubGrpcWorker

REMEMBERED = 100


class Account(DurableEntity):
    """Each method is an operation. They run one at a time; what raises leaves the state as it was."""

    def deposit(self, request: dict) -> int:
        account = self._load()
        if request["request_id"] not in account["seen"]:  # a repeated request counts once
            self._save(account["balance"] + request["amount"], account["seen"], request["request_id"])
        return self._load()["balance"]

    def withdraw(self, request: dict) -> dict:
        account = self._load()
        if request["request_id"] in account["seen"]:
            return {"accepted": True, "balance": account["balance"]}
        if request["amount"] > account["balance"]:
            return {"accepted": False, "balance": account["balance"]}
        self._save(account["balance"] - request["amount"], account["seen"], request["request_id"])
        return {"accepted": True, "balance": account["balance"] - request["amount"]}

    def get(self) -> int:
        return self._load()["balance"]

    def _load(self) -> dict:
        return self.get_state(dict) or {"balance": 0, "seen": []}

    def _save(self, balance: int, seen: list, request_id: str) -> None:
        self.set_state({"balance": balance, "seen": [*seen, request_id][-REMEMBERED:]})


def counter_account(ctx: task.OrchestrationContext, request: dict):
    account = EntityInstanceId("account", request["account_id"])
    for i, amount in enumerate(request["deposits"]):
        deposit = {"amount": amount, "request_id": f"{ctx.instance_id}:deposit-{i}"}
        ctx.signal_entity(account, "deposit", deposit)  # no yield: nothing comes back
    withdrawal = {"amount": request["withdrawal"], "request_id": f"{ctx.instance_id}:withdraw"}
    result = yield ctx.call_entity(account, "withdraw", withdrawal)
    balance = yield ctx.call_entity(account, "get")
    return {"accepted": result["accepted"], "balance": balance}


def register(worker: TaskHubGrpcWorker) -> None:
    worker.add_orchestrator(counter_account)
    worker.add_entity(Account)  # its name is "account": names are lower case


# client: client.signal_entity(EntityInstanceId("account", "a-1"), "deposit", {"amount": 5, "request_id": "r-1"})
#         client.get_entity(EntityInstanceId("account", "a-1")).get_typed_state(dict)      may be a little old


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
        request = {"account_id": "a-1", "deposits": [70, 30], "withdrawal": 60}
        instance_id = client.schedule_new_orchestration(counter_account, input=request)
        state = client.wait_for_orchestration_completion(instance_id, timeout=60)
        print(state.serialized_output if state else "still running")


if __name__ == "__main__":
    main()

from durabletask import task
from durabletask.entities import DurableEntity, EntityInstanceId
from durabletask.worker import TaskHubGrpcWorker


class Account(DurableEntity):
    def deposit(self, amount: int) -> int:
        account = self._load()
        if account["closed"]:
            raise ValueError("the account is closed")
        return self._save({**account, "balance": account["balance"] + amount})

    def withdraw(self, amount: int) -> int:
        account = self._load()
        if amount > account["balance"]:
            raise ValueError("the balance is too low")
        return self._save({**account, "balance": account["balance"] - amount})

    def close(self) -> int:
        return self._save({**self._load(), "closed": True})

    def get(self) -> int:
        return self._load()["balance"]

    def _load(self) -> dict:
        return self.get_state(dict) or {"balance": 0, "closed": False}

    def _save(self, account: dict) -> int:
        self.set_state(account)
        return account["balance"]


def transfer_money(ctx: task.OrchestrationContext, transfer: dict):
    amount = transfer["amount"]
    if transfer["from"] == transfer["to"] or amount <= 0:
        return {"status": "refused"}
    source = EntityInstanceId("account", transfer["from"])
    target = EntityInstanceId("account", transfer["to"])
    with (yield ctx.lock_entities([source, target])):  # one step; the SDK sorts them; released at the end of the block
        balance = yield ctx.call_entity(source, "get")  # decide on what is read inside the lock
        if balance < amount:
            return {"status": "refused"}
        yield ctx.call_entity(source, "withdraw", amount)
        try:
            yield ctx.call_entity(target, "deposit", amount)
        except task.TaskFailedError:
            yield ctx.call_entity(source, "deposit", amount)  # a lock is no transaction: undo it yourself
            return {"status": "reverted"}
    return {"status": "transferred"}


def register(worker: TaskHubGrpcWorker) -> None:
    worker.add_orchestrator(transfer_money)
    worker.add_entity(Account)


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
        client.signal_entity(EntityInstanceId("account", "a-1"), "deposit", 100)
        transfer = {"from": "a-1", "to": "a-2", "amount": 60}
        instance_id = client.schedule_new_orchestration(transfer_money, input=transfer)
        state = client.wait_for_orchestration_completion(instance_id, timeout=60)
        print(state.serialized_output if state else "still running")


if __name__ == "__main__":
    main()

import os

from durabletask import task
from durabletask.azuremanaged.client import DurableTaskSchedulerClient
from durabletask.azuremanaged.worker import DurableTaskSchedulerWorker


# Orchestrator: a plain generator, never async. Yield every durable call; do nothing else that has an effect.
def greet_cities(ctx: task.OrchestrationContext, cities: list[str]):
    greetings = []
    for city in cities:
        greetings.append((yield ctx.call_activity(say_hello, input=city)))
    return greetings


# Activity: a plain function (context, input), never async. Effects belong here.
def say_hello(ctx: task.ActivityContext, city: str) -> str:
    return f"Hello {city}!"


def main() -> None:
    connection = {  # to the emulator; to Azure: references/setup.md
        "host_address": os.environ.get("ENDPOINT", "http://localhost:8080"),
        "taskhub": "default",
        "secure_channel": False,
        "token_credential": None,
    }
    with DurableTaskSchedulerWorker(**connection) as worker, DurableTaskSchedulerClient(**connection) as client:
        worker.add_orchestrator(greet_cities)
        worker.add_activity(say_hello)
        worker.start()
        instance_id = client.schedule_new_orchestration(greet_cities, input=["Tokyo", "Lagos"])
        state = client.wait_for_orchestration_completion(instance_id, timeout=60)
        print(state.serialized_output if state else "not found")


if __name__ == "__main__":
    main()

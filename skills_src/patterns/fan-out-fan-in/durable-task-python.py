from durabletask import task
from durabletask.worker import TaskHubGrpcWorker


def resize_images(ctx: task.OrchestrationContext, request: dict):
    images, width = request["images"], max(1, request["max_parallel"])
    done, failed = [], []
    for start in range(0, len(images), width):  # no image, no wait: when_all([]) would hang for ever
        window = images[start : start + width]
        tasks = [ctx.call_activity(resize_image, input=image) for image in window]  # all start before the first wait
        try:
            yield task.when_all(tasks)
        except task.TaskFailedError:
            pass  # all have ended, some failed: look at each below
        for image, resized in zip(window, tasks, strict=True):
            if resized.is_failed:
                failed.append(image)
            else:
                done.append(resized.get_result())
        ctx.set_custom_status({"done": start + len(window), "total": len(images)})  # failed ones are done, too
    return {"done": done, "failed": failed}


def resize_image(ctx: task.ActivityContext, image: str) -> str:
    # Write under a name made from the image's own, so that a second run overwrites the same file.
    return f"thumbnails/{image}"


def register(worker: TaskHubGrpcWorker) -> None:
    worker.add_orchestrator(resize_images)
    worker.add_activity(resize_image)


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
        request = {"images": ["a.png", "b.png", "c.png"], "max_parallel": 2}
        instance_id = client.schedule_new_orchestration(resize_images, input=request)
        state = client.wait_for_orchestration_completion(instance_id, timeout=60)
        print(state.serialized_output if state else "still running")


if __name__ == "__main__":
    main()

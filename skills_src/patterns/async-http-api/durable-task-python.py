import json

from durabletask import task
from durabletask.client import OrchestrationStatus, TaskHubGrpcClient
from durabletask.worker import TaskHubGrpcWorker


def transcode_video(ctx: task.OrchestrationContext, video: dict):
    ctx.set_custom_status({"step": "split", "percent": 0})
    parts = yield ctx.call_activity(split_video, input=video)
    ctx.set_custom_status({"step": "encode", "percent": 30})
    encoded = yield ctx.call_activity(encode_video, input={"video_id": video["video_id"], "parts": parts})
    ctx.set_custom_status({"step": "publish", "percent": 90})
    url = yield ctx.call_activity(publish_video, input=encoded)
    ctx.set_custom_status({"step": "done", "percent": 100})
    return {"video_id": video["video_id"], "url": url}


def split_video(ctx: task.ActivityContext, video: dict) -> list:
    return [f"{video['source']}#1", f"{video['source']}#2"]


def encode_video(ctx: task.ActivityContext, work: dict) -> dict:
    return {"video_id": work["video_id"], "files": [f"{part}.mp4" for part in work["parts"]]}


def publish_video(ctx: task.ActivityContext, encoded: dict) -> str:
    return f"https://videos.example.com/{encoded['video_id']}"  # overwrites what an earlier attempt published


def api(client: TaskHubGrpcClient):
    """A WSGI app: POST /videos starts, GET /videos/ID asks. Put it behind your authentication."""

    def app(environ, start_response):
        def answer(status: str, body: dict, *headers: tuple[str, str]):
            start_response(status, [("Content-Type", "application/json"), *headers])
            return [json.dumps(body).encode()]

        path = environ["PATH_INFO"].strip("/").split("/")
        if path == ["videos"] and environ["REQUEST_METHOD"] == "POST":
            video = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            instance_id = f"video-{video['video_id']}"  # a repeated request finds the instance that runs
            if client.get_orchestration_state(instance_id, fetch_payloads=False) is None:
                client.schedule_new_orchestration(transcode_video, input=video, instance_id=instance_id)
            location = ("Location", f"/videos/{video['video_id']}")
            return answer("202 Accepted", {"video_id": video["video_id"]}, location, ("Retry-After", "2"))
        state = client.get_orchestration_state(f"video-{path[1]}") if path[0] == "videos" and len(path) == 2 else None
        if state is None:
            return answer("404 Not Found", {"error": "no such video"})
        if state.runtime_status == OrchestrationStatus.COMPLETED:
            return answer("200 OK", {"status": "completed", "result": state.get_output()})
        if state.runtime_status in (OrchestrationStatus.FAILED, OrchestrationStatus.TERMINATED):
            return answer("200 OK", {"status": "failed"})  # the reason is for the log, not for the client
        return answer("202 Accepted", {"status": "running", "progress": state.get_custom_status()})

    return app


def register(worker: TaskHubGrpcWorker) -> None:
    worker.add_orchestrator(transcode_video)
    for activity in (split_video, encode_video, publish_video):
        worker.add_activity(activity)


def main() -> None:
    import os
    from wsgiref.simple_server import make_server

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
        with make_server("", int(os.environ.get("PORT", "8000")), api(client)) as server:
            server.serve_forever()


if __name__ == "__main__":
    main()

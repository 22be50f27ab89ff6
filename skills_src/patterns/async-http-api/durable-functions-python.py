import json

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


@app.orchestration_trigger(context_name="context")
def transcode_video(context: df.DurableOrchestrationContext):
    video = context.get_input()
    context.set_custom_status({"step": "split", "percent": 0})
    parts = yield context.call_activity("split_video", video)
    context.set_custom_status({"step": "encode", "percent": 30})
    encoded = yield context.call_activity("encode_video", {"video_id": video["video_id"], "parts": parts})
    context.set_custom_status({"step": "publish", "percent": 90})
    url = yield context.call_activity("publish_video", encoded)
    context.set_custom_status({"step": "done", "percent": 100})
    return {"video_id": video["video_id"], "url": url}


@app.activity_trigger(input_name="video")
def split_video(video: dict) -> list:
    return [f"{video['source']}#1", f"{video['source']}#2"]


@app.activity_trigger(input_name="work")
def encode_video(work: dict) -> dict:
    return {"video_id": work["video_id"], "files": [f"{part}.mp4" for part in work["parts"]]}


@app.activity_trigger(input_name="encoded")
def publish_video(encoded: dict) -> str:
    return f"https://videos.example.com/{encoded['video_id']}"  # overwrites what an earlier attempt published


ENDED = ("Failed", "Terminated", "Canceled")


def answer(status_code: int, body: dict, **headers: str) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(body), status_code=status_code, mimetype="application/json", headers=headers)


@app.route(route="videos", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start_video(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    video = req.get_json()
    instance_id = f"video-{video['video_id']}"  # start_new refuses an id that runs
    status = await client.get_status(instance_id)
    if not status or status.runtime_status.value in ENDED:
        await client.start_new("transcode_video", instance_id, video)
    # Not create_check_status_response: its URLs carry a key that may also terminate, and raise events.
    location = f"/api/videos/{video['video_id']}"
    return answer(202, {"video_id": video["video_id"]}, Location=location, **{"Retry-After": "2"})


@app.route(route="videos/{video_id}", methods=["GET"])
@app.durable_client_input(client_name="client")
async def get_video(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    status = await client.get_status(f"video-{req.route_params['video_id']}")
    if not status:
        return answer(404, {"error": "no such video"})
    if status.runtime_status.value == "Completed":
        return answer(200, {"status": "completed", "result": status.output})
    if status.runtime_status.value in ENDED:
        return answer(200, {"status": "failed"})  # the reason is for the log, not for the client
    return answer(202, {"status": "running", "progress": status.custom_status})

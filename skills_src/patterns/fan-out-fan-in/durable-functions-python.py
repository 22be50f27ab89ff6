import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


@app.orchestration_trigger(context_name="context")
def resize_images(context: df.DurableOrchestrationContext):
    request = context.get_input()
    images, width = request["images"], max(1, request["max_parallel"])
    done, failed = [], []
    for start in range(0, len(images), width):
        window = images[start : start + width]
        tasks = [context.call_activity("resize_image", image) for image in window]
        try:
            yield context.task_all(tasks)  # starts all of them; in 1.x it raises at the first failure
        except Exception:
            pass  # in 1.x the others may still be running: each is asked below
        for image, resized in zip(window, tasks, strict=True):
            try:
                done.append((yield resized))  # a task that has been started is not started again
            except Exception:
                failed.append(image)
        context.set_custom_status({"done": start + len(window), "total": len(images)})  # failed ones are done, too
    return {"done": done, "failed": failed}


@app.activity_trigger(input_name="image")
def resize_image(image: str) -> str:
    # Write under a name made from the image's own, so that a second run overwrites the same file.
    return f"thumbnails/{image}"


@app.route(route="images", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start_resize_images(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    instance_id = await client.start_new("resize_images", client_input=req.get_json())
    return client.create_check_status_response(req, instance_id)

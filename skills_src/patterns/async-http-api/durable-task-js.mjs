import { fileURLToPath } from "node:url";
import { createAzureManagedClient, createAzureManagedWorkerBuilder } from "@microsoft/durabletask-js-azuremanaged";
import { createServer } from "node:http";
// region: show
import { OrchestrationStatus } from "@microsoft/durabletask-js";

/** @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx */
export async function* transcodeVideo(ctx, video) {
  ctx.setCustomStatus({ step: "split", percent: 0 });
  const parts = yield ctx.callActivity(splitVideo, video);
  ctx.setCustomStatus({ step: "encode", percent: 30 });
  const encoded = yield ctx.callActivity(encodeVideo, { videoId: video.videoId, parts });
  ctx.setCustomStatus({ step: "publish", percent: 90 });
  const url = yield ctx.callActivity(publishVideo, encoded);
  ctx.setCustomStatus({ step: "done", percent: 100 });
  return { videoId: video.videoId, url };
}

/** A request listener for node:http: POST /videos starts, GET /videos/ID asks. Put it behind your authentication. */
export function api(client) {
  return async (request, response) => {
    const send = (status, body, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(body));
    };
    const [, resource, videoId] = new URL(request.url, "http://localhost").pathname.split("/");
    if (resource !== "videos") return send(404, { error: "not found" });
    if (request.method === "POST") {
      const video = JSON.parse(Buffer.concat(await request.toArray()).toString());
      const id = `video-${video.videoId}`; // a repeated request finds the instance that runs
      if (!(await client.getOrchestrationState(id, false))) {
        await client.scheduleNewOrchestration(transcodeVideo, video, id);
      }
      return send(202, { videoId: video.videoId }, { location: `/videos/${video.videoId}`, "retry-after": "2" });
    }
    const state = await client.getOrchestrationState(`video-${videoId}`, true);
    if (!state) return send(404, { error: "no such video" });
    switch (state.runtimeStatus) {
      case OrchestrationStatus.COMPLETED:
        return send(200, { status: "completed", result: JSON.parse(state.serializedOutput) });
      case OrchestrationStatus.FAILED:
      case OrchestrationStatus.TERMINATED:
        return send(200, { status: "failed" }); // the reason is for the log, not for the client
      default:
        return send(202, { status: "running", progress: JSON.parse(state.serializedCustomStatus ?? "null") });
    }
  };
}

export async function splitVideo(_, video) {
  return [`${video.source}#1`, `${video.source}#2`];
}

export async function encodeVideo(_, { videoId, parts }) {
  return { videoId, files: parts.map((part) => `${part}.mp4`) };
}

export async function publishVideo(_, { videoId }) {
  return `https://videos.example.com/${videoId}`; // overwrites what an earlier attempt published
}

export function register(worker) {
  worker.addOrchestrator(transcodeVideo);
  for (const activity of [splitVideo, encodeVideo, publishVideo]) worker.addActivity(activity);
}
// endregion: show

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const connection =
    process.env.DURABLE_TASK_SCHEDULER_CONNECTION_STRING ??
    "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None";
  const builder = createAzureManagedWorkerBuilder(connection);
  register(builder);
  const worker = builder.build();
  const client = createAzureManagedClient(connection);
  await worker.start();
  const server = createServer(api(client)).listen(Number(process.env.PORT ?? 3000));
  process.once("SIGTERM", async () => {
    server.close();
    await worker.stop();
    await client.stop();
  });
}

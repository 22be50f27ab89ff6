import { createServer } from "node:http";
import { OrchestrationStatus, TaskHubGrpcClient, TaskHubGrpcWorker } from "@microsoft/durabletask-js";
import { scheduler } from "./scheduler.mjs"; // printed on the page on setup

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
      await startOnce(client, `video-${video.videoId}`, video);
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

/** Starts an instance unless one of this id is live or has completed: a repeated request finds what the first one started. */
async function startOnce(client, id, video) {
  if (await isKept(client, id)) return;
  try {
    await client.scheduleNewOrchestration(transcodeVideo, video, id);
  } catch (error) {
    if (!(await isKept(client, id))) throw error; // another request was faster: a live id is refused
  }
}

async function isKept(client, id) {
  const state = await client.getOrchestrationState(id, false); // undefined for an unknown id
  if (!state) return false;
  return ![OrchestrationStatus.FAILED, OrchestrationStatus.TERMINATED].includes(state.runtimeStatus); // these start anew
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

if (process.argv[1] === import.meta.filename) {
  const worker = new TaskHubGrpcWorker(scheduler);
  const client = new TaskHubGrpcClient(scheduler);
  register(worker);
  await worker.start();
  const server = createServer(api(client)).listen(Number(process.env.PORT ?? 3000));
  process.once("SIGTERM", async () => {
    server.close();
    await worker.stop();
    await client.stop();
  });
}

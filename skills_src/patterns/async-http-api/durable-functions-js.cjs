const df = require("durable-functions");

df.app.orchestration("transcodeVideo", function* (context) {
  const video = context.df.getInput();
  context.df.setCustomStatus({ step: "split", percent: 0 });
  const parts = yield context.df.callActivity("splitVideo", video);
  context.df.setCustomStatus({ step: "encode", percent: 30 });
  const encoded = yield context.df.callActivity("encodeVideo", { videoId: video.videoId, parts });
  context.df.setCustomStatus({ step: "publish", percent: 90 });
  const url = yield context.df.callActivity("publishVideo", encoded);
  context.df.setCustomStatus({ step: "done", percent: 100 });
  return { videoId: video.videoId, url };
});

df.app.client.http("startTranscodeVideo", {
  route: "videos",
  methods: ["POST"],
  authLevel: "function",
  handler: async (request, client) => {
    const video = /** @type {any} */ (await request.json());
    await startOnce(client, "transcodeVideo", `video-${video.videoId}`, video);
    // createCheckStatusResponse would hand out URLs that let their holder terminate the instance.
    const headers = { Location: `/api/videos/${video.videoId}`, "Retry-After": "2" };
    return { status: 202, headers, jsonBody: { videoId: video.videoId } };
  },
});

df.app.client.http("getVideo", {
  route: "videos/{videoId}",
  methods: ["GET"],
  authLevel: "function",
  handler: async (request, client) => {
    const status = await find(client, `video-${request.params.videoId}`);
    if (!status) return { status: 404 };
    switch (status.runtimeStatus) {
      case df.OrchestrationRuntimeStatus.Completed:
        return { jsonBody: { status: "completed", result: status.output } };
      case df.OrchestrationRuntimeStatus.Failed:
      case df.OrchestrationRuntimeStatus.Terminated:
        return { jsonBody: { status: "failed" } }; // the reason is for the log, not for the client
      default:
        return { status: 202, jsonBody: { status: "running", progress: status.customStatus } };
    }
  },
});

/**
 * Starts an instance unless one of this id is live or has completed: a repeated request finds what the first one started.
 * @param {import("durable-functions").DurableClient} client
 */
async function startOnce(client, name, instanceId, input) {
  if (await isKept(client, instanceId)) return;
  try {
    await client.startNew(name, { instanceId, input });
  } catch (error) {
    if (!(await isKept(client, instanceId))) throw error; // another request was faster: a live id is refused
  }
}

/** @param {import("durable-functions").DurableClient} client */
async function isKept(client, instanceId) {
  const { Failed, Terminated } = df.OrchestrationRuntimeStatus; // these start anew
  const found = await find(client, instanceId);
  return found !== undefined && found.runtimeStatus !== Failed && found.runtimeStatus !== Terminated;
}

/**
 * getStatus throws for an unknown id.
 * @param {import("durable-functions").DurableClient} client
 */
async function find(client, instanceId) {
  try {
    return await client.getStatus(instanceId);
  } catch (error) {
    if (error instanceof Error && error.message.includes("HTTP 404")) return undefined;
    throw error;
  }
}

df.app.activity("splitVideo", { handler: async (video) => [`${video.source}#1`, `${video.source}#2`] });
df.app.activity("encodeVideo", {
  handler: async ({ videoId, parts }) => ({ videoId, files: parts.map((part) => `${part}.mp4`) }),
});
df.app.activity("publishVideo", {
  handler: async ({ videoId }) => `https://videos.example.com/${videoId}`, // overwrites an earlier attempt's
});

import { TaskHubGrpcClient, TaskHubGrpcWorker, whenAll } from "@microsoft/durabletask-js";
import { scheduler } from "./scheduler.mjs"; // printed on the page on setup

/** @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx */
export async function* resizeImages(ctx, { images, maxParallel }) {
  const width = Math.max(1, maxParallel);
  const done = [];
  const failed = [];
  for (let start = 0; start < images.length; start += width) {
    const window = images.slice(start, start + width);
    const tasks = window.map((image) => ctx.callActivity(resizeImage, image)); // all start before the first wait
    try {
      yield whenAll(tasks);
    } catch (error) {
      if (!(error instanceof AggregateError)) throw error; // all have ended, some failed: look at each below
    }
    for (const [i, task] of tasks.entries()) {
      if (task.isFailed) failed.push(window[i]);
      else done.push(task.getResult());
    }
    ctx.setCustomStatus({ done: start + window.length, total: images.length }); // failed ones are done, too
  }
  return { done, failed };
}

export async function resizeImage(_, image) {
  // Write under a name made from the image's own, so that a second run overwrites the same file.
  return `thumbnails/${image}`;
}

export function register(worker) {
  worker.addOrchestrator(resizeImages);
  worker.addActivity(resizeImage);
}

if (process.argv[1] === import.meta.filename) {
  const worker = new TaskHubGrpcWorker(scheduler);
  const client = new TaskHubGrpcClient(scheduler);
  register(worker);
  await worker.start();
  const id = await client.scheduleNewOrchestration(resizeImages, {
    images: ["a.png", "b.png", "c.png"],
    maxParallel: 2,
  });
  const state = await client.waitForOrchestrationCompletion(id, true, 60);
  console.log(state?.serializedOutput);
  await worker.stop();
  await client.stop();
}

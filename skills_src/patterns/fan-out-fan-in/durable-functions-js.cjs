const df = require("durable-functions");

df.app.orchestration("resizeImages", function* (context) {
  const { images, maxParallel } = context.df.getInput();
  const width = Math.max(1, maxParallel);
  const done = [];
  const failed = [];
  for (let start = 0; start < images.length; start += width) {
    const window = images.slice(start, start + width);
    const tasks = window.map((image) => context.df.callActivity("resizeImage", image));
    try {
      yield context.df.Task.all(tasks); // starts all of them; throws at the first failure, and for an empty list
    } catch {
      // The others are still running: each is asked below.
    }
    for (const [i, task] of tasks.entries()) {
      try {
        done.push(yield task); // a task that has been started is not started again
      } catch {
        failed.push(window[i]);
      }
    }
    context.df.setCustomStatus({ done: start + window.length, total: images.length }); // failed ones are done, too
  }
  return { done, failed };
});

df.app.activity("resizeImage", {
  // Write under a name made from the image's own, so that a second run overwrites the same file.
  handler: async (image) => `thumbnails/${image}`,
});

df.app.client.http("startResizeImages", {
  route: "images",
  methods: ["POST"],
  authLevel: "function",
  handler: async (request, client) => {
    const id = await client.startNew("resizeImages", { input: await request.json() });
    return client.createCheckStatusResponse(request, id);
  },
});

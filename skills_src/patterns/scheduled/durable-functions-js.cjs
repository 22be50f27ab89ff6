const df = require("durable-functions");

const DAY_MS = 86_400_000;
const retry = new df.RetryOptions(60_000, 5);

df.app.orchestration("dailyReport", function* (context) {
  const { nextRun, runsLeft } = context.df.getInput();
  const cancel = context.df.waitForExternalEvent("cancel");
  const due = context.df.createTimer(new Date(nextRun)); // UTC, with its Z
  const winner = yield context.df.Task.any([cancel, due]);
  if (winner === cancel) {
    due.cancel(); // an instance does not end before its timers
    return { status: "canceled", runsLeft };
  }
  yield context.df.callActivityWithRetry("createReport", retry, { day: nextRun.slice(0, 10) });
  if (runsLeft <= 1) return { status: "finished", runsLeft: 0 };
  if (cancel.isCompleted) return { status: "canceled", runsLeft: runsLeft - 1 };
  // continueAsNew drops a cancel that comes in this very turn: whoever cancels looks at the status, and raises it again.
  let next = Date.parse(nextRun) + DAY_MS; // from the planned time: delays do not add up
  while (next <= context.df.currentUtcDateTime.getTime()) next += DAY_MS; // after an outage, skip what has passed
  context.df.continueAsNew({ nextRun: new Date(next).toISOString(), runsLeft: runsLeft - 1 });
});

df.app.activity("createReport", {
  handler: async ({ day }, context) => context.log(`report of ${day}`), // a second run replaces the same report
});

df.app.client.http("startDailyReport", {
  route: "reports",
  methods: ["POST"],
  authLevel: "function",
  handler: async (request, client) => {
    const id = await client.startNew("dailyReport", { input: await request.json() });
    return client.createCheckStatusResponse(request, id);
  },
});

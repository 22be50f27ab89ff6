const df = require("durable-functions");

const POLLS_PER_RUN = 20; // then start over, so that the history stays short
const retry = new df.RetryOptions(2000, 5);
retry.backoffCoefficient = 2;

df.app.orchestration("watchJob", function* (context) {
  const { jobId, intervalS, deadline, polls = 0 } = context.df.getInput();
  const end = Date.parse(deadline); // parsing is pure; the deadline travels with the input through every restart
  for (let poll = polls + 1; poll <= polls + POLLS_PER_RUN; poll++) {
    const state = yield context.df.callActivityWithRetry("checkJob", retry, jobId);
    if (state === "finished") return { jobId, status: "finished", polls: poll };
    const now = context.df.currentUtcDateTime.getTime();
    if (now >= end) return { jobId, status: "timed_out", polls: poll };
    yield context.df.createTimer(new Date(Math.min(now + intervalS * 1000, end)));
  }
  context.df.continueAsNew({ jobId, intervalS, deadline, polls: polls + POLLS_PER_RUN });
});

df.app.activity("checkJob", {
  handler: async (jobId) => {
    const response = await fetch(`${process.env.JOBS_URL}/${jobId}`, { signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error(`job service answered ${response.status}`); // not "not finished": retried
    const job = /** @type {{status: string}} */ (await response.json());
    return job.status;
  },
});

df.app.client.http("startWatchJob", {
  route: "jobs",
  methods: ["POST"],
  authLevel: "function",
  handler: async (request, client) => {
    const id = await client.startNew("watchJob", { input: await request.json() });
    return client.createCheckStatusResponse(request, id);
  },
});

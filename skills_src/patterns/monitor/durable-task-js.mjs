import { RetryPolicy, TaskHubGrpcClient, TaskHubGrpcWorker } from "@microsoft/durabletask-js";
import { scheduler } from "./scheduler.mjs"; // printed on the page on setup

const POLLS_PER_RUN = 20; // then start over, so that the history stays short
const RETRY = new RetryPolicy({
  maxNumberOfAttempts: 5,
  firstRetryIntervalInMilliseconds: 2000,
  backoffCoefficient: 2,
});

/** @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx */
export async function* watchJob(ctx, { jobId, intervalS, deadline, polls = 0 }) {
  const end = Date.parse(deadline); // parsing is pure; the deadline travels with the input through every restart
  for (let poll = polls + 1; poll <= polls + POLLS_PER_RUN; poll++) {
    const state = yield ctx.callActivity(checkJob, jobId, { retry: RETRY });
    if (state === "finished") return { jobId, status: "finished", polls: poll };
    const now = ctx.currentUtcDateTime.getTime();
    if (now >= end) return { jobId, status: "timed_out", polls: poll };
    yield ctx.createTimer(new Date(Math.min(now + intervalS * 1000, end)));
  }
  ctx.continueAsNew({ jobId, intervalS, deadline, polls: polls + POLLS_PER_RUN }, true);
}

export async function checkJob(_, jobId) {
  const response = await fetch(`${process.env.JOBS_URL}/${jobId}`, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`job service answered ${response.status}`); // not "not finished": retried
  const job = /** @type {{status: string}} */ (await response.json());
  return job.status;
}

export function register(worker) {
  worker.addOrchestrator(watchJob);
  worker.addActivity(checkJob);
}

if (process.argv[1] === import.meta.filename) {
  const worker = new TaskHubGrpcWorker(scheduler);
  const client = new TaskHubGrpcClient(scheduler);
  register(worker);
  await worker.start();
  const deadline = new Date(Date.now() + 3_600_000).toISOString();
  const id = await client.scheduleNewOrchestration(watchJob, { jobId: "job-1", intervalS: 30, deadline });
  const state = await client.waitForOrchestrationCompletion(id, true, 60);
  console.log(state?.serializedOutput);
  await worker.stop();
  await client.stop();
}

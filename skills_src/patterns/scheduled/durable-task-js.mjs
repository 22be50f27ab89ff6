import { RetryPolicy, TaskHubGrpcClient, TaskHubGrpcWorker, whenAny } from "@microsoft/durabletask-js";
import { scheduler } from "./scheduler.mjs"; // printed on the page on setup

const DAY_MS = 86_400_000;
const RESTART = "restart";
const RETRY = new RetryPolicy({ maxNumberOfAttempts: 5, firstRetryIntervalInMilliseconds: 60_000 });

/** @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx */
export async function* dailyReport(ctx, { nextRun, runsLeft }) {
  const cancel = ctx.waitForExternalEvent("cancel");
  const due = ctx.createTimer(new Date(nextRun)); // UTC, with its Z
  const winner = yield whenAny([cancel, due]);
  if (winner === cancel) {
    due.cancel();
    return { status: "canceled", runsLeft };
  }
  yield ctx.callActivity(createReport, { day: nextRun.slice(0, 10) }, { retry: RETRY });
  if (runsLeft <= 1) return { status: "finished", runsLeft: 0 };
  // A wait that stands at the restart takes an event that comes with it, and loses it: answer it before.
  ctx.sendEvent(ctx.instanceId, "cancel", RESTART);
  if ((yield cancel) !== RESTART) return { status: "canceled", runsLeft: runsLeft - 1 };
  let next = Date.parse(nextRun) + DAY_MS; // from the planned time: delays do not add up
  while (next <= ctx.currentUtcDateTime.getTime()) next += DAY_MS; // after an outage, skip what has passed
  ctx.continueAsNew({ nextRun: new Date(next).toISOString(), runsLeft: runsLeft - 1 }, true); // keeps a late cancel
}

export async function createReport(_, { day }) {
  console.log(`report of ${day}`); // named by its day, so that a second run replaces the same report
}

export function register(worker) {
  worker.addOrchestrator(dailyReport);
  worker.addActivity(createReport);
}

if (process.argv[1] === import.meta.filename) {
  const worker = new TaskHubGrpcWorker(scheduler);
  const client = new TaskHubGrpcClient(scheduler);
  register(worker);
  await worker.start();
  const id = await client.scheduleNewOrchestration(dailyReport, { nextRun: new Date().toISOString(), runsLeft: 1 });
  const state = await client.waitForOrchestrationCompletion(id, true, 60);
  console.log(state?.serializedOutput);
  await worker.stop();
  await client.stop();
}

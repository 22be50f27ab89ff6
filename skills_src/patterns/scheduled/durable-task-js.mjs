import { fileURLToPath } from "node:url";
import { createAzureManagedClient, createAzureManagedWorkerBuilder } from "@microsoft/durabletask-js-azuremanaged";
// region: show
import { RetryPolicy, whenAny } from "@microsoft/durabletask-js";

const DAY_MS = 86_400_000;
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
  if (cancel.isComplete) return { status: "canceled", runsLeft: runsLeft - 1 };
  let next = Date.parse(nextRun) + DAY_MS; // from the planned time: delays do not add up
  while (next <= ctx.currentUtcDateTime.getTime()) next += DAY_MS; // after an outage, skip what has passed
  ctx.continueAsNew({ nextRun: new Date(next).toISOString(), runsLeft: runsLeft - 1 }, true);
}

export async function createReport(_, { day }) {
  console.log(`report of ${day}`); // named by its day, so that a second run replaces the same report
}

export function register(worker) {
  worker.addOrchestrator(dailyReport);
  worker.addActivity(createReport);
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
  const id = await client.scheduleNewOrchestration(dailyReport, { nextRun: new Date().toISOString(), runsLeft: 1 });
  const state = await client.waitForOrchestrationCompletion(id, true, 60);
  console.log(state?.serializedOutput);
  await worker.stop();
  await client.stop();
}

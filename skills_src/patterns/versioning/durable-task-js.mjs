import {
  TaskHubGrpcClient,
  TaskHubGrpcWorker,
  VersionFailureStrategy,
  VersionMatchStrategy,
} from "@microsoft/durabletask-js";
import { scheduler } from "./scheduler.mjs"; // printed on the page on setup

const CHECKS_FRAUD = "2.0.0"; // since then; older versions, none ("") and what is no number take the old path

/** @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx */
export async function* processRefund(ctx, refund) {
  let checked = false;
  if (/^[\d.]+$/.test(ctx.version) && ctx.compareVersionTo(CHECKS_FRAUD) >= 0) {
    const suspicious = yield ctx.callActivity(checkFraud, refund);
    if (suspicious) return { refundId: refund.refundId, status: "refused", checked: true };
    checked = true;
  }
  yield ctx.callActivity(refundPayment, refund); // the old path: unchanged until no instance is left on it
  return { refundId: refund.refundId, status: "refunded", checked };
}

export async function checkFraud(_, refund) {
  return refund.amount > 1000;
}

export async function refundPayment(_, refund) {
  console.log(`refunded ${refund.refundId}`); // under the refund's id, so that it counts once
}

/** Which instances this worker takes: its own version and older ones; others wait for a newer worker. */
export const versioning = {
  version: "2.0.0",
  matchStrategy: VersionMatchStrategy.CurrentOrOlder,
  failureStrategy: VersionFailureStrategy.Reject,
};

export function register(worker) {
  worker.addOrchestrator(processRefund);
  worker.addActivity(checkFraud);
  worker.addActivity(refundPayment);
}

if (process.argv[1] === import.meta.filename) {
  const worker = new TaskHubGrpcWorker({ ...scheduler, versioning });
  const client = new TaskHubGrpcClient(scheduler);
  register(worker);
  await worker.start();
  const refund = { refundId: "refund-1", amount: 40 };
  const id = await client.scheduleNewOrchestration(processRefund, refund, { version: versioning.version });
  const state = await client.waitForOrchestrationCompletion(id, true, 60);
  console.log(state?.serializedOutput);
  await worker.stop();
  await client.stop();
}

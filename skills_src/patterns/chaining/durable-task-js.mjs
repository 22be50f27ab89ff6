import { RetryPolicy, TaskHubGrpcClient, TaskHubGrpcWorker } from "@microsoft/durabletask-js";
import { scheduler } from "./scheduler.mjs"; // printed on the page on setup

const RETRY = new RetryPolicy({
  maxNumberOfAttempts: 4,
  firstRetryIntervalInMilliseconds: 1000,
  backoffCoefficient: 2,
  maxRetryIntervalInMilliseconds: 30_000,
});

/** @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx */
export async function* processOrder(ctx, order) {
  const idempotencyKey = ctx.newGuid(); // the same at every replay and for every attempt
  yield ctx.callActivity(reserveStock, order);
  const charge = { orderId: order.orderId, amount: order.amount, idempotencyKey };
  const paymentId = yield ctx.callActivity(chargePayment, charge, { retry: RETRY });
  const confirmation = { orderId: order.orderId, status: "confirmed", paymentId };
  yield ctx.callActivity(sendConfirmation, confirmation);
  return confirmation;
}

export async function reserveStock(_, order) {
  if (!(order.quantity > 0)) throw new RangeError(`order ${order.orderId} has no quantity`);
  // Reserve under the order's id, so that a second run reserves nothing more.
  return { orderId: order.orderId, reserved: order.quantity };
}

export async function chargePayment(_, charge) {
  // Activities run at least once: pass the key on, so that the payment service charges once.
  return `pay-${charge.idempotencyKey}`;
}

export async function sendConfirmation(_, confirmation) {
  console.log(`confirmed ${confirmation.orderId}`);
}

export function register(worker) {
  worker.addOrchestrator(processOrder);
  for (const activity of [reserveStock, chargePayment, sendConfirmation]) worker.addActivity(activity);
}

if (process.argv[1] === import.meta.filename) {
  const worker = new TaskHubGrpcWorker(scheduler);
  const client = new TaskHubGrpcClient(scheduler);
  register(worker);
  await worker.start();
  const order = { orderId: "order-1", item: "lamp", quantity: 2, amount: 59.9 };
  const id = await client.scheduleNewOrchestration(processOrder, order);
  const state = await client.waitForOrchestrationCompletion(id, true, 60);
  console.log(state?.serializedOutput);
  await worker.stop();
  await client.stop();
}

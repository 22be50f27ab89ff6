import { TaskHubGrpcClient, TaskHubGrpcWorker, whenAll } from "@microsoft/durabletask-js";
import { scheduler } from "./scheduler.mjs"; // printed on the page on setup

const MAX_PARALLEL = 10;

/** @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx */
export async function* fulfilOrders(ctx, orders) {
  const fulfilled = [];
  const failed = [];
  for (let start = 0; start < orders.length; start += MAX_PARALLEL) {
    const window = orders.slice(start, start + MAX_PARALLEL);
    const children = window.map((order) =>
      // The id says whose child it is, and is the same at every replay. The scheduler takes up to 100 characters.
      ctx.callSubOrchestrator(processOrder, order, { instanceId: `${ctx.instanceId}:${order.orderId}` }),
    );
    try {
      yield whenAll(children);
    } catch (error) {
      if (!(error instanceof AggregateError)) throw error; // some failed; the others are not lost
    }
    for (const [i, child] of children.entries()) {
      (child.isFailed ? failed : fulfilled).push(window[i].orderId);
    }
  }
  return { fulfilled, failed };
}

/** @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx */
export async function* processOrder(ctx, order) {
  yield ctx.callActivity(reserveStock, order);
  yield ctx.callActivity(sendConfirmation, order);
  return order.orderId;
}

export async function reserveStock(_, order) {
  if (!(order.quantity > 0)) throw new RangeError(`order ${order.orderId} has no quantity`);
  return order.quantity;
}

export async function sendConfirmation(_, order) {
  console.log(`confirmed ${order.orderId}`);
}

export function register(worker) {
  worker.addOrchestrator(fulfilOrders);
  worker.addOrchestrator(processOrder);
  worker.addActivity(reserveStock);
  worker.addActivity(sendConfirmation);
}

if (process.argv[1] === import.meta.filename) {
  const worker = new TaskHubGrpcWorker(scheduler);
  const client = new TaskHubGrpcClient(scheduler);
  register(worker);
  await worker.start();
  const orders = [
    { orderId: "order-1", quantity: 1 },
    { orderId: "order-2", quantity: 3 },
  ];
  const id = await client.scheduleNewOrchestration(fulfilOrders, orders);
  const state = await client.waitForOrchestrationCompletion(id, true, 60);
  console.log(state?.serializedOutput);
  await worker.stop();
  await client.stop();
}

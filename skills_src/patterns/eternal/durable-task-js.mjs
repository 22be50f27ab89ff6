import { TaskHubGrpcClient, TaskHubGrpcWorker, whenAny } from "@microsoft/durabletask-js";
import { scheduler } from "./scheduler.mjs"; // printed on the page on setup

const EVENTS_PER_RUN = 50; // then start over, so that the history stays short
const RESTART = "restart";

/** @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx */
export async function* inventorySync(ctx, state) {
  const levels = { ...state.levels };
  const stop = ctx.waitForExternalEvent("stop");
  for (let handled = 0; ; handled++) {
    if (handled === EVENTS_PER_RUN) {
      // A wait that stands at the restart takes an event that comes with it, and loses it: answer it before.
      ctx.sendEvent(ctx.instanceId, "stop", RESTART);
      if ((yield stop) === RESTART) break; // a real stop came first: what is unread is worked off in this run
    }
    const change = ctx.waitForExternalEvent("stock_changed");
    const winner = yield whenAny([change, stop]); // of several that are complete the first in the list wins: a stop waits
    if (winner === stop) return { levels };
    const { item, quantity } = change.getResult();
    levels[item] = yield ctx.callActivity(applyStockChange, { item, quantity, level: levels[item] ?? 0 });
  }
  ctx.continueAsNew({ levels }, true); // true keeps the events that nobody has taken; without it they are lost
}

export async function applyStockChange(_, { item, quantity, level }) {
  // Store the level, not the difference: a second run writes the same.
  console.log(`${item}: ${level + quantity}`);
  return level + quantity;
}

export function register(worker) {
  worker.addOrchestrator(inventorySync);
  worker.addActivity(applyStockChange);
}

if (process.argv[1] === import.meta.filename) {
  const worker = new TaskHubGrpcWorker(scheduler);
  const client = new TaskHubGrpcClient(scheduler);
  register(worker);
  await worker.start();
  // A fixed id: there is one of it, and everybody finds it.
  const id = await client.scheduleNewOrchestration(inventorySync, { levels: {} }, "inventory-sync");
  await client.raiseOrchestrationEvent(id, "stock_changed", { item: "lamp", quantity: 5 });
  await client.raiseOrchestrationEvent(id, "stop");
  const state = await client.waitForOrchestrationCompletion(id, true, 60);
  console.log(state?.serializedOutput);
  await worker.stop();
  await client.stop();
}

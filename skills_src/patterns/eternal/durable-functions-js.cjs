const df = require("durable-functions");

const EVENTS_PER_RUN = 50; // then start over at the next quiet moment, so that the history stays short
const QUIET_MS = 2000;

// continueAsNew drops the events that nobody has read, and there is no option that keeps them. So restart when none is
// waiting. What arrives in the very turn of the restart can still be lost: senders that must not lose an event signal
// an entity instead, see the aggregator.
df.app.orchestration("inventorySync", function* (context) {
  const levels = { ...context.df.getInput().levels };
  const stop = context.df.waitForExternalEvent("stop");
  for (let handled = 0; ; handled++) {
    const change = context.df.waitForExternalEvent("stock_changed");
    // A task that has completed never wins a race, so a stop that came meanwhile is asked for, not raced.
    const leaving = stop.isCompleted || handled >= EVENTS_PER_RUN;
    const soon = new Date(context.df.currentUtcDateTime.getTime() + QUIET_MS);
    const quiet = leaving ? context.df.createTimer(soon) : undefined;
    const winner = yield context.df.Task.any([change, quiet ?? stop]);
    if (winner !== change) break;
    quiet?.cancel();
    const { item, quantity } = /** @type {any} */ (change.result);
    levels[item] = yield context.df.callActivity("applyStockChange", { item, quantity, level: levels[item] ?? 0 });
  }
  if (stop.isCompleted) return { levels };
  context.df.continueAsNew({ levels });
});

df.app.activity("applyStockChange", {
  // Store the level, not the difference: a second run writes the same.
  handler: async ({ item, quantity, level }, context) => {
    context.log(`${item}: ${level + quantity}`);
    return level + quantity;
  },
});

df.app.client.http("startInventorySync", {
  route: "inventory",
  methods: ["POST"],
  authLevel: "function",
  handler: async (request, client) => {
    const instanceId = "inventory-sync"; // there is one of it, and everybody finds it
    const input = await request.json();
    if (!(await isLive(client, instanceId))) {
      try {
        await client.startNew("inventorySync", { instanceId, input });
      } catch (error) {
        if (!(await isLive(client, instanceId))) throw error; // another request was faster: a live id is refused
      }
    }
    return client.createCheckStatusResponse(request, instanceId);
  },
});

/** Pending and suspended instances are live, too. @param {import("durable-functions").DurableClient} client */
async function isLive(client, instanceId) {
  const { Completed, Failed, Terminated, Canceled } = df.OrchestrationRuntimeStatus;
  try {
    const { runtimeStatus } = await client.getStatus(instanceId);
    return ![Completed, Failed, Terminated, Canceled].includes(runtimeStatus);
  } catch (error) {
    if (error instanceof Error && error.message.includes("HTTP 404")) return false; // getStatus throws for an unknown id
    throw error; // what the host cannot tell is no reason to start
  }
}

df.app.client.http("changeStock", {
  route: "inventory/{event}",
  methods: ["POST"],
  authLevel: "function",
  handler: async (request, client) => {
    const { event } = request.params;
    if (event !== "stock_changed" && event !== "stop") return { status: 404 };
    await client.raiseEvent("inventory-sync", event, await request.json()); // {item, quantity}
    return { status: 202 };
  },
});

// region: show
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
    const quiet = leaving && context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + QUIET_MS));
    const winner = yield context.df.Task.any([change, quiet || stop]);
    if (winner !== change) break;
    if (quiet) quiet.cancel();
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
    const instanceId = "inventory-sync"; // one of it; startNew with an id that runs would replace it
    const running = await client.getStatus(instanceId).catch(() => undefined);
    if (running?.runtimeStatus !== df.OrchestrationRuntimeStatus.Running) {
      await client.startNew("inventorySync", { instanceId, input: await request.json() });
    }
    return client.createCheckStatusResponse(request, instanceId);
  },
});
// endregion: show

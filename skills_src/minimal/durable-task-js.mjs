// region: show
import { OrchestrationStatus } from "@microsoft/durabletask-js";
import { createAzureManagedClient, createAzureManagedWorkerBuilder } from "@microsoft/durabletask-js-azuremanaged";

// Orchestrator: an async generator. Yield every durable call; do nothing else that has an effect.
/** @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx */
async function* greetCities(ctx, cities) {
  const greetings = [];
  for (const city of cities) {
    greetings.push(yield ctx.callActivity(sayHello, city));
  }
  return greetings;
}

// Activity: an ordinary async function (context, input). Effects belong here.
async function sayHello(_, city) {
  return `Hello ${city}!`;
}

const connection =
  process.env.DURABLE_TASK_SCHEDULER_CONNECTION_STRING ??
  "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None";
const worker = createAzureManagedWorkerBuilder(connection).addOrchestrator(greetCities).addActivity(sayHello).build();
const client = createAzureManagedClient(connection);

await worker.start();
const id = await client.scheduleNewOrchestration(greetCities, ["Tokyo", "Lagos"]);
const state = await client.waitForOrchestrationCompletion(id, true, 60);
console.log(OrchestrationStatus[state?.runtimeStatus ?? OrchestrationStatus.FAILED], state?.serializedOutput);
await worker.stop();
await client.stop();
// endregion: show

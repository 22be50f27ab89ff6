import { Metadata } from "@grpc/grpc-js";
import { NoOpLogger, OrchestrationStatus, TaskHubGrpcClient, TaskHubGrpcWorker } from "@microsoft/durabletask-js";

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

// The emulator. For Azure, with an identity: references/setup.md.
const metadata = new Metadata();
metadata.set("taskhub", "default");
const scheduler = {
  hostAddress: process.env.SCHEDULER_ADDRESS ?? "localhost:8080",
  metadataGenerator: async () => metadata,
  logger: new NoOpLogger(), // without it the SDK logs to the console
};
const worker = new TaskHubGrpcWorker(scheduler);
const client = new TaskHubGrpcClient(scheduler);
worker.addOrchestrator(greetCities);
worker.addActivity(sayHello);

await worker.start();
const id = await client.scheduleNewOrchestration(greetCities, ["Tokyo", "Lagos"]);
const state = await client.waitForOrchestrationCompletion(id, true, 60);
console.log(OrchestrationStatus[state?.runtimeStatus ?? OrchestrationStatus.FAILED], state?.serializedOutput);
await worker.stop();
await client.stop();

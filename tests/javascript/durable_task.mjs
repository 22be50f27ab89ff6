// Runs what is written with @microsoft/durabletask-js and replays what it did.
// node durable_task.mjs JOB RESULT; JOB: {patterns: {name: file}, programs: {name: file}, fences: {name: file}, sidecar}
import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import {
  EntityInstanceId,
  NoOpLogger,
  OrchestrationStatus,
  TaskHubGrpcClient,
  TaskHubGrpcWorker,
  TestOrchestrationClient,
  TestOrchestrationWorker,
} from "@microsoft/durabletask-js";
import { Registry } from "@microsoft/durabletask-js/dist/worker/registry.js";
import { RuntimeOrchestrationContext } from "@microsoft/durabletask-js/dist/worker/runtime-orchestration-context.js";
import { Backend } from "./backend.mjs";
import { faulty } from "./faults.mjs";
import { ACTIVITIES, HABITS, Thing } from "./habits_task.mjs";
import { runnable } from "./load.mjs";
import { isReplaying, replay, takeTurns } from "./recorder.mjs";
import { ACTIVITIES as STEPS, CHILDREN, VARIANTS, outcome } from "./notices.cjs";
import { SCENARIOS, judge, shown } from "./scenarios.mjs";
import { COPIES, INPUTS, counted, emptyReport, watching } from "./watch.mjs";

const TIMEOUT_S = 20;
const EXAMPLE_TIMER_MS = 50; // what the longest timer of an example takes
const EXAMPLE_TRIES = 100;
const MOST_TURNS = 30; // of an example that are replayed
const NOTICE_MS = 60; // in which two activities have run, or an event has been handled
const WAITING_MS = 10; // after which an orchestration that is to wait for an event is sure to wait

// The SDK pauses for a second after each stop.
const pause = globalThis.setTimeout;
globalThis.setTimeout = /** @type {any} */ ((run, delay, ...rest) => pause(run, delay === 1000 ? 10 : delay, ...rest));

/** Registers on `target` what is on `source`, with the plan between the runtime and the activities. */
function transfer(
  /** @type {Registry} */ source,
  /** @type {Registry} */ target,
  /** @type {import("./faults.mjs").Plan} */ plan,
) {
  for (const name of source.getOrchestratorNames()) {
    target.addNamedOrchestrator(name, /** @type {any} */ (source.getOrchestrator(name)));
  }
  for (const name of source.getActivityNames()) {
    const activity = /** @type {any} */ (source.getActivity(name));
    target.addNamedActivity(name, (context, input) => plan.call(name, input, () => activity(context, input)));
  }
  for (const name of source.getEntityNames()) target.addNamedEntity(name, /** @type {any} */ (source.getEntity(name)));
}

/**
 * @param {Registry} registry @param {import("./scenarios.mjs").Scenario} scenario @param {string} id
 * @param {string} sidecar
 */
export async function play(registry, scenario, id, sidecar) {
  const plan = faulty(scenario);
  const backend = /** @type {any} */ (new Backend());
  const options = { hostAddress: sidecar, logger: new NoOpLogger() };
  const worker = /** @type {any} */ (
    scenario.sidecar ? new TaskHubGrpcWorker(options) : new TestOrchestrationWorker(backend)
  );
  const client = /** @type {TaskHubGrpcClient} */ (
    scenario.sidecar ? new TaskHubGrpcClient(options) : new TestOrchestrationClient(backend)
  );
  transfer(registry, worker._registry ?? worker.registry, plan);
  await worker.start();
  try {
    for (const { entity, operation, input } of scenario.signals ?? []) {
      await client.signalEntity(new EntityInstanceId(...entity), operation, input);
    }
    const start = scenario.version === undefined ? id : { instanceId: id, version: scenario.version };
    await client.scheduleNewOrchestration(scenario.orchestrator, scenario.input, /** @type {any} */ (start));
    for (const event of scenario.events ?? []) {
      if (!event.early) await new Promise((resolve) => setTimeout(resolve, WAITING_MS));
      await client.raiseOrchestrationEvent(id, event.name, event.data);
    }
    const state = await client.waitForOrchestrationCompletion(id, true, TIMEOUT_S);
    return {
      status: OrchestrationStatus[state?.runtimeStatus ?? OrchestrationStatus.PENDING],
      output: state?.serializedOutput && JSON.parse(state.serializedOutput),
      customStatus: state?.serializedCustomStatus && JSON.parse(state.serializedCustomStatus),
      failure: state?.failureDetails?.message,
      calls: plan.calls,
    };
  } finally {
    await worker.stop();
    await client.stop();
    backend.reset();
  }
}

/** @param {string} name @param {string} file @param {string} sidecar */
async function runPattern(name, file, sidecar) {
  const registry = new Registry();
  (await import(pathToFileURL(file).href)).register(registry);
  const scenarios = SCENARIOS[name];
  if (!scenarios) return [{ title: name, error: "tests/javascript/scenarios.mjs has no scenario for it" }];
  const results = [];
  for (const [i, scenario] of scenarios.entries()) {
    takeTurns();
    const result = { title: scenario.title, error: "", replays: 0 };
    const id = `${name}-${i}`;
    try {
      const end = await play(registry, scenario, id, sidecar);
      const turns = takeTurns();
      const statuses = turns.filter(({ instance }) => instance === id).map(({ customStatus }) => customStatus);
      judge(scenario, { ...end, statuses: shown(statuses.map((status) => status && JSON.parse(status))) });
      const { replays, differences } = await replay(turns);
      result.replays = replays;
      if (differences.length) result.error = `a replay differs: ${differences[0]}`;
    } catch (error) {
      result.error = String(error instanceof Error ? error.stack : error);
    }
    results.push(result);
  }
  return results;
}

/** Runs a file as `node FILE` would, and returns what it printed. */
async function runMain(/** @type {string} */ file) {
  /** @type {string[]} */
  const lines = [];
  const saved = { log: console.log, program: process.argv[1] };
  console.log = (...words) => void lines.push(words.join(" "));
  process.argv[1] = file;
  try {
    await import(`${pathToFileURL(file).href}?main`);
  } finally {
    Object.assign(console, { log: saved.log });
    process.argv[1] = saved.program;
  }
  return lines;
}

/** The video program serves until it is told to end: ask it over HTTP. */
async function talkToVideoApi() {
  const videos = `http://127.0.0.1:${process.env.PORT}/videos`;
  const post = () => fetch(videos, { method: "POST", body: JSON.stringify({ videoId: "v-9", source: "raw" }) });
  const lines = [];
  for (const response of [await post(), await post(), await fetch(`${videos}/none`)]) {
    lines.push(`${response.status} ${response.headers.get("location")}`);
  }
  for (let tries = 0; tries < 100; tries++) {
    const response = await fetch(`${videos}/v-9`);
    if (response.status === 200) {
      lines.push(await response.text());
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  process.emit("SIGTERM");
  return lines;
}

/** @type {Registry | undefined} */
let capturing;
for (const what of /** @type {const} */ ([
  "Orchestrator",
  "NamedOrchestrator",
  "Activity",
  "NamedActivity",
  "Entity",
  "NamedEntity",
])) {
  const add = /** @type {any} */ (TaskHubGrpcWorker.prototype)[`add${what}`];
  /** @type {any} */ (TaskHubGrpcWorker.prototype)[`add${what}`] = function (/** @type {any[]} */ ...args) {
    /** @type {any} */ (capturing)?.[`add${what}`](...args);
    return add.apply(this, args);
  };
}
/** @type {string[]} */
let awaited = [];
const wait = RuntimeOrchestrationContext.prototype.waitForExternalEvent;
RuntimeOrchestrationContext.prototype.waitForExternalEvent = function (/** @type {string} */ name) {
  if (!this.isReplaying) awaited.push(name);
  return /** @type {any} */ (wait.call(this, name));
};

/** Runs one orchestrator of an example to its end, answering whatever it waits for. */
async function runExample(/** @type {Registry} */ registry, /** @type {string} */ name, /** @type {unknown} */ input) {
  const backend = /** @type {any} */ (new Backend(EXAMPLE_TIMER_MS));
  const worker = /** @type {any} */ (new TestOrchestrationWorker(backend));
  const client = new TestOrchestrationClient(backend);
  const plan = faulty({});
  const raised = new Set();
  transfer(registry, worker.registry, plan);
  awaited = [];
  await worker.start();
  try {
    const id = await client.scheduleNewOrchestration(name, input, "example");
    for (let tries = 0; tries < EXAMPLE_TRIES; tries++) {
      await new Promise((resolve) => pause(resolve, WAITING_MS));
      const state = await client.getOrchestrationState(id);
      if (state && ![OrchestrationStatus.PENDING, OrchestrationStatus.RUNNING].includes(state.runtimeStatus)) {
        const { runtimeStatus, serializedOutput: output, failureDetails } = state;
        return {
          status: OrchestrationStatus[runtimeStatus],
          output,
          failure: failureDetails?.message,
          calls: counted(plan.calls),
        };
      }
      for (const event of awaited.splice(0).filter((each) => !raised.has(each))) {
        raised.add(event);
        for (let i = 0; i < COPIES; i++) await client.raiseOrchestrationEvent(id, event, { approved: true });
      }
    }
    return { status: "HANGS", calls: counted(plan.calls) };
  } finally {
    await Promise.race([worker.stop(), new Promise((resolve) => pause(resolve, 200))]);
    backend.reset();
  }
}

/** @param {string[]} files */
async function runFence(files) {
  const registry = (capturing = new Registry());
  for (const file of files) await import(pathToFileURL(runnable(file)).href);
  capturing = undefined;
  const report = emptyReport();
  for (const name of registry.getOrchestratorNames()) {
    report.orchestrators++;
    for (const input of INPUTS) {
      takeTurns();
      const { result: outcome } = await watching(() => runExample(registry, name, input), undefined, 0);
      report.outcomes[`${name} ${JSON.stringify(input)}`] = outcome;
      const turns = takeTurns().slice(0, MOST_TURNS);
      const { result, effects } = await watching(() => replay(turns), isReplaying);
      report.differences.push(...result.differences);
      report.effects.push(...effects);
      if (outcome.status === "HANGS") break;
    }
  }
  return report;
}

/**
 * @param {string} address of the sidecar
 * @returns {Promise<Record<string, string>>} claim -> what speaks against it
 */
async function showHabits(address) {
  /** @type {Record<string, string>} */
  const results = {};
  for (const [i, [claim, [orchestrator, check, { event, copies = 1, sidecar } = {}]]] of Object.entries(HABITS).entries()) {
    const registry = new Registry();
    registry.addNamedOrchestrator(claim, orchestrator);
    for (const [name, activity] of Object.entries(ACTIVITIES)) registry.addNamedActivity(name, activity);
    registry.addNamedEntity("thing", () => new Thing());
    const events = event ? Array.from({ length: copies }, (_, i) => ({ name: event, data: i + 1 })) : [];
    try {
      check(await play(registry, { title: claim, orchestrator: claim, input: null, events, sidecar }, `habit-${i}`, address));
      results[claim] = "";
    } catch (error) {
      results[claim] = String(error);
    }
  }
  return results;
}

/** @param {import("./notices.cjs").Program} program */
function orchestratorOf({ steps, event }) {
  return async function* (/** @type {any} */ ctx) {
    const result = {};
    for (const [key, kind, name, input] of steps) {
      if (kind === "activity") result[key] = yield ctx.callActivity(name, input);
      else if (kind === "child") result[key] = yield ctx.callSubOrchestrator(name);
      else yield ctx.createTimer(Number(name) / 1000);
    }
    yield ctx.waitForExternalEvent(event);
    return result;
  };
}

/** @returns {Promise<Record<string, string>>} change -> what came of it */
async function showNotices() {
  /** @param {import("./notices.cjs").Program[]} deployments */
  const end = async (...deployments) => {
    const backend = /** @type {any} */ (new Backend(EXAMPLE_TIMER_MS));
    const client = new TestOrchestrationClient(backend);
    const id = await client.scheduleNewOrchestration(deployments[0].name, null, "order");
    for (const [i, program] of deployments.entries()) {
      const worker = new TestOrchestrationWorker(backend);
      worker.addNamedOrchestrator(program.name, orchestratorOf(program));
      for (const name of CHILDREN)
        worker.addNamedOrchestrator(name, async function* () {
          return name;
        });
      for (const [name, run] of Object.entries(STEPS)) worker.addNamedActivity(name, async (_, input) => run(input));
      await worker.start();
      if (i === deployments.length - 1) await client.raiseOrchestrationEvent(id, "Go");
      await new Promise((resolve) => pause(resolve, NOTICE_MS));
      await worker.stop();
    }
    const state = await client.getOrchestrationState(id);
    backend.reset();
    return {
      status: OrchestrationStatus[state?.runtimeStatus ?? 0],
      output: state?.serializedOutput && JSON.parse(state.serializedOutput),
      failure: `${state?.failureDetails?.errorType}: ${state?.failureDetails?.message}`,
    };
  };
  /** @type {Record<string, string>} */
  const results = {};
  for (const [change, [before, after]] of Object.entries(VARIANTS)) {
    results[change] = outcome(await end(before, after), (await end(before, before)).output);
  }
  return results;
}

const [, , jobFile, resultFile] = process.argv;
const job = JSON.parse(await readFile(jobFile, "utf-8"));
process.env.SCHEDULER_ADDRESS = job.sidecar;
process.env.DURABLE_TASK_SCHEDULER_CONNECTION_STRING = `Endpoint=http://${job.sidecar};TaskHub=default;Authentication=None`;
process.env.PORT = job.port;
process.env.MODEL_URL = 'data:application/json,{"answer":"42"}';
process.env.JOBS_URL = 'data:application/json,{"status":"finished"}#';
for (const level of /** @type {const} */ (["log", "info", "warn", "error", "debug"])) console[level] = () => {};

/** @type {Record<string, any>} */
const results = { patterns: {}, programs: {}, fences: {}, habits: await showHabits(job.sidecar), notices: await showNotices() };
for (const [name, file] of Object.entries(job.patterns))
  results.patterns[name] = await runPattern(name, String(file), job.sidecar);
for (const [name, file] of Object.entries(job.programs)) {
  try {
    const lines = await runMain(String(file));
    results.programs[name] = { lines: name.includes("async-http-api") ? await talkToVideoApi() : lines };
  } catch (error) {
    results.programs[name] = { error: String(error instanceof Error ? error.stack : error) };
  }
}
for (const [name, files] of Object.entries(job.fences)) {
  try {
    results.fences[name] = await runFence(/** @type {string[]} */ (files));
  } catch (error) {
    results.fences[name] = { error: String(error instanceof Error ? error.stack : error) };
  }
}
await writeFile(resultFile, JSON.stringify(results, null, 1));
process.exit(0);

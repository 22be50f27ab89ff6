// Runs what is written with durable-functions on the small host and replays what it did.
// node durable_functions.mjs JOB RESULT; JOB: {patterns: {name: file}, programs: {name: file}, fences: {name: file}}
import { readFile, writeFile } from "node:fs/promises";
import { inAnotherWorld } from "./disturb.mjs";
import { createRequire } from "node:module";
import { faulty } from "./faults.mjs";
import { FunctionsHost, functionsOf, isReplaying, orchestrate } from "./functions_host.mjs";
import { runnable } from "./load.mjs";
import { VARIANTS, outcome } from "./notices.cjs";
import { SCENARIOS, judge, shown } from "./scenarios.mjs";
import { COPIES, INPUTS, counted, emptyReport, watching } from "./watch.mjs";

const MOST_TURNS = 30; // of an example that are replayed
const SOON_MS = 100; // timers that wait longer are for the scenario to wait for

/** @typedef {import("./functions_host.mjs").Turn} Turn */

/**
 * @param {Turn[]} turns
 * @returns {Promise<{replays: number, differences: string[]}>}
 */
export async function replay(turns, worlds = [1, 2]) {
  const differences = [];
  for (const world of worlds) {
    for (const turn of turns) {
      const again = await inAnotherWorld(world, () => orchestrate(turn.handler, turn.name, turn.arguments, turn.inputs));
      if (again !== turn.state)
        differences.push(`${turn.name} after ${turn.arguments[1].length} events: ${again} instead of ${turn.state}`);
    }
  }
  return { replays: worlds.length * turns.length, differences };
}

/**
 * @param {FunctionsHost} host @param {import("./scenarios.mjs").Scenario} scenario
 * @param {Record<string, any[]>} calls
 */
async function play(host, scenario, calls) {
  for (const { entity, operation, input } of scenario.signals ?? []) {
    await host.signal(`@${entity[0]}@${entity[1]}`, operation, input);
  }
  const id = host.start(scenario.orchestrator, scenario.input, { version: scenario.version });
  for (const event of scenario.events ?? []) {
    if (!event.early) await host.run(SOON_MS);
    host.raise(id, event.name, event.data);
  }
  await host.run();
  const { status, output, customStatus, openTimers } = /** @type {import("./functions_host.mjs").Instance} */ (
    host.instances.get(id)
  );
  const turns = host.turns.filter(({ name }) => name === scenario.orchestrator);
  const statuses = shown(turns.map(({ state }) => JSON.parse(state).customStatus));
  return { status: status.toUpperCase(), output, customStatus, statuses, openTimers, failure: String(output), calls };
}

/** @param {string} name @param {string} file */
async function runPattern(name, file) {
  const functions = functionsOf(file);
  const results = [];
  for (const [i, scenario] of (SCENARIOS[name] ?? []).entries()) {
    const result = { title: scenario.title, error: "", replays: 0 };
    try {
      const plan = faulty(scenario);
      const host = new FunctionsHost(functions, plan, i % 2 === 1); // failures arrive as text, or structured
      judge(scenario, await play(host, scenario, plan.calls));
      const { replays, differences } = await replay(host.turns);
      result.replays = replays;
      if (differences.length) result.error = `a replay differs: ${differences[0]}`;
    } catch (error) {
      result.error = String(error instanceof Error ? error.stack : error);
    }
    results.push(result);
  }
  return results.length ? results : [{ title: name, error: "tests/javascript/scenarios.mjs has no scenario for it" }];
}

/** Starts a program's first orchestration over its HTTP function, and runs it. @param {string} name @param {string} file */
async function runMain(name, file) {
  const functions = functionsOf(file);
  const scenario = SCENARIOS[/pattern-([a-z-]+)/.exec(name)?.[1] ?? ""]?.[0];
  const host = new FunctionsHost(functions, faulty(scenario ?? {}));
  await host.listen();
  try {
    const starter = [...functions.keys()].find((each) => each.startsWith("start"));
    if (!starter) throw new Error("no HTTP function starts it");
    const response = await host.http(starter, { body: scenario?.input ?? ["Tokyo", "Lagos"] });
    await host.run(SOON_MS);
    const [instance] = host.instances.values();
    return { status: response.status, instance: instance?.status };
  } finally {
    host.server?.close();
  }
}

/**
 * What a starter with an id of its own does when an instance of that id is there already.
 * @param {string} file @param {string} starter @param {any} body
 * @returns {Promise<Record<string, string>>} case -> whether it started one, or how it failed
 */
async function startAgain(file, starter, body) {
  /** @type {Record<string, string>} */
  const results = {};
  const cases = /** @type {[string, number[]][]} */ ([
    ...["Pending", "Running", "Suspended", "Completed", "Failed", "Terminated"].map((status) => [status, []]),
    ["a faster request", [404]], // it was not there when it was asked for, and is when it is started
    ["a host that fails", [500]],
  ]);
  for (const [status, answers] of cases) {
    const host = new FunctionsHost(functionsOf(file), faulty({}));
    await host.listen();
    try {
      await host.http(starter, { body });
      const [before] = host.instances.values();
      before.status = /** @type {any} */ (answers.length ? "Running" : status);
      host.answers = [...answers];
      const answer = await host.http(starter, { body }).catch((error) => ({ status: `fails: ${error.message}` }));
      const [after] = host.instances.values();
      results[status] = answer.status === 202 ? (after === before ? "kept" : "started") : String(answer.status).slice(0, 80);
    } finally {
      host.server?.close();
    }
  }
  return results;
}

/** The names of the events that the last turn waits for. */
function awaited(/** @type {FunctionsHost} */ host) {
  const names = new Set();
  const collect = (/** @type {any} */ action) => {
    if (action.externalEventName) names.add(action.externalEventName);
    action.compoundActions?.forEach(collect);
  };
  const last = host.turns.at(-1);
  if (last) JSON.parse(last.state).actions.flat().forEach(collect);
  return names;
}

/** Runs one orchestrator of an example to its end, answering whatever it waits for. */
async function runExample(
  /** @type {Map<string, any>} */ functions,
  /** @type {string} */ name,
  /** @type {unknown} */ input,
) {
  const plan = faulty({});
  const host = new FunctionsHost(functions, plan);
  const id = host.start(name, input);
  await host.run(SOON_MS, MOST_TURNS);
  for (const event of awaited(host)) for (let i = 0; i < COPIES; i++) host.raise(id, event, { approved: true });
  await host.run(Infinity, 2 * MOST_TURNS);
  const { status, output, openTimers } = /** @type {import("./functions_host.mjs").Instance} */ (
    host.instances.get(id)
  );
  const end = status === "Failed" ? { failure: String(output) } : { output };
  const outcome = {
    status: status === "Running" ? "HANGS" : status.toUpperCase(),
    ...end,
    calls: counted(plan.calls),
    openTimers,
  };
  return { outcome, turns: host.turns };
}

/** @param {string[]} files */
async function runFence(files) {
  const functions = new Map(files.flatMap((file) => [...functionsOf(runnable(file))]));
  const report = emptyReport();
  for (const [name, { type }] of functions) {
    if (type !== "orchestrationTrigger") continue;
    report.orchestrators++;
    for (const input of INPUTS) {
      const { outcome, turns } = (await watching(() => runExample(functions, name, input), undefined, 0)).result;
      report.outcomes[`${name} ${JSON.stringify(input)}`] = outcome;
      const { result, effects } = await watching(() => replay(turns.slice(0, MOST_TURNS)), isReplaying);
      report.differences.push(...result.differences);
      report.effects.push(...effects);
    }
  }
  return report;
}

/**
 * Calls the HTTP and timer functions of an example, once for each verb that it knows.
 * @param {string[]} files
 * @returns {Promise<Record<string, number>>} call -> the status of its answer
 */
async function runCalls(files) {
  const known = functionsOf(createRequire(import.meta.url).resolve("./called.cjs"));
  const functions = new Map([...known, ...files.flatMap((file) => [...functionsOf(file)])]);
  const verbs = [...(await readFile(files[0], "utf-8")).matchAll(/case "(\w+)":/g)].map((match) => match[1]);
  /** @type {Record<string, number>} */
  const answers = {};
  for (const [name, { type }] of functions) {
    if (known.has(name)) continue;
    for (const [i, verb] of (verbs.length ? verbs : ["GET", "POST"]).entries()) {
      const host = new FunctionsHost(functions, faulty({}));
      await host.listen();
      try {
        if (verb !== "start") host.start(verb === "rewind" ? "fails" : "processOrder", null, { id: "order-1" });
        await host.run();
        if (verb === "wait") host.raise("order-1", "approval", {}); // so that there is an end to wait for
        await host.run();
        const params = { id: "order-1", key: "orders", verb };
        if (type === "timerTrigger") await host.tick(name);
        else answers[`${name} ${verb}`] = (await host.http(name, { method: verbs.length ? "POST" : verb, params })).status;
      } finally {
        host.server?.close();
      }
      if (type === "timerTrigger" && i === 0) answers[name] = 200;
    }
  }
  return answers;
}

/** @returns {Promise<Record<string, string>>} claim -> what speaks against it */
async function showHabits() {
  const require = createRequire(import.meta.url);
  const file = require.resolve("./habits_functions.cjs");
  const functions = functionsOf(file);
  /** @type {Record<string, string>} */
  const results = {};
  for (const [claim, [, check, { event, copies = COPIES } = {}]] of Object.entries(require(file).HABITS)) {
    const plan = faulty({});
    const events = event ? Array.from({ length: copies }, (_, i) => ({ name: event, data: i + 1 })) : [];
    try {
      check(
        await play(
          new FunctionsHost(functions, plan),
          { title: claim, orchestrator: claim, input: null, events },
          plan.calls,
        ),
      );
      results[claim] = "";
    } catch (error) {
      results[claim] = String(error);
    }
  }
  return results;
}

/** @returns {Promise<Record<string, string>>} change -> what came of it */
async function showNotices() {
  const require = createRequire(import.meta.url);
  const functions = functionsOf(require.resolve("./notices_functions.cjs"));
  /** @type {Record<string, string>} */
  const results = {};
  for (const [change, [before, after]] of Object.entries(VARIANTS)) {
    /** The functions of a deployment: the orchestrator under the name that it has there. */
    const deployed = (i, { name }) => new Map([...functions, [name, functions.get(`${change} ${i}`)]]);
    const [recorded, end] = [before, after].map(async (program, i) => {
      const host = new FunctionsHost(/** @type {any} */ (deployed(0, before)), faulty({}));
      const id = host.start(before.name, null);
      await host.run();
      host.functions = /** @type {any} */ (deployed(i, program));
      host.raise(id, "Go", null);
      await host.run();
      const { status, output } = /** @type {import("./functions_host.mjs").Instance} */ (host.instances.get(id));
      return { status: status.toUpperCase(), output, failure: String(output) };
    });
    results[change] = outcome(await end, (await recorded).output);
  }
  return results;
}

const [, , jobFile, resultFile] = process.argv;
const job = JSON.parse(await readFile(jobFile, "utf-8"));
process.env.JOBS_URL = 'data:application/json,{"status":"finished"}#';
process.env.MODEL_URL = 'data:application/json,{"answer":"42"}';

/** @type {Record<string, any>} */
const results = { patterns: {}, programs: {}, fences: {}, calls: {}, habits: await showHabits(), notices: await showNotices() };
for (const [name, file] of Object.entries(job.patterns)) results.patterns[name] = await runPattern(name, String(file));
for (const [name, file] of Object.entries(job.programs)) {
  try {
    results.programs[name] = await runMain(name, String(file));
    const starter = { "async-http-api": "startTranscodeVideo", eternal: "startInventorySync" }[name.split(/pattern-|:/)[1]];
    const body = { videoId: "v-1", levels: {} };
    if (starter) results.programs[name].again = await startAgain(String(file), starter, body);
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
for (const [name, files] of Object.entries(job.calls)) {
  try {
    results.calls[name] = await runCalls(/** @type {string[]} */ (files));
  } catch (error) {
    results.calls[name] = { error: String(error instanceof Error ? error.stack : error) };
  }
}
await writeFile(resultFile, JSON.stringify(results, null, 1));
process.exit(0);

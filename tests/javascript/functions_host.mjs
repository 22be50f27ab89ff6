// A Durable Functions host in one process: loads programs as the Node worker does, serves the webhooks that the client
// library calls, and replays the actions that the library reports like the host extension does (protocol version 4).
// Durable timers take no time. What it leaves out: storage, polling HTTP calls, timers of more than six days in pieces.
import { createServer } from "node:http";
import Module, { createRequire } from "node:module";
import functions from "@azure/functions";
import { DurableOrchestrationInput } from "durable-functions/lib/src/util/testingUtils.js";
import { Extension } from "./extension.mjs";

const { HttpRequest, InvocationContext } = functions;

/** @typedef {{type: string, route: string, methods: string[], handler: (trigger: any, context: any) => any, inputs: any[]}} Registered */
/** @typedef {{call: (name: string, input: unknown, run: () => unknown) => Promise<unknown>}} Plan */
/**
 * @typedef {object} Instance
 * @property {string} id
 * @property {string} name
 * @property {unknown} input
 * @property {string} [version]
 * @property {{id: string, task: number}} [parent]
 * @property {any[]} history
 * @property {"Pending" | "Running" | "Completed" | "Failed" | "Terminated"} status
 * @property {any} [output]
 * @property {any} [customStatus]
 * @property {number} openTimers
 *
 * @typedef {{exists: boolean, state?: string, lockedBy?: string, waiting: any[]}} Entity
 * @typedef {{handler: (trigger: any, context: any) => any, inputs: any[], name: string, arguments: any[], state: string}} Turn
 */

const SCHEMA = 3; // ReplaySchema.V4
const Event = /** @type {const} */ ({
  ExecutionStarted: 0,
  TaskCompleted: 5,
  TaskFailed: 6,
  SubOrchestrationCompleted: 8,
  SubOrchestrationFailed: 9,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventRaised: 15,
});

/** @type {Map<string, Registered>} */
let registering = new Map();
const load = /** @type {any} */ (Module)._load;
/** @type {any} */ (Module)._load = function (/** @type {string} */ request, /** @type {any[]} */ ...rest) {
  if (request !== "@azure/functions-core") return load.call(this, request, ...rest);
  return {
    version: "4.0.0",
    setProgrammingModel() {},
    getProgrammingModel() {},
    registerHook() {},
    registerFunction({ name, bindings }, handler) {
      const all = /** @type {any[]} */ (Object.values(bindings));
      const trigger = all.find((binding) => /trigger$/i.test(binding.type));
      if (registering.has(name)) throw new Error(`A function with the name "${name}" has already been registered.`);
      const { type, route = name, methods = [] } = trigger;
      registering.set(name, { type, route, methods, handler, inputs: all.filter((binding) => binding !== trigger) });
    },
  };
};

/** The functions that a file registers. @param {string} file */
export function functionsOf(file) {
  registering = new Map();
  const require = createRequire(file);
  delete require.cache[require.resolve(file)];
  require(file);
  return registering;
}

const plain = (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

export class FunctionsHost {
  /** @type {Map<string, Instance>} */ instances = new Map();
  /** @type {Map<string, Entity>} */ entities = new Map();
  /** @type {Turn[]} */ turns = [];
  /** What the next questions for a status are answered with, whatever the status is. */
  answers = /** @type {number[]} */ ([]);
  now = Date.now();
  #queue = /** @type {{at: number, to: string, event: any}[]} */ ([]);

  /** @param {Map<string, Registered>} functions @param {Plan} plan @param {boolean} structuredFailures */
  constructor(functions, plan, structuredFailures = false) {
    this.functions = functions;
    this.plan = plan;
    this.structuredFailures = structuredFailures;
  }

  // --- what a client does -----------------------------------------------------------------------------------------

  /** @param {string} name @param {unknown} input @param {Partial<Instance>} [more] */
  start(name, input, more = {}) {
    const id = more.id || `instance-${this.instances.size + 1}`;
    /** @type {Instance} */
    const instance = { ...more, id, name, input: plain(input) ?? null, history: [], status: "Pending", openTimers: 0 };
    this.instances.set(id, instance);
    const started = { Name: name, Input: JSON.stringify(instance.input), Version: more.version };
    this.#send(this.now, id, this.#event(Event.ExecutionStarted, started));
    return id;
  }

  /** @param {string} id @param {string} name @param {unknown} data */
  raise(id, name, data) {
    if (!this.instances.has(id)) return false;
    this.#send(this.now, id, this.#event(Event.EventRaised, { Name: name, Input: JSON.stringify(data ?? null) }));
    return true;
  }

  /** @param {string} id @param {string} operation @param {unknown} input */
  async signal(id, operation, input) {
    await this.#operate(id, { operation, input: input === undefined ? undefined : JSON.stringify(input) });
  }

  // --- running ----------------------------------------------------------------------------------------------------

  /** Works until nothing is due within `horizon` milliseconds, or for `most` turns. */
  async run(horizon = Infinity, most = 5000) {
    for (let turn = 0; this.#queue.length; turn++) {
      if (turn > most) return;
      this.#queue.sort((a, b) => a.at - b.at);
      const { at, to } = this.#queue[0];
      if (at > this.now + horizon) return;
      this.now = Math.max(this.now, at) + 1;
      const due = this.#queue.filter((message) => message.to === to && message.at <= this.now);
      this.#queue = this.#queue.filter((message) => !due.includes(message));
      const instance = this.instances.get(to);
      if (instance && ["Pending", "Running"].includes(instance.status)) {
        await this.#turn(
          instance,
          due.map((message) => message.event),
        );
      }
    }
  }

  #event(type, more = {}) {
    return { EventType: type, EventId: -1, IsPlayed: false, Timestamp: "", ...more };
  }

  #send(at, to, event) {
    this.#queue.push({ at, to, event });
  }

  /** @param {Instance} instance @param {any[]} events */
  async #turn(instance, events) {
    const stamp = new Date(this.now).toISOString();
    for (const event of instance.history) event.IsPlayed = true;
    const order = (event) => (event.EventType === Event.ExecutionStarted ? 0 : 1);
    events.sort((a, b) => order(a) - order(b));
    instance.history.push(this.#event(Event.OrchestratorStarted), ...events);
    for (const event of instance.history) event.Timestamp ||= stamp;
    instance.status = "Running";
    const state = await this.#callOrchestrator(instance);
    instance.customStatus = state.customStatus ?? instance.customStatus;
    const extension = new Extension(instance.history, this.now);
    await extension.replay(state.actions[0]);
    instance.openTimers = extension.openTimers;
    this.#queue = this.#queue.filter(
      ({ to, event }) => to !== instance.id || !extension.canceledTimers.has(event.TimerId),
    );
    const scheduled = extension.fresh;
    for (const action of scheduled) instance.history.push({ ...action.event, Timestamp: stamp });
    instance.history.push(this.#event(Event.OrchestratorCompleted, { Timestamp: stamp }));
    for (const action of scheduled) await this.#carryOut(instance, action);
    if (extension.mismatch) this.#end(instance, "Failed", `Non-Deterministic workflow detected: ${extension.mismatch}`);
    else if (state.error !== undefined) this.#end(instance, "Failed", state.error);
    else if (extension.continued) {
      // What nobody waited for is gone with the history: the extension does not keep unread events for JavaScript.
      const { input } = extension.continued;
      instance.input = typeof input === "string" ? JSON.parse(input) : (input ?? null);
      instance.history = [];
      instance.status = "Pending";
      this.#queue = this.#queue.filter(({ to, event }) => to !== instance.id || event.EventType === Event.EventRaised);
      const started = { Name: instance.name, Input: JSON.stringify(instance.input), Version: instance.version };
      this.#send(this.now, instance.id, this.#event(Event.ExecutionStarted, started));
    } else if (state.isDone) this.#end(instance, "Completed", state.output);
  }

  /** @param {Instance} instance */
  async #callOrchestrator(instance) {
    const registered = this.functions.get(instance.name);
    if (registered?.type !== "orchestrationTrigger") {
      return {
        actions: [[]],
        error: `The function '${instance.name}' doesn't exist, is disabled, or is not an orchestrator function.`,
      };
    }
    const parent = instance.parent?.id ?? "";
    const args = [
      instance.id,
      plain(instance.history),
      plain(instance.input),
      undefined,
      undefined,
      undefined,
      SCHEMA,
      false,
      parent,
    ];
    const { handler, inputs } = registered;
    const state = await orchestrate(handler, instance.name, args, inputs);
    this.turns.push({ handler, inputs, name: instance.name, arguments: args, state });
    return JSON.parse(state);
  }

  /** @param {Instance} instance @param {"Completed" | "Failed"} status @param {unknown} output */
  #end(instance, status, output) {
    instance.status = status;
    instance.output = output;
    for (const [id, entity] of this.entities) if (entity.lockedBy === instance.id) this.#unlock(id);
    if (!instance.parent) return;
    const { id, task } = instance.parent;
    const ok = status === "Completed";
    const failed = { Reason: `Orchestrator function '${instance.name}' failed: ${output}`, Details: String(output) };
    const more = { TaskScheduledId: task, ...(ok ? { Result: JSON.stringify(output ?? null) } : failed) };
    this.#send(this.now, id, this.#event(ok ? Event.SubOrchestrationCompleted : Event.SubOrchestrationFailed, more));
  }

  /** @param {Instance} instance @param {import("./extension.mjs").Scheduled} action */
  async #carryOut(instance, { id, kind, data }) {
    if (kind === "activity") this.#send(this.now + 1, instance.id, await this.#activity(id, data.name, data.input));
    else if (kind === "timer")
      this.#send(
        data.at,
        instance.id,
        this.#event(Event.TimerFired, { TimerId: id, FireAt: new Date(data.at).toISOString() }),
      );
    else if (kind === "child") {
      const child = {
        id: data.instanceId || `${instance.id}:${id}`,
        version: data.version,
        parent: { id: instance.id, task: id },
      };
      this.start(data.name, data.input, child);
    } else if (kind === "lock") await this.#lock(data.entities, instance.id, data.request);
    else if (kind === "unlock") this.#unlock(data.entity);
    else await this.#operate(data.entity, { ...data, from: instance.id });
  }

  /** @param {number} task @param {string} name @param {unknown} input */
  async #activity(task, name, input) {
    const value = typeof input === "string" ? JSON.parse(input) : plain(input);
    const registered = this.functions.get(name);
    try {
      if (registered?.type !== "activityTrigger")
        throw new Error(`The function '${name}' doesn't exist, is disabled, or is not an activity function.`);
      const context = new InvocationContext({ functionName: name, invocationId: "test", logHandler: () => {} });
      const result = await this.plan.call(name, value, () => registered.handler(value, context));
      return this.#event(Event.TaskCompleted, { TaskScheduledId: task, Result: JSON.stringify(result ?? null) });
    } catch (error) {
      const { message, stack, name: type } = error instanceof Error ? error : new Error(String(error));
      const FailureDetails = { ErrorType: type, ErrorMessage: message, StackTrace: stack, IsNonRetriable: false };
      const more = this.structuredFailures ? { FailureDetails } : {};
      return this.#event(Event.TaskFailed, {
        TaskScheduledId: task,
        Reason: `Activity function '${name}' failed: ${message}`,
        Details: stack,
        ...more,
      });
    }
  }

  // --- entities ---------------------------------------------------------------------------------------------------

  #entity(id) {
    if (!this.entities.has(id)) this.entities.set(id, { exists: false, waiting: [] });
    return /** @type {Entity} */ (this.entities.get(id));
  }

  /** @param {string} id @param {{operation: string, input?: string, from?: string, request?: string}} operation */
  async #operate(id, operation) {
    const entity = this.#entity(id);
    if (entity.lockedBy && entity.lockedBy !== operation.from) return void entity.waiting.push(operation);
    const [, name, key] = /** @type {RegExpExecArray} */ (/^@([^@]+)@(.*)$/s.exec(id));
    const registered = [...this.functions].find(
      ([each, { type }]) => type === "entityTrigger" && each.toLowerCase() === name,
    )?.[1];
    if (!registered) throw new Error(`no entity function '${name}'`);
    const batch = [{ id: "0", name: operation.operation, isSignal: !operation.request, input: operation.input }];
    const trigger = { self: { name, key }, exists: entity.exists, state: entity.state, batch };
    const done = plain(
      await registered.handler(
        trigger,
        new InvocationContext({ functionName: name, invocationId: "test", logHandler: () => {} }),
      ),
    );
    entity.exists = done.entityExists;
    entity.state = done.entityState;
    for (const signal of done.signals) {
      await this.#operate(`@${signal.target.name.toLowerCase()}@${signal.target.key}`, {
        operation: signal.name,
        input: signal.input,
      });
    }
    if (!operation.request || !operation.from) return;
    const [{ isError, result }] = done.results;
    const response = { result: result ?? undefined, ...(isError ? { exceptionType: "Error" } : {}) };
    const more = { Name: operation.request, Input: JSON.stringify(response) };
    this.#send(this.now + 1, operation.from, this.#event(Event.EventRaised, more));
  }

  /** @param {string[]} ids @param {string} owner @param {string} request */
  async #lock(ids, owner, request) {
    const taken = ids.map((id) => this.#entity(id)).find((entity) => entity.lockedBy);
    if (taken) return void taken.waiting.push({ lock: ids, owner, request });
    for (const id of ids) this.#entity(id).lockedBy = owner;
    this.#send(this.now + 1, owner, this.#event(Event.EventRaised, { Name: request, Input: "{}" }));
  }

  #unlock(id) {
    const entity = this.#entity(id);
    delete entity.lockedBy;
    for (const each of entity.waiting.splice(0)) {
      if (each.lock) void this.#lock(each.lock, each.owner, each.request);
      else void this.#operate(id, each);
    }
  }

  // --- HTTP -------------------------------------------------------------------------------------------------------

  /** Serves the webhooks of the extension and the HTTP functions; returns the base address. */
  async listen(port = 0) {
    const server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      const path = String(request.url).split("?")[0];
      if (path.startsWith("/api/")) {
        const answer = await this.#api(String(request.method), path.slice("/api/".length), body);
        return response.writeHead(answer.status, answer.headers).end(answer.text);
      }
      const { status, json } = await this.#webhook(
        String(request.method),
        new URL(String(request.url), "http://host"),
        body,
      );
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json ?? null));
    });
    await new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(undefined)));
    this.server = server;
    this.address = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
    return this.address;
  }

  /** @param {string} method @param {URL} url @param {string} body @returns {Promise<{status: number, json?: any}>} */
  async #webhook(method, url, body) {
    const [, resource, name, verb, argument] = url.pathname.split("/").map(decodeURIComponent);
    const data = body ? JSON.parse(body) : undefined;
    if (resource === "orchestrators") {
      const kept = this.instances.get(verb);
      if (kept && !["Completed", "Failed", "Terminated"].includes(kept.status)) {
        return { status: 500, json: { Message: "Something went wrong while processing your request" } };
      }
      const id = this.start(name, data, { id: verb, version: url.searchParams.get("version") ?? undefined });
      return { status: 202, json: { id } };
    }
    if (resource === "entities") {
      const id = `@${name.toLowerCase()}@${verb}`;
      if (method === "POST")
        return { status: 202, json: await this.signal(id, url.searchParams.get("op") ?? "", data) };
      const state = this.entities.get(id)?.state;
      return state === undefined ? { status: 404 } : { status: 200, json: JSON.parse(state) };
    }
    const statuses = url.searchParams.get("runtimeStatus")?.split(",");
    if (!name && method === "GET") {
      const all = [...this.instances.values()].map((each) => this.#status(each));
      return { status: 200, json: all.filter((each) => !statuses || statuses.includes(each.runtimeStatus)) };
    }
    if (!name && method === "DELETE") {
      const ended = [...this.instances.values()].filter((each) => statuses?.includes(each.status));
      for (const { id } of ended) this.instances.delete(id);
      return { status: 200, json: { instancesDeleted: ended.length } };
    }
    const instance = this.instances.get(name);
    const instead = method === "GET" ? this.answers.shift() : undefined;
    if (instead) return { status: instead, json: { Message: "instead of the status" } };
    if (!instance) return { status: 404 };
    if (method === "GET") {
      return { status: ["Pending", "Running"].includes(instance.status) ? 202 : 200, json: this.#status(instance) };
    }
    if (method === "DELETE") {
      this.instances.delete(name);
      return { status: 200, json: { instancesDeleted: 1 } };
    }
    if (verb === "raiseEvent") this.raise(name, argument, data);
    else if (verb === "terminate") instance.status = "Terminated";
    else if (verb === "rewind" && instance.status !== "Failed") return { status: 412 };
    return { status: 202 };
  }

  /** @param {string} method @param {string} path below /api @param {string} body */
  async #api(method, path, body) {
    for (const [name, { type, route, methods }] of this.functions) {
      const names = [...route.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const match = new RegExp(`^${route.replaceAll(/\{\w+\}/g, "([^/]+)")}$`, "i").exec(path);
      if (type !== "httpTrigger" || !match || !methods.includes(method)) continue;
      const params = Object.fromEntries(names.map((key, i) => [key, decodeURIComponent(match[i + 1])]));
      const answer = await this.http(name, { method, text: body, params });
      const { status = 200, jsonBody, headers } = answer ?? {};
      const plain = jsonBody === undefined ? "" : JSON.stringify(jsonBody);
      const text = typeof answer?.text === "function" ? await answer.text() : plain;
      return { status, headers: Object.fromEntries(new Headers(headers ?? {})), text };
    }
    return { status: 404, headers: {}, text: "" };
  }

  /** @param {Instance} instance */
  #status(instance) {
    const { id, name, status, input, output, customStatus } = instance;
    const time = new Date(this.now).toISOString();
    return {
      name,
      instanceId: id,
      runtimeStatus: status,
      input,
      output: output ?? null,
      customStatus: customStatus ?? null,
      createdTime: time,
      lastUpdatedTime: time,
    };
  }

  /** Calls an HTTP function of the program. @param {string} name @param {{method?: string, body?: unknown, text?: string, params?: Record<string, string>}} request */
  async http(name, { method = "POST", body, text = body === undefined ? "" : JSON.stringify(body), params = {} }) {
    const registered = /** @type {Registered} */ (this.functions.get(name));
    const context = invocation(name, { type: registered.type }, registered.inputs, this.address);
    const request = new HttpRequest({
      method,
      url: `${this.address ?? "http://localhost"}/api`,
      params,
      headers: {},
      ...(text ? { body: { string: text } } : {}),
    });
    return registered.handler(request, context);
  }

  /** Calls a timer function of the program. @param {string} name */
  async tick(name) {
    const registered = /** @type {Registered} */ (this.functions.get(name));
    return registered.handler({}, invocation(name, { type: registered.type }, registered.inputs, this.address));
  }
}

/** Where the client of an orchestrator, which should have none, sends its calls. */
const NOWHERE = "http://127.0.0.1:9";

/** @param {string} name @param {any} trigger @param {any[]} inputs @param {string | undefined} address of the webhooks */
function invocation(name, trigger, inputs, address) {
  const options = { trigger: { name: "trigger", ...trigger }, extraInputs: inputs, extraOutputs: [], return: undefined };
  const about = { functionName: name, invocationId: "test", logHandler: () => {} };
  const context = new InvocationContext({ ...about, options: /** @type {any} */ (options) });
  const client = inputs.find((input) => input.type === "durableClient");
  const id = "INSTANCEID";
  const uri = `${address}/instances/${id}`;
  const managementUrls = {
    id,
    statusQueryGetUri: uri,
    sendEventPostUri: `${uri}/raiseEvent/{eventName}`,
    terminatePostUri: `${uri}/terminate`,
  };
  const data = { taskHubName: "test", creationUrls: {}, managementUrls, rpcBaseUrl: `${address}/` };
  if (client) context.extraInputs.set(client, data);
  return context;
}

/** @type {{df?: {isReplaying: boolean}} | undefined} */
let running;

/** Whether the orchestrator that runs at the moment sees only what it has seen before. */
export const isReplaying = () => running?.df?.isReplaying ?? false;

/**
 * One call of an orchestrator function as the worker makes it; what it reports, as JSON.
 * @param {(trigger: any, context: any) => any} handler @param {string} name @param {any[]} args
 * @param {any[]} inputs the further bindings of the function
 */
export async function orchestrate(handler, name, args, inputs = []) {
  try {
    const input = new DurableOrchestrationInput(
      ...plain(args).map((each, i) => (args[i] === undefined ? undefined : each)),
    );
    running = /** @type {any} */ (invocation(name, { type: "orchestrationTrigger" }, inputs, NOWHERE));
    return JSON.stringify(await handler(input, running));
  } catch (error) {
    const [message, reported] = String(error instanceof Error ? error.message : error).split("\n\n$OutOfProcData$:");
    // The stack that the message may carry names files and lines; nothing depends on it.
    return reported ?? JSON.stringify({ actions: [[]], error: message });
  }
}

// Notices what code does to the world while it runs, and keeps it from the network.
import { AsyncLocalStorage } from "node:async_hooks";
import child from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";

const SETTLE_MS = 15; // for what is started now and done a few ticks later
const pause = globalThis.setTimeout;
/** What is being watched: a connection that an earlier example keeps on trying to make is not this one's doing. */
const current = new AsyncLocalStorage();

const names = (object, pattern) =>
  Object.keys(object).filter((name) => pattern.test(name) && typeof object[name] === "function");

const FILES = /^(read|write|append|exists|stat|mkdir|unlink|rm|open|copy)/;

/** @type {[any, string, string[], ((...args: any[]) => unknown)?][]} what is watched, and what it does instead */
const WATCHED = [
  [console, "console", ["log", "info", "warn", "error", "debug"], () => undefined],
  [globalThis, "", ["fetch"], async () => new Response(JSON.stringify({ id: "1", rate: Math.random() }))],
  [globalThis, "", ["setTimeout", "setInterval", "setImmediate"]],
  [fs, "fs", names(fs, FILES)],
  [fs.promises, "fs", names(fs.promises, FILES)],
  [child, "child_process", names(child, /^(exec|spawn|fork)/)],
  [http, "http", ["request", "get"], refuse],
  [https, "https", ["request", "get"], refuse],
  [net, "net", ["connect", "createConnection"], () => new net.Socket().destroy(new Error("no network in tests"))],
];

function refuse() {
  throw new Error("no network in tests");
}

/**
 * The effects of `body`. Logging counts only while the orchestrator is replaying: once is how it should be.
 * @template T
 * @param {() => Promise<T>} body @param {() => boolean} isReplaying @param {number} settle milliseconds after the body
 * @returns {Promise<{result: T, effects: string[]}>}
 */
export async function watching(body, isReplaying = () => true, settle = SETTLE_MS) {
  /** @type {Set<string>} */
  const effects = new Set();
  const undo = [];
  for (const [object, prefix, members, instead] of WATCHED) {
    for (const member of members) {
      const original = object[member];
      object[member] = function (/** @type {any[]} */ ...args) {
        if (current.getStore() === effects && (prefix !== "console" || isReplaying()))
          effects.add(prefix ? `${prefix}.${member}` : member);
        return (instead ?? original).apply(this, args);
      };
      undo.push(() => (object[member] = original));
    }
  }
  syncBuiltinESMExports();
  try {
    const result = await current.run(effects, body);
    await new Promise((resolve) => pause(resolve, settle));
    return { result, effects: [...effects] };
  } finally {
    for (const each of undo) each();
    syncBuiltinESMExports();
  }
}

/** What an example is given. */
export const INPUTS = [undefined, 2, "A1", {}, ["A1", "A2"]];

/** How often an event that an example waits for is raised, all at once. */
export const COPIES = 5;

/**
 * @typedef {object} Report
 * @property {number} orchestrators
 * @property {Record<string, {status: string, output?: unknown, failure?: string, calls: Record<string, number>, openTimers?: number}>} outcomes
 *   orchestrator and input -> what came of it
 * @property {string[]} differences between the run and its replays
 * @property {string[]} effects of the replays
 */

/** @returns {Report} */
export const emptyReport = () => ({ orchestrators: 0, outcomes: {}, differences: [], effects: [] });

/** @param {Record<string, unknown[]>} calls */
export const counted = (calls) =>
  Object.fromEntries(Object.entries(calls).map(([name, inputs]) => [name, inputs.length]));

// A wrong example may leave a promise behind that fails; that is its mistake, not the end of all.
process.on("unhandledRejection", () => undefined);

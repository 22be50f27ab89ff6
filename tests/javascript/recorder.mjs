// Remembers every turn that the SDK's executor made, and makes it again: the same history must give the same actions.
import { OrchestrationExecutor } from "@microsoft/durabletask-js/dist/worker/orchestration-executor.js";
import { NoOpLogger } from "@microsoft/durabletask-js";
import { RuntimeOrchestrationContext } from "@microsoft/durabletask-js/dist/worker/runtime-orchestration-context.js";
import { inAnotherWorld } from "./disturb.mjs";

/** @typedef {{instance: string, executor: any, old: any[], fresh: any[], execution?: string, actions: string, customStatus?: string}} Turn */

/** @type {Turn[]} */
let turns = [];
const execute = OrchestrationExecutor.prototype.execute;

const copy = (events) => events.map((event) => event.cloneMessage());

/**
 * What the runtime would store: every action with its payload, byte by byte, and the custom status.
 * @param {{actions: any[], customStatus?: string}} result
 */
function fingerprint({ actions, customStatus }) {
  const bytes = actions.map((action) => {
    const plain = action.cloneMessage();
    // Stack traces name files and lines: they may differ, and nothing depends on them.
    plain.getCompleteorchestration()?.getFailuredetails()?.clearStacktrace();
    return Buffer.from(plain.serializeBinary()).toString("base64");
  });
  return JSON.stringify([bytes, customStatus]);
}

OrchestrationExecutor.prototype.execute = async function (instance, old, fresh, execution) {
  /** @type {Turn} */
  const turn = { instance, executor: this, old: copy(old), fresh: copy(fresh), execution, actions: "" };
  const result = await execute.call(this, instance, old, fresh, execution);
  // Events may have joined while it ran: what the turn saw is what is there now.
  turn.fresh = copy(fresh);
  turn.actions = fingerprint(result);
  turn.customStatus = result.customStatus;
  turns.push(turn);
  return result;
};

/** @type {{isReplaying: boolean} | undefined} */
let running;
const run = RuntimeOrchestrationContext.prototype.run;
RuntimeOrchestrationContext.prototype.run = function (generator) {
  running = this;
  return run.call(this, generator);
};

/** Whether the orchestrator that runs at the moment sees only what it has seen before. */
export const isReplaying = () => running?.isReplaying ?? false;

/** The turns since the last call. */
export function takeTurns() {
  const taken = turns;
  turns = [];
  return taken;
}

/**
 * @param {Turn[]} recorded
 * @returns {Promise<{replays: number, differences: string[]}>}
 */
export async function replay(recorded, worlds = [1, 2]) {
  const differences = [];
  for (const world of worlds) {
    for (const turn of recorded) {
      const executor = new OrchestrationExecutor(turn.executor._registry, new NoOpLogger());
      const again = await inAnotherWorld(world, async () =>
        fingerprint(await execute.call(executor, turn.instance, copy(turn.old), copy(turn.fresh), turn.execution)),
      );
      if (again !== turn.actions) differences.push(`${turn.instance} after ${turn.old.length} events: ${again}`);
    }
  }
  return { replays: worlds.length * recorded.length, differences };
}

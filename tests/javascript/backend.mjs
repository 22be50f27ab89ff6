// The in-memory backend of @microsoft/durabletask-js 0.4.0, made to behave like a sidecar where it does not: durable
// timers take no time, the durable clock moves on at every turn, continue-as-new drops the old generation's timers,
// and what has ended stays ended.
import { InMemoryOrchestrationBackend } from "@microsoft/durabletask-js";
import * as events from "@microsoft/durabletask-js/dist/utils/pb-helper.util.js";

const SPEED = 1000; // one second of a durable timer is one millisecond
const LONGEST_MS = 600; // so that an event that is raised while a long timer runs comes first

// Some of what is overridden is private in the declarations.
const Base = /** @type {new () => any} */ (InMemoryOrchestrationBackend);

export class Backend extends Base {
  /** @type {Map<string, number>} instance id -> its durable clock */
  #clocks = new Map();
  #longest;

  /** @param {number} longest what the longest durable timer takes, in milliseconds */
  constructor(longest = LONGEST_MS) {
    super();
    this.#longest = longest;
  }

  getNextOrchestrationWorkItem() {
    const instance = super.getNextOrchestrationWorkItem();
    if (!instance) return instance;
    if (this.isTerminalStatus(instance.status)) {
      instance.pendingEvents = []; // what comes after the end would run it again, and again
      return this.getNextOrchestrationWorkItem();
    }
    const fired = instance.pendingEvents.map((event) => event.getTimerfired()?.getFireat()?.toDate().getTime() ?? 0);
    const clock = Math.max(Date.now(), this.#clocks.get(instance.instanceId) ?? 0, ...fired);
    this.#clocks.set(instance.instanceId, clock);
    if (instance.pendingEvents[0]?.hasOrchestratorstarted()) instance.pendingEvents.shift();
    instance.pendingEvents.unshift(events.newOrchestratorStartedEvent(new Date(clock)));
    return instance;
  }

  processCreateTimerAction(instance, action) {
    const real = globalThis.setTimeout;
    globalThis.setTimeout = /** @type {any} */ ((fire, delay) => real(fire, Math.min(delay / SPEED, this.#longest)));
    try {
      return super.processCreateTimerAction(instance, action);
    } finally {
      globalThis.setTimeout = real;
    }
  }

  processCompleteOrchestrationAction(instance, action) {
    super.processCompleteOrchestrationAction(instance, action);
    super.cancelInstanceTimers(instance.instanceId);
  }
}

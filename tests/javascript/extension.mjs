// How the host extension turns the actions that a worker reports into tasks: it awaits them one after another while it
// replays the history, gives numbers to what is scheduled on the way, and compares that with what the history says.

/** @typedef {{id: number, kind: "activity" | "child" | "timer" | "operation" | "lock" | "unlock", name: string, data: any, event: any}} Scheduled */

const Action = /** @type {const} */ ({
  CallActivity: 0,
  CallActivityWithRetry: 1,
  CallSubOrchestrator: 2,
  CallSubOrchestratorWithRetry: 3,
  ContinueAsNew: 4,
  CreateTimer: 5,
  WaitForExternalEvent: 6,
  CallEntity: 7,
  SignalEntity: 9,
  WhenAny: 11,
  WhenAll: 12,
  LockEntities: 13,
  ReleaseEntities: 14,
});
const SCHEDULING = new Map([
  [4, "activity"],
  [7, "child"],
  [10, "timer"],
  [14, "message"],
]);

const immediately = globalThis.setImmediate;
const turn = () => new Promise((resolve) => immediately(resolve));

export class Extension {
  /** @type {Scheduled[]} */ #scheduled = [];
  /** @type {Map<number | string, {resolve: (value?: unknown) => void, reject: (error: Error) => void}>} */ #open =
    new Map();
  /** @type {Map<string, (() => void)[]>} */ #waits = new Map();
  /** @type {Map<string, number>} */ #unread = new Map();
  /** @type {string[]} */ #locked = [];
  #history;
  #clock;
  /** @type {Set<number>} */ canceledTimers = new Set();
  /** @type {{input: unknown} | undefined} */ continued;
  /** @type {string | undefined} */ mismatch;

  /** @param {any[]} history @param {number} now */
  constructor(history, now) {
    this.#history = history;
    this.#clock = now;
  }

  /** What this turn scheduled for the first time. */
  get fresh() {
    const known = new Set(
      this.#history.filter((event) => SCHEDULING.has(event.EventType)).map((event) => event.EventId),
    );
    return this.#scheduled.filter(({ id }) => !known.has(id));
  }

  get openTimers() {
    return this.#scheduled.filter(
      ({ id, kind }) => kind === "timer" && this.#open.has(id) && !this.canceledTimers.has(id),
    ).length;
  }

  /** @param {any[]} actions */
  async replay(actions) {
    for (const event of this.#history) {
      if (event.EventType === 12) this.#clock = Date.parse(event.Timestamp);
      if (event.EventType === 0) void this.#inOrder(actions);
      this.#apply(event);
      await turn();
    }
    for (const event of this.#history) {
      const kind = SCHEDULING.get(event.EventType);
      if (!kind) continue;
      const now = this.#scheduled.find(({ id }) => id === event.EventId);
      const same = now && SCHEDULING.get(now.event.EventType) === kind && now.event.Name === event.Name;
      if (!same) {
        this.mismatch ??= `a previous execution scheduled ${kind} ${event.EventId} '${event.Name ?? ""}', this one ${now ? `'${now.name}'` : "nothing"}`;
      }
    }
  }

  async #inOrder(/** @type {any[]} */ actions) {
    for (const action of actions) {
      try {
        await this.#invoke(action);
      } catch {
        // Failures are the worker's business; the extension goes on to the next action.
      }
    }
  }

  #apply(/** @type {any} */ event) {
    const key = event.TaskScheduledId ?? event.TimerId ?? event.Name;
    const task = this.#open.get(key);
    switch (event.EventType) {
      case 5:
      case 8:
      case 11:
        this.#open.delete(key);
        return task?.resolve();
      case 6:
      case 9:
        this.#open.delete(key);
        return task?.reject(new Error(event.Reason));
      case 15: {
        if (task) {
          this.#open.delete(key);
          return task.resolve();
        }
        const waiting = this.#waits.get(key)?.pop();
        if (waiting) return waiting();
        this.#unread.set(key, (this.#unread.get(key) ?? 0) + 1);
      }
    }
  }

  /**
   * @param {Scheduled["kind"]} kind @param {string} name @param {any} data
   * @returns {number}
   */
  #schedule(kind, name, data) {
    const id = this.#scheduled.length;
    const type = { activity: 4, child: 7, timer: 10, operation: 14, lock: 14, unlock: 14 }[kind];
    /** @type {any} */
    const event = {
      EventType: type,
      EventId: id,
      IsPlayed: false,
      Name: type === 14 || type === 10 ? undefined : name,
    };
    if (kind === "timer") event.FireAt = new Date(data.at).toISOString();
    if (type === 14) event.Input = JSON.stringify({ id: data.request ?? `signal-${id}`, op: name });
    this.#scheduled.push({ id, kind, name, data, event });
    return id;
  }

  /** @param {number | string} key @returns {Promise<unknown>} */
  #task(key) {
    return new Promise((resolve, reject) => this.#open.set(key, { resolve, reject }));
  }

  async #retry(/** @type {any} */ options, /** @type {() => Promise<unknown>} */ call) {
    const {
      firstRetryIntervalInMilliseconds: first,
      maxNumberOfAttempts,
      backoffCoefficient = 1,
      maxRetryIntervalInMilliseconds = Infinity,
    } = options;
    /** @type {unknown} */
    let failure;
    for (let attempt = 0; attempt < maxNumberOfAttempts; attempt++) {
      try {
        return await call();
      } catch (error) {
        failure = error;
      }
      const delay = Math.min(first * backoffCoefficient ** attempt, maxRetryIntervalInMilliseconds);
      await this.#task(this.#schedule("timer", "", { at: this.#clock + delay })); // after the last attempt too
    }
    throw failure;
  }

  /** @param {any} action @returns {Promise<unknown>} */
  #invoke(action) {
    const { functionName: name, input, instanceId, version } = action;
    const activity = () => this.#task(this.#schedule("activity", name, { name, input }));
    const child = () => this.#task(this.#schedule("child", name, { name, input, instanceId, version }));
    switch (action.actionType) {
      case Action.CallActivity:
        return activity();
      case Action.CallActivityWithRetry:
        return this.#retry(action.retryOptions, activity);
      case Action.CallSubOrchestrator:
        return child();
      case Action.CallSubOrchestratorWithRetry:
        return this.#retry(action.retryOptions, child);
      case Action.ContinueAsNew:
        this.continued = { input };
        return Promise.resolve();
      case Action.CreateTimer: {
        const id = this.#schedule("timer", "", { at: Date.parse(action.fireAt) });
        if (action.isCanceled) this.canceledTimers.add(id);
        return action.isCanceled ? Promise.resolve() : this.#task(id);
      }
      case Action.WaitForExternalEvent: {
        const unread = this.#unread.get(action.externalEventName) ?? 0;
        if (unread > 0) {
          this.#unread.set(action.externalEventName, unread - 1);
          return Promise.resolve();
        }
        return new Promise((resolve) => {
          const waits = this.#waits.get(action.externalEventName) ?? [];
          this.#waits.set(action.externalEventName, [...waits, () => resolve(undefined)]);
        });
      }
      case Action.CallEntity: {
        const request = `request-${this.#scheduled.length}`;
        this.#schedule("operation", action.operation, {
          entity: instanceId,
          operation: action.operation,
          input: text(input),
          request,
        });
        return this.#task(request);
      }
      case Action.SignalEntity:
        this.#schedule("operation", action.operation, {
          entity: instanceId,
          operation: action.operation,
          input: text(input),
        });
        return Promise.resolve();
      case Action.LockEntities: {
        const entities = action.lockSet.map(({ name, key }) => `@${name.toLowerCase()}@${key}`);
        this.#locked = entities;
        this.#schedule("lock", "lock", { entities, request: action.lockRequestId });
        return this.#task(action.lockRequestId);
      }
      case Action.ReleaseEntities:
        for (const entity of this.#locked.splice(0)) this.#schedule("unlock", "unlock", { entity });
        return Promise.resolve();
      case Action.WhenAny:
        return Promise.race(action.compoundActions.map((each) => this.#invoke(each).catch(() => undefined)));
      case Action.WhenAll:
        return Promise.allSettled(action.compoundActions.map((each) => this.#invoke(each)));
      default:
        throw new Error(`unsupported action ${JSON.stringify(action)}`);
    }
  }
}

const text = (value) => (value === undefined ? undefined : JSON.stringify(value));

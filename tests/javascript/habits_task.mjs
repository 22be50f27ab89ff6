// What the skill says about habits and messages, as orchestrators that show it. The claim is the key.
import assert from "node:assert/strict";
import * as sdk from "@microsoft/durabletask-js";

const { RetryPolicy, TaskFailedError, whenAll, whenAny } = sdk;
const once = { retry: new RetryPolicy({ maxNumberOfAttempts: 1, firstRetryIntervalInMilliseconds: 1 }) };

export const ACTIVITIES = {
  echo: async (_, value) => value ?? null,
  fail: async (_, value) => {
    throw new RangeError(`no ${value}`);
  },
};

const fails = (message) => (result) => {
  assert.equal(result.status, "FAILED");
  assert.ok(result.failure.includes(message), result.failure);
};
const gives = (output) => (result) => assert.deepEqual([result.status, result.output], ["COMPLETED", output]);

export class Thing extends sdk.TaskEntity {
  initializeState() {
    return { count: 0 };
  }
  add(amount) {
    this.state.count += amount;
    return this.state.count;
  }
  spoil() {
    this.state.count = 99;
    throw new RangeError("spoiled");
  }
  _hidden() {
    return "called";
  }
}
const thing = (key) => new sdk.EntityInstanceId("thing", key);

/** @type {Record<string, [(ctx: any, input?: any) => any, (result: any) => void, {event?: string, copies?: number, sidecar?: boolean}?]>} */
export const HABITS = {
  "a function* completes at once with {} and runs nothing": [
    function* (ctx) {
      yield ctx.callActivity("echo", 1);
    },
    (result) => {
      gives({})(result);
      assert.deepEqual(result.calls, {});
    },
  ],
  "await gives the task itself": [
    async function* (ctx) {
      return (await ctx.callActivity("echo", 1)) instanceof sdk.Task;
    },
    gives(true),
  ],
  "Promise.all of tasks fails": [
    async function* (ctx) {
      return yield Promise.all([ctx.callActivity("echo", 1)]);
    },
    fails("The orchestrator generator yielded a non-Task object"),
  ],
  "whenAll throws an AggregateError for one failure, when all have ended": [
    async function* (ctx) {
      const tasks = [ctx.callActivity("fail", 1), ctx.callActivity("echo", 2)];
      try {
        yield whenAll(tasks);
      } catch (error) {
        const { name, errors } = /** @type {AggregateError} */ (error);
        return [name, errors.map((each) => each.name), tasks.map((task) => task.isComplete)];
      }
    },
    gives(["AggregateError", ["TaskFailedError"], [true, true]]),
  ],
  "whenAll of nothing gives a list": [
    async function* () {
      return yield whenAll([]);
    },
    gives([]),
  ],
  "whenAny of nothing fails": [
    async function* () {
      yield whenAny([]);
    },
    fails("whenAny requires at least one task"),
  ],
  "a failed task wins whenAny": [
    async function* (ctx) {
      const winner = yield whenAny([ctx.callActivity("fail", 1)]);
      return [winner.isFailed, winner.result === undefined];
    },
    gives([true, true]),
  ],
  "only the name of an error crosses": [
    async function* (ctx) {
      try {
        yield ctx.callActivity("fail", "bread", once);
      } catch (error) {
        if (!(error instanceof TaskFailedError) || /** @type {unknown} */ (error) instanceof RangeError) return "no";
        return [error.message, error.details.errorType, error.details.message];
      }
    },
    gives(["Activity task #1 failed: no bread", "RangeError", "no bread"]),
  ],
  "handleFailure ends the retries": [
    async function* (ctx) {
      const retry = new RetryPolicy({
        maxNumberOfAttempts: 5,
        firstRetryIntervalInMilliseconds: 1,
        handleFailure: (failure) => failure.errorType !== "RangeError",
      });
      yield ctx.callActivity("fail", 1, { retry });
    },
    (result) => assert.equal(result.calls.fail.length, 1),
  ],
  "a retry handler counts from 1 and may give milliseconds": [
    async function* (ctx) {
      const seen = [];
      const retry = ({ lastAttemptNumber, lastFailure }) => {
        seen.push([lastAttemptNumber, lastFailure.errorType]);
        return lastAttemptNumber < 3 && 5;
      };
      try {
        yield ctx.callActivity("fail", 1, { retry });
      } catch {
        return seen;
      }
    },
    (result) => {
      gives([1, 2, 3].map((attempt) => [attempt, "RangeError"]))(result);
      assert.equal(result.calls.fail.length, 3);
    },
  ],
  "a wait that lost a race takes the event": [
    async function* (ctx) {
      const first = ctx.waitForExternalEvent("go");
      yield whenAny([first, ctx.createTimer(0.001)]);
      const second = ctx.waitForExternalEvent("GO"); // the same: names are case-insensitive
      yield whenAny([second, ctx.createTimer(60)]);
      return [first.isComplete, second.isComplete];
    },
    gives([true, false]),
    { event: "go" },
  ],
  "of several waits for one name the oldest takes the event": [
    async function* (ctx) {
      const [first, second] = [ctx.waitForExternalEvent("go"), ctx.waitForExternalEvent("go")];
      yield whenAny([second, first]);
      return [first.isComplete, second.isComplete];
    },
    gives([true, false]),
    { event: "go" },
  ],
  "unread events of one name are given out in order, against one timer": [
    async function* (ctx) {
      const deadline = ctx.createTimer(100);
      const values = [];
      for (;;) {
        const go = ctx.waitForExternalEvent("go");
        if ((yield whenAny([go, deadline])) === deadline) return values;
        values.push(go.getResult());
      }
    },
    gives([1, 2, 3]),
    { event: "go", copies: 3 },
  ],
  "of several complete tasks the first of the list wins": [
    async function* (ctx) {
      const tasks = [1, 2, 3].map((value) => ctx.callActivity("echo", value));
      yield whenAll(tasks);
      return tasks.indexOf(yield whenAny([tasks[2], tasks[0], tasks[1]]));
    },
    gives(2),
  ],
  "a pending task may be raced again": [
    async function* (ctx) {
      const go = ctx.waitForExternalEvent("go");
      const first = yield whenAny([go, ctx.createTimer(0.001)]);
      const second = yield whenAny([go, ctx.createTimer(60)]);
      return [first === go, second === go];
    },
    gives([false, true]),
    { event: "go" },
  ],
  "isComplete and isCompleted, isFailed and isFaulted": [
    async function* (ctx) {
      const task = ctx.callActivity("echo", 0);
      const before = [task.isComplete, task.isCompleted, task.result];
      const result = yield task;
      return [before, [task.isComplete, task.isCompleted, task.isFailed, task.isFaulted, task.result, result]];
    },
    (result) => assert.deepEqual(result.output, [[false, false, null], [true, true, false, false, 0, 0]]),
  ],
  "a timer that is due fires at the next turn": [
    async function* (ctx) {
      yield ctx.createTimer(0);
      yield ctx.createTimer(new Date(0));
      return "fired";
    },
    gives("fired"),
  ],
  "versions are compared by their numbers": [
    async function* () {
      const pairs = [
        ["2.10.3", "2.9.0"],
        ["10.0.0", "2.0.0"],
        ["2.0", "2.0.0"],
        ["2.0.0-beta", "2.0.0"],
      ];
      return pairs.map(([one, other]) => Math.sign(sdk.compareVersions(one, other)));
    },
    gives([1, 1, 0, 1]),
  ],
  "an entity keeps its state when an operation fails": [
    async function* (ctx) {
      try {
        yield ctx.entities.callEntity(thing("spoiled"), "spoil");
      } catch (error) {
        const { name, failureDetails } = /** @type {any} */ (error);
        return [name, failureDetails.errorType, yield ctx.entities.callEntity(thing("spoiled"), "add", 1)];
      }
    },
    gives(["EntityOperationFailedException", "RangeError", 1]),
    { sidecar: true },
  ],
  "every method is an operation, with an underscore too": [
    async function* (ctx) {
      return yield ctx.entities.callEntity(thing("hidden"), "_HIDDEN");
    },
    gives("called"),
    { sidecar: true },
  ],
  "an entity that is named twice is locked once": [
    async function* (ctx) {
      const lock = yield ctx.entities.lockEntities(thing("twice"), thing("twice"));
      const count = yield ctx.entities.callEntity(thing("twice"), "add", 1);
      lock.release();
      return count;
    },
    gives(1),
    { sidecar: true },
  ],
  "a lock of nothing throws": [
    async function* (ctx) {
      yield ctx.entities.lockEntities();
    },
    fails("The list of entities to lock must not be empty."),
    { sidecar: true },
  ],
  "several locked entities may be called at once, one of them only once": [
    async function* (ctx) {
      const lock = yield ctx.entities.lockEntities(thing("p"), thing("q"));
      const counts = yield whenAll(["p", "q"].map((key) => ctx.entities.callEntity(thing(key), "add", 1)));
      try {
        yield whenAll([1, 2].map(() => ctx.entities.callEntity(thing("p"), "add", 1)));
      } catch (error) {
        return [counts, /** @type {Error} */ (error).message];
      } finally {
        lock.release();
      }
    },
    gives([[1, 1], "Must not call an entity from a critical section while a prior call to the same entity is still pending."]),
    { sidecar: true },
  ],
  "a list is no task": [
    async function* (ctx) {
      yield [ctx.callActivity("echo", 1)];
    },
    fails("The orchestrator generator yielded a non-Task object"),
  ],
  "an unknown activity is told": [
    async function* (ctx) {
      yield ctx.callActivity("nothing", 1, once);
    },
    fails("Activity function 'nothing' is not registered."),
  ],
  "an unknown orchestrator is told": [
    async function* (ctx) {
      yield ctx.callSubOrchestrator("nothing");
    },
    fails("Orchestrator 'nothing' does not exist."),
  ],
  "a timer takes seconds or a Date": [
    async function* (ctx) {
      yield ctx.createTimer("60");
    },
    fails("createTimer requires a finite number (seconds) or a valid Date"),
  ],
  "JSON is the border": [
    async function* () {
      return { set: new Set([1]), date: new Date(0) };
    },
    gives({ set: {}, date: "1970-01-01T00:00:00.000Z" }),
  ],
  "a BigInt does not pass": [
    async function* () {
      return 1n;
    },
    fails("Do not know how to serialize a BigInt"),
  ],
  "an instance without a version is older than all, and words are not": [
    async function* (ctx) {
      return [ctx.version, ctx.compareVersionTo("0.0.1") < 0, sdk.compareVersions("hotfix", "2.0.0") > 0];
    },
    gives(["", true, true]),
  ],
  "what is not exported, and how members are written": [
    async function* () {
      const exported = ["TOrchestrator", "EntityOperationFailedException", "NonDeterminismError"].filter(
        (name) => name in sdk,
      );
      return [exported, Object.keys(sdk.VersionMatchStrategy).filter((key) => Number.isNaN(Number(key)))];
    },
    gives([[], ["None", "Strict", "CurrentOrOlder"]]),
  ],
};

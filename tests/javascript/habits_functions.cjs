// What the skill says about habits and messages, as orchestrators that show it. The claim is the key.
const assert = require("node:assert/strict");
const df = require("durable-functions");

df.app.activity("echo", { handler: (value) => value ?? null });
df.app.activity("fail", {
  handler: (value) => {
    throw new RangeError(`no ${value}`);
  },
});
df.app.entity("thing", (context) => {
  switch (context.df.operationName) {
    case "spoil":
      context.df.setState("spoiled");
      throw new Error("secret");
    case "zero":
      context.df.return(0);
      break;
    case "pass":
      context.df.signalEntity(new df.EntityId("thing", "other"), "take", 0);
      break;
    case "take":
      context.df.setState(context.df.getInput() === undefined ? "nothing came" : "something came");
      break;
    default:
      context.df.return(context.df.getState(() => "untouched"));
  }
});

const fails = (message) => (result) => {
  assert.equal(result.status, "FAILED");
  assert.ok(result.failure.includes(message), result.failure);
};
const gives = (output) => (result) => assert.deepEqual([result.status, result.output], ["COMPLETED", output]);
const later = (context, ms) => context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + ms));

/** @type {Record<string, [(context: any) => any, (result: any) => void, {event?: string, copies?: number}?]>} */
const HABITS = {
  "an async generator fails": [
    async function* (context) {
      yield context.df.callActivity("echo", 1);
    },
    fails("Orchestration yielded data of type undefined"),
  ],
  "an ordinary function fails": [async () => 1, fails("this.generator.next is not a function")],
  "what is not yielded is not scheduled": [
    function* (context) {
      context.df.callActivity("echo", 1);
      yield context.df.callActivity("echo", 2);
    },
    (result) => assert.deepEqual(result.calls.echo, [2]),
  ],
  "a second race runs the activities again": [
    function* (context) {
      const tasks = [1, 2, 3].map((value) => context.df.callActivity("echo", value));
      const winner = yield context.df.Task.any(tasks);
      yield context.df.Task.any(tasks.filter((task) => task !== winner));
    },
    (result) => assert.ok(result.calls.echo.length > 3, JSON.stringify(result.calls)),
  ],
  "yielding the remaining tasks one by one does not": [
    function* (context) {
      const tasks = [1, 2, 3].map((value) => context.df.callActivity("echo", value));
      yield context.df.Task.any(tasks);
      const values = [];
      for (const task of tasks) values.push(yield task);
      return values;
    },
    (result) => {
      gives([1, 2, 3])(result);
      assert.equal(result.calls.echo.length, 3);
    },
  ],
  "a task that has completed never wins a race": [
    function* (context) {
      const event = context.df.waitForExternalEvent("go");
      yield event;
      const timer = later(context, 1000);
      return (yield context.df.Task.any([event, timer])) === timer;
    },
    gives(true),
    { event: "go", copies: 1 },
  ],
  "Task.all of nothing throws": [
    function* (context) {
      return yield context.df.Task.all([]);
    },
    fails("you must specify at least one Task"),
  ],
  "Task.all throws the first failure, an Error": [
    function* (context) {
      try {
        yield context.df.Task.all([context.df.callActivity("fail", 1), context.df.callActivity("echo", 2)]);
      } catch (error) {
        const { constructor, message } = /** @type {Error} */ (error);
        return [constructor.name, message.includes("no 1"), error instanceof df.TaskFailedError];
      }
    },
    gives(["Error", true, false]),
  ],
  "a failed task wins Task.any, and is not called completed": [
    function* (context) {
      const winner = yield context.df.Task.any([context.df.callActivity("fail", 1)]);
      return [winner.isFaulted, winner.isCompleted, winner.result instanceof Error];
    },
    gives([true, false, true]),
  ],
  "calls without a task are not yielded": [
    function* (context) {
      yield context.df.signalEntity(new df.EntityId("thing", "x"), "take", 1);
    },
    fails('This is likely a result of yielding a "fire-and-forget API"'),
  ],
  "a timer takes a Date": [
    function* (context) {
      yield context.df.createTimer(60);
    },
    fails("fireAt: Expected valid Date object but got 60"),
  ],
  "a timer that fired cannot be canceled": [
    function* (context) {
      const timer = later(context, 1000);
      yield timer;
      timer.cancel();
    },
    fails("Cannot cancel a completed task."),
  ],
  "an object literal with both fields is taken for retry options": [
    function* (context) {
      const literal = { firstRetryIntervalInMilliseconds: 1, maxNumberOfAttempts: 2 };
      return yield context.df.callActivityWithRetry("echo", literal, 1);
    },
    gives(1),
  ],
  "names of events are compared exactly": [
    function* (context) {
      const go = context.df.waitForExternalEvent("GO");
      const winner = yield context.df.Task.any([go, later(context, 10_000)]);
      return winner === go;
    },
    gives(false),
    { event: "go", copies: 1 },
  ],
  "retry options need both fields": [
    function* (context) {
      yield context.df.callActivityWithRetry("echo", { firstRetryIntervalInMilliseconds: 1 }, 1);
    },
    fails("retryOptions: Expected object of type RetryOptions"),
  ],
  "one more interval passes after the last attempt": [
    function* (context) {
      const start = context.df.currentUtcDateTime;
      try {
        yield context.df.callActivityWithRetry("fail", new df.RetryOptions(60_000, 2), 1);
      } catch {
        return Math.round((context.df.currentUtcDateTime.getTime() - start.getTime()) / 60_000);
      }
    },
    gives(2),
  ],
  "the argument of newGuid takes the place of the instance id": [
    function* (context) {
      const mine = context.df.newGuid("order");
      const { newGuidCounter, instanceId } = context.df;
      Object.assign(context.df, { newGuidCounter: newGuidCounter - 1, instanceId: "another" });
      const theirs = context.df.newGuid("order");
      Object.assign(context.df, { instanceId });
      return mine === theirs;
    },
    gives(true),
  ],
  "DurableError and AggregatedError are not there": [
    function* () {
      return [typeof df.DurableError, typeof (/** @type {any} */ (df).AggregatedError)];
    },
    gives(["undefined", "undefined"]),
  ],
  "the message of an entity's Error is lost, and a state set before it stays": [
    function* (context) {
      const id = new df.EntityId("thing", context.df.instanceId);
      let message;
      try {
        yield context.df.callEntity(id, "spoil");
      } catch (error) {
        message = /** @type {Error} */ (error).message;
      }
      return [message, yield context.df.callEntity(id, "get")];
    },
    gives(["[object Object]", "spoiled"]),
  ],
  "a falsy input of a signal between entities is lost": [
    function* (context) {
      yield context.df.callEntity(new df.EntityId("thing", "one"), "pass");
      return yield context.df.callEntity(new df.EntityId("thing", "other"), "get");
    },
    gives("nothing came"),
  ],
  "unread events do not survive continueAsNew": [
    function* (context) {
      const seen = context.df.getInput() ?? 0;
      const event = context.df.waitForExternalEvent("go");
      const winner = yield context.df.Task.any([event, later(context, 1000)]);
      if (winner !== event) return seen;
      yield later(context, 60_000); // the other copies come now, and nobody reads them
      context.df.continueAsNew(seen + 1);
    },
    gives(1),
    { event: "go" },
  ],
  "a pending wait may be raced again, with a new timer": [
    function* (context) {
      const go = context.df.waitForExternalEvent("go");
      const first = yield context.df.Task.any([go, later(context, 50)]);
      const timer = later(context, 1000);
      const second = yield context.df.Task.any([go, timer]);
      timer.cancel();
      return [first === go, second === go, go.result];
    },
    gives([false, true, 1]),
    { event: "go", copies: 1 },
  ],
  "the newest wait for a name takes the event": [
    function* (context) {
      const first = context.df.waitForExternalEvent("go");
      yield context.df.Task.any([first, later(context, 50)]); // the timer wins
      const second = context.df.waitForExternalEvent("go");
      yield second;
      return [first.isCompleted, second.isCompleted];
    },
    gives([false, true]),
    { event: "go", copies: 1 },
  ],
  "a wait that lost a race takes a later event": [
    function* (context) {
      const first = context.df.waitForExternalEvent("go");
      yield context.df.Task.any([first, later(context, 50)]); // the timer wins
      yield context.df.waitForExternalEvent("go");
      const third = context.df.waitForExternalEvent("other");
      const timer = later(context, 10_000);
      yield context.df.Task.any([third, timer]); // meanwhile the second copy arrives
      const last = context.df.waitForExternalEvent("go");
      const winner = yield context.df.Task.any([last, later(context, 10_000)]);
      return [first.isCompleted, winner === last];
    },
    gives([true, false]),
    { event: "go", copies: 2 },
  ],
  "unread events of one name are given out in the order in which they came": [
    function* (context) {
      yield later(context, 60_000); // all copies come now
      const values = [];
      for (let i = 0; i < 3; i++) values.push(yield context.df.waitForExternalEvent("go"));
      return values;
    },
    gives([1, 2, 3]),
    { event: "go", copies: 3 },
  ],
  "of an event and a timer in one turn the one that came first wins": [
    function* (context) {
      const timer = later(context, 60_000);
      const go = context.df.waitForExternalEvent("go");
      const winner = yield context.df.Task.any([timer, go]);
      if (winner !== timer) timer.cancel();
      return winner === go;
    },
    gives(true),
    { event: "go", copies: 1 },
  ],
  "a timer that is due fires at the next turn": [
    function* (context) {
      yield context.df.createTimer(new Date(0));
      yield later(context, 0);
      return "fired";
    },
    gives("fired"),
  ],
  "lock takes an entity that is named twice once, and wants one at least": [
    function* (context) {
      const id = new df.EntityId("thing", context.df.instanceId);
      const lock = yield context.df.lock(id, id);
      const owned = context.df.isLocked().ownedLocks.length;
      lock.release();
      try {
        context.df.lock();
      } catch (error) {
        return [owned, /** @type {Error} */ (error).name, /** @type {Error} */ (error).message];
      }
    },
    gives([1, "RangeError", "lock requires at least one EntityId"]),
  ],
  "breaking a rule of locks throws at the call": [
    function* (context) {
      const [one, two] = ["one", "two"].map((key) => new df.EntityId("thing", key));
      const lock = yield context.df.lock(one);
      const broken = [];
      for (const call of [
        () => context.df.callEntity(two, "get"),
        () => context.df.signalEntity(one, "take"),
        () => context.df.lock(two),
        () => context.df.callSubOrchestrator("x"),
      ]) {
        try {
          call();
        } catch (error) {
          broken.push(error instanceof df.LockingRulesViolationError);
        }
      }
      lock.release();
      return broken;
    },
    gives([true, true, true, true]),
  ],
  "falsy results arrive as they are": [
    function* (context) {
      const values = [];
      for (const value of [0, false, "", null]) values.push(yield context.df.callActivity("echo", value));
      yield context.df.callEntity(new df.EntityId("thing", "zero"), "take", 0);
      values.push(yield context.df.callEntity(new df.EntityId("thing", "zero"), "zero"));
      return values;
    },
    gives([0, false, "", null, 0]),
  ],
  "an unknown activity is told": [
    function* (context) {
      yield context.df.callActivity("nothing");
    },
    fails("doesn't exist, is disabled, or is not an activity function"),
  ],
};

for (const [claim, [orchestrator]] of Object.entries(HABITS)) df.app.orchestration(claim, orchestrator);
module.exports = { HABITS };

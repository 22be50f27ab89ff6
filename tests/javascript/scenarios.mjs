// What the pattern programs must do: the same stories for both SDKs.
import assert from "node:assert/strict";

/**
 * @typedef {object} Scenario
 * @property {string} title
 * @property {string} orchestrator
 * @property {unknown} input
 * @property {Array<{name: string, data?: unknown, early?: boolean}>} [events] raised one after another; `early`: before
 *   the orchestrator first ran
 * @property {Array<{entity: [string, string], operation: string, input?: unknown}>} [signals] sent before the start
 * @property {Record<string, number>} [faults] activity, or "activity input" -> how many of its calls fail
 * @property {Record<string, unknown[]>} [results] activity -> what its first calls return instead of running it
 * @property {string} [version] of the instance
 * @property {boolean} [sidecar] needs what the in-memory backend of the JavaScript SDK lacks: entities, versions
 * @property {"COMPLETED" | "FAILED"} [status]
 * @property {unknown} [output]
 * @property {(result: Result) => void} [check]
 *
 * @typedef {object} Result
 * @property {string} status
 * @property {any} output
 * @property {any} customStatus
 * @property {any[]} [statuses] the custom statuses that a client would have seen, one after another
 * @property {string} [failure]
 * @property {Record<string, any[]>} calls activity -> its inputs
 * @property {number} [openTimers] durable timers that were neither canceled nor fired
 */

const ALWAYS = 100;
const ORDER = { orderId: "order-1", item: "lamp", quantity: 2, amount: 59.9 };
const FUTURE = "2999-01-01T00:00:00Z";
const inSeconds = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();
const search = (id) => ({ id, tool: "searchWeb", input: { query: "q" } });
const report = (id) => ({ id, tool: "sendReport", input: { to: "ada" } });

const progress = (total, ...steps) => steps.map((done) => ({ done, total }));

// What a caller may send, and what is no approval.
const UNUSABLE = [undefined, null, true, false, "yes", 1, [true], {}, { approved: "yes" }, { unknown: 1 }];

/** @param {Result} result @param {string} activity */
const count = (result, activity) => result.calls[activity]?.length ?? 0;

/** @type {Record<string, Scenario[]>} */
export const SCENARIOS = {
  chaining: [
    {
      title: "an order is confirmed",
      orchestrator: "processOrder",
      input: ORDER,
      check: (result) => {
        assert.match(result.output.paymentId, /^pay-[0-9a-f-]{36}$/);
        assert.deepEqual({ ...result.output, paymentId: 0 }, { orderId: "order-1", status: "confirmed", paymentId: 0 });
        assert.equal(count(result, "sendConfirmation"), 1);
      },
    },
    {
      title: "the payment is retried under one key",
      orchestrator: "processOrder",
      input: ORDER,
      faults: { chargePayment: 2 },
      check: (result) => {
        const keys = result.calls.chargePayment.map((charge) => charge.idempotencyKey);
        assert.equal(keys.length, 3);
        assert.equal(new Set(keys).size, 1);
      },
    },
    {
      title: "an impossible order fails",
      orchestrator: "processOrder",
      input: { ...ORDER, quantity: 0 },
      status: "FAILED",
    },
  ],
  "fan-out-fan-in": [
    {
      title: "all images, in windows",
      orchestrator: "resizeImages",
      input: { images: ["a", "b", "c", "d", "e"], maxParallel: 2 },
      output: { done: ["a", "b", "c", "d", "e"].map((image) => `thumbnails/${image}`), failed: [] },
      check: (result) => assert.deepEqual(result.statuses, progress(5, 2, 4, 5)),
    },
    {
      title: "some fail, the others are kept",
      orchestrator: "resizeImages",
      input: { images: ["a", "b", "c", "d"], maxParallel: 3 },
      faults: { "resizeImage a": ALWAYS, "resizeImage c": ALWAYS },
      output: { done: ["thumbnails/b", "thumbnails/d"], failed: ["a", "c"] },
      check: (result) => assert.deepEqual(result.statuses, progress(4, 3, 4)),
    },
    {
      title: "an empty list",
      orchestrator: "resizeImages",
      input: { images: [], maxParallel: 2 },
      output: { done: [], failed: [] },
    },
  ],
  "async-http-api": [
    {
      title: "a video is published, with progress",
      orchestrator: "transcodeVideo",
      input: { videoId: "v-1", source: "raw" },
      output: { videoId: "v-1", url: "https://videos.example.com/v-1" },
      check: (result) => assert.deepEqual(result.customStatus, { step: "done", percent: 100 }),
    },
  ],
  monitor: [
    {
      title: "finished at the third poll",
      orchestrator: "watchJob",
      input: { jobId: "j", intervalS: 5, deadline: FUTURE },
      results: { checkJob: ["running", "running", "finished"] },
      output: { jobId: "j", status: "finished", polls: 3 },
    },
    {
      title: "polls on over a restart",
      orchestrator: "watchJob",
      input: { jobId: "j", intervalS: 1, deadline: FUTURE },
      results: { checkJob: [...Array(24).fill("running"), "finished"] },
      output: { jobId: "j", status: "finished", polls: 25 },
    },
    {
      title: "the deadline cuts the last wait short",
      orchestrator: "watchJob",
      input: { jobId: "j", intervalS: 3600, deadline: inSeconds(60) },
      results: { checkJob: ["running", "running"] },
      output: { jobId: "j", status: "timed_out", polls: 2 },
    },
  ],
  "human-interaction": [
    {
      title: "approved",
      orchestrator: "approveExpense",
      input: { expenseId: "e", timeoutS: 3600 },
      events: [{ name: "approval", data: { approved: true, by: "ada" } }],
      output: { expenseId: "e", status: "approved", by: "ada" },
      check: (result) => assert.equal(result.openTimers ?? 0, 0),
    },
    {
      title: "rejected, before the wait began",
      orchestrator: "approveExpense",
      input: { expenseId: "e", timeoutS: 3600 },
      events: [{ name: "approval", data: { approved: false, by: "ada" }, early: true }],
      output: { expenseId: "e", status: "rejected", by: "ada" },
    },
    ...UNUSABLE.map((data) => ({
      title: `a payload of ${JSON.stringify(data)} is no approval`,
      orchestrator: "approveExpense",
      input: { expenseId: "e", timeoutS: 3600 },
      events: [{ name: "approval", data }],
      output: { expenseId: "e", status: "rejected" },
      check: (/** @type {Result} */ result) => assert.equal(count(result, "escalateExpense"), 0),
    })),
    {
      title: "an unknown field beside the answer does no harm",
      orchestrator: "approveExpense",
      input: { expenseId: "e", timeoutS: 3600 },
      events: [{ name: "approval", data: { approved: true, unknown: 1 } }],
      output: { expenseId: "e", status: "approved" },
    },
    {
      title: "nobody answers",
      orchestrator: "approveExpense",
      input: { expenseId: "e", timeoutS: 5 },
      output: { expenseId: "e", status: "timed_out" },
      check: (result) => assert.equal(count(result, "escalateExpense"), 1),
    },
    {
      title: "the manager approves",
      orchestrator: "approveExpense",
      input: { expenseId: "e", timeoutS: 5 },
      events: [{ name: "manager_approval", data: { approved: true, by: "grace" }, early: true }],
      output: { expenseId: "e", status: "approved", by: "grace" },
    },
  ],
  aggregator: [
    {
      title: "deposits count, a repeated one does not, an overdraft is refused",
      orchestrator: "counterAccount",
      input: { accountId: "a-1", deposits: [10, 20], withdrawal: 100 },
      signals: [1, 2].map(() => ({
        entity: /** @type {[string, string]} */ (["account", "a-1"]),
        operation: "deposit",
        input: { amount: 5, requestId: "gift" },
      })),
      sidecar: true,
      output: { accepted: false, balance: 35 },
    },
    {
      title: "a withdrawal within the balance",
      orchestrator: "counterAccount",
      input: { accountId: "a-2", deposits: [10, 20], withdrawal: 12 },
      sidecar: true,
      output: { accepted: true, balance: 18 },
    },
  ],
  "critical-section": [
    {
      title: "transferred",
      orchestrator: "transferMoney",
      input: { from: "ada", to: "bob", amount: 30 },
      signals: [{ entity: ["account", "ada"], operation: "deposit", input: 100 }],
      sidecar: true,
      output: { status: "transferred" },
    },
    {
      title: "too little",
      orchestrator: "transferMoney",
      input: { from: "carl", to: "bob", amount: 30 },
      sidecar: true,
      output: { status: "refused" },
    },
    {
      title: "the target is closed: undone",
      orchestrator: "transferMoney",
      input: { from: "dora", to: "emil", amount: 30 },
      signals: [
        { entity: ["account", "dora"], operation: "deposit", input: 100 },
        { entity: ["account", "emil"], operation: "close" },
      ],
      sidecar: true,
      output: { status: "reverted" },
    },
  ],
  "sub-orchestration": [
    {
      title: "one failed child does not lose the others",
      orchestrator: "fulfilOrders",
      input: Array.from({ length: 12 }, (_, i) => ({ orderId: `o-${i}`, quantity: i === 3 ? 0 : 1 })),
      check: (result) => {
        assert.deepEqual(result.output.failed, ["o-3"]);
        assert.equal(result.output.fulfilled.length, 11);
        assert.equal(count(result, "sendConfirmation"), 11);
      },
    },
    { title: "no orders", orchestrator: "fulfilOrders", input: [], output: { fulfilled: [], failed: [] } },
  ],
  eternal: [
    {
      title: "every event counts, over restarts, and the stop comes last",
      orchestrator: "inventorySync",
      input: { levels: { lamp: 1 } },
      events: [
        ...Array.from({ length: 120 }, () => ({
          name: "stock_changed",
          data: { item: "lamp", quantity: 1 },
          early: true,
        })),
        { name: "stop" },
      ],
      output: { levels: { lamp: 121 } },
      check: (result) => assert.equal(count(result, "applyStockChange"), 120),
    },
    {
      title: "what came before the stop is handled before it",
      orchestrator: "inventorySync",
      input: { levels: {} },
      events: [
        ...Array.from({ length: 60 }, () => ({
          name: "stock_changed",
          data: { item: "lamp", quantity: 1 },
          early: true,
        })),
        { name: "stop", early: true },
      ],
      output: { levels: { lamp: 60 } },
    },
    {
      title: "stops when idle",
      orchestrator: "inventorySync",
      input: { levels: {} },
      events: [{ name: "stock_changed", data: { item: "desk", quantity: 2 } }, { name: "stop" }],
      output: { levels: { desk: 2 } },
    },
  ],
  saga: [
    {
      title: "booked",
      orchestrator: "bookTrip",
      input: { tripId: "t" },
      check: (result) => {
        assert.equal(result.output.status, "booked");
        assert.equal(result.output.booked.length, 3);
        assert.equal(count(result, "cancelFlight"), 0);
      },
    },
    {
      title: "undone in reverse order",
      orchestrator: "bookTrip",
      input: { tripId: "t" },
      faults: { bookCar: ALWAYS },
      output: { status: "canceled", failed: "bookCar", notUndone: [] },
      check: (result) => {
        const order = Object.keys(result.calls).filter((name) => name.startsWith("cancel"));
        assert.deepEqual(order, ["cancelCar", "cancelHotel", "cancelFlight"]);
        assert.equal(
          new Set(
            Object.values(result.calls)
              .flat()
              .map((booking) => booking.bookingId),
          ).size,
          1,
        );
        assert.equal(count(result, "bookCar"), 3);
      },
    },
    {
      title: "a compensation that fails does not end the others",
      orchestrator: "bookTrip",
      input: { tripId: "t" },
      faults: { bookCar: ALWAYS, cancelHotel: ALWAYS },
      output: { status: "needs_attention", failed: "bookCar", notUndone: ["cancelHotel"] },
      check: (result) => assert.equal(count(result, "cancelFlight"), 1),
    },
  ],
  scheduled: [
    {
      title: "three days",
      orchestrator: "dailyReport",
      input: { nextRun: inSeconds(3600), runsLeft: 3 },
      output: { status: "finished", runsLeft: 0 },
      check: (result) => assert.equal(new Set(result.calls.createReport.map(({ day }) => day)).size, 3),
    },
    {
      title: "canceled",
      orchestrator: "dailyReport",
      input: { nextRun: FUTURE, runsLeft: 3 },
      events: [{ name: "cancel" }],
      output: { status: "canceled", runsLeft: 3 },
      check: (result) => assert.equal(result.openTimers ?? 0, 0),
    },
    {
      title: "times that have passed are skipped",
      orchestrator: "dailyReport",
      input: { nextRun: inSeconds(-10 * 86_400), runsLeft: 2 },
      output: { status: "finished", runsLeft: 0 },
      check: (result) => assert.equal(count(result, "createReport"), 2),
    },
  ],
  versioning: [
    {
      title: "the new version checks",
      orchestrator: "processRefund",
      input: { refundId: "r", amount: 40 },
      version: "2.0.0",
      sidecar: true,
      output: { refundId: "r", status: "refunded", checked: true },
    },
    {
      title: "the new version refuses",
      orchestrator: "processRefund",
      input: { refundId: "r", amount: 4000 },
      version: "2.0.0",
      sidecar: true,
      output: { refundId: "r", status: "refused", checked: true },
    },
    ...["2.0.1", "10.0.0"].map((version) => ({
      title: `version ${version} checks as well`,
      orchestrator: "processRefund",
      input: { refundId: "r", amount: 40 },
      version,
      sidecar: true,
      output: { refundId: "r", status: "refunded", checked: true },
    })),
    ...["1.0.0", "1.10.0", undefined, "anything", "2.0.0-beta"].map((version) => ({
      title: `version ${version} keeps the old path`,
      orchestrator: "processRefund",
      input: { refundId: "r", amount: 4000 },
      version,
      sidecar: true,
      output: { refundId: "r", status: "refunded", checked: false },
    })),
  ],
  "agent-loop": [
    {
      title: "tools, then the answer",
      orchestrator: "researchAgent",
      input: { question: "q", maxTurns: 5 },
      results: {
        callModel: [{ toolCalls: [search("1"), search("2"), { id: "3", tool: "rm", input: {} }] }, { answer: "42" }],
        searchWeb: ["found", "more"],
      },
      output: { status: "answered", answer: "42", turns: 2 },
      check: (result) => {
        assert.equal(count(result, "searchWeb"), 2);
        assert.match(JSON.stringify(result.calls.callModel[1]), /no such tool/);
      },
    },
    {
      title: "a tool that fails is told to the model",
      orchestrator: "researchAgent",
      input: { question: "q", maxTurns: 5 },
      faults: { searchWeb: ALWAYS },
      results: { callModel: [{ toolCalls: [search("1")] }, { answer: "none" }] },
      output: { status: "answered", answer: "none", turns: 2 },
      check: (result) => assert.match(JSON.stringify(result.calls.callModel[1]), /the tool failed/),
    },
    {
      title: "a person approves the dangerous tool",
      orchestrator: "researchAgent",
      input: { question: "q", maxTurns: 5 },
      events: [{ name: "approval-1-1", data: { approved: true } }],
      results: { callModel: [{ toolCalls: [report("1")] }, { answer: "done" }] },
      output: { status: "answered", answer: "done", turns: 2 },
      check: (result) => assert.equal(count(result, "sendReport"), 1),
    },
    {
      title: "a person refuses it",
      orchestrator: "researchAgent",
      input: { question: "q", maxTurns: 5 },
      events: [{ name: "approval-1-1", data: { approved: false }, early: true }],
      results: { callModel: [{ toolCalls: [report("1")] }, { answer: "done" }] },
      output: { status: "answered", answer: "done", turns: 2 },
      check: (result) => assert.equal(count(result, "sendReport"), 0),
    },
    {
      title: "turns are bounded",
      orchestrator: "researchAgent",
      input: { question: "q", maxTurns: 2 },
      results: { callModel: [1, 2, 3].map((id) => ({ toolCalls: [search(String(id))] })), searchWeb: ["a", "b", "c"] },
      output: { status: "gave_up", turns: 2 },
    },
  ],
};

/** What a client would have seen of these custom statuses, one for each turn. @param {unknown[]} statuses */
export function shown(statuses) {
  const set = statuses.filter((status) => status !== undefined && status !== null && status !== "");
  return set.filter((status, i) => i === 0 || JSON.stringify(status) !== JSON.stringify(set[i - 1]));
}

/**
 * The scenarios of a pattern, each with a verdict for what came out.
 * @param {Scenario} scenario @param {Result} result
 */
export function judge(scenario, result) {
  assert.equal(result.status, scenario.status ?? "COMPLETED", result.failure);
  if ("output" in scenario) assert.deepEqual(result.output, scenario.output);
  scenario.check?.(result);
}

const df = require("durable-functions");

df.app.orchestration("approveExpense", function* (context) {
  const expense = context.df.getInput();
  const { expenseId, timeoutS } = expense;
  const instanceId = context.df.instanceId;
  yield context.df.callActivity("requestApproval", { expense, instanceId, event: "approval" });
  let answer = yield* answerInTime(context, "approval", timeoutS);
  if (!answer) {
    // Another name: a late answer to the first question must not pass for an answer to the second.
    yield context.df.callActivity("escalateExpense", { expense, instanceId, event: "manager_approval" });
    answer = yield* answerInTime(context, "manager_approval", timeoutS);
  }
  if (!answer) return { expenseId, status: "timed_out" };
  return { expenseId, status: answer.approved ? "approved" : "rejected", by: answer.by };
});

/**
 * The answer, or null when time is up. Called with yield*.
 * @param {import("durable-functions").OrchestrationContext} context
 */
function* answerInTime(context, event, seconds) {
  const answer = context.df.waitForExternalEvent(event); // an event that came before is still there
  const timeout = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000));
  const winner = yield context.df.Task.any([answer, timeout]);
  if (winner === timeout) return null;
  timeout.cancel(); // an instance does not end before its timers
  const payload = /** @type {any} */ (answer.result); // from outside: whatever has another shape is no approval
  return { approved: payload?.approved === true, by: payload?.by };
}

df.app.activity("requestApproval", {
  handler: async ({ expense, instanceId, event }, context) =>
    context.log(`ask for ${expense.expenseId}: event ${event} to ${instanceId}`),
});

df.app.activity("escalateExpense", {
  handler: async ({ expense, instanceId, event }, context) =>
    context.log(`ask the manager for ${expense.expenseId}: event ${event} to ${instanceId}`),
});

df.app.client.http("answerExpense", {
  route: "expenses/{id}/{event}",
  methods: ["POST"],
  authLevel: "function", // and check here that the caller may decide
  handler: async (request, client) => {
    const { id, event } = request.params;
    if (event !== "approval" && event !== "manager_approval") return { status: 404 };
    await client.raiseEvent(id, event, await request.json());
    return { status: 202 };
  },
});

df.app.client.http("startApproveExpense", {
  route: "expenses",
  methods: ["POST"],
  authLevel: "function",
  handler: async (request, client) => {
    const id = await client.startNew("approveExpense", { input: await request.json() });
    return client.createCheckStatusResponse(request, id);
  },
});

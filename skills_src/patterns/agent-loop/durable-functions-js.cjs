const df = require("durable-functions");

const MAX_CALLS_PER_TURN = 5;
const MAX_RESULT_LENGTH = 4000; // every result is kept in the history and sent again with each turn
const APPROVAL_MS = 24 * 3_600_000;
const retry = new df.RetryOptions(2000, 5);
retry.backoffCoefficient = 2;
const TOOLS = new Map([
  ["searchWeb", { dangerous: false }],
  ["sendReport", { dangerous: true }],
]);

df.app.orchestration("researchAgent", function* (context) {
  const { question, maxTurns } = context.df.getInput();
  const messages = [{ role: "user", content: question }];
  for (let turn = 1; turn <= maxTurns; turn++) {
    context.df.setCustomStatus({ turn });
    const reply = yield context.df.callActivityWithRetry("callModel", retry, messages);
    if (reply.answer !== undefined) return { status: "answered", answer: reply.answer, turns: turn };
    const calls = (reply.toolCalls ?? []).slice(0, MAX_CALLS_PER_TURN);
    const results = new Map();
    for (const call of calls) {
      const tool = TOOLS.get(call.tool); // what the model returns is input from outside
      if (!tool) results.set(call, "there is no such tool");
      else if (tool.dangerous && !(yield* approved(context, call, `approval-${turn}-${call.id}`)))
        results.set(call, "a person refused it");
    }
    const running = calls
      .filter((call) => !results.has(call))
      .map((call) => {
        const request = { ...call.input, key: `${context.df.instanceId}:${turn}:${call.id}` }; // runs at least once
        return { call, task: context.df.callActivityWithRetry(call.tool, retry, request) };
      });
    try {
      if (running.length > 0) yield context.df.Task.all(running.map(({ task }) => task));
    } catch {
      // The others are still running: each is asked below, and the model is told which one failed.
    }
    for (const { call, task } of running) {
      try {
        results.set(call, JSON.stringify(yield task).slice(0, MAX_RESULT_LENGTH));
      } catch {
        results.set(call, "the tool failed");
      }
    }
    messages.push({ role: "assistant", content: JSON.stringify(calls) });
    for (const call of calls) messages.push({ role: "tool", content: `${call.id}: ${results.get(call)}` });
  }
  return { status: "gave_up", turns: maxTurns };
});

/**
 * Waits for a person. The event's name means this one call, so that a late answer does not pass for another.
 * @param {import("durable-functions").OrchestrationContext} context
 */
function* approved(context, call, event) {
  context.df.setCustomStatus({ waitingFor: event, tool: call.tool });
  const answer = context.df.waitForExternalEvent(event);
  const timeout = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + APPROVAL_MS));
  const winner = yield context.df.Task.any([answer, timeout]);
  if (winner === timeout) return false;
  timeout.cancel();
  return /** @type {any} */ (answer.result)?.approved === true;
}

df.app.activity("callModel", {
  handler: async (messages) => {
    const response = await fetch(String(process.env.MODEL_URL), {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${process.env.MODEL_KEY}` },
      body: JSON.stringify({ messages, tools: [...TOOLS.keys()] }),
      signal: AbortSignal.timeout(60_000),
    });
    if (!response.ok) throw new Error(`the model answered ${response.status}`);
    return response.json(); // {answer} or {toolCalls: [{id, tool, input}]}
  },
});

df.app.activity("searchWeb", {
  handler: async ({ query }) => {
    const response = await fetch(`${process.env.SEARCH_URL}?q=${encodeURIComponent(query)}`, {
      signal: AbortSignal.timeout(20_000),
    });
    if (!response.ok) throw new Error(`the search answered ${response.status}`);
    return response.json();
  },
});

df.app.activity("sendReport", {
  handler: async ({ to, key }, context) => {
    context.log(`report to ${to} under ${key}`); // the key lets the mail service drop a second copy
    return "sent";
  },
});

df.app.client.http("startResearchAgent", {
  route: "questions",
  methods: ["POST"],
  authLevel: "function",
  handler: async (request, client) => {
    const id = await client.startNew("researchAgent", { input: await request.json() });
    return client.createCheckStatusResponse(request, id);
  },
});

import { RetryPolicy, TaskHubGrpcClient, TaskHubGrpcWorker, whenAll, whenAny } from "@microsoft/durabletask-js";
import { scheduler } from "./scheduler.mjs"; // printed on the page on setup

const MAX_CALLS_PER_TURN = 5;
const MAX_RESULT_LENGTH = 4000; // every result is kept in the history and sent again with each turn
const APPROVAL_S = 24 * 3600;
const RETRY = new RetryPolicy({
  maxNumberOfAttempts: 5,
  firstRetryIntervalInMilliseconds: 2000,
  backoffCoefficient: 2,
});
const TOOLS = new Map([
  ["searchWeb", { run: searchWeb, dangerous: false }],
  ["sendReport", { run: sendReport, dangerous: true }],
]);

/** @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx */
export async function* researchAgent(ctx, { question, maxTurns }) {
  const messages = [{ role: "user", content: question }];
  for (let turn = 1; turn <= maxTurns; turn++) {
    ctx.setCustomStatus({ turn });
    const reply = yield ctx.callActivity(callModel, messages, { retry: RETRY });
    if (reply.answer !== undefined) return { status: "answered", answer: reply.answer, turns: turn };
    const calls = (reply.toolCalls ?? []).slice(0, MAX_CALLS_PER_TURN);
    const refusals = new Map();
    for (const call of calls) {
      const tool = TOOLS.get(call.tool); // what the model returns is input from outside
      if (!tool) refusals.set(call, "there is no such tool");
      else if (tool.dangerous && !(yield* approved(ctx, call, `approval-${turn}-${call.id}`)))
        refusals.set(call, "a person refused it");
    }
    const running = calls
      .filter((call) => !refusals.has(call))
      .map((call) => {
        const request = { ...call.input, key: `${ctx.instanceId}:${turn}:${call.id}` }; // tools run at least once
        return {
          call,
          task: ctx.callActivity(/** @type {any} */ (TOOLS.get(call.tool)).run, request, { retry: RETRY }),
        };
      });
    try {
      yield whenAll(running.map(({ task }) => task));
    } catch (error) {
      if (!(error instanceof AggregateError)) throw error; // the model is told which tool failed
    }
    messages.push({ role: "assistant", content: JSON.stringify(calls) });
    for (const { call, task } of running) {
      const result = task.isFailed ? "the tool failed" : JSON.stringify(task.getResult() ?? null);
      messages.push({ role: "tool", content: `${call.id}: ${result.slice(0, MAX_RESULT_LENGTH)}` });
    }
    for (const [call, reason] of refusals) messages.push({ role: "tool", content: `${call.id}: ${reason}` });
  }
  return { status: "gave_up", turns: maxTurns };
}

/**
 * Waits for a person. The event's name means this one call, so that a late answer does not pass for another.
 * @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx
 */
async function* approved(ctx, call, event) {
  ctx.setCustomStatus({ waitingFor: event, tool: call.tool });
  const answer = ctx.waitForExternalEvent(event);
  const timeout = ctx.createTimer(APPROVAL_S);
  if ((yield whenAny([answer, timeout])) === timeout) return false;
  timeout.cancel();
  return answer.getResult()?.approved === true;
}

export async function callModel(_, messages) {
  const response = await fetch(String(process.env.MODEL_URL), {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${process.env.MODEL_KEY}` },
    body: JSON.stringify({ messages, tools: [...TOOLS.keys()] }),
    signal: AbortSignal.timeout(60_000),
  });
  if (!response.ok) throw new Error(`the model answered ${response.status}`);
  return response.json(); // {answer} or {toolCalls: [{id, tool, input}]}
}

export async function searchWeb(_, { query }) {
  const response = await fetch(`${process.env.SEARCH_URL}?q=${encodeURIComponent(query)}`, {
    signal: AbortSignal.timeout(20_000),
  });
  if (!response.ok) throw new Error(`the search answered ${response.status}`);
  return response.json();
}

export async function sendReport(_, { to, key }) {
  console.log(`report to ${to} under ${key}`); // the key lets the mail service drop a second copy
  return "sent";
}

export function register(worker) {
  worker.addOrchestrator(researchAgent);
  for (const activity of [callModel, searchWeb, sendReport]) worker.addActivity(activity);
}

if (process.argv[1] === import.meta.filename) {
  const worker = new TaskHubGrpcWorker(scheduler);
  const client = new TaskHubGrpcClient(scheduler);
  register(worker);
  await worker.start();
  const id = await client.scheduleNewOrchestration(researchAgent, { question: "Who built it?", maxTurns: 8 });
  const state = await client.waitForOrchestrationCompletion(id, true, 60);
  console.log(state?.serializedOutput);
  await worker.stop();
  await client.stop();
}

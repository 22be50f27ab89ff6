import { TaskHubGrpcClient, TaskHubGrpcWorker, whenAny } from "@microsoft/durabletask-js";
import { scheduler } from "./scheduler.mjs"; // printed on the page on setup

/** @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx */
export async function* approveExpense(ctx, expense) {
  const { expenseId, timeoutS } = expense;
  yield ctx.callActivity(requestApproval, { expense, instanceId: ctx.instanceId, event: "approval" });
  let answer = yield* answerInTime(ctx, "approval", timeoutS);
  if (!answer) {
    // Another name: the first wait still stands and would swallow the next "approval".
    yield ctx.callActivity(escalateExpense, { expense, instanceId: ctx.instanceId, event: "manager_approval" });
    answer = yield* answerInTime(ctx, "manager_approval", timeoutS);
  }
  if (!answer) return { expenseId, status: "timed_out" };
  return { expenseId, status: answer.approved ? "approved" : "rejected", by: answer.by };
}

/**
 * The answer, or null when time is up. Called with yield*.
 * @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx
 */
async function* answerInTime(ctx, event, seconds) {
  const answer = ctx.waitForExternalEvent(event); // an event that came before is still there
  const timeout = ctx.createTimer(seconds);
  const winner = yield whenAny([answer, timeout]);
  if (winner === timeout) return null;
  timeout.cancel();
  const payload = answer.getResult(); // from outside: whatever has another shape is no approval
  return { approved: payload?.approved === true, by: payload?.by };
}

export async function requestApproval(_, request) {
  console.log(`ask for ${request.expense.expenseId}: event ${request.event} to ${request.instanceId}`);
}

export async function escalateExpense(_, request) {
  console.log(`ask the manager for ${request.expense.expenseId}: event ${request.event} to ${request.instanceId}`);
}

export function register(worker) {
  worker.addOrchestrator(approveExpense);
  worker.addActivity(requestApproval);
  worker.addActivity(escalateExpense);
}

if (process.argv[1] === import.meta.filename) {
  const worker = new TaskHubGrpcWorker(scheduler);
  const client = new TaskHubGrpcClient(scheduler);
  register(worker);
  await worker.start();
  const expense = { expenseId: "expense-1", amount: 120, timeoutS: 3600 };
  const id = await client.scheduleNewOrchestration(approveExpense, expense);
  await client.raiseOrchestrationEvent(id, "approval", { approved: true, by: "ada" });
  const state = await client.waitForOrchestrationCompletion(id, true, 60);
  console.log(state?.serializedOutput);
  await worker.stop();
  await client.stop();
}

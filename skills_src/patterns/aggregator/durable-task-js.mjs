import { EntityInstanceId, TaskEntity, TaskHubGrpcClient, TaskHubGrpcWorker } from "@microsoft/durabletask-js";
import { scheduler } from "./scheduler.mjs"; // printed on the page on setup

const REMEMBERED = 100;

/**
 * Operations are the public methods; they run one at a time, and a throw leaves the state as it was.
 * @extends {TaskEntity<{balance: number, seen: string[]}>}
 */
export class Account extends TaskEntity {
  initializeState() {
    return { balance: 0, seen: [] };
  }

  deposit({ amount, requestId }) {
    if (this.state.seen.includes(requestId)) return this.state.balance; // a repeated request counts once
    this.state.seen = [...this.state.seen, requestId].slice(-REMEMBERED);
    this.state.balance += amount;
    return this.state.balance;
  }

  withdraw({ amount, requestId }) {
    if (this.state.seen.includes(requestId)) return { accepted: true, balance: this.state.balance };
    if (amount > this.state.balance) return { accepted: false, balance: this.state.balance };
    this.state.seen = [...this.state.seen, requestId].slice(-REMEMBERED);
    this.state.balance -= amount;
    return { accepted: true, balance: this.state.balance };
  }

  get() {
    return this.state.balance;
  }
}

/** @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx */
export async function* counterAccount(ctx, { accountId, deposits, withdrawal }) {
  const account = new EntityInstanceId("account", accountId);
  for (const [i, amount] of deposits.entries()) {
    ctx.entities.signalEntity(account, "deposit", { amount, requestId: `${ctx.instanceId}:deposit-${i}` }); // no yield
  }
  const request = { amount: withdrawal, requestId: `${ctx.instanceId}:withdraw` };
  const { accepted } = yield ctx.entities.callEntity(account, "withdraw", request);
  const balance = yield ctx.entities.callEntity(account, "get");
  return { accepted, balance };
}

export function register(worker) {
  worker.addOrchestrator(counterAccount);
  worker.addNamedEntity("account", () => new Account());
}

if (process.argv[1] === import.meta.filename) {
  const worker = new TaskHubGrpcWorker(scheduler);
  const client = new TaskHubGrpcClient(scheduler);
  register(worker);
  await worker.start();
  const account = new EntityInstanceId("account", "a-1");
  await client.signalEntity(account, "deposit", { amount: 5, requestId: "gift-1" });
  const id = await client.scheduleNewOrchestration(counterAccount, {
    accountId: "a-1",
    deposits: [10, 20],
    withdrawal: 12,
  });
  const state = await client.waitForOrchestrationCompletion(id, true, 60);
  console.log(state?.serializedOutput);
  await worker.stop();
  await client.stop();
}

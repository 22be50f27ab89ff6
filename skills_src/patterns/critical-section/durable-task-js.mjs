import { EntityInstanceId, TaskEntity, TaskHubGrpcClient, TaskHubGrpcWorker } from "@microsoft/durabletask-js";
import { scheduler } from "./scheduler.mjs"; // printed on the page on setup

/** @extends {TaskEntity<{balance: number, closed: boolean}>} */
export class Account extends TaskEntity {
  initializeState() {
    return { balance: 0, closed: false };
  }

  deposit(amount) {
    if (this.state.closed) throw new Error("the account is closed");
    this.state.balance += amount;
    return this.state.balance;
  }

  withdraw(amount) {
    if (amount > this.state.balance) throw new Error("the balance is too low");
    this.state.balance -= amount;
    return this.state.balance;
  }

  close() {
    this.state.closed = true;
  }

  get() {
    return this.state.balance;
  }
}

/** @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx */
export async function* transferMoney(ctx, { from, to, amount }) {
  if (from === to || !(amount > 0)) return { status: "refused" };
  const source = new EntityInstanceId("account", from);
  const target = new EntityInstanceId("account", to);
  const lock = yield ctx.entities.lockEntities(source, target); // one step; the SDK sorts them
  try {
    const balance = yield ctx.entities.callEntity(source, "get"); // decide on what is read inside the lock
    if (balance < amount) return { status: "refused" };
    yield ctx.entities.callEntity(source, "withdraw", amount);
    try {
      yield ctx.entities.callEntity(target, "deposit", amount);
    } catch (error) {
      yield ctx.entities.callEntity(source, "deposit", amount); // a lock is no transaction: undo it yourself
      return { status: "reverted" };
    }
    return { status: "transferred" };
  } finally {
    lock.release();
  }
}

export function register(worker) {
  worker.addOrchestrator(transferMoney);
  worker.addNamedEntity("account", () => new Account());
}

if (process.argv[1] === import.meta.filename) {
  const worker = new TaskHubGrpcWorker(scheduler);
  const client = new TaskHubGrpcClient(scheduler);
  register(worker);
  await worker.start();
  await client.signalEntity(new EntityInstanceId("account", "ada"), "deposit", 100);
  const id = await client.scheduleNewOrchestration(transferMoney, { from: "ada", to: "bob", amount: 30 });
  const state = await client.waitForOrchestrationCompletion(id, true, 60);
  console.log(state?.serializedOutput);
  await worker.stop();
  await client.stop();
}

const df = require("durable-functions");

/** @typedef {{balance: number, closed: boolean}} Account */

df.app.entity("account", (context) => {
  const account = /** @type {Account} */ (context.df.getState(() => ({ balance: 0, closed: false })));
  const amount = Number(context.df.getInput() ?? 0);
  switch (context.df.operationName) {
    case "deposit":
      if (account.closed) throw new Error("the account is closed"); // fails the call; its message is lost on the way
      account.balance += amount;
      break;
    case "withdraw":
      if (amount > account.balance) throw new Error("the balance is too low");
      account.balance -= amount;
      break;
    case "close":
      account.closed = true;
      break;
  }
  context.df.return(account.balance);
  context.df.setState(account); // last: what throws before it changes nothing
});

df.app.orchestration("transferMoney", function* (context) {
  const { from, to, amount } = context.df.getInput();
  if (from === to || !(amount > 0)) return { status: "refused" };
  const source = new df.EntityId("account", from);
  const target = new df.EntityId("account", to);
  const lock = yield context.df.lock(source, target); // one step; the library sorts them
  try {
    const balance = yield context.df.callEntity(source, "get"); // decide on what is read inside the lock
    if (balance < amount) return { status: "refused" };
    yield context.df.callEntity(source, "withdraw", amount);
    try {
      yield context.df.callEntity(target, "deposit", amount);
    } catch {
      yield context.df.callEntity(source, "deposit", amount); // a lock is no transaction: undo it yourself
      return { status: "reverted" };
    }
    return { status: "transferred" };
  } finally {
    lock.release();
  }
});

df.app.client.http("startTransferMoney", {
  route: "transfers",
  methods: ["POST"],
  authLevel: "function",
  handler: async (request, client) => {
    const id = await client.startNew("transferMoney", { input: await request.json() });
    return client.createCheckStatusResponse(request, id);
  },
});

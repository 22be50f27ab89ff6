const df = require("durable-functions");

const REMEMBERED = 100;

/** @typedef {{balance: number, seen: string[]}} Account */

df.app.entity("account", (context) => {
  const account = /** @type {Account} */ (context.df.getState(() => ({ balance: 0, seen: [] })));
  const { amount = 0, requestId = "" } = /** @type {any} */ (context.df.getInput() ?? {});
  const repeated = account.seen.includes(requestId); // a repeated request counts once
  switch (context.df.operationName) {
    case "deposit":
      if (!repeated) account.balance += amount;
      context.df.return(account.balance);
      break;
    case "withdraw": {
      const accepted = repeated || amount <= account.balance;
      if (accepted && !repeated) account.balance -= amount;
      context.df.return({ accepted, balance: account.balance });
      if (!accepted) return;
      break;
    }
    case "get":
      context.df.return(account.balance);
      return;
  }
  if (!repeated) account.seen = [...account.seen, requestId].slice(-REMEMBERED);
  context.df.setState(account); // last: what throws before it changes nothing
});

df.app.orchestration("counterAccount", function* (context) {
  const { accountId, deposits, withdrawal } = context.df.getInput();
  const id = context.df.instanceId;
  const account = new df.EntityId("account", accountId);
  for (const [i, amount] of deposits.entries()) {
    context.df.signalEntity(account, "deposit", { amount, requestId: `${id}:deposit-${i}` }); // no yield
  }
  const request = { amount: withdrawal, requestId: `${id}:withdraw` };
  const { accepted } = yield context.df.callEntity(account, "withdraw", request);
  const balance = yield context.df.callEntity(account, "get");
  return { accepted, balance };
});

df.app.client.http("accounts", {
  route: "accounts/{accountId}",
  methods: ["GET", "POST"],
  authLevel: "function",
  handler: async (request, client) => {
    const account = new df.EntityId("account", request.params.accountId);
    if (request.method === "POST") {
      await client.signalEntity(account, "deposit", await request.json()); // {amount, requestId}
      return { status: 202 };
    }
    const { entityExists, entityState } = await client.readEntityState(account); // may be a little old
    return entityExists ? { jsonBody: entityState } : { status: 404 };
  },
});

df.app.client.http("startCounterAccount", {
  route: "counts",
  methods: ["POST"],
  authLevel: "function",
  handler: async (request, client) => {
    const id = await client.startNew("counterAccount", { input: await request.json() });
    return client.createCheckStatusResponse(request, id);
  },
});

const df = require("durable-functions");

const MAX_PARALLEL = 10;

df.app.orchestration("fulfilOrders", function* (context) {
  const orders = context.df.getInput();
  const fulfilled = [];
  const failed = [];
  for (let start = 0; start < orders.length; start += MAX_PARALLEL) {
    const window = orders.slice(start, start + MAX_PARALLEL);
    const children = window.map((order) =>
      // The id says whose child it is, and is the same at every replay. The scheduler takes up to 100 characters.
      context.df.callSubOrchestrator("processOrder", order, `${context.df.instanceId}:${order.orderId}`),
    );
    try {
      yield context.df.Task.all(children); // starts all of them; throws at the first failure
    } catch {
      // The others are still running: each is asked below.
    }
    for (const [i, child] of children.entries()) {
      try {
        yield child; // a task that has been started is not started again
        fulfilled.push(window[i].orderId);
      } catch {
        failed.push(window[i].orderId);
      }
    }
  }
  return { fulfilled, failed };
});

df.app.orchestration("processOrder", function* (context) {
  const order = context.df.getInput();
  yield context.df.callActivity("reserveStock", order);
  yield context.df.callActivity("sendConfirmation", order);
  return order.orderId;
});

df.app.activity("reserveStock", {
  handler: async (order) => {
    if (!(order.quantity > 0)) throw new RangeError(`order ${order.orderId} has no quantity`);
    return order.quantity;
  },
});

df.app.activity("sendConfirmation", {
  handler: async (order, context) => context.log(`confirmed ${order.orderId}`),
});

df.app.client.http("startFulfilOrders", {
  route: "fulfilments",
  methods: ["POST"],
  authLevel: "function",
  handler: async (request, client) => {
    const id = await client.startNew("fulfilOrders", { input: await request.json() });
    return client.createCheckStatusResponse(request, id);
  },
});

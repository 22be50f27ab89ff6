const df = require("durable-functions");

const retry = new df.RetryOptions(1000, 4); // first interval in ms, attempts; the rest are properties
retry.backoffCoefficient = 2;
retry.maxRetryIntervalInMilliseconds = 30_000;

df.app.orchestration("processOrder", function* (context) {
  const order = context.df.getInput();
  // The same at every replay and for every attempt. The argument makes it differ between instances.
  const idempotencyKey = context.df.newGuid(context.df.instanceId);
  yield context.df.callActivity("reserveStock", order);
  const charge = { orderId: order.orderId, amount: order.amount, idempotencyKey };
  const paymentId = yield context.df.callActivityWithRetry("chargePayment", retry, charge);
  const confirmation = { orderId: order.orderId, status: "confirmed", paymentId };
  yield context.df.callActivity("sendConfirmation", confirmation);
  return confirmation;
});

df.app.activity("reserveStock", {
  handler: async (order) => {
    if (!(order.quantity > 0)) throw new RangeError(`order ${order.orderId} has no quantity`);
    // Reserve under the order's id, so that a second run reserves nothing more.
    return { orderId: order.orderId, reserved: order.quantity };
  },
});

df.app.activity("chargePayment", {
  // Activities run at least once: pass the key on, so that the payment service charges once.
  handler: async (charge) => `pay-${charge.idempotencyKey}`,
});

df.app.activity("sendConfirmation", {
  handler: async (confirmation, context) => context.log(`confirmed ${confirmation.orderId}`),
});

df.app.client.http("startProcessOrder", {
  route: "orders",
  methods: ["POST"],
  authLevel: "function",
  handler: async (request, client) => {
    const id = await client.startNew("processOrder", { input: await request.json() });
    return client.createCheckStatusResponse(request, id);
  },
});

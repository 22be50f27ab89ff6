const df = require("durable-functions");

const CHECKS_FRAUD = "2.0.0"; // since then; older versions, none and what is no number take the old path

/** Whether a version of three numbers is another one or newer: by the numbers, since "10.0.0" < "2.0.0" as text. */
function isFrom(version, first) {
  return /^\d+\.\d+\.\d+$/.test(version ?? "") && version.localeCompare(first, "en", { numeric: true }) >= 0;
}

// New instances get the version from host.json, extensions.durableTask.defaultVersion, or from startNew.
df.app.orchestration("processRefund", function* (context) {
  const refund = context.df.getInput();
  let checked = false;
  if (isFrom(context.df.version, CHECKS_FRAUD)) {
    const suspicious = yield context.df.callActivity("checkFraud", refund);
    if (suspicious) return { refundId: refund.refundId, status: "refused", checked: true };
    checked = true;
  }
  yield context.df.callActivity("refundPayment", refund); // the old path: unchanged until no instance is left on it
  return { refundId: refund.refundId, status: "refunded", checked };
});

df.app.activity("checkFraud", { handler: async (refund) => refund.amount > 1000 });

df.app.activity("refundPayment", {
  // Under the refund's id, so that it counts once.
  handler: async (refund, context) => context.log(`refunded ${refund.refundId}`),
});

df.app.client.http("startProcessRefund", {
  route: "refunds",
  methods: ["POST"],
  authLevel: "function",
  handler: async (request, client) => {
    const id = await client.startNew("processRefund", { input: await request.json(), version: "2.0.0" });
    return client.createCheckStatusResponse(request, id);
  },
});

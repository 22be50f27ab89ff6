// The shipping app, on Azure Durable Functions for JavaScript.

const df = require("durable-functions");
const { labelOf } = require("./labels");

df.app.orchestration("ship_order", function* (context) {
  const order = context.df.getInput();
  const label = labelOf(order);
  const shipped = new Date();
  context.df.callActivity("print_label", label);
  yield context.df.callActivity("hand_over", { label, shipped });
  console.log(`shipped ${order}`);
  return label;
});

// Nothing is wrong here: the id and the clock are durable, the task is waited for.
df.app.orchestration("return_order", function* (context) {
  const label = context.df.newGuid(context.df.instanceId);
  const due = new Date(context.df.currentUtcDateTime.getTime() + 14 * 24 * 3600 * 1000);
  yield context.df.callActivity("print_label", label);
  yield context.df.createTimer(due);
  return label;
});

df.app.activity("print_label", { handler: (label) => console.log(`printing ${label}`) });
df.app.activity("hand_over", { handler: (parcel) => parcel.label });

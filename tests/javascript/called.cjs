// What the examples of client calls speak of.
const df = require("durable-functions");

df.app.orchestration("processOrder", function* (context) {
  return yield context.df.waitForExternalEvent("approval");
});
df.app.orchestration("fails", function* () {
  throw new Error("it failed");
});
df.app.entity("counter", (context) => {
  context.df.setState(Number(context.df.getState(() => 0)) + Number(context.df.getInput() ?? 0));
});

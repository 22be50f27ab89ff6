// The programs of notices.cjs as functions: "CHANGE 0" is what was deployed first, "CHANGE 1" what replays it.
const df = require("durable-functions");
const { VARIANTS, ACTIVITIES, CHILDREN } = require("./notices.cjs");

for (const [name, run] of Object.entries(ACTIVITIES)) df.app.activity(name, { handler: run });
for (const name of CHILDREN) {
  df.app.orchestration(name, function* () {
    return name;
  });
}
for (const [change, programs] of Object.entries(VARIANTS)) {
  for (const [i, { steps, event }] of programs.entries()) {
    df.app.orchestration(`${change} ${i}`, function* (context) {
      const result = {};
      for (const [key, kind, name, input] of steps) {
        if (kind === "activity") result[key] = yield context.df.callActivity(String(name), input);
        else if (kind === "child") result[key] = yield context.df.callSubOrchestrator(String(name));
        else yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + Number(name)));
      }
      yield context.df.waitForExternalEvent(event);
      return result;
    });
  }
}

const df = require("durable-functions");

// Orchestrator: a plain generator (function*), never async. Yield every durable call.
df.app.orchestration("greetCities", function* (context) {
  const greetings = [];
  for (const city of context.df.getInput()) {
    greetings.push(yield context.df.callActivity("sayHello", city));
  }
  return greetings;
});

// Activity: effects belong here; it may be async.
df.app.activity("sayHello", { handler: async (city) => `Hello ${city}!` });

df.app.client.http("startGreetCities", {
  route: "greetings",
  methods: ["POST"],
  authLevel: "function",
  handler: async (request, client) => {
    const id = await client.startNew("greetCities", { input: await request.json() });
    return client.createCheckStatusResponse(request, id);
  },
});

const df = require("durable-functions");

const step = new df.RetryOptions(1000, 3);
step.backoffCoefficient = 2;
const undo = new df.RetryOptions(5000, 10);
undo.backoffCoefficient = 2;

const STEPS = [
  { book: "bookFlight", cancel: "cancelFlight" },
  { book: "bookHotel", cancel: "cancelHotel" },
  { book: "bookCar", cancel: "cancelCar" },
];

df.app.orchestration("bookTrip", function* (context) {
  // The key of every step and of its compensation.
  const booking = {
    .../** @type {any} */ (context.df.getInput()),
    bookingId: context.df.newGuid(context.df.instanceId),
  };
  const cancels = [];
  const booked = [];
  for (const { book, cancel } of STEPS) {
    cancels.unshift(cancel); // before the step: it may succeed over there and fail on the way back
    try {
      booked.push(yield context.df.callActivityWithRetry(book, step, booking));
    } catch {
      const notUndone = yield* compensate(context, cancels, booking);
      return { status: notUndone.length ? "needs_attention" : "canceled", failed: book, notUndone };
    }
  }
  return { status: "booked", booked };
});

/**
 * Runs all compensations, the last step's first; returns the names of those that failed for good.
 * @param {import("durable-functions").OrchestrationContext} context
 */
function* compensate(context, cancels, booking) {
  const notUndone = [];
  for (const cancel of cancels) {
    try {
      yield context.df.callActivityWithRetry(cancel, undo, booking);
    } catch {
      notUndone.push(cancel);
    }
  }
  return notUndone;
}

// Each passes the booking id on: a second booking or cancellation under the same id changes nothing.
df.app.activity("bookFlight", { handler: async (booking) => `flight ${booking.bookingId}` });
df.app.activity("bookHotel", { handler: async (booking) => `hotel ${booking.bookingId}` });
df.app.activity("bookCar", { handler: async (booking) => `car ${booking.bookingId}` });
for (const name of ["cancelFlight", "cancelHotel", "cancelCar"]) {
  df.app.activity(name, {
    handler: async (booking, context) => context.log(`${name} ${booking.bookingId}, if there was one`),
  });
}

df.app.client.http("startBookTrip", {
  route: "trips",
  methods: ["POST"],
  authLevel: "function",
  handler: async (request, client) => {
    const id = await client.startNew("bookTrip", { input: await request.json() });
    return client.createCheckStatusResponse(request, id);
  },
});

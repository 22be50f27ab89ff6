const { TaskHubGrpcWorker } = require("@microsoft/durabletask-js");
const { bookingOf } = require("./booking");

const bookTrip = async function* (ctx, city) {
  const booking = bookingOf(city);
  const undo = [];
  try {
    for (const part of ["flight", "hotel", "car"]) {
      undo.push(`cancel_${part}`);
      yield ctx.callActivity(`book_${part}`, booking);
    }
  } catch (error) {
    for (const cancel of undo.reverse()) yield ctx.callActivity(cancel, booking);
    return "canceled";
  }
  return "booked";
};

const worker = new TaskHubGrpcWorker({ hostAddress: "localhost:4001" });
worker.addNamedOrchestrator("bookTrip", bookTrip);
worker.start();

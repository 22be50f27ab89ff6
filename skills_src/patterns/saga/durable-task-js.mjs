import { RetryPolicy, TaskFailedError, TaskHubGrpcClient, TaskHubGrpcWorker } from "@microsoft/durabletask-js";
import { scheduler } from "./scheduler.mjs"; // printed on the page on setup

const STEP = new RetryPolicy({ maxNumberOfAttempts: 3, firstRetryIntervalInMilliseconds: 1000, backoffCoefficient: 2 });
const UNDO = new RetryPolicy({
  maxNumberOfAttempts: 10,
  firstRetryIntervalInMilliseconds: 5000,
  backoffCoefficient: 2,
});

/** @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx */
export async function* bookTrip(ctx, trip) {
  const booking = { ...trip, bookingId: ctx.newGuid() }; // the key of every step and of its compensation
  const steps = [
    { book: bookFlight, cancel: cancelFlight },
    { book: bookHotel, cancel: cancelHotel },
    { book: bookCar, cancel: cancelCar },
  ];
  const undo = [];
  const booked = [];
  for (const { book, cancel } of steps) {
    undo.unshift(cancel); // before the step: it may succeed over there and fail on the way back
    try {
      booked.push(yield ctx.callActivity(book, booking, { retry: STEP }));
    } catch (error) {
      if (!(error instanceof TaskFailedError)) throw error;
      const notUndone = yield* compensate(ctx, undo, booking);
      return { status: notUndone.length ? "needs_attention" : "canceled", failed: book.name, notUndone };
    }
  }
  return { status: "booked", booked };
}

/**
 * Runs all compensations, the last step's first; returns the names of those that failed for good.
 * @param {import("@microsoft/durabletask-js").OrchestrationContext} ctx
 */
async function* compensate(ctx, undo, booking) {
  const notUndone = [];
  for (const cancel of undo) {
    try {
      yield ctx.callActivity(cancel, booking, { retry: UNDO });
    } catch (error) {
      if (!(error instanceof TaskFailedError)) throw error;
      notUndone.push(cancel.name);
    }
  }
  return notUndone;
}

// Each passes the booking id on: a second booking or cancellation under the same id changes nothing.
export async function bookFlight(_, booking) {
  return `flight ${booking.bookingId}`;
}

export async function bookHotel(_, booking) {
  return `hotel ${booking.bookingId}`;
}

export async function bookCar(_, booking) {
  return `car ${booking.bookingId}`;
}

export async function cancelFlight(_, booking) {
  console.log(`flight ${booking.bookingId} canceled, if there was one`);
}

export async function cancelHotel(_, booking) {
  console.log(`hotel ${booking.bookingId} canceled, if there was one`);
}

export async function cancelCar(_, booking) {
  console.log(`car ${booking.bookingId} canceled, if there was one`);
}

export function register(worker) {
  worker.addOrchestrator(bookTrip);
  for (const activity of [bookFlight, bookHotel, bookCar, cancelFlight, cancelHotel, cancelCar]) {
    worker.addActivity(activity);
  }
}

if (process.argv[1] === import.meta.filename) {
  const worker = new TaskHubGrpcWorker(scheduler);
  const client = new TaskHubGrpcClient(scheduler);
  register(worker);
  await worker.start();
  const id = await client.scheduleNewOrchestration(bookTrip, { tripId: "trip-1", city: "Oslo", nights: 3 });
  const state = await client.waitForOrchestrationCompletion(id, true, 60);
  console.log(state?.serializedOutput);
  await worker.stop();
  await client.stop();
}

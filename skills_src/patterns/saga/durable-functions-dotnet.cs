using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Hosting;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.Build().Run();

public record Trip(string Destination);
public record Booking(Guid BookingId, string Destination);
public record TripResult(string Status, List<string> Booked, string? Failed, List<string> NotUndone);

public static class Saga
{
    static readonly TaskOptions Step = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 3, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 2));

    static readonly TaskOptions Undo = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 10, firstRetryInterval: TimeSpan.FromSeconds(5), backoffCoefficient: 2));

    [Function(nameof(BookTrip))]
    public static async Task<TripResult> BookTrip(
        [OrchestrationTrigger] TaskOrchestrationContext context, Trip trip)
    {
        Booking booking = new(context.NewGuid(), trip.Destination); // the key of every step and its compensation
        (string Book, string Cancel)[] steps =
        {
            (nameof(BookFlight), nameof(CancelFlight)),
            (nameof(BookHotel), nameof(CancelHotel)),
            (nameof(BookCar), nameof(CancelCar)),
        };
        Stack<string> undo = new();
        List<string> booked = new();
        foreach ((string book, string cancel) in steps)
        {
            undo.Push(cancel); // before the step: it may succeed over there and fail on the way back
            try
            {
                booked.Add(await context.CallActivityAsync<string>(book, booking, Step));
            }
            catch (TaskFailedException)
            {
                List<string> notUndone = await Compensate(context, undo, booking);
                string status = notUndone.Count == 0 ? "canceled" : "needs_attention";
                return new TripResult(status, new(), book, notUndone);
            }
        }

        return new TripResult("booked", booked, null, new());
    }

    // Runs all compensations, the last step's first; returns the names of those that failed for good.
    static async Task<List<string>> Compensate(TaskOrchestrationContext context, Stack<string> undo, Booking booking)
    {
        List<string> notUndone = new();
        while (undo.TryPop(out string? cancel))
        {
            try
            {
                await context.CallActivityAsync<string>(cancel, booking, Undo);
            }
            catch (TaskFailedException)
            {
                notUndone.Add(cancel);
            }
        }

        return notUndone;
    }

    // Each passes the booking id on: a second booking or cancellation under the same id changes nothing.
    [Function(nameof(BookFlight))]
    public static string BookFlight([ActivityTrigger] Booking booking) =>
        $"flight {booking.BookingId}";

    [Function(nameof(BookHotel))]
    public static string BookHotel([ActivityTrigger] Booking booking) =>
        $"hotel {booking.BookingId}";

    [Function(nameof(BookCar))]
    public static string BookCar([ActivityTrigger] Booking booking) =>
        $"car {booking.BookingId}";

    [Function(nameof(CancelFlight))]
    public static string CancelFlight([ActivityTrigger] Booking booking) =>
        $"flight {booking.BookingId} canceled, if there was one";

    [Function(nameof(CancelHotel))]
    public static string CancelHotel([ActivityTrigger] Booking booking) =>
        $"hotel {booking.BookingId} canceled, if there was one";

    [Function(nameof(CancelCar))]
    public static string CancelCar([ActivityTrigger] Booking booking) =>
        $"car {booking.BookingId} canceled, if there was one";
}

public static class SagaStart
{
    [Function("StartBookTrip")]
    public static async Task<HttpResponseData> Start(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "trips")] HttpRequestData request,
        [DurableClient] DurableTaskClient client)
    {
        Trip? trip = await request.ReadFromJsonAsync<Trip>();
        if (trip is null)
        {
            return request.CreateResponse(HttpStatusCode.BadRequest);
        }

        string id = await client.ScheduleNewOrchestrationInstanceAsync(nameof(Saga.BookTrip), trip);
        return await client.CreateCheckStatusResponseAsync(request, id);
    }
}

using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.AzureManaged;
using Microsoft.DurableTask.Worker;
using Microsoft.DurableTask.Worker.AzureManaged;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
string connection = builder.Configuration["DURABLE_TASK_SCHEDULER_CONNECTION_STRING"]
    ?? "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None";
builder.Services.AddDurableTaskWorker(worker =>
{
    worker.AddTasks(Saga.Register);
    worker.UseDurableTaskScheduler(connection);
});
builder.Services.AddDurableTaskClient(durable => durable.UseDurableTaskScheduler(connection));
using IHost host = builder.Build();
await host.StartAsync();
DurableTaskClient client = host.Services.GetRequiredService<DurableTaskClient>();
string id = await client.ScheduleNewOrchestrationInstanceAsync(
    nameof(BookTrip), new Trip("Lisbon"));
OrchestrationMetadata done = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true);
Console.WriteLine(done.SerializedOutput);
await host.StopAsync();

record Trip(string Destination);
record Booking(Guid BookingId, string Destination);
record TripResult(string Status, List<string> Booked, string? Failed, List<string> NotUndone);

sealed class BookTrip : TaskOrchestrator<Trip, TripResult>
{
    static readonly TaskOptions Step = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 3, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 2));

    static readonly TaskOptions Undo = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 10, firstRetryInterval: TimeSpan.FromSeconds(5), backoffCoefficient: 2));

    public override async Task<TripResult> RunAsync(TaskOrchestrationContext context, Trip trip)
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
}

// Each passes the booking id on: a second booking or cancellation under the same id changes nothing.
sealed class BookFlight : TaskActivity<Booking, string>
{
    public override Task<string> RunAsync(TaskActivityContext context, Booking booking) =>
        Task.FromResult($"flight {booking.BookingId}");
}

sealed class BookHotel : TaskActivity<Booking, string>
{
    public override Task<string> RunAsync(TaskActivityContext context, Booking booking) =>
        Task.FromResult($"hotel {booking.BookingId}");
}

sealed class BookCar : TaskActivity<Booking, string>
{
    public override Task<string> RunAsync(TaskActivityContext context, Booking booking) =>
        Task.FromResult($"car {booking.BookingId}");
}

sealed class CancelFlight : TaskActivity<Booking, string>
{
    public override Task<string> RunAsync(TaskActivityContext context, Booking booking) =>
        Task.FromResult($"flight {booking.BookingId} canceled, if there was one");
}

sealed class CancelHotel : TaskActivity<Booking, string>
{
    public override Task<string> RunAsync(TaskActivityContext context, Booking booking) =>
        Task.FromResult($"hotel {booking.BookingId} canceled, if there was one");
}

sealed class CancelCar : TaskActivity<Booking, string>
{
    public override Task<string> RunAsync(TaskActivityContext context, Booking booking) =>
        Task.FromResult($"car {booking.BookingId} canceled, if there was one");
}

static class Saga
{
    public static void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestrator<BookTrip>()
        .AddActivity<BookFlight>()
        .AddActivity<BookHotel>()
        .AddActivity<BookCar>()
        .AddActivity<CancelFlight>()
        .AddActivity<CancelHotel>()
        .AddActivity<CancelCar>();
}

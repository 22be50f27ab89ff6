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
    worker.AddTasks(Scheduled.Register);
    worker.UseDurableTaskScheduler(connection);
});
builder.Services.AddDurableTaskClient(durable => durable.UseDurableTaskScheduler(connection));
using IHost host = builder.Build();
await host.StartAsync();
DurableTaskClient client = host.Services.GetRequiredService<DurableTaskClient>();
string id = await client.ScheduleNewOrchestrationInstanceAsync(
    nameof(DailyReport), new Schedule(DateTimeOffset.UtcNow.AddMinutes(1), 7));
await client.RaiseEventAsync(id, "cancel");
OrchestrationMetadata done = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true);
Console.WriteLine(done.SerializedOutput);
await host.StopAsync();

record Schedule(DateTimeOffset NextRun, int RunsLeft);
record ScheduleResult(string Status, int RunsLeft);

sealed class DailyReport : TaskOrchestrator<Schedule, ScheduleResult?>
{
    static readonly TimeSpan Day = TimeSpan.FromDays(1);

    static readonly TaskOptions Retry = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 5, firstRetryInterval: TimeSpan.FromMinutes(1)));

    public override async Task<ScheduleResult?> RunAsync(TaskOrchestrationContext context, Schedule schedule)
    {
        DateTime nextRun = schedule.NextRun.UtcDateTime; // a DateTime of kind Unspecified would be taken for local time
        using CancellationTokenSource timerEnds = new();
        Task due = context.CreateTimer(nextRun, timerEnds.Token);
        Task cancel = context.WaitForExternalEvent<object?>("cancel");
        if (await Task.WhenAny(cancel, due) == cancel)
        {
            timerEnds.Cancel();
            return new ScheduleResult("canceled", schedule.RunsLeft);
        }

        string day = DateOnly.FromDateTime(nextRun).ToString("O");
        await context.CallActivityAsync<string>(nameof(CreateReport), day, Retry);
        int runsLeft = schedule.RunsLeft - 1;
        if (runsLeft <= 0)
        {
            return new ScheduleResult("finished", 0);
        }

        if (cancel.IsCompleted) // came meanwhile: the wait has taken it, so the next run would not see it
        {
            return new ScheduleResult("canceled", runsLeft);
        }

        do
        {
            nextRun += Day; // from the planned time: delays do not add up
        }
        while (nextRun <= context.CurrentUtcDateTime); // after an outage, skip what has passed
        context.ContinueAsNew(new Schedule(nextRun, runsLeft));
        return null; // nobody sees it: the next run takes over
    }
}

sealed class CreateReport : TaskActivity<string, string>
{
    // Named by its day: a second run replaces the same report.
    public override Task<string> RunAsync(TaskActivityContext context, string day) =>
        Task.FromResult($"report-{day}");
}

static class Scheduled
{
    public static void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestrator<DailyReport>()
        .AddActivity<CreateReport>();
}

// cancel: await client.RaiseEventAsync(id, "cancel");
// once, at a time: new StartOrchestrationOptions(StartAt: time), and no loop

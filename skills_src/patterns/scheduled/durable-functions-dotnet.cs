using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Hosting;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.Build().Run();

public record Schedule(DateTimeOffset NextRun, int RunsLeft);
public record ScheduleResult(string Status, int RunsLeft);

public static class Scheduled
{
    static readonly TimeSpan Day = TimeSpan.FromDays(1);

    static readonly TaskOptions Retry = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 5, firstRetryInterval: TimeSpan.FromMinutes(1)));

    [Function(nameof(DailyReport))]
    public static async Task<ScheduleResult?> DailyReport(
        [OrchestrationTrigger] TaskOrchestrationContext context, Schedule schedule)
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

    // Named by its day: a second run replaces the same report.
    [Function(nameof(CreateReport))]
    public static string CreateReport([ActivityTrigger] string day) =>
        $"report-{day}";
}

public static class ScheduledStart
{
    [Function("StartDailyReport")]
    public static async Task<HttpResponseData> Start(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "schedules")] HttpRequestData request,
        [DurableClient] DurableTaskClient client)
    {
        Schedule? schedule = await request.ReadFromJsonAsync<Schedule>();
        if (schedule is null)
        {
            return request.CreateResponse(HttpStatusCode.BadRequest);
        }

        string id = await client.ScheduleNewOrchestrationInstanceAsync(nameof(Scheduled.DailyReport), schedule);
        return await client.CreateCheckStatusResponseAsync(request, id);
    }
}

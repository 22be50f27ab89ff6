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
string jobs = builder.Configuration["JOBS_URL"] ?? throw new InvalidOperationException("JOBS_URL is not set");
builder.Services.AddSingleton(new HttpClient { BaseAddress = new Uri(jobs) });
builder.Services.AddDurableTaskWorker(worker =>
{
    worker.AddTasks(JobMonitor.Register);
    worker.UseDurableTaskScheduler(connection);
});
builder.Services.AddDurableTaskClient(durable => durable.UseDurableTaskScheduler(connection));
using IHost host = builder.Build();
await host.StartAsync();
DurableTaskClient client = host.Services.GetRequiredService<DurableTaskClient>();
string id = await client.ScheduleNewOrchestrationInstanceAsync(
    nameof(WatchJob), new Job("job-1", 30, DateTimeOffset.UtcNow.AddHours(1)));
OrchestrationMetadata done = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true);
Console.WriteLine(done.SerializedOutput);
await host.StopAsync();

record Job(string JobId, int IntervalS, DateTimeOffset Deadline, int Polls = 0);
record JobResult(string JobId, string Status, int Polls);

sealed class WatchJob : TaskOrchestrator<Job, JobResult?>
{
    const int PollsPerRun = 20; // then start over, so that the history stays short

    static readonly TaskOptions Retry = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 5, firstRetryInterval: TimeSpan.FromSeconds(2), backoffCoefficient: 2));

    public override async Task<JobResult?> RunAsync(TaskOrchestrationContext context, Job job)
    {
        DateTime deadline = job.Deadline.UtcDateTime; // travels with the input through every restart
        for (int poll = job.Polls + 1; poll <= job.Polls + PollsPerRun; poll++)
        {
            string state = await context.CallActivityAsync<string>(nameof(CheckJob), job.JobId, Retry);
            if (state == "finished")
            {
                return new JobResult(job.JobId, "finished", poll);
            }

            DateTime now = context.CurrentUtcDateTime;
            if (now >= deadline)
            {
                return new JobResult(job.JobId, "timed_out", poll);
            }

            DateTime next = now.AddSeconds(job.IntervalS);
            await context.CreateTimer(next < deadline ? next : deadline, CancellationToken.None);
        }

        context.ContinueAsNew(job with { Polls = job.Polls + PollsPerRun });
        return null; // nobody sees it: the next run takes over
    }
}

sealed class CheckJob(HttpClient jobs) : TaskActivity<string, string>
{
    // What is not 2xx throws and is retried: a service that is down is not a job that is not finished.
    public override Task<string> RunAsync(TaskActivityContext context, string jobId) =>
        jobs.GetStringAsync($"jobs/{Uri.EscapeDataString(jobId)}/status");
}

static class JobMonitor
{
    public static void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestrator<WatchJob>()
        .AddActivity<CheckJob>();
}

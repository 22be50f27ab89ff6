using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
string jobs = builder.Configuration["JOBS_URL"] ?? throw new InvalidOperationException("JOBS_URL is not set");
builder.Services.AddSingleton(new HttpClient { BaseAddress = new Uri(jobs) });
builder.Build().Run();

public record Job(string JobId, int IntervalS, DateTimeOffset Deadline, int Polls = 0);
public record JobResult(string JobId, string Status, int Polls);

public class JobMonitor(HttpClient jobs)
{
    const int PollsPerRun = 20; // then start over, so that the history stays short

    static readonly TaskOptions Retry = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 5, firstRetryInterval: TimeSpan.FromSeconds(2), backoffCoefficient: 2));

    [Function(nameof(WatchJob))]
    public static async Task<JobResult?> WatchJob(
        [OrchestrationTrigger] TaskOrchestrationContext context, Job job)
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

    // What is not 2xx throws and is retried: a service that is down is not a job that is not finished.
    [Function(nameof(CheckJob))]
    public Task<string> CheckJob([ActivityTrigger] string jobId) =>
        jobs.GetStringAsync($"jobs/{Uri.EscapeDataString(jobId)}/status");
}

public static class JobMonitorStart
{
    [Function("StartWatchJob")]
    public static async Task<HttpResponseData> Start(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "jobs/watch")] HttpRequestData request,
        [DurableClient] DurableTaskClient client)
    {
        Job? job = await request.ReadFromJsonAsync<Job>();
        if (job is null)
        {
            return request.CreateResponse(HttpStatusCode.BadRequest);
        }

        string id = await client.ScheduleNewOrchestrationInstanceAsync(nameof(JobMonitor.WatchJob), job);
        return await client.CreateCheckStatusResponseAsync(request, id);
    }
}

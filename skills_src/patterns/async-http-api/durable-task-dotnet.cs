using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.AzureManaged;
using Microsoft.DurableTask.Worker;
using Microsoft.DurableTask.Worker.AzureManaged;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
string connection = builder.Configuration["DURABLE_TASK_SCHEDULER_CONNECTION_STRING"]
    ?? "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None";
builder.Services.AddDurableTaskWorker(worker =>
{
    worker.AddTasks(AsyncHttpApi.Register);
    worker.UseDurableTaskScheduler(connection);
});
builder.Services.AddDurableTaskClient(durable => durable.UseDurableTaskScheduler(connection));
WebApplication app = builder.Build();

// Put both behind the authentication of your API.
app.MapPost("/videos", async (Video video, DurableTaskClient client) =>
{
    OrchestrationMetadata? found = await client.GetInstanceAsync(video.VideoId);
    if (found is null) // a repeated request finds the running instance
    {
        await client.ScheduleNewOrchestrationInstanceAsync(
            nameof(TranscodeVideo), video, new StartOrchestrationOptions(InstanceId: video.VideoId));
    }

    return Results.Accepted($"/videos/{video.VideoId}");
});

app.MapGet("/videos/{id}", async (string id, DurableTaskClient client) =>
{
    OrchestrationMetadata? found = await client.GetInstanceAsync(id, getInputsAndOutputs: true);
    return found switch
    {
        null => Results.NotFound(),
        { IsCompleted: false } => Results.Accepted($"/videos/{id}", found.ReadCustomStatusAs<Progress>()),
        { RuntimeStatus: OrchestrationRuntimeStatus.Completed } => Results.Ok(found.ReadOutputAs<Published>()),
        _ => Results.Problem("transcoding failed"), // FailureDetails is for the log, not for the caller
    };
});
app.Run();

record Video(string VideoId, string Source);
record Progress(string Step, int Percent);
record Published(string VideoId, string Url);

sealed class TranscodeVideo : TaskOrchestrator<Video, Published>
{
    public override async Task<Published> RunAsync(TaskOrchestrationContext context, Video video)
    {
        context.SetCustomStatus(new Progress("split", 0));
        string[] parts = await context.CallActivityAsync<string[]>(nameof(SplitVideo), video);
        context.SetCustomStatus(new Progress("encode", 30));
        string encoded = await context.CallActivityAsync<string>(nameof(EncodeVideo), parts);
        context.SetCustomStatus(new Progress("publish", 90));
        string url = await context.CallActivityAsync<string>(nameof(PublishVideo), encoded);
        context.SetCustomStatus(new Progress("done", 100));
        return new Published(video.VideoId, url);
    }
}

sealed class SplitVideo : TaskActivity<Video, string[]>
{
    public override Task<string[]> RunAsync(TaskActivityContext context, Video video) =>
        Task.FromResult(new[] { $"{video.Source}#1", $"{video.Source}#2" });
}

sealed class EncodeVideo : TaskActivity<string[], string>
{
    public override Task<string> RunAsync(TaskActivityContext context, string[] parts) =>
        Task.FromResult($"{string.Join('+', parts)}.mp4");
}

sealed class PublishVideo : TaskActivity<string, string>
{
    public override Task<string> RunAsync(TaskActivityContext context, string encoded) =>
        Task.FromResult($"https://videos.example.com/{encoded}");
}

static class AsyncHttpApi
{
    public static void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestrator<TranscodeVideo>()
        .AddActivity<SplitVideo>()
        .AddActivity<EncodeVideo>()
        .AddActivity<PublishVideo>();
}

using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Hosting;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.Build().Run();

public record Video(string VideoId, string Source);
public record Progress(string Step, int Percent);
public record Published(string VideoId, string Url);

public static class AsyncHttpApi
{
    [Function(nameof(TranscodeVideo))]
    public static async Task<Published> TranscodeVideo(
        [OrchestrationTrigger] TaskOrchestrationContext context, Video video)
    {
        context.SetCustomStatus(new Progress("split", 0));
        string[] parts = await context.CallActivityAsync<string[]>(nameof(VideoActivities.SplitVideo), video);
        context.SetCustomStatus(new Progress("encode", 30));
        string encoded = await context.CallActivityAsync<string>(nameof(VideoActivities.EncodeVideo), parts);
        context.SetCustomStatus(new Progress("publish", 90));
        string url = await context.CallActivityAsync<string>(nameof(VideoActivities.PublishVideo), encoded);
        context.SetCustomStatus(new Progress("done", 100));
        return new Published(video.VideoId, url);
    }

    [Function("StartTranscodeVideo")]
    public static async Task<HttpResponseData> Start(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "videos")] HttpRequestData request,
        [DurableClient] DurableTaskClient client)
    {
        Video? video = await request.ReadFromJsonAsync<Video>();
        if (video is null)
        {
            return request.CreateResponse(HttpStatusCode.BadRequest);
        }

        OrchestrationMetadata? found = await client.GetInstanceAsync(video.VideoId);
        if (found is null) // a repeated request finds the running instance
        {
            await client.ScheduleNewOrchestrationInstanceAsync(
                nameof(TranscodeVideo), video, new StartOrchestrationOptions(InstanceId: video.VideoId));
        }

        // 202 with Location. Its links carry a system key: give callers outside a status route of your own instead.
        return await client.CreateCheckStatusResponseAsync(request, video.VideoId);
    }

    [Function("GetTranscodeVideo")]
    public static async Task<HttpResponseData> Get(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "videos/{id}")] HttpRequestData request,
        [DurableClient] DurableTaskClient client,
        string id)
    {
        OrchestrationMetadata? found = await client.GetInstanceAsync(id, getInputsAndOutputs: true);
        if (found is null)
        {
            return request.CreateResponse(HttpStatusCode.NotFound);
        }

        (HttpStatusCode status, object? body) = found switch
        {
            { IsCompleted: false } => (HttpStatusCode.Accepted, (object?)found.ReadCustomStatusAs<Progress>()),
            { RuntimeStatus: OrchestrationRuntimeStatus.Completed } =>
                (HttpStatusCode.OK, found.ReadOutputAs<Published>()),
            // Its output would be the bare message, no JSON; FailureDetails is for the log, not for the caller.
            _ => (HttpStatusCode.InternalServerError, "transcoding failed"),
        };
        HttpResponseData response = request.CreateResponse(status);
        await response.WriteAsJsonAsync(body);
        return response;
    }
}

public static class VideoActivities
{
    [Function(nameof(SplitVideo))]
    public static string[] SplitVideo([ActivityTrigger] Video video) =>
        new[] { $"{video.Source}#1", $"{video.Source}#2" };

    [Function(nameof(EncodeVideo))]
    public static string EncodeVideo([ActivityTrigger] string[] parts) =>
        $"{string.Join('+', parts)}.mp4";

    [Function(nameof(PublishVideo))]
    public static string PublishVideo([ActivityTrigger] string encoded) =>
        $"https://videos.example.com/{encoded}";
}

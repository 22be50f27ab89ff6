using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Hosting;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.Build().Run();

public record ResizeRequest(string[] Images, int MaxParallel);
public record ResizeReport(List<string> Done, List<string> Failed);
public record Progress(int Done, int Total);

public static class FanOutFanIn
{
    [Function(nameof(ResizeImages))]
    public static async Task<ResizeReport> ResizeImages(
        [OrchestrationTrigger] TaskOrchestrationContext context, ResizeRequest request)
    {
        ResizeReport report = new([], []);
        foreach (string[] window in request.Images.Chunk(Math.Max(1, request.MaxParallel))) // never, for an empty list
        {
            Task<string>[] tasks = window
                .Select(image => context.CallActivityAsync<string>(nameof(ResizeImage), image))
                .ToArray(); // all start here, before the first wait
            try
            {
                await Task.WhenAll(tasks);
            }
            catch (TaskFailedException)
            {
                // All have ended, some failed: look at each below.
            }

            foreach ((string image, Task<string> resized) in window.Zip(tasks))
            {
                if (resized.IsCompletedSuccessfully)
                {
                    report.Done.Add(await resized);
                }
                else
                {
                    report.Failed.Add(image);
                }
            }

            // Failed ones are done, too.
            context.SetCustomStatus(new Progress(report.Done.Count + report.Failed.Count, request.Images.Length));
        }

        return report;
    }

    [Function(nameof(ResizeImage))]
    public static string ResizeImage([ActivityTrigger] string image)
    {
        if (!image.EndsWith(".png", StringComparison.Ordinal))
        {
            throw new ArgumentException($"not an image: {image}");
        }

        return $"thumbnails/{image}"; // named after the image: a second run overwrites the same file
    }
}

public static class FanOutFanInStart
{
    [Function("StartResizeImages")]
    public static async Task<HttpResponseData> Start(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "images/resize")] HttpRequestData request,
        [DurableClient] DurableTaskClient client)
    {
        ResizeRequest? resize = await request.ReadFromJsonAsync<ResizeRequest>();
        if (resize is null)
        {
            return request.CreateResponse(HttpStatusCode.BadRequest);
        }

        string id = await client.ScheduleNewOrchestrationInstanceAsync(nameof(FanOutFanIn.ResizeImages), resize);
        return await client.CreateCheckStatusResponseAsync(request, id);
    }
}

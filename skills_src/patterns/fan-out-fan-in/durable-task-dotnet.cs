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
    worker.AddTasks(FanOutFanIn.Register);
    worker.UseDurableTaskScheduler(connection);
});
builder.Services.AddDurableTaskClient(durable => durable.UseDurableTaskScheduler(connection));
using IHost host = builder.Build();
await host.StartAsync();
DurableTaskClient client = host.Services.GetRequiredService<DurableTaskClient>();
string id = await client.ScheduleNewOrchestrationInstanceAsync(
    nameof(ResizeImages), new ResizeRequest(["a.png", "b.png", "c.png", "notes.txt"], 2));
OrchestrationMetadata done = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true);
Console.WriteLine(done.SerializedOutput);
await host.StopAsync();

record ResizeRequest(string[] Images, int MaxParallel);
record ResizeReport(List<string> Done, List<string> Failed);
record Progress(int Done, int Total);

sealed class ResizeImages : TaskOrchestrator<ResizeRequest, ResizeReport>
{
    public override async Task<ResizeReport> RunAsync(TaskOrchestrationContext context, ResizeRequest request)
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
}

sealed class ResizeImage : TaskActivity<string, string>
{
    public override Task<string> RunAsync(TaskActivityContext context, string image)
    {
        if (!image.EndsWith(".png", StringComparison.Ordinal))
        {
            throw new ArgumentException($"not an image: {image}");
        }

        return Task.FromResult($"thumbnails/{image}"); // named after the image: a second run overwrites the same file
    }
}

static class FanOutFanIn
{
    public static void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestrator<ResizeImages>()
        .AddActivity<ResizeImage>();
}

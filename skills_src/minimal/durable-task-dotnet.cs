using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.AzureManaged; // each UseDurableTaskScheduler is an extension method
using Microsoft.DurableTask.Worker;
using Microsoft.DurableTask.Worker.AzureManaged;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
string connection = builder.Configuration["DURABLE_TASK_SCHEDULER_CONNECTION_STRING"]
    ?? "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None"; // the emulator
builder.Services.AddDurableTaskWorker(worker =>
{
    worker.AddTasks(tasks => tasks.AddOrchestrator<Greet>().AddActivity<SayHello>());
    worker.UseDurableTaskScheduler(connection); // returns nothing: the last call of a chain
});
builder.Services.AddDurableTaskClient(durable => durable.UseDurableTaskScheduler(connection));

using IHost host = builder.Build();
await host.StartAsync(); // the worker runs in the host
DurableTaskClient client = host.Services.GetRequiredService<DurableTaskClient>();
string id = await client.ScheduleNewOrchestrationInstanceAsync(nameof(Greet), "world");
OrchestrationMetadata done = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true);
Console.WriteLine(done.ReadOutputAs<string>());
await host.StopAsync();

sealed class Greet : TaskOrchestrator<string, string>
{
    public override Task<string> RunAsync(TaskOrchestrationContext context, string name) =>
        context.CallActivityAsync<string>(nameof(SayHello), name);
}

sealed class SayHello : TaskActivity<string, string>
{
    public override Task<string> RunAsync(TaskActivityContext context, string name) =>
        Task.FromResult($"Hello {name}");
}

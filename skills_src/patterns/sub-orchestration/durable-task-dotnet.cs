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
    worker.AddTasks(SubOrchestration.Register);
    worker.UseDurableTaskScheduler(connection);
});
builder.Services.AddDurableTaskClient(durable => durable.UseDurableTaskScheduler(connection));
using IHost host = builder.Build();
await host.StartAsync();
DurableTaskClient client = host.Services.GetRequiredService<DurableTaskClient>();
string id = await client.ScheduleNewOrchestrationInstanceAsync(
    nameof(FulfilOrders), new[] { new Order("order-1", 2), new Order("order-2", 0) });
OrchestrationMetadata done = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true);
Console.WriteLine(done.SerializedOutput);
await host.StopAsync();

record Order(string OrderId, int Quantity);
record Report(List<string> Fulfilled, List<string> Failed);

sealed class FulfilOrders : TaskOrchestrator<Order[], Report>
{
    const int MaxParallel = 10;

    public override async Task<Report> RunAsync(TaskOrchestrationContext context, Order[] orders)
    {
        Report report = new([], []);
        foreach (Order[] window in orders.Chunk(MaxParallel))
        {
            Task<string>[] children = window.Select(order => Child(context, order)).ToArray();
            try
            {
                await Task.WhenAll(children);
            }
            catch (TaskFailedException)
            {
                // Some failed; the others are not lost.
            }

            foreach ((Order order, Task<string> child) in window.Zip(children))
            {
                (child.IsCompletedSuccessfully ? report.Fulfilled : report.Failed).Add(order.OrderId);
            }
        }

        return report;
    }

    // The id says whose child it is, and is the same at every replay. The scheduler takes up to 100 characters.
    static Task<string> Child(TaskOrchestrationContext context, Order order) =>
        context.CallSubOrchestratorAsync<string>(
            nameof(ProcessOrder),
            order,
            new SubOrchestrationOptions { InstanceId = $"{context.InstanceId}:{order.OrderId}" });
}

sealed class ProcessOrder : TaskOrchestrator<Order, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, Order order)
    {
        await context.CallActivityAsync<int>(nameof(ReserveStock), order);
        await context.CallActivityAsync<string>(nameof(SendConfirmation), order);
        return order.OrderId;
    }
}

sealed class ReserveStock : TaskActivity<Order, int>
{
    public override Task<int> RunAsync(TaskActivityContext context, Order order)
    {
        if (order.Quantity <= 0)
        {
            throw new ArgumentException($"order {order.OrderId} has no quantity");
        }

        return Task.FromResult(order.Quantity);
    }
}

sealed class SendConfirmation : TaskActivity<Order, string>
{
    public override Task<string> RunAsync(TaskActivityContext context, Order order) =>
        Task.FromResult($"mail-{order.OrderId}");
}

static class SubOrchestration
{
    public static void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestrator<FulfilOrders>()
        .AddOrchestrator<ProcessOrder>()
        .AddActivity<ReserveStock>()
        .AddActivity<SendConfirmation>();
}

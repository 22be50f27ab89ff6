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
    worker.AddTasks(Eternal.Register);
    worker.UseDurableTaskScheduler(connection);
});
builder.Services.AddDurableTaskClient(durable => durable.UseDurableTaskScheduler(connection));
using IHost host = builder.Build();
await host.StartAsync();
DurableTaskClient client = host.Services.GetRequiredService<DurableTaskClient>();
string id = await client.ScheduleNewOrchestrationInstanceAsync(
    nameof(InventorySync), new InventoryState([]), new StartOrchestrationOptions(InstanceId: "inventory"));
await client.RaiseEventAsync(id, "stock_changed", new StockChange("lamp", 5));
await client.RaiseEventAsync(id, "stop");
OrchestrationMetadata done = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true);
Console.WriteLine(done.SerializedOutput);
await host.StopAsync();

record InventoryState(Dictionary<string, int> Levels);
record StockChange(string Item, int Quantity);
record StockLevel(string Item, int Level);

sealed class InventorySync : TaskOrchestrator<InventoryState, InventoryState>
{
    const int EventsPerRun = 50; // then start over, so that the history stays short

    public override async Task<InventoryState> RunAsync(TaskOrchestrationContext context, InventoryState state)
    {
        Dictionary<string, int> levels = new(state.Levels); // only looked up, never iterated here
        Task stop = context.WaitForExternalEvent<object?>("stop");
        // An event that a wait has taken is gone after the restart: with "stop" taken, go on until it is handled.
        for (int handled = 0; handled < EventsPerRun || stop.IsCompleted; handled++)
        {
            Task<StockChange> change = context.WaitForExternalEvent<StockChange>("stock_changed");
            if (await Task.WhenAny(change, stop) == stop) // in this order: what waits is handled before the stop
            {
                return new InventoryState(levels);
            }

            StockChange stock = await change;
            StockLevel level = new(stock.Item, levels.GetValueOrDefault(stock.Item) + stock.Quantity);
            levels[stock.Item] = await context.CallActivityAsync<int>(nameof(ApplyStockChange), level);
        }

        InventoryState next = new(levels);
        context.ContinueAsNew(next); // keeps the events that nobody has taken, unless preserveUnprocessedEvents: false
        return next;
    }
}

sealed class ApplyStockChange : TaskActivity<StockLevel, int>
{
    public override Task<int> RunAsync(TaskActivityContext context, StockLevel level)
    {
        // Store the level, not the difference: a second run writes the same.
        Console.WriteLine($"{level.Item}: {level.Level}");
        return Task.FromResult(level.Level);
    }
}

static class Eternal
{
    public static void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestrator<InventorySync>()
        .AddActivity<ApplyStockChange>();
}

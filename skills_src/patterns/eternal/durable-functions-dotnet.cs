using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Hosting;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.Build().Run();

public record InventoryState(Dictionary<string, int> Levels);
public record StockChange(string Item, int Quantity);
public record StockLevel(string Item, int Level);

public static class Eternal
{
    const int EventsPerRun = 50; // then start over, so that the history stays short

    [Function(nameof(InventorySync))]
    public static async Task<InventoryState> InventorySync(
        [OrchestrationTrigger] TaskOrchestrationContext context, InventoryState state)
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

    [Function(nameof(ApplyStockChange))]
    public static int ApplyStockChange([ActivityTrigger] StockLevel level)
    {
        // Store the level, not the difference: a second run writes the same.
        Console.WriteLine($"{level.Item}: {level.Level}");
        return level.Level;
    }

    const string Instance = "inventory"; // one, and everybody can find it

    [Function("ChangeStock")]
    public static async Task<HttpResponseData> Change(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "stock")] HttpRequestData request,
        [DurableClient] DurableTaskClient client)
    {
        StockChange? change = await request.ReadFromJsonAsync<StockChange>();
        if (change is null)
        {
            return request.CreateResponse(HttpStatusCode.BadRequest);
        }

        if (await client.GetInstanceAsync(Instance) is not { IsCompleted: false }) // never started, or stopped
        {
            await client.ScheduleNewOrchestrationInstanceAsync(
                nameof(InventorySync),
                new InventoryState(new Dictionary<string, int>()),
                new StartOrchestrationOptions(InstanceId: Instance));
        }

        await client.RaiseEventAsync(Instance, "stock_changed", change);
        return request.CreateResponse(HttpStatusCode.Accepted);
    }

    [Function("StopInventorySync")]
    public static async Task<HttpResponseData> Stop(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "stock/stop")] HttpRequestData request,
        [DurableClient] DurableTaskClient client)
    {
        await client.RaiseEventAsync(Instance, "stop");
        return request.CreateResponse(HttpStatusCode.Accepted);
    }
}

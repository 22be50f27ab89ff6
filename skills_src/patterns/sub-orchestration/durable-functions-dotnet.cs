using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Hosting;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.Build().Run();

public record Order(string OrderId, int Quantity);
public record Report(List<string> Fulfilled, List<string> Failed);

public static class SubOrchestration
{
    const int MaxParallel = 10;

    [Function(nameof(FulfilOrders))]
    public static async Task<Report> FulfilOrders(
        [OrchestrationTrigger] TaskOrchestrationContext context, Order[] orders)
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

    [Function(nameof(ProcessOrder))]
    public static async Task<string> ProcessOrder(
        [OrchestrationTrigger] TaskOrchestrationContext context, Order order)
    {
        await context.CallActivityAsync<int>(nameof(ReserveStock), order);
        await context.CallActivityAsync<string>(nameof(SendConfirmation), order);
        return order.OrderId;
    }

    [Function(nameof(ReserveStock))]
    public static int ReserveStock([ActivityTrigger] Order order)
    {
        if (order.Quantity <= 0)
        {
            throw new ArgumentException($"order {order.OrderId} has no quantity");
        }

        return order.Quantity;
    }

    [Function(nameof(SendConfirmation))]
    public static string SendConfirmation([ActivityTrigger] Order order) =>
        $"mail-{order.OrderId}";
}

public static class SubOrchestrationStart
{
    [Function("StartFulfilOrders")]
    public static async Task<HttpResponseData> Start(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "orders/batch")] HttpRequestData request,
        [DurableClient] DurableTaskClient client)
    {
        Order[]? orders = await request.ReadFromJsonAsync<Order[]>();
        if (orders is null)
        {
            return request.CreateResponse(HttpStatusCode.BadRequest);
        }

        string id = await client.ScheduleNewOrchestrationInstanceAsync(nameof(SubOrchestration.FulfilOrders), orders);
        return await client.CreateCheckStatusResponseAsync(request, id);
    }
}

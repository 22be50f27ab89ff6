using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Hosting;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.Build().Run();

public record Order(string OrderId, string Item, int Quantity, decimal Amount);
public record Charge(string OrderId, decimal Amount, Guid IdempotencyKey);
public record Confirmation(string OrderId, string Status, string PaymentId);

public static class Chaining
{
    static readonly TaskOptions Retry = TaskOptions.FromRetryPolicy(new RetryPolicy(
        maxNumberOfAttempts: 4,
        firstRetryInterval: TimeSpan.FromSeconds(1),
        backoffCoefficient: 2,
        maxRetryInterval: TimeSpan.FromSeconds(30)));

    [Function(nameof(ProcessOrder))]
    public static async Task<Confirmation> ProcessOrder(
        [OrchestrationTrigger] TaskOrchestrationContext context, Order order)
    {
        Guid key = context.NewGuid(); // the same at every replay and for every attempt
        await context.CallActivityAsync<int>(nameof(ReserveStock), order);
        Charge charge = new(order.OrderId, order.Amount, key);
        string paymentId = await context.CallActivityAsync<string>(nameof(ChargePayment), charge, Retry);
        Confirmation confirmation = new(order.OrderId, "confirmed", paymentId);
        await context.CallActivityAsync<string>(nameof(SendConfirmation), confirmation);
        return confirmation;
    }

    [Function(nameof(ReserveStock))]
    public static int ReserveStock([ActivityTrigger] Order order)
    {
        if (order.Quantity <= 0)
        {
            throw new ArgumentException($"order {order.OrderId} has no quantity");
        }

        return order.Quantity; // reserve under the order's id: a second run reserves nothing more
    }

    // Activities run at least once: pass the key on, so that the payment service charges once.
    [Function(nameof(ChargePayment))]
    public static string ChargePayment([ActivityTrigger] Charge charge) =>
        $"pay-{charge.IdempotencyKey}";

    // Under the order's id, so that the mail service drops a second copy.
    [Function(nameof(SendConfirmation))]
    public static string SendConfirmation([ActivityTrigger] Confirmation confirmation) =>
        $"mail-{confirmation.OrderId}";

    [Function("StartProcessOrder")]
    public static async Task<HttpResponseData> Start(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "orders")] HttpRequestData request,
        [DurableClient] DurableTaskClient client)
    {
        Order? order = await request.ReadFromJsonAsync<Order>();
        if (order is null)
        {
            return request.CreateResponse(HttpStatusCode.BadRequest);
        }

        string id = await client.ScheduleNewOrchestrationInstanceAsync(nameof(ProcessOrder), order);
        return await client.CreateCheckStatusResponseAsync(request, id);
    }
}

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
    worker.AddTasks(Chaining.Register);
    worker.UseDurableTaskScheduler(connection);
});
builder.Services.AddDurableTaskClient(durable => durable.UseDurableTaskScheduler(connection));
using IHost host = builder.Build();
await host.StartAsync();
DurableTaskClient client = host.Services.GetRequiredService<DurableTaskClient>();
string id = await client.ScheduleNewOrchestrationInstanceAsync(
    nameof(ProcessOrder), new Order("order-1", "lamp", 2, 59.90m));
OrchestrationMetadata done = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true);
Console.WriteLine(done.SerializedOutput);
await host.StopAsync();

record Order(string OrderId, string Item, int Quantity, decimal Amount);
record Charge(string OrderId, decimal Amount, Guid IdempotencyKey);
record Confirmation(string OrderId, string Status, string PaymentId);

sealed class ProcessOrder : TaskOrchestrator<Order, Confirmation>
{
    static readonly TaskOptions Retry = TaskOptions.FromRetryPolicy(new RetryPolicy(
        maxNumberOfAttempts: 4,
        firstRetryInterval: TimeSpan.FromSeconds(1),
        backoffCoefficient: 2,
        maxRetryInterval: TimeSpan.FromSeconds(30)));

    public override async Task<Confirmation> RunAsync(TaskOrchestrationContext context, Order order)
    {
        Guid key = context.NewGuid(); // the same at every replay and for every attempt
        await context.CallActivityAsync<int>(nameof(ReserveStock), order);
        Charge charge = new(order.OrderId, order.Amount, key);
        string paymentId = await context.CallActivityAsync<string>(nameof(ChargePayment), charge, Retry);
        Confirmation confirmation = new(order.OrderId, "confirmed", paymentId);
        await context.CallActivityAsync<string>(nameof(SendConfirmation), confirmation);
        return confirmation;
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

        return Task.FromResult(order.Quantity); // reserve under the order's id: a second run reserves nothing more
    }
}

sealed class ChargePayment : TaskActivity<Charge, string>
{
    // Activities run at least once: pass the key on, so that the payment service charges once.
    public override Task<string> RunAsync(TaskActivityContext context, Charge charge) =>
        Task.FromResult($"pay-{charge.IdempotencyKey}");
}

sealed class SendConfirmation : TaskActivity<Confirmation, string>
{
    // Under the order's id, so that the mail service drops a second copy.
    public override Task<string> RunAsync(TaskActivityContext context, Confirmation confirmation) =>
        Task.FromResult($"mail-{confirmation.OrderId}");
}

static class Chaining
{
    public static void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestrator<ProcessOrder>()
        .AddActivity<ReserveStock>()
        .AddActivity<ChargePayment>()
        .AddActivity<SendConfirmation>();
}

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
    worker.AddTasks(Versioning.Register);
    Versioning.Configure(worker);
    worker.UseDurableTaskScheduler(connection);
});
builder.Services.AddDurableTaskClient(durable =>
{
    Versioning.Configure(durable);
    durable.UseDurableTaskScheduler(connection);
});
using IHost host = builder.Build();
await host.StartAsync();
DurableTaskClient client = host.Services.GetRequiredService<DurableTaskClient>();
string id = await client.ScheduleNewOrchestrationInstanceAsync(
    nameof(ProcessRefund), new Refund("refund-1", 20));
OrchestrationMetadata done = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true);
Console.WriteLine(done.SerializedOutput);
await host.StopAsync();

record Refund(string RefundId, decimal Amount);
record RefundResult(string RefundId, string Status, bool Checked);

sealed class ProcessRefund : TaskOrchestrator<Refund, RefundResult>
{
    public override async Task<RefundResult> RunAsync(TaskOrchestrationContext context, Refund refund)
    {
        // Fixed when the instance was scheduled; none is older than any. Dotted numbers only: "v2" compares as text.
        bool checksFraud = context.CompareVersionTo("2.0.0") >= 0;
        if (checksFraud && await context.CallActivityAsync<bool>(nameof(CheckFraud), refund))
        {
            return new RefundResult(refund.RefundId, "refused", true);
        }

        await context.CallActivityAsync<string>(nameof(RefundPayment), refund); // the old path, kept
        return new RefundResult(refund.RefundId, "refunded", checksFraud);
    }
}

sealed class CheckFraud : TaskActivity<Refund, bool>
{
    public override Task<bool> RunAsync(TaskActivityContext context, Refund refund) =>
        Task.FromResult(refund.Amount > 1000);
}

sealed class RefundPayment : TaskActivity<Refund, string>
{
    // Under the refund's id, so that it counts once.
    public override Task<string> RunAsync(TaskActivityContext context, Refund refund) =>
        Task.FromResult($"refund-{refund.RefundId}");
}

static class Versioning
{
    public static void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestrator<ProcessRefund>()
        .AddActivity<CheckFraud>()
        .AddActivity<RefundPayment>();

    // Which instances this worker takes: its own version and older ones. Newer ones wait for a newer worker.
    public static void Configure(IDurableTaskWorkerBuilder worker) =>
        worker.UseVersioning(new DurableTaskWorkerOptions.VersioningOptions
        {
            Version = "2.0.0",
            DefaultVersion = "2.0.0", // of the children that it starts
            MatchStrategy = DurableTaskWorkerOptions.VersionMatchStrategy.CurrentOrOlder,
            FailureStrategy = DurableTaskWorkerOptions.VersionFailureStrategy.Reject,
        });

    // What this client starts has the version; StartOrchestrationOptions.Version overrides it.
    public static void Configure(IDurableTaskClientBuilder durable) => durable.UseDefaultVersion("2.0.0");
}

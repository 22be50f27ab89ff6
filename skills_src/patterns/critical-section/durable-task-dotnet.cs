using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.AzureManaged;
using Microsoft.DurableTask.Entities;
using Microsoft.DurableTask.Worker;
using Microsoft.DurableTask.Worker.AzureManaged;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
string connection = builder.Configuration["DURABLE_TASK_SCHEDULER_CONNECTION_STRING"]
    ?? "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None";
builder.Services.AddDurableTaskWorker(worker =>
{
    worker.AddTasks(CriticalSection.Register);
    worker.UseDurableTaskScheduler(connection);
});
builder.Services.AddDurableTaskClient(durable => durable.UseDurableTaskScheduler(connection));
using IHost host = builder.Build();
await host.StartAsync();
DurableTaskClient client = host.Services.GetRequiredService<DurableTaskClient>();
await client.Entities.SignalEntityAsync(new EntityInstanceId(nameof(Account), "A-1"), nameof(Account.Deposit), 100m);
string id = await client.ScheduleNewOrchestrationInstanceAsync(
    nameof(TransferMoney), new Transfer("A-1", "B-2", 60));
OrchestrationMetadata done = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true);
Console.WriteLine(done.SerializedOutput);
await host.StopAsync();

record Transfer(string From, string To, decimal Amount);

sealed class TransferMoney : TaskOrchestrator<Transfer, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, Transfer transfer)
    {
        if (transfer.From == transfer.To || transfer.Amount <= 0)
        {
            return "refused";
        }

        EntityInstanceId source = new(nameof(Account), transfer.From);
        EntityInstanceId target = new(nameof(Account), transfer.To);
        // One step: the locks are taken in one fixed order. `await using` releases them, also after an exception.
        await using (await context.Entities.LockEntitiesAsync(source, target))
        {
            decimal balance = await context.Entities.CallEntityAsync<decimal>(source, nameof(Account.Get));
            if (balance < transfer.Amount) // decided on what is read inside the lock
            {
                return "refused";
            }

            await context.Entities.CallEntityAsync(source, nameof(Account.Withdraw), transfer.Amount);
            try
            {
                await context.Entities.CallEntityAsync(target, nameof(Account.Deposit), transfer.Amount);
            }
            catch (EntityOperationFailedException) // not a TaskFailedException
            {
                // A lock is no transaction: undo it yourself.
                await context.Entities.CallEntityAsync(source, nameof(Account.Deposit), transfer.Amount);
                return "reverted";
            }
        }

        return "transferred";
    }
}

sealed class AccountState
{
    public decimal Balance { get; set; }
    public bool Closed { get; set; }
}

sealed class Account : TaskEntity<AccountState>
{
    public decimal Deposit(decimal amount)
    {
        if (State.Closed)
        {
            throw new InvalidOperationException("the account is closed");
        }

        return State.Balance += amount;
    }

    public decimal Withdraw(decimal amount)
    {
        if (amount > State.Balance)
        {
            throw new InvalidOperationException("the balance is too low");
        }

        return State.Balance -= amount;
    }

    public bool Close() => State.Closed = true;

    public decimal Get() => State.Balance;
}

static class CriticalSection
{
    public static void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestrator<TransferMoney>()
        .AddEntity<Account>();
}
